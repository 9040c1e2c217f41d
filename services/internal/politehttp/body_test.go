package politehttp

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"io"
	"log"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

func quiet(t *testing.T) *log.Logger {
	t.Helper()
	return log.New(io.Discard, "", 0)
}

func compress(t *testing.T, coding string, body []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	var w io.WriteCloser
	var err error
	switch coding {
	case "gzip":
		w = gzip.NewWriter(&out)
	case "br":
		w = brotli.NewWriter(&out)
	case "zstd":
		w, err = zstd.NewWriter(&out, zstd.WithEncoderConcurrency(1))
	case "zlib":
		w = zlib.NewWriter(&out)
	case "flate":
		w, err = flate.NewWriter(&out, flate.DefaultCompression)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestContentCodings(t *testing.T) {
	text := []byte(strings.Repeat("The harbour bridge stays closed until Friday. ", 200))
	zipped := compress(t, "gzip", text)
	bomb := bytes.Repeat([]byte{0}, 8<<20)
	for _, test := range []struct {
		name, header string
		body         []byte
		want         Outcome
	}{
		{"plain", "", text, OK},
		{"identity", "identity", text, OK},
		{"gzip", "gzip", zipped, OK},
		{"x-gzip", "X-GZIP", zipped, OK},
		{"brotli", "br", compress(t, "br", text), OK},
		{"zstd", "zstd", compress(t, "zstd", text), OK},
		{"deflate", "deflate", compress(t, "zlib", text), OK},
		{"bare deflate", "deflate", compress(t, "flate", text), OK},
		{"twice", "br, gzip", compress(t, "gzip", compress(t, "br", text)), OK},
		{"three times", "gzip, gzip, gzip", text, BadEncoding},
		{"unknown", "lzma", text, BadEncoding},
		{"not what it says", "gzip", text, BadEncoding},
		{"cut short", "gzip", zipped[:len(zipped)/2], BadEncoding},
		{"gzip bomb", "gzip", compress(t, "gzip", bomb), TooLarge},
		{"brotli bomb", "br", compress(t, "br", bomb), TooLarge},
		{"zstd bomb", "zstd", compress(t, "zstd", bomb), TooLarge},
		{"large", "", bytes.Repeat([]byte("x"), 2<<20+1), TooLarge},
		{"large in the end", "gzip", compress(t, "gzip", varied(3<<20)), TooLarge},
	} {
		client, address := site(t, Config{MaxBody: 2 << 20}, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", test.header)
			_, _ = w.Write(test.body)
		})
		response := do(t, client, Request{URL: address})
		if response.Outcome != test.want {
			t.Errorf("%s: %v (%s), want %v", test.name, response.Outcome, response.Reason, test.want)
		}
		if test.want == OK && !bytes.Equal(response.Body, text) {
			t.Errorf("%s: the body came out as %.60q", test.name, response.Body)
		}
		if test.want != OK && response.Body != nil {
			t.Errorf("%s: %d bytes of a body that failed", test.name, len(response.Body))
		}
	}
}

// The ratio must catch what the size alone lets through.
func TestRatio(t *testing.T) {
	bomb := compress(t, "gzip", bytes.Repeat([]byte{0}, 8<<20))
	client, address := site(t, Config{MaxRatio: 100}, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(bomb)
	})
	if response := do(t, client, Request{URL: address}); response.Outcome != TooLarge || !strings.Contains(response.Reason, "bomb") {
		t.Errorf("got %v: %s", response.Outcome, response.Reason)
	}
}

// varied is text that compresses by about two.
func varied(size int) []byte {
	out := make([]byte, size)
	state := uint32(1)
	for i := range out {
		state = state*1664525 + 1013904223
		out[i] = "abcdefghijklmnop"[state>>28]
	}
	return out
}

func TestEmptyBodyWithCoding(t *testing.T) {
	client, address := site(t, Config{}, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
	})
	if response := do(t, client, Request{URL: address}); response.Outcome != OK || len(response.Body) != 0 {
		t.Errorf("got %v with %d bytes", response.Outcome, len(response.Body))
	}
}

func TestEndlessBody(t *testing.T) {
	ended := make(chan struct{})
	client, address := site(t, Config{MaxBody: 1 << 20}, func(w http.ResponseWriter, r *http.Request) {
		defer close(ended)
		for r.Context().Err() == nil {
			if _, err := w.Write(make([]byte, 64<<10)); err != nil {
				return
			}
		}
	})
	if response := do(t, client, Request{URL: address}); response.Outcome != TooLarge {
		t.Errorf("got %v", response.Outcome)
	}
	<-ended
}

func TestEmptyGzipMembersWithoutEnd(t *testing.T) {
	member := bytes.Repeat(compress(t, "gzip", nil), 2000)
	client, address := site(t, Config{MaxBody: 1 << 20}, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		for {
			if _, err := w.Write(member); err != nil {
				return
			}
		}
	})
	if response := do(t, client, Request{URL: address}); response.Outcome != TooLarge {
		t.Errorf("got %v", response.Outcome)
	}
}

func TestBrokenOff(t *testing.T) {
	client, address := site(t, Config{}, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, "only this")
	})
	response := do(t, client, Request{URL: address})
	if response.Outcome != Unreachable || !strings.Contains(response.Reason, "broke") {
		t.Errorf("got %v: %s", response.Outcome, response.Reason)
	}
}

func TestLargeHeaders(t *testing.T) {
	client, address := site(t, Config{}, func(w http.ResponseWriter, _ *http.Request) {
		for range 20 {
			w.Header().Add("X-Padding", strings.Repeat("x", 5000))
		}
	})
	if response := do(t, client, Request{URL: address}); response.Outcome != TooLarge {
		t.Errorf("got %v: %s", response.Outcome, response.Reason)
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"": 0, "60": time.Minute, " 1.5 ": 1500 * time.Millisecond, "-5": 0, "NaN": 0, "soon": 0,
		"317100": maxRetryAfter, "1e300": maxRetryAfter, "+Inf": maxRetryAfter,
		"Mon, 04 May 2026 12:10:00 GMT": 10 * time.Minute,
		"Mon, 04 May 2026 11:00:00 GMT": 0,
		"Mon, 04 May 2099 12:10:00 GMT": maxRetryAfter,
	} {
		if got := retryAfter(value, now); got != want {
			t.Errorf("%q: %v, want %v", value, got, want)
		}
	}
}

func TestOutcomeNames(t *testing.T) {
	seen := map[string]bool{}
	for outcome := OK; outcome <= BadEncoding; outcome++ {
		name := outcome.String()
		if seen[name] || name == Outcome(0).String() {
			t.Errorf("outcome %d is named %q", outcome, name)
		}
		seen[name] = true
	}
	if Outcome(99).String() != Outcome(0).String() {
		t.Error("an unknown outcome has a name")
	}
}
