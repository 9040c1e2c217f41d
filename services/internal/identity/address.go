package identity

import (
	"net"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/stetnews/stet/services/internal/politehttp/urls"
)

// Origin is the address that a page was copied from into a cache for small screens, or the address itself.
func Origin(u urls.URL) urls.URL { return unwrapped(u) }

// unwrapped takes the publisher's address out of that of a cache: https://paper-example.cdn.ampproject.org/c/s/paper.example/a
func unwrapped(u urls.URL) urls.URL {
	segments := strings.Split(strings.TrimPrefix(u.Request(), "/"), "/")
	switch {
	case strings.HasSuffix(u.Host, ".cdn.ampproject.org") && len(segments) > 1 && slices.Contains([]string{"c", "v"}, segments[0]):
		segments = segments[1:]
	case (u.Host == "www.google.com" || u.Host == "google.com") && len(segments) > 1 && segments[0] == "amp":
		segments = segments[1:]
	default:
		return u
	}
	scheme := "http://"
	if segments[0] == "s" {
		scheme, segments = "https://", segments[1:]
	}
	inner, err := urls.Parse(scheme+strings.Join(segments, "/"), "")
	if err != nil || !inner.IsWeb() || !strings.Contains(inner.Host, ".") {
		return u
	}
	return inner
}

func hostOf(u urls.URL) string {
	host, _, err := net.SplitHostPort(u.Host)
	if err != nil {
		return u.Host
	}
	return host
}

// domain is the site that an address belongs to: what was registered, or the host with its port where nothing was.
func domain(u urls.URL) string {
	if d, err := publicsuffix.EffectiveTLDPlusOne(hostOf(u)); err == nil && net.ParseIP(hostOf(u)) == nil {
		return d
	}
	return u.Host
}

// SameSite says whether two addresses belong to one publisher.
func SameSite(a, b string) bool {
	left, err := urls.Parse(a, "")
	if err != nil || !left.IsWeb() {
		return false
	}
	right, err := urls.Parse(b, "")
	return err == nil && right.IsWeb() && domain(left) == domain(right)
}

// path is the path of the canonical key, decoded no further.
func path(u urls.URL) string {
	_, rest, _ := strings.Cut(u.Canonical, "://")
	slash := strings.IndexByte(rest, '/')
	if slash < 0 {
		return "/"
	}
	rest, _, _ = strings.Cut(rest[slash:], "?")
	return rest
}

func query(u urls.URL) string {
	_, q, _ := strings.Cut(u.Canonical, "?")
	return q
}

func segments(u urls.URL) []string {
	return strings.FieldsFunc(path(u), func(r rune) bool { return r == '/' })
}

// depth is how far below the home page an address is. A page of the home page's other names is none; a query may choose
// the article.
func depth(u urls.URL) int {
	parts := segments(u)
	if len(parts) == 1 && len(query(u)) == 0 && slices.Contains([]string{"index.html", "index.htm", "index.php", "home", "default.aspx"}, strings.ToLower(parts[0])) {
		return 0
	}
	if len(parts) == 0 && strings.Contains(query(u), "=") {
		return 1
	}
	return len(parts)
}

// twin is the address without what publishers add for other screens and printers. It is no key: it only says which
// addresses may be said to be the same.
func twin(u urls.URL) string {
	host := u.Host
	for _, label := range []string{"www.", "m.", "mobile.", "amp."} {
		host = strings.TrimPrefix(host, label)
	}
	var parts []string
	for _, s := range segments(u) {
		switch s {
		case "amp", "print", "index.html", "index.htm", "index.php":
			continue
		}
		for _, end := range []string{".html", ".htm", ".amp", "-amp", ".print"} {
			s = strings.TrimSuffix(s, end)
		}
		parts = append(parts, s)
	}
	var kept []string
	for pair := range strings.SplitSeq(query(u), "&") {
		name, _, _ := strings.Cut(pair, "=")
		if pair != "" && !slices.Contains([]string{"amp", "output", "outputtype", "print"}, strings.ToLower(name)) {
			kept = append(kept, pair)
		}
	}
	return host + "/" + strings.Join(parts, "/") + "?" + strings.Join(kept, "&")
}

// akin says whether two addresses look like two of one article: twins, or with the same words or number in them.
func akin(a, b urls.URL) bool {
	if twin(a) == twin(b) {
		return true
	}
	if n := numberIn(a); n != "" && n == numberIn(b) {
		return true
	}
	left, right := slug(a), slug(b)
	shared := 0
	for word := range left {
		if right[word] {
			shared++
		}
	}
	return shared >= 3 && 2*shared >= min(len(left), len(right))
}

// slug are the words of the segment with the most of them: the headline, as publishers write it into addresses.
func slug(u urls.URL) map[string]bool {
	var most map[string]bool
	for _, s := range segments(u) {
		words := map[string]bool{}
		for _, w := range strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return strings.ContainsRune("-_.+,%", r) }) {
			if len(w) > 2 && w != "html" && !digits.MatchString(w) {
				words[w] = true
			}
		}
		if len(words) > len(most) {
			most = words
		}
	}
	return most
}

var (
	digits = regexp.MustCompile(`^[0-9]+$`)
	number = regexp.MustCompile(`(?:^|[^0-9])([0-9]{5,18})(?:[^0-9]|$)`)
	day    = regexp.MustCompile(`^(19|20)[0-9]{2}(0[1-9]|1[0-2])([0-2][0-9]|3[01])`)
)

// numberIn is the number of an article in the last segment of its address, empty where there is none or it is a date.
func numberIn(u urls.URL) string {
	parts := segments(u)
	if len(parts) == 0 {
		return ""
	}
	found := number.FindAllStringSubmatch(parts[len(parts)-1], -1)
	if len(found) != 1 || day.MatchString(found[0][1]) {
		return ""
	}
	return found[0][1]
}

var pageNumber = regexp.MustCompile(`(?:^|[/&?])(?:page|p|seite|pagina)[=/]([0-9]{1,3})(?:$|[/&])|/([0-9]{1,2})$`)

// laterPage says whether a page is one of a series and to is the first of it.
func laterPage(page, to urls.URL) bool {
	_, after, _ := strings.Cut(page.Canonical, "://")
	_, first, _ := strings.Cut(to.Canonical, "://")
	found := pageNumber.FindStringSubmatch(after)
	if found == nil || pageNumber.MatchString(first) {
		return false
	}
	n := found[1] + found[2]
	return n != "0" && n != "1" && strings.HasPrefix(after, strings.TrimSuffix(first, "/"))
}

// IsHome says whether an address is a site's home page.
func IsHome(u urls.URL) bool { return depth(u) == 0 }
