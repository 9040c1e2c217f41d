package robots

import (
	"strings"
	"testing"
)

func TestPatterns(t *testing.T) {
	for _, test := range []struct {
		rule, path string
		want       bool
	}{
		{"/", "/", true}, {"/a", "/", false}, {"/a", "/a", true}, {"/a", "/ab", true}, {"/a", "/b/a", false},
		{"/a", "/A", false}, {"/a/", "/a", false}, {"/a?b", "/a?bc", true}, {"a", "/a", false},
		{"*", "/", true}, {"/*", "/x", true}, {"*a", "/x/a/y", true}, {"/a*b*c", "/a--b--c--", true},
		{"/a*b*c", "/a--c--b", false}, {"/a**b", "/ab", true}, {"/a*", "/a", true}, {"/*a*", "/b", false},
		{"$", "/", false}, {"/$", "/", true}, {"/$", "/a", false}, {"/a$", "/a", true}, {"/a$", "/a?x", false},
		{"*.pdf$", "/a.pdf", true}, {"*.pdf$", "/a.pdf.pdf", true}, {"*.pdf$", "/a.pdf?x", false}, {"/a*$", "/ab", true},
		{"*aa$", "/aaa", true}, {"/ab*ba$", "/aba", false}, {"/ab*ba$", "/abba", true},
		{"/a$b", "/a$b", true}, {"/a$b", "/a", false}, {"/a%24", "/a$", true}, {"/a%24", "/ab", false}, {"/$$", "/$", true},
		{"/a%2A", "/a*", true}, {"/a%2a", "/ab", false}, {"/a*b", "/a*b", true}, {"/a%2Ab", "/a%2ab", true},
		// As in the table of RFC 9309, section 2.2.2, with other words.
		{"/ü", "/%C3%BC", true}, {"/%c3%bc", "/%C3%BC", true}, {"/%C3%BC", "/ü", true}, {"/ü", "/ü", true},
		{"/%68%69", "/hi", true}, {"/hi", "/%68%69", true}, {"/%7Ehome", "/~home", true}, {"/~home", "/%7ehome", true},
		{"/a%2Fb", "/a/b", false}, {"/a%2fb", "/a%2Fb", true}, {"/q?x=http://b", "/q?x=http%3A%2F%2Fb", false},
		{"/\xe4", "/%E4", true}, {"/a b", "/a%20b", true}, {"/{x}", "/%7bx%7D", true}, {"/100%", "/100%", true},
		{"/100%", "/100%25", true}, {"/%", "/%zz", true}, {"/%zz", "/%25zz", true},
	} {
		if got := newPattern(test.rule).matches(normalPath(test.path)); got != test.want {
			t.Errorf("%q on %q: %v, want %v", test.rule, test.path, got, test.want)
		}
	}
}

func TestTheLongestRuleDecides(t *testing.T) {
	for _, test := range []struct {
		file, path string
		line       int
		allowed    bool
	}{
		{"Disallow: /|Allow: /a", "/ab", 3, true},
		{"Allow: /a|Disallow: /ab", "/abc", 3, false},
		{"Disallow: /a|Allow: /a", "/a", 3, true},
		{"Allow: /a|Disallow: /a", "/a", 2, true},
		{"Allow: /x/page.|Disallow: /*.html", "/x/page.html", 2, true},
		{"Allow: /a|Disallow: /*b", "/ab", 3, false},
		{"Allow: /$|Disallow: /", "/", 2, true},
		{"Allow: /$|Disallow: /", "/a", 3, false},
		{"Disallow: /a|Disallow: /a", "/a", 2, false},
		{"Disallow: /ü|Allow: /????", "/????", 3, true},
		{"Allow: /in/index.html|Disallow: /", "/in/", 2, true},
		{"Allow: /in/index.html|Disallow: /", "/in/x", 3, false},
		{"Allow: /in/index.html|Disallow: /in/", "/in/", 2, true},
		{"Disallow: /in/index.html", "/in/", 0, true},
	} {
		file := strings.ReplaceAll("User-agent: *|"+test.file, "|", "\n")
		got := Parse(200, []byte(file)).Decide("stet", "https://paper.example"+test.path)
		if got.Allowed != test.allowed || got.Line != test.line {
			t.Errorf("%s on %s: %+v, want allowed %v by line %d", test.file, test.path, got, test.allowed, test.line)
		}
	}
}

// With backtracking, each of these would take longer than anybody can wait.
func TestHostilePatterns(t *testing.T) {
	path := "https://paper.example/" + strings.Repeat("a", 60<<10)
	for _, rule := range []string{
		"/" + strings.Repeat("*a", 8000) + "*b", strings.Repeat("*", 16000) + "b$", "/" + strings.Repeat("a*", 8000) + "b$",
	} {
		file := "User-agent: *\n" + strings.Repeat("Disallow: "+rule+"\n", 30)
		if got := Parse(200, []byte(file)).Decide("stet", path); !got.Allowed {
			t.Errorf("%.20s… matches: line %d", rule, got.Line)
		}
	}
}

// covers is the plainest way to say what a pattern means: the places in it that each prefix of the path can lead to.
func covers(p pattern, path string) bool {
	states := make([]bool, len(p.text)+1)
	states[0] = true
	spread := func() {
		for i := range len(p.text) {
			if states[i] && p.text[i] == '*' {
				states[i+1] = true
			}
		}
	}
	spread()
	for at := range len(path) {
		if states[len(p.text)] && !p.anchored {
			return true
		}
		next := make([]bool, len(states))
		for i := range len(p.text) {
			if states[i] && p.text[i] == '*' {
				next[i] = true
			} else if states[i] && p.text[i] == path[at] {
				next[i+1] = true
			}
		}
		states = next
		spread()
	}
	return states[len(p.text)]
}

func FuzzMatches(f *testing.F) {
	for _, seed := range [][2]string{
		{"/a*b*c$", "/a--b-c"}, {"*.pdf$", "/x.pdf.pdf"}, {"/%zz*%2A$$", "/%"}, {"/ab*ba$", "/aba"}, {"**", ""}, {"$", "/\xff"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, rule, path string) {
		if len(rule)*len(path) > 1<<20 {
			return
		}
		p, normalised := newPattern(rule), normalPath(path)
		if got, want := p.matches(normalised), covers(p, normalised); got != want {
			t.Errorf("%q on %q: %v, want %v", rule, path, got, want)
		}
		if again := normalPath(normalised); again != normalised {
			t.Errorf("the form of %q is %q, and its own form %q", path, normalised, again)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("User-agent: *\nDisallow: /a*b$\nAllow: /a/index.html\nCrawl-delay: 2.5"), "stet", "/a/b")
	f.Add([]byte("User-agent:*\rDisallow:/%zz*$$*\x00\nCrawl-delay: NaN\nCrawl-delay: 1e999"), "stet", "/%zz")
	f.Add([]byte("user-agent: \nallow\n:::\nDisallow: /((["), "", "/((")
	f.Add([]byte("\xff\xfeU\x00s\x00e\x00r\x00-\x00"), "*", "")
	f.Fuzz(func(t *testing.T, body []byte, agent, path string) {
		rules := Parse(200, body)
		got := rules.Decide(agent, "https://paper.example/"+strings.TrimPrefix(path, "/"))
		if got.CrawlDelay < 0 || got.CrawlDelay > maxDelay {
			t.Errorf("a delay out of range: %+v", got)
		}
		if (got.Line > 0) != (got.Rule != "") {
			t.Errorf("a line without a rule, or a rule without a line: %+v", got)
		}
		decided := false
		for _, l := range rules.lines {
			decided = decided || l.number == got.Line && (l.kind == allow) == got.Allowed && (l.kind == allow || l.kind == disallow)
		}
		if got.Line > 0 && !decided {
			t.Errorf("line %d does not say what was decided: %+v", got.Line, got)
		}
	})
}
