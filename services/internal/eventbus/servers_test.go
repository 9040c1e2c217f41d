package eventbus_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/stetnews/stet/services/internal/eventbus"
)

// deployed is the folder with the configurations that are shipped.
const deployed = "../../../deploy/nats"

// secret gives a user's password in tests. The quotation marks make it a text whatever it begins with.
func secret(user string) string { return "0-" + user }

// setPasswords puts the variables that the shipped configurations refer to into the environment.
func setPasswords(t *testing.T) {
	t.Helper()
	for _, r := range eventbus.Roles() {
		t.Setenv(r.PasswordVariable(), `"`+secret(r.Name())+`"`)
	}
	t.Setenv("STET_NATS_SYS_PASSWORD", `"`+secret("sys")+`"`)
	t.Setenv("STET_NATS_ROUTE_PASSWORD", `"`+secret("route")+`"`)
}

// startServer starts a server with a shipped configuration, on loopback, any port and a temporary folder.
func startServer(t *testing.T, file string, change func(*server.Options)) *server.Server {
	t.Helper()
	options, err := server.ProcessConfigFile(filepath.Join(deployed, file))
	if err != nil {
		t.Fatal(err)
	}
	options.Host, options.Port, options.HTTPPort, options.HTTPHost = "127.0.0.1", server.RANDOM_PORT, 0, ""
	options.StoreDir, options.NoSigs, options.NoLog = t.TempDir(), true, true
	if change != nil {
		change(options)
	}
	return startWith(t, options)
}

// startWith starts a server, also one that was stopped, with the options it had.
func startWith(t *testing.T, options *server.Options) *server.Server {
	t.Helper()
	s, err := server.NewServer(options.Clone())
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { stopServer(s) })
	return s
}

func stopServer(s *server.Server) {
	s.Shutdown()
	s.WaitForShutdown()
}

// startOne starts a single server.
func startOne(t *testing.T) *server.Server {
	t.Helper()
	setPasswords(t)
	s := startServer(t, "single.conf", nil)
	if !s.ReadyForConnections(time.Minute) {
		t.Fatal("the server did not start")
	}
	return s
}

// freePorts gives ports that nobody listens to.
func freePorts(t *testing.T, n int) []int {
	t.Helper()
	var ports []int
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = l.Close() }() // all at the end, so that they differ
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports
}

// cluster is three servers and how each was started.
type cluster struct {
	servers []*server.Server
	options []*server.Options
}

// startCluster starts three servers that know each other.
func startCluster(t *testing.T) *cluster {
	t.Helper()
	setPasswords(t)
	free := freePorts(t, 6)
	ports, clients := free[:3], free[3:] // a server that comes again is found where it was
	for i, port := range ports {
		t.Setenv(fmt.Sprintf("STET_NATS_ROUTE_%d", i+1), fmt.Sprintf(`"nats://route:%s@127.0.0.1:%d"`, secret("route"), port))
	}
	c := &cluster{}
	for i, port := range ports {
		t.Setenv("STET_NATS_NAME", fmt.Sprintf("nats-%d", i+1))
		c.servers = append(c.servers, startServer(t, "cluster.conf", func(o *server.Options) {
			o.Cluster.Host, o.Cluster.Port = "127.0.0.1", port
			o.Port = clients[i]
			c.options = append(c.options, o)
		}))
	}
	for _, s := range c.servers {
		if !s.ReadyForConnections(time.Minute) {
			t.Fatal("a server did not start")
		}
	}
	eventually(t, "the cluster has a leader that sees all three", func() bool {
		for _, s := range c.servers {
			if s.JetStreamIsLeader() {
				return len(s.JetStreamClusterPeers()) == 3
			}
		}
		return false
	})
	return c
}

// eventually waits for something that nothing announces. It fails after a minute.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for deadline := time.Now().Add(time.Minute); !holds(); <-ticker.C {
		if time.Now().After(deadline) {
			t.Fatalf("after a minute still not: %s", what)
		}
	}
}

// record is a log that a test reads.
type record struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (r *record) Write(p []byte) (int, error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.text.Write(p)
}

func (r *record) lines() []string {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return strings.Split(strings.TrimSpace(r.text.String()), "\n")
}

// has says whether a line holds all the words.
func (r *record) has(words ...string) bool {
	for _, line := range r.lines() {
		all := true
		for _, w := range words {
			all = all && strings.Contains(line, w)
		}
		if all {
			return true
		}
	}
	return false
}

// connectAs connects as a role's user and gives what the connection logs.
func connectAs(t *testing.T, role eventbus.Role, servers ...*server.Server) (*nats.Conn, *slog.Logger, *record) {
	t.Helper()
	var urls []string
	for _, s := range servers {
		urls = append(urls, s.ClientURL())
	}
	seen := &record{}
	log := slog.New(slog.NewTextHandler(seen, nil))
	options := append(eventbus.ConnectOptions(role.Name(), log), nats.RetryOnFailedConnect(false))
	options = append(options, nats.UserInfo(role.Name(), secret(role.Name())))
	nc, err := nats.Connect(strings.Join(urls, ","), options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	return nc, log, seen
}

// openAs gives the bus of a role.
func openAs(t *testing.T, role eventbus.Role, servers ...*server.Server) (*eventbus.Bus, *nats.Conn, *record) {
	t.Helper()
	nc, log, seen := connectAs(t, role, servers...)
	bus, err := eventbus.Open(t.Context(), nc, role, log)
	if err != nil {
		t.Fatal(err)
	}
	return bus, nc, seen
}

func provision(t *testing.T, replicas int, servers ...*server.Server) []string {
	t.Helper()
	nc, _, seen := connectAs(t, eventbus.Provisioner, servers...)
	changes, err := eventbus.Provision(t.Context(), nc, eventbus.ProvisionOptions{Replicas: replicas})
	if err != nil {
		t.Fatalf("provisioning: %v; the log says %s", err, seen.lines())
	}
	return changes
}

func TestTheShippedConfigurationHoldsNoSecret(t *testing.T) {
	for _, name := range []string{"accounts.conf", "single.conf", "cluster.conf"} {
		data, err := os.ReadFile(filepath.Join(deployed, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(string(data), "\n") {
			if _, value, ok := strings.Cut(line, "password:"); ok && !strings.HasPrefix(strings.TrimSpace(value), "$STET_NATS_") {
				t.Errorf("%s has a password that does not come from the environment: %s", name, line)
			}
		}
	}
}
