package newssite

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"
)

// Address is where a publisher is served.
type Address struct{ Name, URL, FeedURL string }

// Serve listens for every publisher on a port of its own, for politeness is owed to each host and port. It returns at
// once; the listeners close when the context ends, and answers under way are broken off. Wait waits for that.
func (s *Site) Serve(ctx context.Context) ([]Address, error) {
	host := s.cfg.Host
	if host == "" {
		host = "127.0.0.1"
	}
	var listeners []net.Listener
	var listen net.ListenConfig
	for i := range s.publishers {
		port := 0
		if s.cfg.Port != 0 {
			port = s.cfg.Port + i
		}
		l, err := listen.Listen(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(port)))
		if err != nil {
			for _, open := range listeners {
				err = errors.Join(err, open.Close())
			}
			return nil, fmt.Errorf("listening for %s: %w", s.publishers[i].name, err)
		}
		listeners = append(listeners, l)
	}
	var addresses []Address
	for i, l := range listeners {
		p := s.publishers[i]
		url := "http://" + l.Addr().String()
		addresses = append(addresses, Address{Name: p.name, URL: url + "/", FeedURL: url + p.FeedPath()})
		s.serve(ctx, l, p.Handler())
	}
	return addresses, nil
}

// Wait returns when everything that Serve started has stopped.
func (s *Site) Wait() { s.servers.Wait() }

func (s *Site) serve(ctx context.Context, l net.Listener, handler http.Handler) {
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute,
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() }) // it is over either way
	s.servers.Go(func() {
		defer stop()
		_ = server.Serve(l) // always says that it was closed, by us
	})
}
