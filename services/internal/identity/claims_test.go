package identity

import (
	"slices"
	"strings"
	"testing"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/politehttp/urls"
)

const headline = "Ferry fares to Brask rise again"

// page is a page of the story about the ferry, with what it calls itself.
func page(names article.Names) *article.Snapshot {
	return &article.Snapshot{Title: headline, Names: names}
}

func canonical(links ...string) *article.Snapshot { return page(article.Names{Canonical: links}) }

// wall is a page that answers for every address.
func wall(links ...string) *article.Snapshot {
	return &article.Snapshot{Title: "Before you go on: your choices", Names: article.Names{Canonical: links, Identifier: "consent-4711"}}
}

// TestClaims is the table of the traps: which keys a reading founds, and which not and why.
func TestClaims(t *testing.T) {
	const story = "https://paper.example/2031/05/ferry-fares-brask-rise"
	for _, c := range []struct {
		name         string
		asked, final string // final empty: as asked
		said         string // the feed's headline
		page         *article.Snapshot
		taken        []string // kind and key, besides the address asked for
		refused      string   // words of a reason
		counted      bool
		itself       string // words of why the page is not the article's
		elsewhere    bool   // it is to be read where it was asked for, not where the redirect led
	}{
		{name: "an address and nothing else", asked: story, page: page(article.Names{})},
		{name: "the canonical link is the address itself", asked: story + "?utm_source=feed", page: canonical(story)},
		{name: "http and https are one key", asked: "http://paper.example/2031/05/ferry-fares-brask-rise", page: canonical(story)},
		{name: "a final dot and capitals in the host are one key", asked: "https://Paper.Example./2031/05/ferry-fares-brask-rise", page: canonical(story)},
		{name: "percent and letters are one key", asked: "https://paper.example/f%C3%A4hre-nach-brask-wieder-teurer", page: canonical("https://paper.example/fähre-nach-brask-wieder-teurer")},
		{name: "www, said by the canonical link", asked: "https://www.paper.example/2031/05/ferry-fares-brask-rise", page: canonical(story),
			taken: []string{"canonical " + story}},
		{name: "m, proven by a redirect", asked: "https://m.paper.example/2031/05/ferry-fares-brask-rise", final: story, page: page(article.Names{}),
			taken: []string{"redirect " + story}},
		{name: "amp as a segment", asked: "https://paper.example/amp/2031/05/ferry-fares-brask-rise", page: canonical(story), taken: []string{"canonical " + story}},
		{name: "amp as a parameter", asked: "https://paper.example/a?id=4711&amp=1", page: canonical("https://paper.example/a?id=4711"),
			taken: []string{"canonical https://paper.example/a?id=4711"}},
		{name: "the page for small screens", asked: story, page: page(article.Names{Canonical: []string{story}, AMP: story + "/amp"}),
			taken: []string{"amp " + story + "/amp"}},
		{name: "that of another site", asked: story, page: page(article.Names{AMP: "https://other.example/amp/ferry-fares-brask-rise"})},
		{name: "a cache's copy of the page for small screens", asked: story,
			page:  page(article.Names{AMP: "https://paper-example.cdn.ampproject.org/c/s/paper.example/amp/ferry-fares-brask-rise"}),
			taken: []string{"amp https://paper.example/amp/ferry-fares-brask-rise"}},
		{name: "a page for printers", asked: "https://paper.example/print/ferry-fares-brask-rise", page: canonical("https://paper.example/ferry-fares-brask-rise"),
			taken: []string{"canonical https://paper.example/ferry-fares-brask-rise"}},
		{name: "a number for each visit", asked: story + "?sid=81ab0", page: canonical(story), taken: []string{"canonical " + story}},
		{name: "the whole query is never dropped", asked: "https://paper.example/story?id=81", said: "Council votes on bins", page: canonical("https://paper.example/story"),
			refused: "nothing in common", counted: true},
		{name: "other articles of one script stay apart", asked: "https://paper.example/story?id=81", said: "Council votes on bins", page: canonical("https://paper.example/story?id=1"),
			refused: "nothing in common", counted: true},
		{name: "case in paths counts", asked: "https://paper.example/X7a", page: canonical("https://paper.example/x7A"), refused: "nothing in common", counted: true},
		{name: "look-alike letters in the host are another site", asked: "https://pаper.example/ferry-fares-brask-rise", page: canonical("https://paper.example/ferry-fares-brask-rise"),
			refused: "another site"},
		{name: "canonical: the home page", asked: story, page: canonical("https://paper.example/"), refused: "home page"},
		{name: "canonical: the home page under another name", asked: story, page: canonical("https://paper.example/index.html"), refused: "home page"},
		{name: "canonical: a section", asked: story, page: &article.Snapshot{Title: "Notes from the harbour", Names: article.Names{Canonical: []string{"https://paper.example/transport"}}},
			refused: "nothing in common", counted: true},
		{name: "canonical: another site", asked: story, page: canonical("https://agency.example/2031/05/ferry-fares-brask-rise"), refused: "another site"},
		{name: "canonical: two neighbours under one public suffix", asked: "https://one.co.uk/ferry-fares-brask-rise", page: canonical("https://two.co.uk/ferry-fares-brask-rise"), refused: "another site"},
		{name: "canonical: several", asked: story, page: canonical(story, "https://paper.example/ferry-fares-brask-rise"), refused: "several"},
		{name: "canonical: the same twice", asked: story, page: canonical(story, story+"?utm_medium=x")},
		{name: "canonical: an absolute one without its scheme", asked: story, page: canonical("paper.example/2031/05/ferry-fares-brask-rise"), refused: "written as a relative one"},
		{name: "canonical: relative", asked: story + "?sid=9", page: canonical("/2031/05/ferry-fares-brask-rise"), taken: []string{"canonical " + story}},
		{name: "canonical: page 2 names the first", asked: story + "?page=2", page: canonical(story), refused: "later one of a series"},
		{name: "canonical: page 3 names the first", asked: story + "/3", page: canonical(story), refused: "later one of a series"},
		{name: "canonical: no address", asked: story, page: canonical("javascript:void(0)", "")},
		{name: "canonical of a page that is not the entry's", asked: story, said: headline, page: wall("https://paper.example/consent"), refused: "nothing in common", counted: true},
		{name: "redirect: a new headline in the address", asked: story, final: "https://paper.example/2031/05/ferry-fares-brask-rise-by-a-tenth", page: page(article.Names{}),
			taken: []string{"redirect https://paper.example/2031/05/ferry-fares-brask-rise-by-a-tenth"}},
		{name: "redirect: the same number", asked: "https://paper.example/a-48151623", final: "https://paper.example/news/b-48151623.html", page: page(article.Names{}),
			taken: []string{"redirect https://paper.example/news/b-48151623.html", "identifier paper.example number 48151623"}},
		{name: "redirect: a shortener, and the feed's headline", asked: "https://short.example/Xy1", final: story, said: "Ferry fares to Brask rise", page: page(article.Names{}),
			taken: []string{"redirect " + story}},
		{name: "redirect: a shortener, and nothing known", asked: "https://short.example/Xy1", final: story, page: page(article.Names{}), refused: "nothing in common", counted: true, elsewhere: true},
		{name: "redirect: the home page instead of an error", asked: story, final: "https://paper.example/", page: &article.Snapshot{Title: "The Paper"},
			refused: "home page", counted: true, itself: "home page", elsewhere: true},
		{name: "redirect: a wall of consent", asked: story, final: "https://paper.example/consent", said: headline, page: wall("https://paper.example/consent"),
			refused: "nothing in common", counted: true, elsewhere: true},
		{name: "redirect: a login that says where to go on", asked: story, final: "https://paper.example/login?next=/2031/05/ferry-fares-brask-rise", said: headline, page: wall(),
			refused: "nothing in common", counted: true, elsewhere: true},
		{name: "redirect: another site's wall", asked: story, final: "https://consent.example/collect/ferry-fares-brask-rise", page: &article.Snapshot{Title: "Choices"},
			refused: "nothing in common", counted: true, elsewhere: true},
		{name: "the publisher's identifier", asked: story, page: page(article.Names{Identifier: "urn:paper:81"}), taken: []string{"identifier paper.example urn:paper:81"}},
		{name: "an identifier too short to be one", asked: story, page: page(article.Names{Identifier: "1"})},
		{name: "an identifier of a page that is not the entry's", asked: story, said: headline, page: wall()},
		{name: "a number in the address", asked: "https://paper.example/ferry-481516", page: page(article.Names{}), taken: []string{"identifier paper.example number 481516"}},
		{name: "a date in the address is no number", asked: "https://paper.example/ferry-20310504", page: page(article.Names{})},
		{name: "a year of articles in one path is no number", asked: "https://paper.example/481516/ferry", page: page(article.Names{})},
	} {
		t.Run(c.name, func(t *testing.T) {
			final := c.final
			if final == "" {
				final = c.asked
			}
			asked, err := urls.Parse(c.asked, "")
			if err != nil {
				t.Fatal(err)
			}
			got := Of(Reading{Article: article.Token(asked.Canonical), Asked: c.asked, Final: final, Headline: c.said, Page: c.page})
			taken := map[string]bool{}
			for _, claim := range got.Taken {
				taken[string(claim.Kind)+" "+claim.Value] = true
			}
			want := append(slices.Clone(c.taken), "address "+asked.Canonical)
			if len(got.Taken) != len(want) || slices.ContainsFunc(want, func(w string) bool { return !taken[w] }) {
				t.Errorf("took %v, want %q", got.Taken, want)
			}
			if !slices.IsSortedFunc(got.Taken, func(a, b Claim) int { return strings.Compare(a.Key, b.Key) }) {
				t.Errorf("the keys are not in order: %v", got.Taken)
			}
			switch {
			case c.refused == "" && len(got.Refused) > 0:
				t.Errorf("refused %+v, want nothing", got.Refused)
			case c.refused != "" && (len(got.Refused) != 1 || !strings.Contains(got.Refused[0].Reason, c.refused) || got.Refused[0].Counted != c.counted):
				t.Errorf("refused %+v, want one for %q, counted %t", got.Refused, c.refused, c.counted)
			}
			if (got.NotItself != "") != (c.itself != "") || !strings.Contains(got.NotItself, c.itself) {
				t.Errorf("not itself because %q, want %q", got.NotItself, c.itself)
			}
			if address := map[bool]string{true: c.asked, false: final}[c.elsewhere]; got.Address != address {
				t.Errorf("it is to be read at %s, want %s", got.Address, address)
			}
		})
	}
}

func TestOrigin(t *testing.T) {
	for address, want := range map[string]string{
		"https://paper-example.cdn.ampproject.org/c/s/paper.example/amp/a?x=1": "https://paper.example/amp/a?x=1",
		"https://paper-example.cdn.ampproject.org/v/paper.example/a":           "http://paper.example/a",
		"https://www.google.com/amp/s/paper.example/a":                         "https://paper.example/a",
		"https://paper-example.cdn.ampproject.org/i/s/paper.example/a.png":     "https://paper-example.cdn.ampproject.org/i/s/paper.example/a.png",
		"https://paper-example.cdn.ampproject.org/c/s/":                        "https://paper-example.cdn.ampproject.org/c/s/",
		"https://paper.example/c/s/other.example/a":                            "https://paper.example/c/s/other.example/a",
	} {
		u, err := urls.Parse(address, "")
		if err != nil {
			t.Fatal(err)
		}
		if got := Origin(u); got.Href != want {
			t.Errorf("%s comes from %s, want %s", address, got.Href, want)
		}
	}
}

// FuzzOf: whatever pages and feeds say, an article has its own key once, and its keys are in order.
func FuzzOf(f *testing.F) {
	f.Add("https://paper.example/a", "https://paper.example/b-12345", "//x", "/amp?y", "id", "a title", "a title")
	f.Add("http://[::1]/", "https://a.cdn.ampproject.org/c/s/", "https://paper.example/?page=2", "", "", "", "")
	f.Fuzz(func(t *testing.T, asked, final, link, amp, mark, title, said string) {
		got := Of(Reading{Article: "own", Asked: asked, Final: final, Headline: said, Page: &article.Snapshot{
			Title: title, Names: article.Names{Canonical: []string{link, amp}, AMP: amp, Identifier: mark}}})
		own := 0
		for i, c := range got.Taken {
			if c.Key == "own" {
				own++
			}
			if i > 0 && got.Taken[i-1].Key >= c.Key {
				t.Errorf("keys out of order: %v", got.Taken)
			}
		}
		if len(got.Taken) > 0 && own != 1 || len(got.Taken) > 6 {
			t.Errorf("keys %v", got.Taken)
		}
	})
}
