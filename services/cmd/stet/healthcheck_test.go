package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestHealthcheckPassesTheReasonsOn(t *testing.T) {
	ready := true
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if !ready {
			http.Error(w, "not ready: NATS: nobody answers", http.StatusServiceUnavailable)
		}
	}))
	defer server.Close()
	u := newUser(t)
	if _, complaint, code := u.stet("healthcheck", server.URL); code != exitOK {
		t.Errorf("of one that is ready: %d %s", code, complaint)
	}
	ready = false
	if _, complaint, code := u.stet("healthcheck", server.URL); code != exitError || !strings.Contains(complaint, "nobody answers") {
		t.Errorf("of one that is not: %d %s", code, complaint)
	}
	server.Close()
	if _, complaint, code := u.stet("healthcheck", server.URL); code != exitError || !strings.Contains(complaint, "nobody answers:") {
		t.Errorf("of nobody: %d %s", code, complaint)
	}
}
