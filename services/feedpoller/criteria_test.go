package feedpoller

import (
	"compress/gzip"
	"context"
	"fmt"
	"maps"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestAGoodFeedReader has the 33 criteria by which feed readers are judged, each against a publisher by a script, for
// thirty days of simulated time in which the poller dies five times, at operations of the store that it has half done.
// The client and the poller are the real ones.
func TestAGoodFeedReader(t *testing.T) {
	t.Run("01 one unconditional request ever", func(t *testing.T) {
		s, m := month(t, careful)
		unconditional := 0
		for _, v := range s.visits {
			if !v.asks() {
				unconditional++
			}
		}
		// A poller that dies between the answer and the memory of it cannot know of it.
		lost := 0
		if s.forgot(s.visits[0]) {
			lost = 1
		}
		if unconditional-lost != 1 {
			t.Errorf("%d unconditional requests, %d of them because the process died before it knew the answer", unconditional, lost)
		}
		if len(m.items) < 30*4-8 {
			t.Errorf("%d items of %d came through", len(m.items), 30*4)
		}
	})
	t.Run("02 If-Modified-Since is what was received", func(t *testing.T) {
		s, _ := month(t, careful)
		s.every(t, "made up", func(v visit) bool { return v.modified() == "" || said(s, v, "Last-Modified", v.modified()) })
	})
	t.Run("03 If-None-Match is what was received", func(t *testing.T) {
		s, _ := month(t, careful)
		s.every(t, "made up", func(v visit) bool { return v.etag() == "" || said(s, v, "ETag", v.etag()) })
	})
	t.Run("04 both, one or none", func(t *testing.T) {
		for _, only := range []string{"ETag", "Last-Modified", "both", "none"} {
			s, _ := month(t, func(s *site, v visit, w http.ResponseWriter) {
				etag, modified := validators(s.edition(v))
				if only == "ETag" || only == "both" {
					w.Header()["Etag"] = []string{etag}
				}
				if only == "Last-Modified" || only == "both" {
					w.Header()["Last-Modified"] = []string{modified}
				}
				write(w, s.edition(v), "")
			})
			sent := s.visits[len(s.visits)-1]
			if (sent.etag() != "") != (only == "ETag" || only == "both") || (sent.modified() != "") != (only == "Last-Modified" || only == "both") {
				t.Errorf("%s known, sent %v", only, sent.header)
			}
		}
	})
	t.Run("05 never an older validator after a newer", func(t *testing.T) {
		s, _ := month(t, careful)
		newest := -1
		for _, v := range s.visits {
			edition := -1
			_, _ = fmt.Sscanf(v.etag(), `W/"edition %d"-gzip`, &edition)
			if edition < newest {
				t.Fatalf("edition %d was asked for after %d", edition, newest)
			}
			newest = edition
		}
	})
	t.Run("06 a new ETag with the old Last-Modified", func(t *testing.T) {
		s, _ := month(t, func(s *site, v visit, w http.ResponseWriter) {
			etag, _ := validators(v.number)
			w.Header()["Etag"], w.Header()["Last-Modified"] = []string{etag}, []string{"Mon, 04 May 2026 10:00:00 GMT"}
			write(w, s.edition(v), "")
		})
		follows(t, s, "ETag")
	})
	t.Run("07 touched without a change", func(t *testing.T) {
		s, m := month(t, func(_ *site, v visit, w http.ResponseWriter) {
			etag, modified := validators(v.number)
			w.Header()["Etag"], w.Header()["Last-Modified"] = []string{etag}, []string{modified}
			write(w, 0, "")
		})
		follows(t, s, "ETag")
		if len(m.items) > 20 { // a crash may repeat the ten of the first poll
			t.Errorf("%d items of a feed that never changed", len(m.items))
		}
	})
	t.Run("08 validators of a 304 are taken", func(t *testing.T) {
		s, _ := month(t, func(_ *site, v visit, w http.ResponseWriter) {
			etag, modified := validators(v.number)
			w.Header()["Etag"], w.Header()["Last-Modified"] = []string{etag}, []string{modified}
			if v.asks() {
				w.WriteHeader(http.StatusNotModified)
				return
			}
			write(w, 0, "")
		})
		follows(t, s, "ETag")
	})
	t.Run("09 a validator that the server drops is dropped", func(t *testing.T) {
		s, _ := month(t, func(s *site, v visit, w http.ResponseWriter) {
			if v.number < 5 {
				w.Header()["Etag"] = []string{`"early"`}
			}
			w.Header()["Last-Modified"] = []string{"Mon, 04 May 2026 10:00:00 GMT"}
			write(w, v.number, "")
		})
		if last := s.visits[len(s.visits)-1]; last.etag() != "" || last.modified() == "" {
			t.Errorf("still sent: %v", last.header)
		}
	})
	t.Run("10 validators belong to an address", func(t *testing.T) {
		for _, status := range []int{http.StatusFound, http.StatusMovedPermanently} {
			s, m := month(t, func(s *site, v visit, w http.ResponseWriter) {
				if v.url == paper {
					w.Header()["Etag"] = []string{`"of the redirect"`}
					w.Header().Set("Location", "/moved")
					w.WriteHeader(status)
					return
				}
				careful(s, v, w)
			})
			whole := 0
			for _, v := range s.visits {
				if v.url == paper && v.asks() {
					t.Fatalf("%d: the redirect was asked with what came from elsewhere: %v", status, v.header)
				}
				if v.url != paper && !v.asks() {
					whole++
				}
			}
			if whole > 2 || m.feed(t).URL == paper == (status == http.StatusMovedPermanently) {
				t.Errorf("%d: read whole %d times, the address is now %s", status, whole, m.feed(t).URL)
			}
		}
	})
	t.Run("11 an hour between polls, two if they are whole", func(t *testing.T) {
		s, _ := month(t, careful)
		s.spaced(t, time.Hour, all)
		s, _ = month(t, func(s *site, v visit, w http.ResponseWriter) { write(w, s.edition(v), "") })
		s.spaced(t, 2*time.Hour, all)
		s, _ = month(t, func(s *site, v visit, w http.ResponseWriter) {
			w.Header()["Etag"] = []string{fmt.Sprint(v.number)}
			write(w, s.edition(v), "<ttl>240</ttl>")
		})
		s.spaced(t, 4*time.Hour, all)
	})
	t.Run("12 max-age of a 304", func(t *testing.T) {
		s, _ := month(t, func(s *site, v visit, w http.ResponseWriter) {
			if v.asks() {
				w.Header().Set("Cache-Control", "max-age=28800")
			}
			careful(s, v, w)
		})
		s.spaced(t, 8*time.Hour, behind(http.StatusNotModified))
	})
	t.Run("13 Expires, Age and clocks that are wrong", func(t *testing.T) {
		for name, c := range map[string]struct {
			header map[string]string
			least  time.Duration
			most   time.Duration
		}{
			"zero":             {map[string]string{"Expires": "0"}, time.Hour, 25 * time.Hour},
			"nonsense":         {map[string]string{"Expires": "tomorrow", "Cache-Control": "max-age=soon"}, time.Hour, 25 * time.Hour},
			"age":              {map[string]string{"Cache-Control": "max-age=36000", "Age": "7200"}, 8 * time.Hour, 9 * time.Hour},
			"a clock of 1970":  {map[string]string{"Date": "Thu, 01 Jan 1970 00:00:00 GMT", "Expires": "Thu, 01 Jan 1970 06:00:00 GMT"}, 6 * time.Hour, 25 * time.Hour},
			"a clock of 2099":  {map[string]string{"Date": "Thu, 01 Jan 2099 00:00:00 GMT", "Expires": "Thu, 01 Jan 2099 06:00:00 GMT"}, 6 * time.Hour, 25 * time.Hour},
			"current for ever": {map[string]string{"Cache-Control": "max-age=99999999999999999999"}, time.Hour, 25 * time.Hour},
			"until 2099":       {map[string]string{"Expires": "Thu, 01 Jan 2099 06:00:00 GMT"}, 24 * time.Hour, 25 * time.Hour},
		} {
			s, _ := month(t, func(s *site, v visit, w http.ResponseWriter) {
				for key, value := range c.header {
					w.Header().Set(key, value)
				}
				careful(s, v, w)
			})
			s.spaced(t, c.least, all)
			for i := 1; i < len(s.visits); i++ {
				if gap := s.visits[i].at.Sub(s.visits[i-1].at); gap > c.most && !s.forgot(s.visits[i-1]) {
					t.Errorf("%s: a gap of %v", name, gap)
				}
			}
		}
	})
	t.Run("14 429", func(t *testing.T) { pauses(t, http.StatusTooManyRequests) })
	t.Run("15 503", func(t *testing.T) { pauses(t, http.StatusServiceUnavailable) })
	t.Run("16 403 slows down", func(t *testing.T) {
		s, _ := month(t, func(s *site, v visit, w http.ResponseWriter) {
			if v.number >= 5 {
				w.WriteHeader(http.StatusForbidden)
				return
			}
			careful(s, v, w)
		})
		grow(t, s, http.StatusForbidden)
	})
	t.Run("17 410 stops, 404 backs off", func(t *testing.T) {
		s := &site{script: func(s *site, v visit, w http.ResponseWriter) {
			if v.number >= 5 {
				w.WriteHeader(http.StatusGone)
				return
			}
			careful(s, v, w)
		}}
		simulation{days: 30, urls: []string{paper}, crashes: crashes()[:2], handler: s}.run(t)
		if len(s.visits) != 6 {
			t.Errorf("%d visits, want the sixth to be the last", len(s.visits))
		}
		s, _ = month(t, func(s *site, v visit, w http.ResponseWriter) {
			if v.number >= 5 {
				w.WriteHeader(http.StatusNotFound)
				return
			}
			careful(s, v, w)
		})
		if last := len(s.visits) - 1; s.visits[last].at.Sub(s.visits[last-1].at) < 12*time.Hour {
			t.Errorf("after a month of 404 the gap is %v", s.visits[last].at.Sub(s.visits[last-1].at))
		}
	})
	t.Run("18 skipHours, skipDays and updatePeriod", func(t *testing.T) {
		s, _ := month(t, func(s *site, v visit, w http.ResponseWriter) {
			write(w, s.edition(v), "<skipHours><hour>1</hour><hour>2</hour><hour>3</hour></skipHours><skipDays><day>Sunday</day></skipDays>")
		})
		s.every(t, "in a quiet time", func(v visit) bool {
			known := v.number > 1 || v.number == 1 && !s.forgot(s.visits[0])
			return !known || v.at.UTC().Weekday() != time.Sunday && !slices.Contains([]int{1, 2, 3}, v.at.UTC().Hour())
		})
		s, _ = month(t, func(s *site, v visit, w http.ResponseWriter) {
			write(w, s.edition(v), `<sy:updatePeriod xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">daily</sy:updatePeriod>`+
				`<sy:updateFrequency xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">3</sy:updateFrequency>`)
		})
		s.spaced(t, 8*time.Hour, all)
	})
	t.Run("19 no cookies", func(t *testing.T) {
		s, _ := month(t, func(s *site, v visit, w http.ResponseWriter) {
			http.SetCookie(w, &http.Cookie{Name: "visitor", Value: "1"})
			careful(s, v, w)
		})
		s.every(t, "a cookie", func(v visit) bool { return v.header["Cookie"] == nil })
	})
	t.Run("20 no referrer", func(t *testing.T) {
		s, _ := month(t, func(s *site, v visit, w http.ResponseWriter) {
			if v.url == paper {
				http.Redirect(w, &http.Request{Method: http.MethodGet}, "http://paper.example/other", http.StatusFound)
				return
			}
			careful(s, v, w)
		})
		s.every(t, "a referrer", func(v visit) bool { return v.header["Referer"] == nil })
	})
	t.Run("21 nothing against caches", func(t *testing.T) {
		s, _ := month(t, careful)
		s.every(t, "a trick", func(v visit) bool {
			return v.url == paper && v.header["Cache-Control"] == nil && v.header["Pragma"] == nil
		})
	})
	t.Run("22 one request, whoever else wants it", func(t *testing.T) {
		s := &site{script: careful}
		simulation{days: 30, urls: []string{paper, "http://PAPER.example:80/feed#again"}, crashes: crashes(), handler: s,
			meanwhile: func(m *memory) { // others wake the poller all the time
				for range 30 * 24 * 4 {
					time.Sleep(13 * time.Minute)
					m.mu.Lock()
					for id := range m.feeds {
						m.due[id] = time.Now()
					}
					m.wake()
					m.mu.Unlock()
				}
			}}.run(t)
		s.every(t, "another method", func(v visit) bool { return v.method == http.MethodGet })
		s.spaced(t, time.Hour-early, all)
	})
	t.Run("23 an honest name", func(t *testing.T) {
		s, _ := month(t, careful)
		honest := regexp.MustCompile(`^stet\b.* \(\+https://`)
		s.every(t, "no name", func(v visit) bool { return honest.MatchString(v.header.Get("User-Agent")) })
	})
	t.Run("24 Accept lists feeds", func(t *testing.T) {
		s, _ := month(t, careful)
		s.every(t, "no types", func(v visit) bool {
			accept := v.header.Get("Accept")
			return strings.Contains(accept, "application/rss+xml") && strings.Contains(accept, "application/atom+xml") && strings.Contains(accept, "application/feed+json")
		})
	})
	t.Run("25 compressed answers", func(t *testing.T) {
		s, m := month(t, func(s *site, v visit, w http.ResponseWriter) {
			w.Header().Set("Content-Encoding", "gzip")
			packed := gzip.NewWriter(w)
			write(packing{w, packed}, s.edition(v), "")
			_ = packed.Close()
		})
		s.every(t, "no gzip", func(v visit) bool { return strings.Contains(v.header.Get("Accept-Encoding"), "gzip") })
		if f := m.feed(t); f.Title != "The Harbour Gazette" || f.Error != "" {
			t.Errorf("%q, trouble %q", f.Title, f.Error)
		}
	})
	t.Run("26 no guessing at addresses", func(t *testing.T) {
		s, _ := month(t, func(s *site, v visit, w http.ResponseWriter) {
			switch {
			case v.number < 3:
				careful(s, v, w)
			case v.url == "http://paper.example/":
				_, _ = fmt.Fprint(w, "<!doctype html><title>Paper</title>")
			default:
				w.WriteHeader(http.StatusNotFound)
			}
		})
		asked := map[string]int{}
		for _, v := range s.visits {
			asked[v.url]++
		}
		if len(asked) > 2 || asked["http://paper.example/"] > len(s.visits)/3 {
			t.Errorf("asked for %v", asked)
		}
	})
	t.Run("27 the feed that a page points to, not the page", func(t *testing.T) {
		s, m := month(t, func(s *site, v visit, w http.ResponseWriter) {
			if v.url == paper {
				_, _ = fmt.Fprint(w, `<!doctype html><link rel=alternate type=application/rss+xml href=/real><title>The Harbour Gazette</title>`)
				return
			}
			careful(s, v, w)
		})
		if f := m.feed(t); f.URL != "http://paper.example/real" || f.Items == 0 {
			t.Errorf("read %s with %d items", f.URL, f.Items)
		}
		page := 0
		for _, v := range s.visits {
			if v.url == paper {
				page++
			}
		}
		if page > 2 { // the second time because the poller may have died over the first
			t.Errorf("the page was asked for %d times", page)
		}
	})
	t.Run("28 nobody else comes", func(t *testing.T) {
		s := &site{script: careful}
		_, made := simulation{days: 30, urls: []string{paper}, crashes: crashes(), handler: s}.run(t)
		if hosts := slices.Collect(maps.Keys(made.dialled)); len(hosts) != 1 || hosts[0] != "paper.example:80" {
			t.Errorf("connected to %v", hosts)
		}
	})
	// That one request comes by one of two addresses is tested where connections are made, in package politehttp.
	t.Run("29 no second request where a connection fails", func(t *testing.T) {
		s := &site{script: careful}
		dialled, failed := 0, 0
		simulation{days: 30, urls: []string{paper}, crashes: crashes(), handler: s,
			dialler: func(p *pipes) func(context.Context, string, string) (net.Conn, error) {
				return func(ctx context.Context, network, address string) (net.Conn, error) {
					if dialled++; dialled%3 == 0 {
						failed++
						return nil, net.ErrClosed
					}
					return p.dial(ctx, network, address)
				}
			}}.run(t)
		s.spaced(t, time.Hour, all)
		if failed < 10 {
			t.Errorf("%d connections failed", failed)
		}
	})
	t.Run("30 redirects", func(t *testing.T) {
		for name, c := range map[string]struct {
			script func(s *site, v visit, w http.ResponseWriter)
			most   int // visits for one poll
			reads  bool
		}{
			"five":   {chain(5), 6, true},
			"six":    {chain(6), 6, false},
			"a loop": {chain(-1), 2, false},
			"inside": {func(_ *site, _ visit, w http.ResponseWriter) { sendTo(w, "file:///etc/passwd") }, 1, false},
		} {
			s, m := month(t, c.script)
			polls := 0
			for _, v := range s.visits {
				if v.url == paper {
					polls++
				}
			}
			if f := m.feed(t); (f.Items > 0) != c.reads || len(s.visits) > polls*c.most {
				t.Errorf("%s: %d items, %d visits in %d polls: %s", name, f.Items, len(s.visits), polls, f.Error)
			}
		}
	})
	t.Run("31 a move is believed after it is confirmed", func(t *testing.T) {
		s, m := month(t, func(s *site, v visit, w http.ResponseWriter) {
			if v.url == paper && (v.number == 4 || v.number > 30) { // once by mistake, later for good
				w.Header().Set("Location", "http://other.example/feed")
				w.WriteHeader(http.StatusPermanentRedirect)
				return
			}
			careful(s, v, w)
		})
		asked, last := 0, 0
		for i, v := range s.visits {
			if v.url == paper && v.status == http.StatusPermanentRedirect {
				asked++
				last = i
			}
		}
		if f := m.feed(t); f.URL != "http://other.example/feed" || asked < 1+confirmations || asked > 1+confirmations+1 || last > 60 {
			t.Errorf("the address is %s after %d redirects", f.URL, asked)
		}
		// Another feed at the end of the redirect is no move.
		_, m = month(t, func(s *site, v visit, w http.ResponseWriter) {
			switch {
			case v.url == paper && v.number > 5:
				w.Header().Set("Location", "http://parking.example/")
				w.WriteHeader(http.StatusMovedPermanently)
			case v.url != paper:
				_, _ = fmt.Fprintf(w, `<rss version="2.0"><channel><title>Buy this name</title><item><guid isPermaLink="false">p%d</guid><link>/%d</link></item></channel></rss>`, v.number, v.number)
			default:
				careful(s, v, w)
			}
		})
		if f := m.feed(t); f.URL != paper {
			t.Errorf("moved to %s, which is another feed", f.URL)
		}
	})
	t.Run("32 connections are used again", func(t *testing.T) {
		s := &site{script: careful}
		var list []string
		for n := range 20 {
			list = append(list, fmt.Sprintf("http://paper.example/feed/%d", n))
		}
		_, made := simulation{days: 1, urls: list, handler: s}.run(t)
		if first := made.dialled["paper.example:80"]; s.most > 2 || first*4 > len(s.visits) {
			t.Errorf("%d connections for %d requests, %d at once", first, len(s.visits), s.most)
		}
	})
	t.Run("33 feeds of a host keep apart", func(t *testing.T) {
		s := &site{script: careful}
		simulation{days: 30, urls: []string{paper, paper + "2", paper + "3"}, crashes: crashes(), handler: s}.run(t)
		s.spaced(t, 2*time.Second, all)
	})
}
