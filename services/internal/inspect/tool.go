package inspect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/stetnews/stet/services/internal/show"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// Answer is what a tool found out. As JSON it is an object with at least one member.
type Answer interface {
	// People prints it to be read.
	People(p *show.Printer)
}

// Tool is one thing that can be inspected.
type Tool struct {
	Name      string
	Arguments string // of the form for people, such as "[FILE|URL|-]"
	Help      string
	// Line answers one JSON request. Safe for concurrent use.
	Line func(request []byte) (Answer, error)
	// One answers for what was named on the command line.
	One func(ctx context.Context, from Sources, args []string, o Options) (Answer, error)
}

// Options are what a single inspection can be told beside its input.
type Options struct {
	URL   string // where the input came from, if it is a file; for robots the address in question
	Base  string // what an address is relative to
	Agent string // the robot in question

	Override string // file that says how pages of a source are read
}

// Tools are all of them, in the order of the help text.
func Tools() []Tool {
	return []Tool{pageTool(), diffTool(), feedTool(), robotsTool(), urlTool(), recheckTool()}
}

// Input is a thing that was read.
type Input struct {
	Body        []byte
	ContentType string // empty for files
	URL         string // empty for files
	Status      int    // of the answer, 0 for files
}

// Sources is where inputs come from.
type Sources struct {
	Stdin    io.Reader
	ReadFile func(name string) ([]byte, error)
	Fetch    func(ctx context.Context, url string) (Input, error)
	Pause    func(ctx context.Context) // between two requests to a site; nil for none
}

// ErrUsage says that a tool was called with the wrong arguments.
var ErrUsage = errors.New("wrong arguments")

// maxInput bounds what is read of standard input, like a line of the filter.
const maxInput = MaxLine

// read gets one input by its name: a web address, a file, or - for standard input.
func (s Sources) read(ctx context.Context, name string) (Input, error) {
	switch {
	case name == "-":
		body, err := io.ReadAll(io.LimitReader(s.Stdin, maxInput+1))
		if err != nil {
			return Input{}, fmt.Errorf("reading standard input: %w", err)
		}
		if len(body) > maxInput {
			return Input{}, fmt.Errorf("standard input is longer than %d bytes", maxInput)
		}
		return Input{Body: body}, nil
	case isWeb(name):
		return s.Fetch(ctx, name)
	}
	body, err := s.ReadFile(name)
	if err != nil {
		return Input{}, fmt.Errorf("reading the input: %w", err)
	}
	return Input{Body: body}, nil
}

// only gives the one argument there may be, - where there is none.
func only(args []string) (string, error) {
	switch len(args) {
	case 0:
		return "-", nil
	case 1:
		return args[0], nil
	}
	return "", fmt.Errorf("%w: one at a time, or many with --jsonl", ErrUsage)
}

func isWeb(name string) bool {
	scheme, _, ok := strings.Cut(strings.ToLower(name), "://")
	return ok && (scheme == "http" || scheme == "https")
}

// request reads a JSON request into a value. Members that are not known are left alone.
func request(line []byte, into any) error {
	if err := json.Unmarshal(line, into); err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) && wrong.Field != "" {
			return fmt.Errorf("%q has the wrong type: %s instead of %s", wrong.Field, wrong.Value, wrong.Type)
		}
		return fmt.Errorf("reading the request: %w", err)
	}
	return nil
}

// wire writes a message as JSON with all members present, in camel case.
func wire(message proto.Message) (json.RawMessage, error) {
	return protojson.MarshalOptions{EmitDefaultValues: true}.Marshal(message)
}

// fromWire reads what wire writes, or parts of it.
func fromWire(text json.RawMessage, message proto.Message) error {
	return protojson.UnmarshalOptions{DiscardUnknown: true}.Unmarshal(text, message)
}
