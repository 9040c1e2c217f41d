package robots_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stetnews/stet/services/internal/politehttp/robots"
)

// A file is written on one line here, "|" between its lines.
func lines(file string) []byte { return []byte(strings.ReplaceAll(file, "|", "\n")) }

func TestGroups(t *testing.T) {
	for _, test := range []struct {
		name, file string
		line       int // that keeps /a out; 0: it is allowed
	}{
		{"own group before everybody's", "User-agent: *|Disallow: /|User-agent: stet|Disallow: /b", 0},
		{"own group without rules", "User-agent: stet|Disallow:||User-agent: *|Disallow: /", 0},
		{"own group that ends the file", "User-agent: *|Disallow: /|User-agent: stet", 0},
		{"everybody", "User-agent: other|Allow: /|User-agent: *|Disallow: /", 4},
		{"several agents of a group", "User-agent: other|User-agent: stet|Disallow: /a", 3},
		{"several groups of an agent", "User-agent: stet|Disallow: /b|User-agent: *|Disallow: /c|User-agent: STET|Disallow: /a", 6},
		{"empty lines and comments inside a group", "User-agent: stet||# x||Disallow: /a", 5},
		{"other records do not end the list of agents", "User-agent: stet|Sitemap: /s|Crawl-delay: 2|User-agent: other|Disallow: /a", 5},
		{"a rule ends the list of agents", "User-agent: stet|Allow: /b|User-agent: other|Disallow: /a", 0},
		{"an empty rule too", "User-agent: stet|Disallow:|User-agent: other|Disallow: /a", 0},
		{"rules before the first group", "Disallow: /a|User-agent: stet|Disallow: /b", 0},
		{"version in the file", "User-agent: stet/2.0 (all of it)|Disallow: /a", 2},
		{"star behind the name", "User-agent: stet*|Disallow: /a", 2},
		{"a longer name", "User-agent: stetson|Disallow: /a", 0},
		{"a shorter name", "User-agent: ste|Disallow: /a", 0},
		{"star with words", "User-agent: * # all|Disallow: /a", 2},
		{"star that is none", "User-agent: *bot|Disallow: /a", 0},
		{"keys in any case, spaces around", "  uSER-aGENT :  Stet  |  DISALLOW  :  /a  ", 2},
		{"no colon", "user-agent stet|disallow /a", 2},
		{"no colon and many words", "user-agent: stet|disallow all of /a", 0},
		{"misspelt", "useragent: stet|Dissallow: /a", 2},
		{"carriage returns", "User-agent: stet\rDisallow: /a\r", 2},
		{"both line ends", "User-agent: stet\r\n\r\nDisallow: /a\r\n", 3},
		{"byte order mark", "\xef\xbb\xbfUser-agent: stet|Disallow: /a", 2},
		{"half a byte order mark", "\xef\xbbUser-agent: stet|Disallow: /a", 2},
		{"not UTF-8", "User-agent: stet|Disallow: /\xe4|Disallow: /a\xff\xfe|Disallow: /a", 4},
		{"markup between the lines", "User-agent: stet|<br />|Disallow: /a|<br />", 3},
		{"a page instead of rules", "<html>|<body>Disallow: /a</body>", 0},
		{"a line that is too long", "User-agent: stet|Disallow: /a" + strings.Repeat("*", 17<<10), 0},
		{"zero bytes", "User-agent: stet\x00|Disallow: /a", 2},
		{"nothing", "", 0},
	} {
		got := robots.Parse(200, lines(test.file)).Decide("stet", "https://paper.example/a")
		if got.Allowed != (test.line == 0) || !got.Allowed && got.Line != test.line {
			t.Errorf("%s: %+v, want line %d", test.name, got, test.line)
		}
	}
}

func TestAgents(t *testing.T) {
	rules := robots.Parse(200, lines("User-agent: *|Disallow: /|User-agent: foo|Allow: /|User-agent: news_bot-x|Allow: /"))
	for agent, allowed := range map[string]bool{
		"foo": true, "FOO": true, "foo/1.0": true, "foo bar": false, "food": false, "fo": false, "": false, "*": false,
		"News_Bot-X": true, "foo1": false,
	} {
		if got := rules.Decide(agent, "https://paper.example/a"); got.Allowed != allowed {
			t.Errorf("%q: %+v, want allowed %v", agent, got, allowed)
		}
	}
}

func TestUTF16(t *testing.T) {
	body := []byte{0xff, 0xfe}
	for _, c := range "User-agent: *\nDisallow: /a\n" {
		body = append(body, byte(c), 0)
	}
	if got := robots.Parse(200, body).Decide("stet", "https://paper.example/a"); got.Line != 2 || got.Allowed {
		t.Errorf("got %+v", got)
	}
}

func TestCrawlDelay(t *testing.T) {
	for _, test := range []struct {
		name, file string
		want       time.Duration
	}{
		{"own group", "User-agent: stet|Crawl-delay: 1.5", 1500 * time.Millisecond},
		{"everybody's", "User-agent: *|Crawl-delay: 3", 3 * time.Second},
		{"everybody's beside an own group", "User-agent: *|Crawl-delay: 3|User-agent: stet|Disallow: /a", 0},
		{"another's", "User-agent: other|Crawl-delay: 9|User-agent: stet|Disallow: /a", 0},
		{"of the agents before it only", "User-agent: stet|Crawl-delay: 9|User-agent: other|Crawl-delay: 20", 9 * time.Second},
		{"shared", "User-agent: stet|User-agent: other|Disallow: /|Crawl-delay: 4", 4 * time.Second},
		{"the longest", "User-agent: stet|Crawl-delay: 4|Crawl-delay: 6|Crawl-delay: 5", 6 * time.Second},
		{"spelling", "User-agent: stet|CRAWLDELAY : 2", 2 * time.Second},
		{"an hour", "User-agent: stet|Crawl-delay: 3600", time.Hour},
		{"beyond sense", "User-agent: stet|Crawl-delay: 3601|Crawl-delay: 1e999|Crawl-delay: Inf", 0},
		{"no number", "User-agent: stet|Crawl-delay: NaN|Crawl-delay: -1|Crawl-delay: ten|Crawl-delay:", 0},
	} {
		if got := robots.Parse(200, lines(test.file)).Decide("stet", "https://paper.example/a"); got.CrawlDelay != test.want {
			t.Errorf("%s: %v, want %v", test.name, got.CrawlDelay, test.want)
		}
	}
}

// A rule that the bound cuts in half must not become a wider one.
func TestBoundCutsNoLine(t *testing.T) {
	const head, rule = "User-agent: *\nDisallow: /\n", "Allow: /open/"
	padding := strings.Repeat("#", robots.MaxBytes-len(head)-len("\n")-len("Allow: /"))
	body := head + padding + "\n" + rule
	if !strings.HasSuffix(body[:robots.MaxBytes], "Allow: /") {
		t.Fatal("the bound does not cut the rule where it should")
	}
	for _, file := range []string{body, body[:robots.MaxBytes]} {
		if got := robots.Parse(200, []byte(file)).Decide("stet", "https://paper.example/closed"); got.Allowed {
			t.Errorf("half a rule decided: %+v", got)
		}
	}
}
