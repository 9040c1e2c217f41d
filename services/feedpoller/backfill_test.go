package feedpoller

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// bursts is a paper that publishes 30 stories at once every two days, of which its feed names the newest 10.
func bursts(index bool) func(s *site, v visit, w http.ResponseWriter) {
	return func(s *site, v visit, w http.ResponseWriter) {
		days := 48 * time.Hour
		count := 10 + 30*int(v.at.Sub(s.began)/days)
		switch {
		case v.url == paper:
			var entries []string
			for n := count; n > count-10; n-- {
				entries = append(entries, fmt.Sprintf("%d=Story %d", n, n))
			}
			_, _ = fmt.Fprint(w, rss(entries...))
		case strings.HasSuffix(v.url, "/index.xml") && index:
			_, _ = fmt.Fprint(w, `<sitemapindex><sitemap><loc>/old.xml</loc></sitemap><sitemap><loc>/news.xml</loc></sitemap></sitemapindex>`)
		case strings.HasSuffix(v.url, "/news.xml"):
			_, _ = fmt.Fprint(w, `<urlset xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">`)
			for n := count; n > 0; n-- {
				at := s.began.Add(time.Duration((n+19)/30)*days - time.Minute)
				_, _ = fmt.Fprintf(w, `<url><loc>/story/%d</loc><news:news><news:publication_date>%s</news:publication_date><news:title>Story %d</news:title></news:news></url>`,
					n, at.Format(time.RFC3339), n)
			}
			_, _ = fmt.Fprint(w, `</urlset>`)
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}
}

// What came and went between two polls is found in the site's sitemap, and counted as a gap.
func TestAnOverflowIsFilledFromTheSitemap(t *testing.T) {
	for _, c := range []struct {
		name, robots string
		want         int
	}{
		{"a news sitemap", "Sitemap: /pages.xml\nsitemap: http://paper.example/news.xml\n", 10 + 30*6},
		{"an index of sitemaps", "Sitemap: /index.xml", 10 + 30*6},
		{"none", "", 10 + 10*6},
		{"one that is not there", "Sitemap: /gone.xml", 10 + 10*6},
	} {
		s := &site{script: bursts(true)}
		m, _ := simulation{days: 14, urls: []string{paper}, robots: c.robots, handler: s}.run(t)
		stories := map[string]int{}
		for _, item := range m.items {
			stories[item.URL]++
		}
		if f := m.feed(t); len(stories) != c.want || f.Gaps != 6 || f.Backfill != "" {
			t.Errorf("%s: %d stories of %d, %d gaps, left to do %q", c.name, len(stories), c.want, f.Gaps, f.Backfill)
		}
		for url, times := range stories {
			if times > 1 {
				t.Errorf("%s: %s came %d times", c.name, url, times)
			}
		}
		s.spaced(t, time.Hour, func(before, after visit) bool { return before.url == paper && after.url == paper })
	}
}

// A server that denies every change is found out by reading the feed whole once in a while, and is believed no more.
func TestAServerThatDeniesNewsIsFoundOut(t *testing.T) {
	lies := func(s *site, v visit, w http.ResponseWriter) {
		w.Header().Set("ETag", `"always the same"`)
		if v.asks() && v.at.Sub(s.began) > 5*24*time.Hour {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		write(w, s.edition(v), "")
	}
	s := &site{script: lies}
	m, _ := simulation{days: 60, urls: []string{paper}, handler: s}.run(t)
	if f := m.feed(t); f.Deceptions != maxDeceptions || time.Since(f.LastItem) > 48*time.Hour && f.LastItem.Before(s.began.Add(58*24*time.Hour)) {
		t.Errorf("%d deceptions, the last item came %v after the beginning", f.Deceptions, f.LastItem.Sub(s.began))
	}
	// One that is honest and has nothing to say is asked to repeat itself a few times, ever more seldom.
	silent := &site{script: func(s *site, v visit, w http.ResponseWriter) {
		w.Header().Set("ETag", fmt.Sprint(min(s.edition(v), 20)))
		if v.asks() && v.etag() == fmt.Sprint(min(s.edition(v), 20)) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		write(w, min(s.edition(v), 20), "")
	}}
	m, _ = simulation{days: 60, urls: []string{paper}, handler: silent}.run(t)
	whole := 0
	for _, v := range silent.visits {
		if !v.asks() {
			whole++
		}
	}
	if f := m.feed(t); f.Deceptions != 0 || whole < 3 || whole > 8 {
		t.Errorf("%d deceptions, read whole %d times", f.Deceptions, whole)
	}
}

// A feed that is missed is found again where the site's own page names it.
func TestAFeedThatMovedWithoutAWordIsFoundAgain(t *testing.T) {
	s := &site{script: func(s *site, v visit, w http.ResponseWriter) {
		switch gone := v.at.Sub(s.began) > 3*24*time.Hour; {
		case v.url == paper && !gone, v.url == "http://paper.example/feeds/all" && gone:
			careful(s, v, w)
		case v.url == "http://paper.example/":
			_, _ = fmt.Fprint(w, `<!doctype html><link rel=alternate type=application/rss+xml href=/feed><link rel=alternate type=application/rss+xml href=/podcast>
<link rel=alternate type=application/rss+xml href=/feeds/all>`)
		case v.url == "http://paper.example/podcast":
			_, _ = fmt.Fprint(w, rss("p1=Podcast 1"))
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}}
	m, _ := simulation{days: 14, urls: []string{paper}, handler: s}.run(t)
	if f := m.feed(t); f.URL != "http://paper.example/feeds/all" || f.Error != "" || f.Title != "The Harbour Gazette" {
		t.Errorf("the feed is at %s: %s", f.URL, f.Error)
	}
	s.spaced(t, time.Hour, all)
}
