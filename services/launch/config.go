package launch

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"path"
	"runtime"
	"strings"
	"time"

	"github.com/stetnews/stet/services/internal/telemetry"
)

// Config is everything that can be set from outside, read once at the start and only read after that. Load gives one
// whose values were checked.
type Config struct {
	Data          string         // folder with everything that is kept
	Feeds         []string       // URLs of feeds to watch, beside those watched already
	Overrides     string         // file or folder with what people say of sources' pages, empty for none
	OPML          string         // file with more feeds to watch, empty for none
	Web           string         // host:port of the pages
	GRPC          string         // host:port of the API: listened on by a running stet, dialled by the other commands
	AllowNetworks []netip.Prefix // private networks that the fetcher may reach
	HostGap       time.Duration  // least time between two requests to one host
	Contact       string         // URL in the User-Agent, where publishers learn who asks
	Proxy         *url.URL       // that makes all connections to strangers, nil for none
	Quiet         bool           // no line for each event
	LogFormat     string         // "text" or "json"
	LogLevel      string         // "debug", "info", "warn" or "error"
	Sync          string         // "always" or "default": when the event store flushes to disk
	Token         string         // secret that writes need, empty for the generated one in the data folder
	PublicURL     string         // how readers reach the pages, empty for the address listened at
	ReadToken     string         // secret that reading through the API needs, empty lets everybody read who reaches it
	TLSCert       string         // file with the certificate of pages and API, and TLSKey with its key, empty for plain text
	TLSKey        string         //
	GRPCCA        string         // file with the authorities that the API is trusted by, or "system"; empty speaks plain text to it
	TrustNetwork  bool           // the API may be served in plain text where others can reach it
	// RobotsOverrides are the sources whose robots.txt is not obeyed, with the reason in writing.
	RobotsOverrides map[string]string
	WebSub          string // host:port where hubs are heard, empty where no feed's news are asked of hubs
	WebSubURL       string // how hubs reach that
	WebSubSecret    string // that subscriptions are made from, empty for one made from the token
	Health          string // host:port of /healthz, /readyz and /metrics, empty for none
	Pprof           string // host:port of profiles of the process, empty for none
	PprofPublic     bool   // others than this machine may reach Pprof

	Traces telemetry.TraceConfig // by the standard OTEL_ variables, which are no settings of ours

	NATS      []string      // URLs of NATS servers outside, none for the one inside
	NATSCreds string        // file with a user's credentials for NATS
	NATSCA    string        // file with the certificates that NATS servers are trusted by, empty for the system's
	NATSCert  string        // file with the certificate shown to NATS, and NATSKey with its key
	NATSKey   string        //
	Replicas  int           // of every stream: 1, 3 or 5
	Wait      time.Duration // for what is outside to be there, at the start

	Archive          string   // folder or URL of an object store, empty for a folder inside Data
	Elasticsearch    []string // URLs of its nodes, none for SQLite inside Data
	ElasticsearchKey string   // API key
	ElasticsearchCA  string   // file with the certificates that it is trusted by, empty for the system's
	IndexPrefix      string   // of the names of indices and aliases
}

// PoliteGap is the least time between two requests to one host of the open internet.
const PoliteGap = 2 * time.Second

// Provenance says for the name of each setting where its value came from: "default", "file stet.yaml line 3",
// "environment STET_WEB" or "flag --web".
type Provenance map[string]string

// Given says whether a setting was set by anyone, or has its default.
func (p Provenance) Given(name string) bool { return p[name] != fromDefault && p[name] != "" }

const fromDefault = "default"

// Load reads the configuration: flags over environment over file over defaults. The arguments hold flags only (see
// Take). A file is read only where --config or STET_CONFIG names one. The error joins everything that is wrong, one
// plain message each; Config and Provenance then hold what could be read.
func Load(args []string, getenv func(string) string, readFile func(string) ([]byte, error)) (_ Config, _ Provenance, err error) {
	l := loader{from: Provenance{}, getenv: getenv}
	l.defaults(runtime.GOOS)
	flags := l.readFlags(args)
	if name := l.fileName(flags); name != "" {
		l.file(name, readFile)
	}
	l.environment(readFile)
	l.flags(flags)
	if l.cfg.Traces, err = telemetry.TracesFromEnvironment(getenv); err != nil {
		l.complain("%w", err)
	}
	l.validate()
	return l.cfg, l.from, errors.Join(l.problems...)
}

// loader gathers values and complaints.
type loader struct {
	cfg      Config
	from     Provenance
	getenv   func(string) string
	problems []error
	broken   map[string]bool // settings already complained about
}

func (l *loader) complain(format string, args ...any) {
	l.problems = append(l.problems, fmt.Errorf(format, args...))
}

// set gives a setting its values and remembers where they came from.
func (l *loader) set(s setting, values []string, from string) {
	l.from[s.name] = from
	if err := s.parse(&l.cfg, values); err != nil {
		if l.broken == nil {
			l.broken = map[string]bool{}
		}
		l.broken[s.name] = true
		l.complain("%s (%s): %w", s.name, from, err)
	}
}

func (l *loader) defaults(goos string) {
	for _, s := range settings() {
		if s.name == configSetting {
			continue
		}
		values := s.fallback
		if s.name == "data" {
			values = []string{defaultData(goos, l.getenv)}
		}
		l.set(s, values, fromDefault)
	}
}

// given are the values of one flag, in order.
type given map[string][]string

func (l *loader) readFlags(args []string) given {
	flags := given{}
	for len(args) > 0 {
		name, values, rest, err := Take(args)
		switch {
		case err != nil:
			l.complain("%w", err)
			return flags
		case name == "":
			l.complain("%q is not a flag", args[0])
			return flags
		}
		flags[name] = append(flags[name], values...)
		args = rest
	}
	return flags
}

func (l *loader) fileName(flags given) string {
	if values := flags[configSetting]; len(values) > 0 {
		return values[len(values)-1]
	}
	return l.getenv(variable(configSetting))
}

func (l *loader) environment(readFile func(string) ([]byte, error)) {
	for _, s := range settings() {
		text := l.getenv(variable(s.name))
		if s.name == configSetting {
			continue
		}
		if s.secret && text == "" {
			l.secretFile(s, readFile)
			continue
		}
		if text == "" {
			continue
		}
		values := []string{text}
		if s.list {
			values = split(text)
		}
		l.set(s, values, "environment "+variable(s.name))
	}
}

// secretFile reads a secret from the file that STET_…_FILE names, as orchestrators hand them out.
func (l *loader) secretFile(s setting, readFile func(string) ([]byte, error)) {
	name := variable(s.name) + "_FILE"
	file := l.getenv(name)
	if file == "" {
		return
	}
	text, err := readFile(file)
	if err != nil {
		l.complain("%s (environment %s): %w", s.name, name, err)
		return
	}
	l.set(s, []string{strings.TrimSpace(string(text))}, "environment "+name)
}

func (l *loader) flags(flags given) {
	for _, s := range settings() {
		values := flags[s.name]
		if len(values) == 0 || s.name == configSetting {
			continue
		}
		if !s.list {
			values = values[len(values)-1:]
		}
		l.set(s, values, "flag --"+s.name)
	}
}

// validate checks what one setting alone cannot tell.
func (l *loader) validate() {
	if l.cfg.HostGap > 0 && l.cfg.HostGap < PoliteGap && len(l.cfg.AllowNetworks) == 0 {
		l.complain("host-gap (%s): %s is shorter than %s, which is allowed only for hosts inside networks of your own: "+
			"name them with --allow-network", l.from["host-gap"], l.cfg.HostGap, PoliteGap)
	}
	if l.cfg.Data == "" && !l.broken["data"] {
		l.complain("data (%s): no folder to keep things in, since no home folder is known: name one with --data",
			l.from["data"])
	}
	if l.cfg.Pprof != "" && !l.cfg.PprofPublic && !l.broken["pprof"] && !IsLoopback(l.cfg.Pprof) {
		l.complain("pprof (%s): at %s others could read this process's memory and slow it down: take 127.0.0.1, or say "+
			"--pprof-public if that is what you want", l.from["pprof"], l.cfg.Pprof)
	}
	l.validateWebSub()
	l.validateEngines()
	if l.cfg.Web == l.cfg.GRPC && !l.broken["web"] && !l.broken["grpc"] && !strings.HasSuffix(l.cfg.Web, ":0") {
		l.complain("web (%s) and grpc (%s): both are %s, choose two different ports", l.from["web"], l.from["grpc"],
			l.cfg.Web)
	}
}

// validateWebSub does the same for what hubs need to reach us.
func (l *loader) validateWebSub() {
	if (l.cfg.WebSub == "") != (l.cfg.WebSubURL == "") {
		l.complain("websub and websub-url belong together: hubs tell news where --websub listens and --websub-url says how they " +
			"get there; give both or none")
	}
	if l.cfg.WebSub != "" && (l.cfg.WebSub == l.cfg.Web || l.cfg.WebSub == l.cfg.GRPC) && !strings.HasSuffix(l.cfg.WebSub, ":0") {
		l.complain("websub (%s): %s is taken by the pages or the API, choose another port", l.from["websub"], l.cfg.WebSub)
	}
}

// validateEngines does the same for the engines outside.
func (l *loader) validateEngines() {
	if (l.cfg.TLSCert == "") != (l.cfg.TLSKey == "") {
		l.complain("tls-cert and tls-key belong together: name both files or none")
	}
	if (l.cfg.NATSCert == "") != (l.cfg.NATSKey == "") {
		l.complain("nats-cert and nats-key belong together: name both files or none")
	}
	if len(l.cfg.NATS) == 0 && (l.cfg.NATSCreds != "" || l.cfg.NATSCA != "" || l.cfg.NATSCert != "") {
		l.complain("there are credentials or certificates for NATS and no server: name one with --nats nats://host:4222")
	}
	if len(l.cfg.Elasticsearch) == 0 && (l.cfg.ElasticsearchKey != "" || l.cfg.ElasticsearchCA != "") {
		l.complain("there is a key or certificate for Elasticsearch and no server: name one with --elasticsearch https://host:9200")
	}
}

// defaultData is where programs keep a user's data on this system, empty where no home folder is known.
func defaultData(goos string, getenv func(string) string) string {
	home := getenv("HOME")
	switch {
	case goos == "windows":
		if local := getenv("LocalAppData"); local != "" {
			return local + `\stet`
		}
		return ""
	case goos == "darwin" && home != "":
		return path.Join(home, "Library", "Application Support", "stet")
	case path.IsAbs(getenv("XDG_DATA_HOME")):
		return path.Join(getenv("XDG_DATA_HOME"), "stet")
	case home != "":
		return path.Join(home, ".local", "share", "stet")
	}
	return ""
}

func split(text string) []string {
	var values []string
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			values = append(values, part)
		}
	}
	return values
}
