package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stetnews/stet/services/launch"
)

// TestMain lets the scripts run this very binary as stet.
func TestMain(m *testing.M) {
	testscript.Main(suite{m}, map[string]func(){"stet": main})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script", RequireUniqueNames: true})
}

// user is someone with a data folder at a keyboard.
type user struct {
	t     *testing.T
	data  string
	stdin string
	app   app
}

func newUser(t *testing.T) *user {
	u := &user{t: t, data: t.TempDir()}
	fail := func(context.Context, launch.Config) (string, string, func(), error) {
		return "", "", nil, errors.New("the data folder was opened")
	}
	u.app = app{
		getenv: func(name string) string {
			if name == "STET_DATA" {
				return u.data
			}
			return ""
		},
		readFile: os.ReadFile,
		offline:  fail,
	}
	return u
}

// write puts a file into the data folder.
func (u *user) write(name, content string) {
	u.t.Helper()
	if err := os.WriteFile(filepath.Join(u.data, name), []byte(content), 0o600); err != nil {
		u.t.Fatal(err)
	}
}

// stet runs a command line.
func (u *user) stet(args ...string) (stdout, stderr string, code int) {
	u.t.Helper()
	ctx, cancel := context.WithTimeout(u.t.Context(), time.Minute)
	defer cancel()
	var out, complaints bytes.Buffer
	u.app.stdin, u.app.stdout, u.app.stderr = strings.NewReader(u.stdin), &out, &complaints
	code = u.app.main(ctx, args)
	return out.String(), complaints.String(), code
}

func TestRunsTheServices(t *testing.T) {
	u := newUser(t)
	var ran, demo launch.Config
	var chosen bool
	u.app.run = func(_ context.Context, cfg launch.Config, _, _ io.Writer) error { ran = cfg; return nil }
	u.app.demo = func(_ context.Context, cfg launch.Config, data bool, _, _ io.Writer) error {
		demo, chosen = cfg, data
		return errors.New("line one\nline \x1b[31mtwo")
	}
	if _, stderr, code := u.stet("--feed", "https://a.example/f", "--quiet"); code != 0 || len(ran.Feeds) != 1 || !ran.Quiet {
		t.Errorf("run: %d, %s, %+v", code, stderr, ran)
	}
	_, stderr, code := u.stet("demo", "--web", "127.0.0.1:0")
	if code != 1 || demo.Web != "127.0.0.1:0" || !chosen || stderr != "stet: line one\nstet: line two\n" {
		t.Errorf("demo: %d, %q, %+v", code, stderr, demo)
	}
}

func TestSaysWhenNobodyAnswers(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		args []string
		data bool
		want string
	}{
		{"no data", []string{"feeds", "list"}, false, "no stet is running at 127.0.0.1:9090 and there is no data folder at "},
		{"named", []string{"feeds", "list", "--grpc", closed}, true, "no stet answers at " + closed + " (flag --grpc)"},
		{"and why", []string{"feeds", "list", "--grpc", closed}, true, "(nobody answers: asking for the status: "},
		{"live", []string{"watch"}, true, "no stet is running at " + closed + " on the data folder "},
		{"offline", []string{"search", "x"}, true, "the data folder was opened"},
	} {
		t.Run(test.name, func(t *testing.T) {
			u := newUser(t)
			if test.data {
				u.write("token", "secret")
				u.write("run.json", `{"grpc":"`+closed+`"}`)
			}
			_, stderr, code := u.stet(test.args...)
			if code != 1 || !strings.Contains(stderr, test.want) || strings.Contains(stderr, "x509") {
				t.Errorf("%d, %s, want %s", code, stderr, test.want)
			}
		})
	}
}

func TestSilenceIsNotToldAsNobody(t *testing.T) {
	err := (&call{}).nobody("127.0.0.1:9090", true, false, fmt.Errorf("asking: %w", context.DeadlineExceeded))
	if text := err.Error(); !strings.Contains(text, "nothing was answered at 127.0.0.1:9090 within 5s") || strings.Contains(text, "start one") {
		t.Error(text)
	}
}

func TestHalfAFileIsNoReasonToStop(t *testing.T) {
	u := newUser(t)
	u.write("token", "secret")
	u.write("run.json", `{"grpc":"127.`)
	if _, stderr, code := u.stet("feeds", "list"); code != 1 || !strings.Contains(stderr, "the data folder was opened") {
		t.Errorf("%d, %s", code, stderr)
	}
}

func TestOpensTheDataFolder(t *testing.T) {
	fake := serve(t)
	u := newUser(t)
	u.write("token", "secret")
	stopped := false
	u.app.offline = func(context.Context, launch.Config) (string, string, func(), error) {
		return fake.address, "secret", func() { stopped = true }, nil
	}
	stdout, stderr, code := u.stet("feeds", "add", "https://new.example/feed")
	if code != 0 || !stopped || !strings.Contains(stdout, "watching https://new.example/feed") {
		t.Errorf("%d, stopped %v, %s%s", code, stopped, stdout, stderr)
	}
}

func TestTokenStaysOnThisMachine(t *testing.T) {
	for address, want := range map[string]string{"127.0.0.1:1": "secret", "[::1]:1": "secret", "localhost:1": "secret",
		"stet.example:9090": "", "10.0.0.1:9090": "", "127.0.0.1.example:1": ""} {
		c := call{app: app{readFile: func(string) ([]byte, error) { return []byte("secret\n"), nil }}}
		if got, err := c.token(address, false); got != want || err != nil {
			t.Errorf("to %s goes %q, %v", address, got, err)
		}
	}
}

func TestMoment(t *testing.T) {
	now := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]string{"": "0001-01-01T00:00:00Z", "2026-03-01": "2026-03-01T00:00:00Z",
		"2026-03-01T12:30": "2026-03-01T12:30:00Z", "2026-03-01T12:30:00+01:00": "2026-03-01T11:30:00Z",
		"36h": "2026-03-09T00:00:00Z", "7d": "2026-03-03T12:00:00Z", "yesterday": "", "-3h": "", "-1d": ""} {
		got, err := moment(text, now)
		if want == "" && err == nil || want != "" && (err != nil || got.UTC().Format(time.RFC3339) != want) {
			t.Errorf("%q is %v, %v, want %q", text, got, err, want)
		}
	}
}

func TestVersions(t *testing.T) {
	for text, want := range map[string][2]int{"2..5": {2, 5}, "2..": {2, 0}, "..5": {0, 5}, "5": {0, 5}} {
		from, to, err := versions(text)
		if err != nil || from != want[0] || to != want[1] {
			t.Errorf("%q is %d..%d, %v", text, from, to, err)
		}
	}
	for _, text := range []string{"0", "-1..2", "a..b", "1..99999999999", "1...2"} {
		if _, _, err := versions(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

func TestCommandsAreWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range commands() {
		if seen[c.name] || c.help == "" || c.run == nil {
			t.Errorf("command %q is double or not whole", c.name)
		}
		seen[c.name] = true
		for _, o := range c.flags {
			for _, s := range launch.Settings() {
				if s.Name == o.name {
					t.Errorf("stet %s: --%s is a setting too", c.name, o.name)
				}
			}
		}
	}
}

func isJSON(t *testing.T, text string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
}
