package inspect

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// echo answers with the line's number and text.
func echo(number int, request []byte) []byte {
	return fmt.Appendf(nil, "%d %s\n", number, request)
}

func TestFilterLines(t *testing.T) {
	for _, test := range []struct{ name, in, want string }{
		{"nothing", "", ""},
		{"blank lines", "\n  \n\t\r\n", ""},
		{"numbers count blank lines", "a\n\nb\n", "1 a\n3 b\n"},
		{"no line feed at the end", "a\nb", "1 a\n2 b\n"},
		{"too long keeps one byte more", "12345678901234567890\nok\n", "1 12345678901\n2 ok\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			err := Filter{Workers: 3, Answer: echo, MaxLine: 10}.Run(t.Context(), strings.NewReader(test.in), &out)
			if err != nil || out.String() != test.want {
				t.Errorf("%q, %v, want %q", out.String(), err, test.want)
			}
		})
	}
}

// TestFilterKeepsOrder answers the first of the lines last.
func TestFilterKeepsOrder(t *testing.T) {
	const lines = 500
	var in strings.Builder
	for i := range lines {
		fmt.Fprintf(&in, "line %d\n", i)
	}
	second := make(chan struct{})
	var once sync.Once
	answer := func(number int, request []byte) []byte {
		if number == 1 {
			<-second
		} else {
			once.Do(func() { close(second) })
		}
		return echo(number, request)
	}
	var out bytes.Buffer
	if err := (Filter{Workers: 4, Answer: answer}).Run(t.Context(), strings.NewReader(in.String()), &out); err != nil {
		t.Fatal(err)
	}
	scanner := bufio.NewScanner(&out)
	n := 0
	for ; scanner.Scan(); n++ {
		if want := fmt.Sprintf("%d line %d", n+1, n); scanner.Text() != want {
			t.Fatalf("%q instead of %q", scanner.Text(), want)
		}
	}
	if n != lines {
		t.Errorf("%d answers", n)
	}
}

// TestFilterWorksInParallel has answers that wait for one another.
func TestFilterWorksInParallel(t *testing.T) {
	const workers = 4
	var meeting sync.WaitGroup
	meeting.Add(workers)
	answer := func(number int, request []byte) []byte {
		meeting.Done()
		meeting.Wait()
		return echo(number, request)
	}
	var out bytes.Buffer
	if err := (Filter{Workers: workers, Answer: answer}).Run(t.Context(), strings.NewReader("a\nb\nc\nd\n"), &out); err != nil {
		t.Fatal(err)
	}
}

// TestFilterAnswersAtOnce sends a line only after the one before was answered.
func TestFilterAnswersAtOnce(t *testing.T) {
	requests, in := io.Pipe()
	out, answers := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- Filter{Workers: 2, Answer: echo}.Run(context.Background(), requests, answers)
		answers.Close()
	}()
	reader := bufio.NewReader(out)
	for i := 1; i <= 3; i++ {
		fmt.Fprintf(in, "x\n")
		if line, err := reader.ReadString('\n'); err != nil || line != fmt.Sprintf("%d x\n", i) {
			t.Fatalf("answer %d is %q, %v", i, line, err)
		}
	}
	in.Close()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

type broken struct{}

var errBroken = errors.New("no space left")

func (broken) Write([]byte) (int, error) { return 0, errBroken }
func (broken) Read([]byte) (int, error)  { return 0, errBroken }

func TestFilterTellsWhatFails(t *testing.T) {
	long := strings.Repeat("x\n", 100_000)
	if err := (Filter{Workers: 2, Answer: echo}).Run(t.Context(), strings.NewReader(long), broken{}); !errors.Is(err, errBroken) {
		t.Errorf("writing: %v", err)
	}
	var out bytes.Buffer
	in := io.MultiReader(strings.NewReader("a\n"), broken{})
	if err := (Filter{Workers: 2, Answer: echo}).Run(t.Context(), in, &out); !errors.Is(err, errBroken) {
		t.Errorf("reading: %v", err)
	}
}

func TestFilterEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	answer := func(number int, request []byte) []byte {
		cancel()
		return echo(number, request)
	}
	var out bytes.Buffer
	err := Filter{Workers: 1, Answer: answer}.Run(ctx, strings.NewReader(strings.Repeat("x\n", 1000)), &out)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
}

func FuzzFilter(f *testing.F) {
	f.Add("a\nb\n\nc")
	f.Add("\r\n\x00\n")
	f.Fuzz(func(t *testing.T, in string) {
		var out bytes.Buffer
		answer := func(number int, _ []byte) []byte { return fmt.Appendf(nil, "%d\n", number) }
		if err := (Filter{Workers: 3, Answer: answer, MaxLine: 8}).Run(t.Context(), strings.NewReader(in), &out); err != nil {
			t.Fatal(err)
		}
		var want strings.Builder
		number := 0
		for line := range strings.SplitSeq(in, "\n") {
			number++
			// Of a long line only the beginning is looked at.
			if len(strings.TrimSpace(line[:min(len(line), 9)])) > 0 {
				fmt.Fprintf(&want, "%d\n", number)
			}
		}
		if out.String() != want.String() {
			t.Errorf("answers %q, want %q", out.String(), want.String())
		}
	})
}
