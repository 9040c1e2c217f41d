package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/stetnews/stet/proto/client"
)

const writeToken = "known-to-both-sides"

// fleet is stet as services apart: separate processes that meet at a NATS server.
type fleet struct {
	t        *testing.T
	settings []string
	feeds    []string
	folder   string // of the NATS server
	port     int
	nats     *server.Server
	running  map[string]*process
}

func newFleet(t *testing.T, feeds []string, settings ...string) *fleet {
	t.Helper()
	f := &fleet{t: t, feeds: feeds, folder: t.TempDir(), port: server.RANDOM_PORT, running: map[string]*process{}}
	f.startNATS()
	t.Cleanup(func() { f.stopNATS() })
	f.settings = append([]string{"--data", t.TempDir(), "--token", writeToken,
		"--allow-network", "127.0.0.0/8", "--host-gap", "50ms", "--log-format", "json"}, settings...)
	return f
}

// address is where a service meets the others, as the user that it has there.
func (f *fleet) address(user string) string {
	return fmt.Sprintf("nats://%s:%s@127.0.0.1:%d", user, natsPassword, f.port)
}

const natsPassword = "of-every-user-in-tests"

var passwordVariable = regexp.MustCompile(`\$STET_NATS_[A-Z_]+_PASSWORD`)

// options are those of a server with the users and permissions that are shipped.
func (f *fleet) options() *server.Options {
	f.t.Helper()
	accounts, err := os.ReadFile("../../../deploy/nats/accounts.conf")
	if err != nil {
		f.t.Fatal(err)
	}
	text := fmt.Sprintf("listen: \"127.0.0.1:%d\"\nmax_payload: 8MB\njetstream { store_dir: %q }\n%s", f.port, f.folder,
		passwordVariable.ReplaceAllLiteralString(string(accounts), natsPassword))
	file := filepath.Join(f.folder, "nats.conf")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		f.t.Fatal(err)
	}
	options, err := server.ProcessConfigFile(file)
	if err != nil {
		f.t.Fatal(err)
	}
	options.NoSigs = true
	return options
}

func (f *fleet) startNATS() {
	f.t.Helper()
	s, err := server.NewServer(f.options())
	if err != nil {
		f.t.Fatal(err)
	}
	s.Start()
	if !s.ReadyForConnections(30 * time.Second) {
		f.t.Fatal("NATS does not start")
	}
	address, ok := s.Addr().(*net.TCPAddr)
	if !ok {
		f.t.Fatalf("NATS listens at %v", s.Addr())
	}
	f.nats, f.port = s, address.Port
}

func (f *fleet) stopNATS() {
	f.nats.Shutdown()
	f.nats.WaitForShutdown()
}

// provision runs it to its end and gives what it says.
func (f *fleet) provision(ctx context.Context) string {
	f.t.Helper()
	out, err := exec.CommandContext(ctx, binary(f.t), append([]string{"provision", "--nats", f.address("provisioner")}, f.settings...)...).CombinedOutput()
	if err != nil {
		f.t.Fatalf("provision: %v\n%s", err, out)
	}
	return string(out)
}

// start starts a service under a name of the fleet's, such as scraper-2.
func (f *fleet) start(ctx context.Context, name string) {
	f.t.Helper()
	service := strings.TrimRight(name, "-123456789")
	args := append([]string{service, "--nats", f.address(service)}, f.settings...)
	switch service {
	case "feed-poller":
		for _, feed := range f.feeds {
			args = append(args, "--feed", feed)
		}
	case "query":
		args = append(args, "--grpc", "127.0.0.1:0", "--health", "127.0.0.1:0")
	case "web":
		args = append(args, "--grpc", f.running["query"].address("grpc"), "--web", "127.0.0.1:0")
	}
	p := spawn(ctx, f.t, args...)
	f.running[name] = p
	switch service {
	case "query":
		var err error
		if p.client, err = client.Dial(p.address("grpc"), client.WithToken(writeToken)); err != nil {
			f.t.Fatal(err)
		}
	case "web":
		p.web = p.address("web")
	}
}

// address is where the process said that it serves something.
func (p *process) address(what string) string {
	p.t.Helper()
	var address string
	eventually(deadline(p.t), p.t, "the address of "+what+" is told", func() bool {
		for _, line := range p.said(what) {
			address, _ = line["address"].(string)
		}
		return address != ""
	})
	return address
}

// restart kills a service, as a node that dies does, and starts it again.
func (f *fleet) restart(ctx context.Context, name string) {
	f.t.Helper()
	f.running[name].kill()
	f.start(ctx, name)
}

func TestServicesApart(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		servicesApart(t)
	})
	t.Run("elasticsearch", func(t *testing.T) {
		address := os.Getenv("STET_TEST_ELASTICSEARCH")
		if address == "" {
			t.Skip("no Elasticsearch: start one with scripts/elasticsearch.sh and set STET_TEST_ELASTICSEARCH")
		}
		t.Parallel()
		prefix := fmt.Sprintf("apart-%d", time.Now().UnixNano())
		t.Cleanup(func() { forgetIndices(t, address, prefix) })
		servicesApart(t, "--elasticsearch", address, "--index-prefix", prefix)
	})
}

// forgetIndices removes what a test made at an Elasticsearch that others use too.
func forgetIndices(t *testing.T, address, prefix string) {
	t.Helper()
	ask := func(method, path string) string {
		request, err := http.NewRequest(method, address+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(answer.Body)
		if err := errors.Join(err, answer.Body.Close()); err != nil || answer.StatusCode >= http.StatusBadRequest {
			t.Errorf("%s %s: %s, %v", method, path, answer.Status, err)
		}
		return string(text)
	}
	indices := strings.Fields(ask(http.MethodGet, "/_cat/indices/"+prefix+"-*?h=index")) // no pattern deletes an index
	ask(http.MethodDelete, "/"+strings.Join(indices, ","))
	ask(http.MethodDelete, "/_index_template/"+prefix+"-*")
	ask(http.MethodDelete, "/_component_template/"+prefix+"-*")
}

// servicesApart kills every service, and the server that they meet at, while newspapers publish and edit.
func servicesApart(t *testing.T, settings ...string) {
	ctx := deadline(t)
	press := newPress(t, 3)
	reader := newReader(t, press)
	for i := range 9 {
		reader.publish(i%3, i)
	}
	var feeds []string
	for _, address := range press.addresses {
		feeds = append(feeds, address.FeedURL)
	}
	f := newFleet(t, feeds, settings...)
	if said := f.provision(ctx); !strings.Contains(said, "REVISIONS") {
		t.Errorf("provision says\n%s", said)
	}
	if said := f.provision(ctx); said != "nothing to change\n" {
		t.Errorf("provision, again, says\n%s", said)
	}
	services := []string{"scraper-1", "differ-1", "indexer-1", "query", "web", "scraper-2", "differ-2", "indexer-2", "feed-poller"}
	for _, name := range services {
		f.start(ctx, name)
	}
	all := func(h history) bool { return h.total() >= reader.states() }
	seen := f.running["query"].watch(ctx, all)
	for _, name := range []string{"scraper-1", "differ-1", "indexer-1", "NATS", "feed-poller", "query"} {
		asked := reader.edit(seen, 2)
		f.running["query"].checkNow(ctx, asked...)
		if name == "NATS" {
			f.stopNATS()
			f.startNATS()
		} else {
			f.restart(ctx, name)
		}
		if name == "query" {
			f.running["web"].interrupt()
			f.start(ctx, "web")
		}
		f.settle(ctx, reader)
		seen = f.running["query"].watch(ctx, all)
	}
	reader.compare(ctx, f.running["query"], seen)
	article := seen[slices.Sorted(maps.Keys(seen))[0]][0].GetArticle()
	if page, _ := f.running["web"].page(ctx, "/article/"+article); !strings.Contains(page, "Ember canal") {
		t.Error("the article's page does not show its title")
	}
	hosts := 0
	for h, err := range f.running["query"].client.EachHost(ctx, "") {
		if err != nil {
			t.Fatal(err)
		}
		if hosts++; h.GetRobotsStatus() == 0 || h.GetGap() == nil {
			t.Errorf("of a host that was visited is told: %v", h)
		}
	}
	if hosts != len(press.addresses) {
		t.Errorf("%d hosts, want %d", hosts, len(press.addresses))
	}
	for _, name := range services {
		f.running[name].interrupt()
	}
}

// settle waits until every edit can be searched.
func (f *fleet) settle(ctx context.Context, r *reader) {
	f.t.Helper()
	eventually(ctx, f.t, "every edit can be searched", func() bool {
		stet := f.running["query"].client
		if _, err := stet.CheckAllNow(ctx); err != nil {
			return false // NATS, or query itself, is not back yet
		}
		status, err := stet.Status(ctx)
		return err == nil && status.GetVersions() >= int64(r.states())
	})
}

func TestAServiceApartSaysWhatItMisses(t *testing.T) {
	t.Parallel()
	f := newFleet(t, nil)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := closed.Addr().String()
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	wrong := fmt.Sprintf("nats://scraper:guessed@127.0.0.1:%d", f.port)
	data := t.TempDir()
	for name, test := range map[string]struct{ args, words []string }{
		"no server named":  {[]string{"scraper"}, []string{"scraper", "--nats"}},
		"nobody answers":   {[]string{"differ", "--nats", "nats://" + nobody, "--wait", "10ms"}, []string{nobody, "start one"}},
		"nothing provided": {[]string{"indexer", "--nats", f.address("indexer"), "--wait", "10ms"}, []string{"stet provision"}},
		"no such file":     {[]string{"query", "--nats", f.address("query"), "--nats-creds", filepath.Join(data, "no.creds")}, []string{"no.creds"}},
		"nothing outside":  {[]string{"provision"}, []string{"--nats"}},
		"no search there":  {[]string{"provision", "--elasticsearch", "http://" + nobody, "--wait", "10ms"}, []string{nobody}},
		"a wrong password": {[]string{"scraper", "--nats", wrong}, []string{"Authorization", "user and password"}},
	} {
		t.Run(name, func(t *testing.T) {
			wantComplaint(t, fails(t, append(test.args, "--data", data, "--log-level", "error")...), test.words...)
		})
	}
}
