package launch

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Setting describes one value of the configuration to people.
type Setting struct {
	Name     string // as in a file; the flag is --name
	Variable string // the environment variable
	Argument string // what a value looks like, empty for a yes-or-no flag
	Help     string
	Default  string
	List     bool // may be given several times
	Secret   bool
}

// Effective is a setting with the value in force.
type Effective struct {
	Setting
	Value string // masked for a secret
	From  string
}

const configSetting = "config"

// setting is a row of the table that flags, environment, file, help and check-config are made of.
type setting struct {
	name     string
	argument string
	help     string
	fallback []string // values in force where nobody sets any
	list     bool
	secret   bool
	parse    func(*Config, []string) error
	print    func(*Config) string
}

// settings is the table, in the order in which people see it.
func settings() []setting { return append(own(), engines()...) }

// own are the settings of the process itself.
func own() []setting {
	return []setting{
		{name: configSetting, argument: "FILE", help: "read settings from this YAML file"},
		text("data", "DIR", "folder that everything is kept in", "", notEmpty,
			func(c *Config) *string { return &c.Data }),
		list("feed", "URL", "watch this feed too (repeatable)", webURL, func(c *Config) *[]string { return &c.Feeds }),
		text("opml", "FILE", "watch the feeds of this OPML file too", "", anything,
			func(c *Config) *string { return &c.OPML }),
		text("overrides", "PATH", "file or folder (YAML, JSON) that says how pages of some sources are read; read again when it changes", "", anything,
			func(c *Config) *string { return &c.Overrides }),
		text("web", "ADDR", "address of the pages", "127.0.0.1:8080", address,
			func(c *Config) *string { return &c.Web }),
		text("grpc", "ADDR", "address of the gRPC API, or of the stet to ask", "127.0.0.1:9090", address,
			func(c *Config) *string { return &c.GRPC }),
		{name: "allow-network", argument: "CIDR", list: true,
			help:  "private network that may be fetched from (repeatable)",
			parse: func(c *Config, values []string) (err error) { c.AllowNetworks, err = networks(values); return err },
			print: func(c *Config) string { return joined(c.AllowNetworks) }},
		{name: "host-gap", argument: "DURATION", help: "least time between two requests to one host",
			fallback: []string{PoliteGap.String()},
			parse:    func(c *Config, values []string) (err error) { c.HostGap, err = gap(values); return err },
			print:    func(c *Config) string { return c.HostGap.String() }},
		text("contact", "URL", "page about you, told to publishers in the User-Agent", defaultContact,
			contact, func(c *Config) *string { return &c.Contact }),
		{name: "proxy", argument: "URL", help: "HTTP proxy that makes all connections to strangers; it must be forbidden the inside of the network",
			parse: func(c *Config, values []string) (err error) { c.Proxy, err = proxy(values); return err },
			print: func(c *Config) string {
				if c.Proxy == nil {
					return ""
				}
				return masked(c.Proxy.String())
			}},
		{name: "robots-override", argument: "SOURCE=REASON", list: true,
			help:  "do not obey the robots.txt of this source, for a written reason without commas (repeatable)",
			parse: func(c *Config, values []string) (err error) { c.RobotsOverrides, err = overrides(values); return err },
			print: func(c *Config) string {
				var parts []string
				for _, source := range slices.Sorted(maps.Keys(c.RobotsOverrides)) {
					parts = append(parts, source+"="+c.RobotsOverrides[source])
				}
				return strings.Join(parts, ", ")
			}},
		{name: "quiet", help: "no line for each event", fallback: []string{"false"},
			parse: func(c *Config, values []string) (err error) { c.Quiet, err = yesNo(values); return err },
			print: func(c *Config) string { return strconv.FormatBool(c.Quiet) }},
		text("log-format", "FORMAT", "form of the log: text or json", "text", oneOf("text", "json"),
			func(c *Config) *string { return &c.LogFormat }),
		text("log-level", "LEVEL", "least level that is logged: debug, info, warn or error", "info",
			oneOf("debug", "info", "warn", "error"), func(c *Config) *string { return &c.LogLevel }),
		text("sync", "WHEN", "flush events to disk: always, or default (faster; a power cut may lose the last minutes)", "always",
			oneOf("always", "default"), func(c *Config) *string { return &c.Sync }),
		secret(text("token", "TOKEN", "secret that writes need (otherwise generated in the data folder)", "", token,
			func(c *Config) *string { return &c.Token })),
		text("public-url", "URL", "how readers reach the pages, for links in Atom feeds", "", webURL,
			func(c *Config) *string { return &c.PublicURL }),
		secret(text("read-token", "TOKEN", "secret that reading through gRPC needs (otherwise everybody may read)", "", token,
			func(c *Config) *string { return &c.ReadToken })),
		text("tls-cert", "FILE", "certificate of the pages and the API, read again when it changes (otherwise plain text)", "", anything,
			func(c *Config) *string { return &c.TLSCert }),
		text("tls-key", "FILE", "key of that certificate", "", anything, func(c *Config) *string { return &c.TLSKey }),
		text("grpc-ca", "FILE", "certificates that the API is trusted by when it is asked by TLS, or system", "", anything,
			func(c *Config) *string { return &c.GRPCCA }),
		{name: "trust-network", help: "serve gRPC in plain text where others could reach it", fallback: []string{"false"},
			parse: func(c *Config, values []string) (err error) { c.TrustNetwork, err = yesNo(values); return err },
			print: func(c *Config) string { return strconv.FormatBool(c.TrustNetwork) }},
		text("websub", "ADDR", "address where hubs tell that feeds have news (otherwise feeds are only polled)", "", address,
			func(c *Config) *string { return &c.WebSub }),
		text("websub-url", "URL", "how hubs reach that from the internet", "", callbackURL,
			func(c *Config) *string { return &c.WebSubURL }),
		secret(text("websub-secret", "SECRET", "secret that subscriptions at hubs are made from (otherwise made from the token)", "", token,
			func(c *Config) *string { return &c.WebSubSecret })),
		text("health", "ADDR", "address of /healthz, /readyz and /metrics (otherwise there are none)", "", address,
			func(c *Config) *string { return &c.Health }),
		text("pprof", "ADDR", "address of profiles of the process, for developers (otherwise there are none)", "", address,
			func(c *Config) *string { return &c.Pprof }),
		{name: "pprof-public", help: "let others than this machine reach --pprof", fallback: []string{"false"},
			parse: func(c *Config, values []string) (err error) { c.PprofPublic, err = yesNo(values); return err },
			print: func(c *Config) string { return strconv.FormatBool(c.PprofPublic) }},
	}
}

// engines are the settings of what may run outside the process.
func engines() []setting {
	return []setting{
		list("nats", "URL", "NATS server to use instead of the one inside (repeatable: the servers of a cluster)", natsURL,
			func(c *Config) *[]string { return &c.NATS }),
		text("nats-creds", "FILE", "credentials of the user at NATS", "", anything, func(c *Config) *string { return &c.NATSCreds }),
		text("nats-ca", "FILE", "certificates that NATS servers are trusted by", "", anything, func(c *Config) *string { return &c.NATSCA }),
		text("nats-cert", "FILE", "certificate shown to NATS", "", anything, func(c *Config) *string { return &c.NATSCert }),
		text("nats-key", "FILE", "key of that certificate", "", anything, func(c *Config) *string { return &c.NATSKey }),
		{name: "replicas", argument: "N", help: "replicas of every stream at NATS: 1, 3 or 5", fallback: []string{"1"},
			parse: func(c *Config, values []string) (err error) { c.Replicas, err = replicas(values); return err },
			print: func(c *Config) string { return strconv.Itoa(c.Replicas) }},
		{name: "wait", argument: "DURATION", help: "how long to wait at the start for what is outside", fallback: []string{"1m0s"},
			parse: func(c *Config, values []string) (err error) { c.Wait, err = gap(values); return err },
			print: func(c *Config) string { return c.Wait.String() }},
		text("archive", "PLACE", "folder or object store (s3://bucket?region=…) of pages and versions (otherwise in the data folder)", "",
			archivePlace, func(c *Config) *string { return &c.Archive }),
		list("elasticsearch", "URL", "Elasticsearch to search in instead of SQLite (repeatable: its nodes)", webURL,
			func(c *Config) *[]string { return &c.Elasticsearch }),
		secret(text("elasticsearch-key", "KEY", "API key for Elasticsearch", "", notEmpty,
			func(c *Config) *string { return &c.ElasticsearchKey })),
		text("elasticsearch-ca", "FILE", "certificates that Elasticsearch is trusted by", "", anything,
			func(c *Config) *string { return &c.ElasticsearchCA }),
		text("index-prefix", "NAME", "beginning of the names of indices and aliases", "stet", indexPrefix,
			func(c *Config) *string { return &c.IndexPrefix }),
	}
}

// Settings describes every setting, in the order of the help text.
func Settings() []Setting {
	var all []Setting
	for _, s := range settings() {
		all = append(all, s.describe())
	}
	return all
}

// Explain gives every setting with its value in force and where that came from. Secrets are masked.
func Explain(cfg Config, from Provenance) []Effective {
	var all []Effective
	for _, s := range settings() {
		if s.name == configSetting {
			continue
		}
		e := Effective{Setting: s.describe(), Value: s.print(&cfg), From: from[s.name]}
		if s.secret && e.Value != "" {
			e.Value = "********"
		}
		all = append(all, e)
	}
	return all
}

func (s setting) describe() Setting {
	return Setting{Name: s.name, Variable: variable(s.name), Argument: s.argument, Help: s.help,
		Default: strings.Join(s.fallback, " "), List: s.list, Secret: s.secret}
}

// Take reads one setting's flag from the front of the arguments, as --name VALUE, --name=VALUE, or --name alone where
// the setting is yes or no. The name is empty where the first argument is no flag; an unknown flag is an error that
// names the nearest known one.
func Take(args []string) (name string, values, rest []string, err error) {
	if len(args) == 0 || len(args[0]) < 2 || args[0][0] != '-' || args[0] == "--" {
		return "", nil, args, nil
	}
	name, value, inline := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(args[0], "-"), "-"), "=")
	all := settings()
	at := slices.IndexFunc(all, func(s setting) bool { return s.name == name })
	switch {
	case at < 0:
		return "", nil, args, fmt.Errorf("unknown flag --%s%s", name, suggestion(name, "--"))
	case inline:
		return name, []string{value}, args[1:], nil
	case all[at].argument == "":
		return name, []string{"true"}, args[1:], nil
	case len(args) < 2:
		return "", nil, args, fmt.Errorf("--%s needs a value: --%s %s", name, name, all[at].argument)
	}
	return name, args[1:2], args[2:], nil
}

func variable(name string) string {
	return "STET_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
}

func suggestion(name, prefix string) string {
	var known []string
	for _, s := range settings() {
		known = append(known, s.name)
	}
	if near := Nearest(name, known); near != "" {
		return ", did you mean " + prefix + near + "?"
	}
	return ""
}

func text(name, argument, help, fallback string, check func(string) error, field func(*Config) *string) setting {
	s := setting{name: name, argument: argument, help: help,
		parse: func(c *Config, values []string) error {
			if len(values) == 0 {
				return nil
			}
			*field(c) = values[0]
			if values[0] == fallback {
				return nil
			}
			return check(values[0])
		},
		print: func(c *Config) string { return *field(c) }}
	if fallback != "" {
		s.fallback = []string{fallback}
	}
	return s
}

func list(name, argument, help string, check func(string) error, field func(*Config) *[]string) setting {
	return setting{name: name, argument: argument, help: help, list: true,
		parse: func(c *Config, values []string) error { *field(c) = values; return each(values, check) },
		print: func(c *Config) string { return masked(strings.Join(*field(c), " ")) }}
}

// masked hides passwords that stand in URLs.
func masked(text string) string { return userInfo.ReplaceAllString(text, "://********@") }

var userInfo = regexp.MustCompile(`://[^\s/@]*@`)

func replicas(values []string) (int, error) {
	n, err := strconv.Atoi(values[0])
	if err != nil || n != 1 && n != 3 && n != 5 {
		return 1, fmt.Errorf("%q is not 1, 3 or 5", values[0])
	}
	return n, nil
}

func indexPrefix(value string) error {
	if !indexName.MatchString(value) {
		return fmt.Errorf("%q cannot begin the name of an index: small letters, digits and hyphens, the first a letter", value)
	}
	return nil
}

var indexName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,40}$`)

func secret(s setting) setting {
	s.secret = true
	return s
}

func each(values []string, check func(string) error) error {
	var problems []error
	for _, v := range values {
		if err := check(v); err != nil {
			problems = append(problems, err)
		}
	}
	return errors.Join(problems...)
}

func anything(string) error { return nil }

// misspelt is the beginning of an address of an object store that lacks a slash, and would be made a folder. A drive of
// Windows has one letter.
var misspelt = regexp.MustCompile(`^[a-z][a-z0-9]+:(/?[^/]|$)`)

func archivePlace(value string) error {
	if misspelt.MatchString(value) {
		return fmt.Errorf("%q is neither a folder nor the address of an object store, which looks like s3://bucket?region=eu-central-1", value)
	}
	return nil
}

func notEmpty(value string) error {
	if strings.TrimSpace(value) == "" {
		return errors.New("is empty")
	}
	return nil
}

func webURL(value string) error {
	u, err := url.Parse(value)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return fmt.Errorf("%q is not a web address: it must begin with http:// or https:// and name a host", value)
	}
	return nil
}

func callbackURL(value string) error {
	if err := webURL(value); err != nil {
		return err
	}
	if strings.ContainsAny(value, "?#@") {
		return errors.New("the address is to have no query, fragment or password: feeds get paths below it")
	}
	return nil
}

func contact(value string) error {
	if strings.ContainsAny(value, "() \r\n\t") {
		return fmt.Errorf("%q cannot stand in a User-Agent: no spaces, brackets or line breaks", value)
	}
	if u, err := url.Parse(value); err == nil && u.Scheme == "mailto" && strings.Contains(u.Opaque, "@") {
		return nil
	}
	return webURL(value)
}

func proxy(values []string) (*url.URL, error) {
	if len(values) == 0 || values[0] == "" {
		return nil, nil
	}
	u, err := url.Parse(values[0])
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || strings.Trim(u.Path, "/") != "" {
		return nil, fmt.Errorf("%q is not the address of an HTTP proxy: it looks like http://proxy.example:3128", masked(values[0]))
	}
	return u, nil
}

// mostReason bounds the reason of an override, which goes with every outcome that it acted on.
const mostReason = 200

func overrides(values []string) (map[string]string, error) {
	reasons := map[string]string{}
	var problems []error
	for _, value := range values {
		source, reason, _ := strings.Cut(value, "=")
		source, reason = strings.TrimSpace(source), strings.TrimSpace(reason)
		switch {
		case source == "" || reason == "":
			problems = append(problems, fmt.Errorf("%q does not say whose robots.txt is not obeyed and why: write SOURCE=REASON", value))
		case len(reason) > mostReason || strings.ContainsFunc(reason, func(r rune) bool { return r < ' ' }):
			problems = append(problems, fmt.Errorf("the reason for %s is to be one line of at most %d bytes", source, mostReason))
		default:
			reasons[source] = reason
		}
	}
	return reasons, errors.Join(problems...)
}

func natsURL(value string) error {
	u, err := url.Parse(value)
	if err != nil || u.Host == "" || !slices.Contains([]string{"nats", "tls", "ws", "wss"}, u.Scheme) {
		return fmt.Errorf("%q is not the address of a NATS server: it looks like nats://host:4222", value)
	}
	return nil
}

func address(value string) error {
	_, port, err := net.SplitHostPort(value)
	if err != nil {
		return fmt.Errorf("%q is not an address: it must be host:port, such as 127.0.0.1:8080", value)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return fmt.Errorf("%q has no port between 0 and 65535", value)
	}
	return nil
}

// minToken keeps a guessable secret from being set: 16 characters of hexadecimal are 64 bits.
const minToken = 16

func token(value string) error {
	if len(value) < minToken || strings.ContainsAny(value, " \t\r\n") {
		return fmt.Errorf("the token must have at least %d characters and no spaces", minToken)
	}
	return nil
}

func oneOf(known ...string) func(string) error {
	return func(value string) error {
		if slices.Contains(known, value) {
			return nil
		}
		return fmt.Errorf("%q is not known: it must be %s", value, strings.Join(known, " or "))
	}
}

func yesNo(values []string) (bool, error) {
	yes, err := strconv.ParseBool(values[0])
	if err != nil {
		return false, fmt.Errorf("%q is neither true nor false", values[0])
	}
	return yes, nil
}

func gap(values []string) (time.Duration, error) {
	d, err := time.ParseDuration(values[0])
	if err != nil {
		return 0, fmt.Errorf("%q is not a length of time: write 2s, 500ms or 1m30s", values[0])
	}
	if d <= 0 {
		return 0, fmt.Errorf("%s is not more than nothing", d)
	}
	return d, nil
}

func networks(values []string) ([]netip.Prefix, error) {
	var prefixes []netip.Prefix
	var problems []error
	for _, v := range values {
		p, err := netip.ParsePrefix(v)
		switch {
		case err != nil:
			problems = append(problems, fmt.Errorf("%q is not a network: it must be like 10.0.0.0/8 or fd00::/8", v))
		case p != p.Masked():
			problems = append(problems, fmt.Errorf("%q names one address inside a network: did you mean %s?", v, p.Masked()))
		default:
			prefixes = append(prefixes, p)
		}
	}
	return prefixes, errors.Join(problems...)
}

func joined(prefixes []netip.Prefix) string {
	var parts []string
	for _, p := range prefixes {
		parts = append(parts, p.String())
	}
	return strings.Join(parts, " ")
}
