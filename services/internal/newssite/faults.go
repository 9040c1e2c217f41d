package newssite

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"strings"
	"sync"
)

// Fault is a way for a page or a feed to go wrong.
type Fault string

// The faults. The comment says what differs between a page and a feed.
const (
	NoFault      Fault = ""
	Status500    Fault = "status 500"
	LoginWall    Fault = "login wall"    // 200 and HTML that asks to sign in, for a feed too
	PDF          Fault = "pdf"           // 200 and the beginning of a PDF
	EndlessBody  Fault = "endless body"  // goes on until the visitor leaves
	WrongCharset Fault = "wrong charset" // says UTF-8, sends Latin-1
	Empty        Fault = "empty"         // 200 and nothing
	Slow         Fault = "slow"          // half the page or feed, then nothing until the visitor leaves
	GzipBomb     Fault = "gzip bomb"     // 512 MB out of half a megabyte
	Truncated    Fault = "truncated"     // two thirds of the page or feed, then a proper end
	Huge         Fault = "huge"          // 50 MB
	RedirectLoop Fault = "redirect loop"
	ConsentWall  Fault = "consent wall" // a redirect to one page for all, which is as long as an article
)

func (p *Publisher) serveFault(w http.ResponseWriter, r *http.Request, f found) {
	body, err := p.renderStory(r.Host, f)
	if err != nil {
		http.Error(w, "the page could not be made", http.StatusInternalServerError)
		return
	}
	p.fail(w, r, f.fault, answer{contentType: "text/html; charset=utf-8", body: body})
}

func (p *Publisher) serveFeedFault(w http.ResponseWriter, r *http.Request, fault Fault, body []byte) {
	p.fail(w, r, fault, answer{contentType: p.house.feed.contentType(), body: body})
}

// fail answers with a fault instead of the healthy answer.
func (p *Publisher) fail(w http.ResponseWriter, r *http.Request, fault Fault, healthy answer) {
	h := w.Header()
	h.Set("Content-Type", healthy.contentType)
	switch fault {
	case Status500:
		http.Error(w, "internal error", http.StatusInternalServerError)
	case LoginWall:
		h.Set("Content-Type", "text/html; charset=utf-8")
		write(w, []byte(loginPage(p.name)))
	case ConsentWall:
		http.Redirect(w, r, consentPath, http.StatusMovedPermanently)
	case PDF:
		h.Set("Content-Type", "application/pdf")
		write(w, []byte("%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n"))
	case WrongCharset:
		write(w, latin1(healthy.body))
	case Empty:
		h.Set("Content-Length", "0")
		w.WriteHeader(http.StatusOK)
	case Truncated:
		write(w, healthy.body[:len(healthy.body)*2/3])
	case RedirectLoop:
		http.Redirect(w, r, r.URL.Path+"?again="+fmt.Sprint(p.hits.Add(1)), http.StatusFound)
	case Slow:
		write(w, healthy.body[:len(healthy.body)/2])
		_ = http.NewResponseController(w).Flush() // a visitor that has left notices nothing
		<-r.Context().Done()
	case EndlessBody:
		write(w, healthy.body)
		repeat(w, r, filler(), -1)
	case Huge:
		write(w, healthy.body)
		repeat(w, r, filler(), 50<<20/len(filler()))
	case GzipBomb:
		h.Set("Content-Encoding", "gzip")
		write(w, compress(healthy.body))
		repeat(w, r, bomb(), bombMembers)
	default:
		http.Error(w, "unknown fault", http.StatusNotImplemented)
	}
}

// write ignores errors: they only say that the visitor has left.
func write(w http.ResponseWriter, body []byte) { _, _ = w.Write(body) }

// repeat sends a chunk so many times, for ever where times is negative, until the visitor leaves.
func repeat(w http.ResponseWriter, r *http.Request, chunk []byte, times int) {
	for i := 0; i != times; i++ {
		if _, err := w.Write(chunk); err != nil || r.Context().Err() != nil {
			return
		}
	}
}

// filler is 64 KB of harmless text.
var filler = sync.OnceValue(func() []byte {
	return bytes.Repeat([]byte("<!-- the presses roll and roll and roll -->\n     "), 64<<10/48)
})

// bombMembers times bombMember is 512 MB.
const (
	bombMembers = 32
	bombMember  = 16 << 20
)

// bomb is one gzip member of spaces; members may follow each other in a stream.
var bomb = sync.OnceValue(func() []byte {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is valid
	chunk := bytes.Repeat([]byte(" "), 1<<20)
	for range bombMember / len(chunk) {
		_, _ = z.Write(chunk) // a bytes.Buffer never fails
	}
	_ = z.Close()
	return b.Bytes()
})

// latin1 writes a text in ISO 8859-1, with "?" for what it lacks.
func latin1(text []byte) []byte {
	var b bytes.Buffer
	for _, r := range string(text) {
		if r > 0xff {
			r = '?'
		}
		b.WriteByte(byte(r))
	}
	return b.Bytes()
}

func loginPage(name string) string {
	return strings.ReplaceAll(`<!doctype html><html lang="en"><head><title>Sign in - NAME</title>
<meta name="robots" content="noindex"></head><body><main><h1>Sign in to go on reading</h1>
<p>You have read your free stories for this month. Sign in, or take a subscription from a pound a week.</p>
<form method="post" action="/account/login"><label>E-mail <input name="email" type="email"></label>
<label>Password <input name="password" type="password"></label><button>Sign in</button></form></main></body></html>
`, "NAME", name)
}
