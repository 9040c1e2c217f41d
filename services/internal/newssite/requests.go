package newssite

import (
	"net/http"
	"slices"
	"sync"
	"time"
)

// Request is what a visitor asked of a publisher.
type Request struct {
	At              time.Time // when it came in, by the site's clock
	Publisher       string
	Method          string
	Host            string
	Path            string // with the query
	IfNoneMatch     string
	IfModifiedSince string
	UserAgent       string
	Status          int // 0 while it is being answered, and for faults that break off
	InFlight        int // requests this publisher was answering when this one came in, itself included
}

// requestsKept bounds the log: at 200 bytes a request, 20 MB.
const requestsKept = 100_000

// requestLog keeps the newest requests, in the order in which they came in.
type requestLog struct {
	mu       sync.Mutex
	requests []*Request
}

func (l *requestLog) begin(r *Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.requests) >= requestsKept {
		l.requests = slices.Delete(l.requests, 0, requestsKept/2)
	}
	l.requests = append(l.requests, r)
}

func (l *requestLog) end(r *Request, status int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r.Status = status
}

// Requests is the log of requests to all publishers, oldest first; at least the newest 50,000 are kept.
func (s *Site) Requests() []Request {
	s.requests.mu.Lock()
	defer s.requests.mu.Unlock()
	all := make([]Request, len(s.requests.requests))
	for i, r := range s.requests.requests {
		all[i] = *r
	}
	return all
}

// statusWriter remembers the status that was sent.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
