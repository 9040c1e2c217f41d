package eventbus

import (
	"errors"
	"log/slog"
	"regexp"
	"time"

	"github.com/nats-io/nats.go"
)

// ConnectOptions are the options with which a service connects to a server outside: its name, an inbox of its own (the
// only subjects on which its user may listen), reconnection without end, and a line in the log for every change and for
// everything the server refuses. The name is that of the role whose user connects.
func ConnectOptions(service string, log *slog.Logger) []nats.Option {
	log = log.With("service", service)
	return []nats.Option{
		nats.Name(service),
		nats.CustomInboxPrefix(inboxPrefix(service)),
		nats.RetryOnFailedConnect(true),
		nats.MaxReconnects(-1),
		nats.IgnoreAuthErrorAbort(), // a password that is being changed is right again later
		nats.ReconnectWait(500 * time.Millisecond),
		nats.ReconnectJitter(500*time.Millisecond, time.Second),
		// A connection that is cut without a word is given up after a minute: the unanswered pings are counted.
		nats.PingInterval(20 * time.Second),
		nats.MaxPingsOutstanding(2),
		nats.ErrorHandler(func(_ *nats.Conn, s *nats.Subscription, err error) { logAsync(log, s, err) }),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil { // none where the program itself closes
				log.Warn("the connection to NATS is lost; trying again until it is back", "error", err)
			}
		}),
		nats.ReconnectHandler(func(nc *nats.Conn) {
			log.Info("connected to NATS again", "server", nc.ConnectedServerName())
		}),
	}
}

func inboxPrefix(service string) string { return "_INBOX_" + service }

// refusal is how the server words a permission that is missing; the client passes its words on.
var refusal = regexp.MustCompile(`(?i)permissions violation for (publish|subscription) to "([^"]+)"`)

// logAsync writes what the server or the client says apart from any answer. A refused publish is told here alone: its
// caller waits in vain.
func logAsync(log *slog.Logger, s *nats.Subscription, err error) {
	if m := refusal.FindStringSubmatch(err.Error()); m != nil && errors.Is(err, nats.ErrPermissionViolation) {
		log.Error("NATS refuses this to the service's user: see its permissions in the server's configuration, "+
			"or whether it is the right user", "action", m[1], "subject", m[2])
		return
	}
	if s != nil {
		log = log.With("subject", s.Subject)
	}
	log.Warn("NATS reports a trouble", "error", err)
}
