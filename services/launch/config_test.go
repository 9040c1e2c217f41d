package launch

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// environment is a fixed set of variables, with a home folder.
func environment(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		if name == "HOME" || name == "LocalAppData" {
			return "/home/reader"
		}
		return ""
	}
}

func noFile(name string) ([]byte, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

func TestLoadFiles(t *testing.T) {
	names, err := filepath.Glob("testdata/config/*.yaml")
	if err != nil || len(names) < 15 {
		t.Fatalf("only %d files: %v", len(names), err)
	}
	for _, name := range names {
		t.Run(filepath.Base(name), func(t *testing.T) {
			want := wanted(t, name)
			_, _, err := Load([]string{"--config", name}, environment(), os.ReadFile)
			if len(want) == 0 && err != nil {
				t.Fatalf("refused: %v", err)
			}
			for _, message := range want {
				if err == nil || !strings.Contains(err.Error(), message) {
					t.Errorf("the error is\n%v\nwant in it\n%s", err, message)
				}
			}
			if err != nil && strings.Count(err.Error(), "\n")+1 != len(want) {
				t.Errorf("%d messages wanted, the error is\n%v", len(want), err)
			}
		})
	}
}

// wanted are the messages that a file's leading comments expect; files that begin with good- expect none.
func wanted(t *testing.T, name string) []string {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for line := range strings.Lines(string(content)) {
		if message, ok := strings.CutPrefix(line, "# error: "); ok {
			want = append(want, strings.TrimSuffix(message, "\n"))
		}
	}
	if bad := strings.HasPrefix(filepath.Base(name), "bad-"); bad != (len(want) > 0) {
		t.Fatalf("%s expects %d messages", name, len(want))
	}
	return want
}

func TestLoadReadsEverySetting(t *testing.T) {
	cfg, from, err := Load([]string{"--config=testdata/config/good-all.yaml"}, environment(), os.ReadFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range Explain(cfg, from) {
		if !strings.HasPrefix(e.From, "file good-all.yaml line ") {
			t.Errorf("%s comes from %q", e.Name, e.From)
		}
		if e.Value == "" || e.Value == e.Default {
			t.Errorf("%s has the value %q, and the default is %q", e.Name, e.Value, e.Default)
		}
		if e.Name == "token" && e.Value != "********" {
			t.Errorf("the token shows: %q", e.Value)
		}
	}
	v := reflect.ValueOf(cfg)
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			t.Errorf("no setting fills the field %s", v.Type().Field(i).Name)
		}
	}
	if len(cfg.AllowNetworks) != 2 || cfg.HostGap != 200*time.Millisecond || len(cfg.Feeds) != 2 {
		t.Errorf("read wrongly: %+v", cfg)
	}
}

func TestLoadOrder(t *testing.T) {
	file := func(string) ([]byte, error) { return []byte("web: h:1\ngrpc: h:1\nlog-level: warn\n"), nil }
	env := environment("STET_CONFIG", "/etc/stet.yaml", "STET_GRPC", "h:2", "STET_LOG_LEVEL", "error",
		"STET_FEED", "https://a.example/f, https://b.example/f", "STET_QUIET", "1")
	cfg, from, err := Load([]string{"--log-level", "debug", "-host-gap=3s", "--host-gap", "4s"}, env, file)
	if err != nil {
		t.Fatal(err)
	}
	for _, check := range []struct{ name, got, want, from string }{
		{"web", cfg.Web, "h:1", "file stet.yaml line 1"},
		{"grpc", cfg.GRPC, "h:2", "environment STET_GRPC"},
		{"log-level", cfg.LogLevel, "debug", "flag --log-level"},
		{"host-gap", cfg.HostGap.String(), "4s", "flag --host-gap"},
		{"feed", strings.Join(cfg.Feeds, " "), "https://a.example/f https://b.example/f", "environment STET_FEED"},
		{"sync", cfg.Sync, "always", "default"},
	} {
		if check.got != check.want || from[check.name] != check.from {
			t.Errorf("%s is %q from %q, want %q from %q", check.name, check.got, from[check.name], check.want, check.from)
		}
	}
	if !cfg.Quiet || !from.Given("quiet") || from.Given("sync") {
		t.Errorf("quiet %v, provenance %v", cfg.Quiet, from)
	}
}

func TestLoadArguments(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"--wep", "x"}, "unknown flag --wep, did you mean --web?"},
		{[]string{"--web"}, "--web needs a value: --web ADDR"},
		{[]string{"surplus"}, `"surplus" is not a flag`},
		{[]string{"--quiet=maybe"}, `quiet (flag --quiet): "maybe" is neither true nor false`},
		{[]string{"--config", "missing.yaml"}, "configuration file: open missing.yaml: file does not exist"},
		{[]string{"--host-gap", "-1s"}, "host-gap (flag --host-gap): -1s is not more than nothing"},
		{[]string{"--archive", "s3:/stet"}, `archive (flag --archive): "s3:/stet" is neither a folder nor the address of an object store`},
		{[]string{"--archive", "s3://stet?region=x"}, ""}, {[]string{"--archive", "/srv/a:b"}, ""}, {[]string{"--archive", `C:\stet`}, ""},
		{[]string{"--data", ""}, "data (flag --data): no folder to keep things in"},
		{[]string{"--quiet", "--web", "127.0.0.1:0", "--grpc", "127.0.0.1:0"}, ""},
		{[]string{"--host-gap", "1s", "--allow-network", "127.0.0.0/8"}, ""},
	} {
		_, _, err := Load(test.args, environment(), noFile)
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%q: %v, want %q", test.args, err, test.want)
		}
	}
}

func TestLoadTellsTheMissingFile(t *testing.T) {
	_, _, err := Load([]string{"--config", "x.yaml"}, environment(), noFile)
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("cannot tell that the file is missing: %v", err)
	}
}

func TestDefaultData(t *testing.T) {
	for _, test := range []struct {
		goos string
		env  []string
		want string
	}{
		{"linux", nil, "/home/reader/.local/share/stet"},
		{"linux", []string{"XDG_DATA_HOME", "/var/data"}, "/var/data/stet"},
		{"linux", []string{"XDG_DATA_HOME", "relative"}, "/home/reader/.local/share/stet"},
		{"linux", []string{"HOME", ""}, ""},
		{"darwin", nil, "/home/reader/Library/Application Support/stet"},
		{"windows", []string{"LocalAppData", `C:\Users\r\AppData\Local`}, `C:\Users\r\AppData\Local\stet`},
		{"windows", []string{"LocalAppData", ""}, ""},
	} {
		if got := defaultData(test.goos, environment(test.env...)); got != test.want {
			t.Errorf("%s with %q: %q, want %q", test.goos, test.env, got, test.want)
		}
	}
}

func TestNearest(t *testing.T) {
	known := []string{"web", "grpc", "host-gap", "log-format"}
	for name, want := range map[string]string{"wep": "web", "hostgap": "host-gap", "log-fromat": "log-format",
		"elastic": "", "": "", "GRPC": "", strings.Repeat("x", 9999): ""} {
		if got := Nearest(name, known); got != want {
			t.Errorf("nearest to %.20q is %q, want %q", name, got, want)
		}
	}
}

func FuzzFile(f *testing.F) {
	f.Add("web: h:1\nfeed: [a, b]\n")
	f.Add("{")
	f.Add("&a [*a]")
	f.Add("? [x]\n: y\n")
	f.Add("--- !!binary x")
	f.Fuzz(func(t *testing.T, content string) {
		read := func(string) ([]byte, error) { return []byte(content), nil }
		cfg, from, err := Load([]string{"--config", "f.yaml"}, environment(), read)
		if err == nil && len(Explain(cfg, from)) != len(Settings())-1 {
			t.Error("settings are missing")
		}
	})
}

func TestASecretComesFromTheFileThatTheEnvironmentNames(t *testing.T) {
	read := func(name string) ([]byte, error) {
		if name != "/run/secrets/stet" {
			return noFile(name)
		}
		return []byte("0123456789abcdef\n"), nil
	}
	cfg, from, err := Load(nil, environment("STET_TOKEN_FILE", "/run/secrets/stet"), read)
	if err != nil || cfg.Token != "0123456789abcdef" || from["token"] != "environment STET_TOKEN_FILE" {
		t.Errorf("token %q from %q, error %v", cfg.Token, from["token"], err)
	}
	cfg, _, err = Load(nil, environment("STET_TOKEN_FILE", "/run/secrets/stet", "STET_TOKEN", "fedcba9876543210"), read)
	if err != nil || cfg.Token != "fedcba9876543210" {
		t.Errorf("the variable itself comes first: token %q, error %v", cfg.Token, err)
	}
	if _, _, err = Load(nil, environment("STET_TOKEN_FILE", "/run/secrets/other"), read); err == nil || !strings.Contains(err.Error(), "STET_TOKEN_FILE") {
		t.Errorf("a missing file: %v", err)
	}
}

func TestExplainHidesPasswordsInAddresses(t *testing.T) {
	cfg, from, err := Load([]string{"--nats", "nats://differ:hush@nats.example:4222"}, environment(), noFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range Explain(cfg, from) {
		if strings.Contains(e.Value, "hush") {
			t.Errorf("%s shows %q", e.Name, e.Value)
		}
	}
}
