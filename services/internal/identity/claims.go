package identity

import (
	"cmp"
	"slices"
	"strings"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/politehttp/urls"
)

// Reading is what was read of an article, and how it came to that.
type Reading struct {
	Article  string // id
	Asked    string // the address that was asked for
	Final    string // the address that answered
	Headline string // from the feed's entry, empty where there was none
	Page     *article.Snapshot
}

// Claim is a key that an article takes for its own.
type Claim struct {
	Key   string // token
	Kind  article.AliasKind
	Value string // the key in full
}

// Refusal is a claim that the reading itself speaks against.
type Refusal struct {
	Claim
	Reason  string
	Counted bool // it tells something of the key that so many come for it, not only of this page
}

// Claims are what an article claims after a reading.
type Claims struct {
	Taken   []Claim // in the order of their keys, its own among them; whoever takes several keys takes them in this order
	Refused []Refusal
	// Address is where the article is to be read from now on: the address that answered if it may claim it.
	Address string
	// NotItself says why the page that was read is not the article's, empty where nothing says so.
	NotItself string
}

// maxIdentifier bounds an identifier that is kept.
const maxIdentifier = 200

// Of gives the claims that a reading founds.
func Of(r Reading) Claims {
	c := Claims{Address: r.Asked}
	asked, err := urls.Parse(r.Asked, "")
	if err != nil || !asked.IsWeb() {
		return c
	}
	c.take(r.Article, article.AliasAddress, asked.Canonical)
	page, err := urls.Parse(r.Final, "")
	if err != nil || !page.IsWeb() {
		page = asked
	}
	named := genuine(r, asked)
	if page.Canonical != asked.Canonical {
		if !c.redirected(asked, page, named) {
			return c // what the page says of itself is said of another page
		}
		c.Address = r.Final
	}
	if r.Page == nil {
		return c
	}
	c.canonical(r.Page.Names.Canonical, page, named)
	c.other(r.Page.Names.AMP, page, named)
	c.identifier(r.Page.Names.Identifier, asked, page, named)
	c.number(page)
	slices.SortFunc(c.Taken, func(a, b Claim) int { return cmp.Compare(a.Key, b.Key) })
	return c
}

func (c *Claims) take(key string, kind article.AliasKind, value string) {
	if !slices.ContainsFunc(c.Taken, func(t Claim) bool { return t.Key == key }) {
		c.Taken = append(c.Taken, Claim{Key: key, Kind: kind, Value: value})
	}
}

func (c *Claims) refuse(kind article.AliasKind, to urls.URL, counted bool, reason string) {
	claim := Claim{Key: article.Token(to.Canonical), Kind: kind, Value: to.Canonical}
	c.Refused = append(c.Refused, Refusal{Claim: claim, Counted: counted, Reason: reason})
}

// redirected claims the address that a redirect led to, or says why not.
func (c *Claims) redirected(asked, page urls.URL, named bool) bool {
	switch {
	case depth(page) == 0 && depth(asked) > 0:
		c.NotItself = "the address leads to the site's home page, " + page.Href
		c.refuse(article.AliasRedirect, page, true, c.NotItself)
		return false
	case !named && !akin(asked, page), !named && domain(asked) != domain(page):
		c.refuse(article.AliasRedirect, page, true, "the address leads to "+page.Href+", which has nothing in common with it, nor with what the feed says")
		return false
	}
	c.take(article.Token(page.Canonical), article.AliasRedirect, page.Canonical)
	return true
}

// canonical claims the address that the page gives itself. What is wrong with that is what search engines know of it.
func (c *Claims) canonical(links []string, page urls.URL, named bool) {
	var to urls.URL
	for _, link := range links {
		u, err := urls.Parse(strings.TrimSpace(link), page.Href)
		if err != nil || !u.IsWeb() {
			continue
		}
		if u = unwrapped(u); to.IsWeb() && u.Canonical != to.Canonical {
			c.refuse(article.AliasCanonical, u, false, "the page has several canonical addresses")
			return
		}
		to = u
	}
	if !to.IsWeb() || to.Canonical == page.Canonical {
		return
	}
	if reason, counted := astray(to, page, named); reason != "" {
		c.refuse(article.AliasCanonical, to, counted, reason)
		return
	}
	c.take(article.Token(to.Canonical), article.AliasCanonical, to.Canonical)
}

// astray says why a page's canonical address is not believed.
func astray(to, page urls.URL, named bool) (reason string, counted bool) {
	switch {
	case depth(to) == 0:
		return "the page calls the home page its canonical address", false
	case domain(to) != domain(page) && domain(to) != domain(unwrapped(page)):
		return "the page's canonical address is on another site: " + to.Href, false
	case strings.Contains(path(to), "/"+hostOf(to)+"/"):
		return "the page's canonical address is an absolute one written as a relative one: " + to.Href, false
	case laterPage(page, to):
		return "the page is a later one of a series, and its canonical address that of the first", false
	case !named && !akin(page, to):
		return "the page's canonical address has nothing in common with its own: " + to.Href, true
	}
	return "", false
}

// other claims the page's twin for small screens.
func (c *Claims) other(link string, page urls.URL, named bool) {
	u, err := urls.Parse(strings.TrimSpace(link), page.Href)
	if link == "" || err != nil || !u.IsWeb() {
		return
	}
	if u = unwrapped(u); u.Canonical == page.Canonical || depth(u) == 0 || domain(u) != domain(page) || !named && !akin(page, u) {
		return
	}
	c.take(article.Token(u.Canonical), article.AliasAMP, u.Canonical)
}

// identifier claims the publisher's own mark, which means something on its site only.
func (c *Claims) identifier(mark string, asked, page urls.URL, named bool) {
	mark = strings.TrimSpace(mark)
	if len(mark) < 3 || len(mark) > maxIdentifier || !named && !strings.Contains(asked.Request(), mark) {
		return
	}
	value := domain(page) + " " + mark
	c.take(article.Token("identifier\x00"+value), article.AliasIdentifier, value)
}

// number claims the number that the publisher's system writes into the address, which stays when the headline in it changes.
func (c *Claims) number(page urls.URL) {
	if n := numberIn(page); n != "" {
		value := domain(page) + " number " + n
		c.take(article.Token("number\x00"+value), article.AliasIdentifier, value)
	}
}

// ByGUID is the key of a feed's entry.
func ByGUID(feed, guid string) Claim {
	return Claim{Key: article.Token("guid\x00" + feed + "\x00" + guid), Kind: article.AliasGUID, Value: guid}
}
