package robots_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stetnews/stet/services/internal/politehttp/robots"
)

const site = `# rules of an invented paper
Disallow: /before-any-group
User-agent: *
Disallow: /private/   # not for machines
Allow: /private/press
Crawl-delay: 2.5

User-agent: otherbot
Disallow: /

User-agent: stet
Disallow: /drafts
Disallow: /*.pdf$
Bogus line without sense
Allow: /drafts/open
`

func TestDecide(t *testing.T) {
	for _, test := range []struct {
		agent, path string
		allowed     bool
		line        int
	}{
		{"stet", "/", true, 0},
		{"stet", "/private/x", true, 0},
		{"stet", "/drafts/1", false, 12},
		{"stet", "/drafts/open/1", true, 15},
		{"stet", "/a/b.pdf", false, 13},
		{"stet", "/a/b.pdf?x", true, 0},
		{"Stet/1.0", "/drafts/1", false, 12},
		{"otherbot", "/anything", false, 9},
		{"otherbot", "/robots.txt", false, 9}, // as a page; for its rules nobody asks
		{"nobody", "/private/x", false, 4},
		{"nobody", "/private/press/1", true, 5},
		{"nobody", "/before-any-group", true, 0},
	} {
		got := robots.Parse(200, []byte("\xef\xbb\xbf"+site)).Decide(test.agent, "https://paper.example"+test.path)
		if got.Allowed != test.allowed || got.Line != test.line {
			t.Errorf("%s %s: %+v, want allowed %v by line %d", test.agent, test.path, got, test.allowed, test.line)
		}
	}
}

func TestDecideTellsRuleAndDelay(t *testing.T) {
	got := robots.Parse(200, []byte(site)).Decide("nobody", "https://paper.example/private/x")
	want := robots.Decision{Line: 4, Rule: "Disallow: /private/", CrawlDelay: 2500 * time.Millisecond}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestStatus(t *testing.T) {
	for status, allowed := range map[int]bool{
		0: false, 200: false, 301: true, 404: true, 401: true, 403: true, 410: true, 500: false, 503: false,
	} {
		got := robots.Parse(status, []byte("User-agent: *\nDisallow: /")).Decide("stet", "https://paper.example/a")
		if got.Allowed != allowed {
			t.Errorf("status %d: allowed %v, want %v", status, got.Allowed, allowed)
		}
		if unreachable := got.Rule == robots.Unreachable; unreachable != (status == 0 || status >= 500) {
			t.Errorf("status %d: rule %q", status, got.Rule)
		}
	}
}

func TestRulesBeyondTheBoundAreNotRead(t *testing.T) {
	body := "User-agent: *\nDisallow: /a\n" + strings.Repeat("# padding\n", robots.MaxBytes/10) + "Disallow: /b\n"
	rules := robots.Parse(200, []byte(body))
	if rules.Decide("stet", "https://paper.example/a").Allowed {
		t.Error("a rule before the bound was not read")
	}
	if !rules.Decide("stet", "https://paper.example/b").Allowed {
		t.Error("a rule beyond the bound was read")
	}
}

func TestNotOfTheWeb(t *testing.T) {
	for _, address := range []string{"ftp://paper.example/a", "/a", "paper.example/a", "https://"} {
		if robots.Parse(404, nil).Decide("stet", address).Allowed {
			t.Errorf("%q is allowed", address)
		}
	}
}

func TestEmptyAddressIsTheFrontPage(t *testing.T) {
	if robots.Parse(200, []byte("User-agent: *\nDisallow: /$")).Decide("stet", "").Allowed {
		t.Error("the front page is allowed")
	}
}
