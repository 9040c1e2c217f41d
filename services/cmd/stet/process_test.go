package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stetnews/stet/proto/client"
	"github.com/stetnews/stet/proto/stet/event/v1"
	"github.com/stetnews/stet/proto/stet/query/v1"
	"github.com/stetnews/stet/services/internal/newssite"
	"github.com/stetnews/stet/services/launch"
)

// suite are the package's tests, with a folder for the binary that some of them run.
type suite struct{ *testing.M }

func (s suite) Run() int {
	folder, err := os.MkdirTemp("", "stet-binary")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	buildFolder = folder
	code := s.M.Run()
	if err := os.RemoveAll(folder); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

var buildFolder string

// buildStet builds stet, once.
var buildStet = sync.OnceValues(func() (string, error) {
	name := filepath.Join(buildFolder, "stet")
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	if out, err := exec.Command("go", "build", "-o", name, ".").CombinedOutput(); err != nil {
		return "", fmt.Errorf("building stet: %w\n%s", err, out)
	}
	return name, nil
})

func binary(t *testing.T) string {
	t.Helper()
	name, err := buildStet()
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// deadline ends whatever a test waits for.
func deadline(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 150*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// fails runs stet where it cannot run, and gives what it says on the way out.
func fails(t *testing.T, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, binary(t), args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	var exit *exec.ExitError
	if err := cmd.Run(); !errors.As(err, &exit) || ctx.Err() != nil {
		t.Fatalf("stet %q ended with %v (%v), want an exit code\n%s", args, err, ctx.Err(), stderr.String())
	}
	if exit.ExitCode() != exitError {
		t.Errorf("exit code %d, want %d", exit.ExitCode(), exitError)
	}
	return stderr.String()
}

// wantComplaint checks that what stet says is one line with all these words.
func wantComplaint(t *testing.T, complaint string, words ...string) {
	t.Helper()
	if !strings.HasPrefix(complaint, "stet: ") || strings.Count(complaint, "\n") != 1 {
		t.Errorf("the complaint is not one line:\n%s", complaint)
	}
	for _, word := range words {
		if !strings.Contains(complaint, word) {
			t.Errorf("the complaint does not say %q:\n%s", word, complaint)
		}
	}
}

// process is a stet that runs.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	client *client.Client
	web    string // base of the pages
	ended  chan struct{}
	err    error // of Wait, once ended is closed

	mu     sync.Mutex
	stdout []map[string]any
	stderr bytes.Buffer
}

// start runs stet on a data folder until it says that it has started.
func start(ctx context.Context, t *testing.T, data string, feeds ...string) *process {
	t.Helper()
	args := []string{"--data", data, "--web", "127.0.0.1:0", "--grpc", "127.0.0.1:0", "--allow-network", "127.0.0.0/8",
		"--host-gap", "50ms", "--log-format", "json"}
	for _, feed := range feeds {
		args = append(args, "--feed", feed)
	}
	p := spawn(ctx, t, args...)
	p.connect(data)
	return p
}

// spawn runs stet until it says that it has started.
func spawn(ctx context.Context, t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command(binary(t), args...), ended: make(chan struct{})}
	started := make(chan struct{})
	p.run(started)
	t.Cleanup(p.cleanUp)
	select {
	case <-started:
	case <-p.ended:
		t.Fatalf("stet ended instead of starting: %v", p.err)
	case <-ctx.Done():
		t.Fatal("stet does not start")
	}
	return p
}

func (p *process) run(started chan struct{}) {
	p.t.Helper()
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	stderr, err := p.cmd.StderrPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	var reading sync.WaitGroup
	reading.Go(func() { p.readReports(stdout, started) })
	reading.Go(func() { p.readLog(stderr) })
	go func() {
		defer close(p.ended)
		reading.Wait()
		p.err = p.cmd.Wait()
	}()
}

func (p *process) readReports(r io.Reader, started chan struct{}) {
	once := sync.OnceFunc(func() { close(started) })
	for lines := bufio.NewScanner(r); lines.Scan(); {
		var line map[string]any
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			p.t.Errorf("a line on standard output is not JSON: %q", lines.Text())
			continue
		}
		p.mu.Lock()
		p.stdout = append(p.stdout, line)
		p.mu.Unlock()
		if line["msg"] == "started" {
			once()
		}
	}
}

func (p *process) readLog(r io.Reader) {
	for lines := bufio.NewScanner(r); lines.Scan(); {
		p.mu.Lock()
		p.stderr.WriteString(lines.Text() + "\n")
		p.mu.Unlock()
	}
}

// connect finds the process by what it left in its data folder.
func (p *process) connect(data string) {
	p.t.Helper()
	text, err := os.ReadFile(filepath.Join(data, "run.json"))
	if err != nil {
		p.t.Fatal(err)
	}
	var running launch.Running
	isJSON(p.t, string(text), &running)
	if running.PID != p.cmd.Process.Pid {
		p.t.Fatalf("run.json names process %d, want %d", running.PID, p.cmd.Process.Pid)
	}
	token, err := os.ReadFile(filepath.Join(data, "token"))
	if err != nil {
		p.t.Fatal(err)
	}
	if p.client, err = client.Dial(running.GRPC, client.WithToken(strings.TrimSpace(string(token)))); err != nil {
		p.t.Fatal(err)
	}
	p.web = "http://" + running.Web
}

func (p *process) cleanUp() {
	p.kill()
	if p.t.Failed() {
		p.t.Logf("stet said:\n%v\nand logged:\n%s", p.stdout, p.stderr.String())
	}
	if strings.Contains(p.stderr.String(), "panic") {
		p.t.Error("stet panicked")
	}
}

// kill ends the process as a power cut does. The lock on the data folder goes with it.
func (p *process) kill() {
	p.t.Helper()
	if p.client != nil {
		_ = p.client.Close() // its other end goes away anyway
	}
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.t.Errorf("killing stet: %v", err)
	}
	<-p.ended
}

// interrupt ends the process as Ctrl-C does.
func (p *process) interrupt() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		p.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(p.t.Context(), 5*time.Second)
	defer cancel()
	select {
	case <-p.ended:
		if p.err != nil {
			p.t.Errorf("interrupted, stet ended with %v, want exit code 0", p.err)
		}
	case <-ctx.Done():
		p.t.Error("stet still runs 5 s after the interrupt")
	}
}

// said gives the reports of one kind.
func (p *process) said(message string) []map[string]any {
	p.mu.Lock()
	defer p.mu.Unlock()
	var lines []map[string]any
	for _, line := range p.stdout {
		if line["msg"] == message {
			lines = append(lines, line)
		}
	}
	return lines
}

// history is what was seen of articles, by the address of the article: the event of version 1, of version 2, ...
type history map[string][]*eventv1.RevisionEvent

// total counts the events.
func (h history) total() (n int) {
	for _, events := range h {
		n += len(events)
	}
	return n
}

// watch reads all that ever happened, and on, until it is enough. No version may come twice, late or too early.
func (p *process) watch(ctx context.Context, enough func(history) bool) history {
	p.t.Helper()
	seen := history{}
	if enough(seen) {
		return seen
	}
	for answer, err := range p.client.Watch(ctx, &queryv1.WatchRevisionsRequest{FromStart: true}) {
		if err != nil {
			p.t.Fatalf("watching, with %d events seen: %v", seen.total(), err)
		}
		event := answer.GetEvent()
		events := append(seen[event.GetUrl()], event)
		if int(event.GetVersion()) != len(events) {
			p.t.Fatalf("version %d of %s came as number %d", event.GetVersion(), event.GetUrl(), len(events))
		}
		if seen[event.GetUrl()] = events; enough(seen) {
			break
		}
	}
	return seen
}

// eventually asks again and again until it is so.
func eventually(ctx context.Context, t *testing.T, what string, so func() bool) {
	t.Helper()
	ticker := time.NewTicker(250 * time.Millisecond)
	defer ticker.Stop()
	for !so() {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			t.Fatalf("never came true: %s", what)
		}
	}
}

// checkNow asks for a look at articles. A revision can be seen a moment before its article's state is stored, and a kill
// may come between the two: then the article is known when the check has been delivered again.
func (p *process) checkNow(ctx context.Context, articles ...string) {
	p.t.Helper()
	eventually(ctx, p.t, "a look is asked for", func() bool {
		_, err := p.client.CheckNow(ctx, articles...)
		if err != nil && !errors.Is(err, client.ErrNotFound) {
			p.t.Fatal(err)
		}
		return err == nil
	})
}

// versions gives all versions of an article, oldest first, with their text.
func (p *process) versions(ctx context.Context, article string) []*queryv1.Version {
	p.t.Helper()
	var numbers []int
	for summary, err := range p.client.EachVersion(ctx, article) {
		if err != nil {
			p.t.Fatal(err)
		}
		numbers = append(numbers, int(summary.GetVersion()))
	}
	var versions []*queryv1.Version
	for i := range numbers {
		if want := len(numbers) - i; numbers[i] != want {
			p.t.Fatalf("the versions of %s, newest first, are %v", article, numbers)
		}
		version, err := p.client.Version(ctx, article, i+1)
		if err != nil {
			p.t.Fatal(err)
		}
		versions = append(versions, version)
	}
	return versions
}

// page gets a page of stet.
func (p *process) page(ctx context.Context, path string) (string, http.Header) {
	p.t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.web+path, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		p.t.Fatal(err)
	}
	body, err := io.ReadAll(answer.Body)
	if err := errors.Join(err, answer.Body.Close()); err != nil || answer.StatusCode != http.StatusOK {
		p.t.Fatalf("%s: status %d, %v\n%s", path, answer.StatusCode, err, body)
	}
	return string(body), answer.Header
}

// press is a set of newspapers that answer on this machine.
type press struct {
	*newssite.Site
	addresses []newssite.Address
}

// newPress serves so many newspapers without a story.
func newPress(t *testing.T, publishers int) *press {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	s := &press{Site: newssite.New(newssite.Config{Seed: 1, Publishers: publishers, Empty: true})}
	var err error
	if s.addresses, err = s.Serve(ctx); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		s.Wait()
	})
	return s
}

// story gives a story as it stands and its address.
func (s *press) story(t *testing.T, publisher int, id string) (newssite.Story, string) {
	t.Helper()
	story, ok := s.Publishers()[publisher].Article(id)
	if !ok {
		t.Fatalf("there is no story %s", id)
	}
	address, err := url.JoinPath(s.addresses[publisher].URL, story.Path)
	if err != nil {
		t.Fatal(err)
	}
	return story, address
}

// write publishes a story with a text of its own.
func (s *press) write(t *testing.T, publisher, number int) (id, address string) {
	t.Helper()
	id = s.Publish(newssite.Story{
		ID: fmt.Sprintf("lock-%d-%d", publisher, number), Publisher: s.addresses[publisher].Name, Section: "News",
		Title:      fmt.Sprintf("Lock %d on the Ember canal closes for repairs", number),
		Standfirst: fmt.Sprintf("Boats will have to wait %d weeks while the gates are mended.", number+2),
		Byline:     "Mara Holt",
		Paragraphs: []string{
			fmt.Sprintf("The gates of lock %d were found to be leaking on Monday, and the canal office closed the lock "+
				"to all boats until new timber has been cut and fitted by the yard in Tarn.", number),
			fmt.Sprintf("Keeper Odo Brandt said that he had counted %d boats in the basin by the evening, most of them "+
				"loaded with gravel for the new embankment on the far side of the valley.", number+10),
			"The office has promised to pay for moorings, but the skippers say that the money does not cover the trade " +
				"they lose in the driest month of the year, when every lorry in the county is spoken for.",
			"Two engineers from the harbour will look at the other gates this week. Their report is expected before the " +
				"council meets, and members have asked that it be read aloud in the open part of the meeting.",
		},
	})
	_, address = s.story(t, publisher, id)
	return id, address
}
