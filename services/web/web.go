package web

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/stetnews/stet/proto/client"
)

// Config says where the pages are.
type Config struct {
	Listen    string      // host:port; port 0 takes a free one
	PublicURL string      // how readers reach the pages, for feeds; empty is the address listened at
	TLS       *tls.Config // nil serves plain HTTP
}

// Deps is what the pages are made of.
type Deps struct {
	Query *client.Client
	Log   *slog.Logger // nil logs nothing
}

// Service serves the pages.
type Service struct {
	query    answers
	log      *slog.Logger
	listener net.Listener
	tls      *tls.Config // nil for plain HTTP
	base     string      // absolute URL of the front page without the last slash
	host     string      // of base, for the ids of feeds
	pages    pages
	css      []byte
}

// New binds the listener, so that an address in use is told at once, and reads the templates.
func New(config Config, deps Deps) (*Service, error) {
	if deps.Query == nil {
		return nil, errors.New("web needs a client of the query service")
	}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	if err := checkPublicURL(config.PublicURL); err != nil {
		return nil, err
	}
	s := &Service{query: answers{deps.Query}, log: deps.Log}
	if err := s.load(); err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", config.Listen)
	if err != nil {
		return nil, fmt.Errorf("the pages cannot be served at %s; choose another address with --web: %w", config.Listen, err)
	}
	s.listener, s.tls = listener, config.TLS
	s.base = strings.TrimRight(config.PublicURL, "/")
	if s.base == "" {
		s.base = s.URL()
	}
	if u, err := url.Parse(s.base); err == nil {
		s.host = u.Hostname()
	}
	return s, nil
}

func (s *Service) scheme() string {
	if s.tls != nil {
		return "https"
	}
	return "http"
}

func checkPublicURL(text string) error {
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("%q is no public URL for the pages: it must look like https://example.org", text)
	}
	return nil
}

// reachable turns an address that means every interface into one that a browser on this machine can open.
func reachable(address string) string {
	host, port, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err == nil && ip != nil && ip.IsUnspecified() {
		return net.JoinHostPort("localhost", port)
	}
	return address
}

// Addr is the address listened at, valid after New.
func (s *Service) Addr() string { return s.listener.Addr().String() }

// URL is the front page as a browser on this machine opens it.
func (s *Service) URL() string { return s.scheme() + "://" + reachable(s.Addr()) }

// How long a reader's connection may take. Pages are made in milliseconds; the whole time is for slow lines.
const (
	headerTimeout  = 5 * time.Second
	readTimeout    = 10 * time.Second
	writeTimeout   = time.Minute
	idleTimeout    = 2 * time.Minute
	answerTimeout  = 20 * time.Second
	stopTimeout    = 3 * time.Second
	maxHeaderBytes = 64 << 10
)

// Run serves until the context ends, then lets pages under way finish for at most three seconds.
func (s *Service) Run(ctx context.Context) error {
	server := &http.Server{
		Handler:           s.Handler(),
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
	served := make(chan error, 1)
	go func() { served <- s.serve(server) }()
	s.log.Debug("serving pages", "url", s.base, "address", s.Addr())
	select {
	case err := <-served:
		return fmt.Errorf("serving pages: %w", err)
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	if err := server.Shutdown(stop); err != nil {
		// Readers on slow lines are cut off; that is no failure of the service.
		_ = server.Close()
	}
	<-served
	return nil
}

func (s *Service) serve(server *http.Server) error {
	if s.tls == nil {
		return server.Serve(s.listener)
	}
	server.TLSConfig = s.tls
	return server.ServeTLS(s.listener, "", "")
}

// Handler is the whole site, with its protections.
func (s *Service) Handler() http.Handler {
	mux := http.NewServeMux()
	page := func(pattern string, h func(http.ResponseWriter, *http.Request) error) {
		mux.HandleFunc("GET "+pattern, func(w http.ResponseWriter, r *http.Request) {
			if err := h(w, r); err != nil {
				s.fail(w, r, err)
			}
		})
	}
	page("/{$}", s.home)
	page("/source/{name}", s.source)
	page("/article/{id}", s.article)
	page("/article/{id}/diff", s.pick)
	page("/article/{id}/diff/{range}", s.diff)
	page("/article/{id}/version/{n}", s.version)
	page("/article/{id}/checks", s.checks)
	page("/search", s.search)
	page("/feeds", s.feeds)
	page("/feeds/{id}", s.polls)
	page("/feeds.opml", s.opml)
	page("/atom.xml", s.atomHome)
	page("/source/{name}/atom.xml", s.atomSource)
	page("/article/{id}/atom.xml", s.atomArticle)
	page("/search/atom.xml", s.atomSearch)
	page("/static/stet.css", s.stylesheet)
	page("/readyz", s.ready)
	page("/healthz", func(w http.ResponseWriter, _ *http.Request) error { return plain(w, "ok\n") })
	page("/", func(http.ResponseWriter, *http.Request) error { return errNoPage })
	return s.protect(mux)
}

// contentPolicy lets a page load the style sheet and pictures of its own host and send its forms there, nothing else:
// even text that slipped through the escaping could run no script.
const contentPolicy = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// protect adds the headers of every answer, a deadline, and a page instead of a broken connection after a panic.
func (s *Service) protect(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		ctx, cancel := context.WithTimeout(r.Context(), answerTimeout)
		defer cancel()
		r = r.WithContext(ctx)
		defer func() {
			if cause := recover(); cause != nil {
				s.fail(w, r, fmt.Errorf("making the page: %v", cause))
			}
		}()
		next.ServeHTTP(w, r)
	})
}

func (s *Service) stylesheet(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	_, err := w.Write(s.css)
	return ignoreBroken(err)
}

// ready answers 200 when the query service answers.
func (s *Service) ready(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if _, err := s.query.status(ctx); err != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		return plain(w, "the query service does not answer\n")
	}
	return plain(w, "ready\n")
}

func plain(w http.ResponseWriter, text string) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, err := w.Write([]byte(text))
	return ignoreBroken(err)
}

// ignoreBroken drops the error of writing to a reader who has gone: there is nobody to tell.
func ignoreBroken(error) error { return nil }
