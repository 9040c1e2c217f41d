package inspect

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"
)

// MaxLine bounds one request: the largest page that stet reads has 15 MB, which base64 makes 20, and a diff has
// several versions.
const MaxLine = 64 << 20

// inFlight bounds the bytes of the requests that were read and not yet answered.
const inFlight = 4 * MaxLine

// Filter reads requests, one a line, and writes their answers, one a line, in the same order, each as soon as it and
// all before it are ready. Workers answer side by side. Blank lines are skipped. A line longer than MaxLine is answered
// with an error. Filter returns at the end of the input, when reading or writing fails, or when ctx ends.
type Filter struct {
	Workers int                                     // at least 1
	Answer  func(number int, request []byte) []byte // one line with its line feed; safe for concurrent use
	MaxLine int                                     // bytes; 0 means the constant
}

// job is one line on its way. Its channel holds the answer, so that a worker never waits for the writer.
type job struct {
	number  int
	request []byte
	weight  int64
	answer  chan []byte
}

// Run filters.
func (f Filter) Run(ctx context.Context, in io.Reader, out io.Writer) error {
	if f.MaxLine == 0 {
		f.MaxLine = MaxLine
	}
	f.Workers = max(f.Workers, 1)
	group, ctx := errgroup.WithContext(ctx)
	work := make(chan *job)
	order := make(chan *job, 4*f.Workers)
	budget := semaphore.NewWeighted(max(inFlight, 2*int64(f.MaxLine)))
	for range f.Workers {
		group.Go(func() error {
			for j := range work {
				j.answer <- f.Answer(j.number, j.request)
				j.request = nil
			}
			return nil
		})
	}
	group.Go(func() error {
		defer close(work)
		defer close(order)
		return f.read(ctx, in, func(j *job) error {
			j.weight = int64(len(j.request))
			if err := budget.Acquire(ctx, j.weight); err != nil {
				return err
			}
			if err := send(ctx, order, j); err != nil {
				return err
			}
			return send(ctx, work, j)
		})
	})
	group.Go(func() error { return write(ctx, out, order, budget) })
	return group.Wait()
}

func send(ctx context.Context, to chan<- *job, j *job) error {
	select {
	case to <- j:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// read cuts the input into lines.
func (f Filter) read(ctx context.Context, in io.Reader, emit func(*job) error) error {
	reader := bufio.NewReaderSize(in, 64<<10)
	for number := 1; ctx.Err() == nil; number++ {
		line, err := readLine(reader, f.MaxLine)
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("reading line %d: %w", number, err)
		}
		// What is one byte too long stays so, and is refused when it is answered.
		if len(bytes.TrimSpace(line)) > 0 {
			j := &job{number: number, request: line, answer: make(chan []byte, 1)}
			if err := emit(j); err != nil {
				return err
			}
		}
		if err != nil {
			return nil
		}
	}
	return ctx.Err()
}

// readLine reads up to and without the line feed. Of a longer line it keeps limit+1 bytes and skips the rest.
func readLine(reader *bufio.Reader, limit int) ([]byte, error) {
	var line []byte
	for {
		part, err := reader.ReadSlice('\n')
		part = bytes.TrimSuffix(part, []byte("\n"))
		line = append(line, part[:min(len(part), limit+1-len(line))]...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
}

// write puts the answers out in order, and flushes whenever it would have to wait: whoever feeds the filter one line
// at a time gets each answer at once.
func write(ctx context.Context, out io.Writer, order <-chan *job, budget *semaphore.Weighted) error {
	buffered := bufio.NewWriterSize(out, 64<<10)
	for {
		j, ok, err := next(ctx, buffered, order)
		if err != nil || !ok {
			return err
		}
		answer, _, err := next(ctx, buffered, j.answer)
		if err != nil {
			return err
		}
		if _, err := buffered.Write(answer); err != nil {
			return fmt.Errorf("writing the answer to line %d: %w", j.number, err)
		}
		budget.Release(j.weight)
	}
}

// next receives from a channel, and flushes first if nothing is there yet or nothing will come.
func next[T any](ctx context.Context, out *bufio.Writer, from <-chan T) (value T, ok bool, err error) {
	select {
	case value, ok = <-from:
		if ok {
			return value, true, nil
		}
	default:
	}
	if err := out.Flush(); err != nil {
		return value, false, fmt.Errorf("writing answers: %w", err)
	}
	select {
	case value, ok = <-from:
		return value, ok, nil
	case <-ctx.Done():
		return value, false, ctx.Err()
	}
}
