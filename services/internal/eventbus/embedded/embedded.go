// Package embedded runs a NATS server with JetStream inside the process, without a listening port.
package embedded

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/stetnews/stet/services/internal/eventbus"
)

// Config says where and how the server stores.
type Config struct {
	Folder     string // JetStream's files; one server at a time
	SyncAlways bool   // every acknowledged message is on disk, also after a power failure
	Log        *slog.Logger
}

// Server is a running server.
type Server struct{ server *server.Server }

// unlimitedStore leaves the bound to each stream's own MaxBytes: the server would otherwise refuse streams whose
// bounds, never meant to be reached together, add up to more than the free disk.
const unlimitedStore = 1 << 50

// Start starts a server and waits until it answers.
func Start(c Config) (*Server, error) {
	s, err := server.NewServer(&server.Options{
		ServerName: "stet", DontListen: true, NoSigs: true, NoSystemAccount: true,
		JetStream: true, StoreDir: c.Folder, SyncAlways: c.SyncAlways,
		JetStreamMaxMemory: 256 << 20, JetStreamMaxStore: unlimitedStore, MaxPayload: eventbus.MaxPayload,
	})
	if err != nil {
		return nil, fmt.Errorf("configuring NATS: %w", err)
	}
	s.SetLoggerV2(logger{c.Log}, false, false, false)
	s.Start()
	if !s.ReadyForConnections(30 * time.Second) {
		s.Shutdown()
		return nil, fmt.Errorf("NATS did not start within 30 s with its files in %s: see the messages above, and whether the disk is full or read-only", c.Folder)
	}
	return &Server{s}, nil
}

// Connect opens a connection inside the process.
func (s *Server) Connect(name string) (*nats.Conn, error) {
	nc, err := nats.Connect("", nats.InProcessServer(s.server), nats.Name(name), nats.MaxReconnects(-1))
	if err != nil {
		return nil, fmt.Errorf("connecting to NATS inside the process: %w", err)
	}
	return nc, nil
}

// Stop stops the server and waits until its files are closed.
func (s *Server) Stop() {
	s.server.Shutdown()
	s.server.WaitForShutdown()
}

// logger passes the server's warnings and errors on; its notices are for operators of servers.
type logger struct{ log *slog.Logger }

func (l logger) Noticef(format string, v ...any) { l.log.Debug(fmt.Sprintf(format, v...)) }
func (l logger) Warnf(format string, v ...any)   { l.log.Warn(fmt.Sprintf(format, v...)) }
func (l logger) Errorf(format string, v ...any)  { l.log.Error(fmt.Sprintf(format, v...)) }
func (l logger) Fatalf(format string, v ...any)  { l.log.Error(fmt.Sprintf(format, v...)) }
func (l logger) Debugf(string, ...any)           {}
func (l logger) Tracef(string, ...any)           {}
