package blocks

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/html"
)

// The reasons for which a block is left out. People read them in `stet inspect page`.
const (
	ReasonFar       = "far from the article's text"
	ReasonHidden    = "hidden"
	ReasonPlace     = "in the page's navigation, header or footer"
	ReasonFigure    = "in a figure"
	ReasonNamed     = "in an element named as furniture"
	ReasonStrict    = "in comments or navigation"
	ReasonHeadline  = "the headline"
	ReasonRepeated  = "repeats the headline"
	ReasonFurniture = "furniture words"
	ReasonLinks     = "nearly all links"
	ReasonModel     = "unlike an article's text"
	ReasonLong      = "behind more text than is read"
	ReasonTwice     = "stands in the text already"
	ReasonStand     = "the standfirst"
	ReasonCaption   = "a caption, kept apart"
)

// Hints are what is known of an article before its text is looked for.
type Hints struct {
	Titles       []string // the headline in all its forms
	Descriptions []string // as declared for search engines and networks
	Authors      []string
	Body         string // the text in the page's data for machines, empty where there is none
	Standfirst   string // by a person's word, empty where it is not known yet
	Named        string // the text of an element that is named for a standfirst, empty where there is none
}

// maxClimb is how many levels above the container a segment may hang.
const maxClimb = 4

// furnitureTexts are whole texts, folded for comparison, that are furniture wherever they stand.
var furnitureTexts = set("advertisement|advertisements|ad|ads|anzeige|werbung|publicité|publicidad|pubblicità|advertentie|annons|annonse|annonce|mainos|reklama|reklam|реклама|iklan|広告|广告|廣告|광고|" +
	"share|share this|share this article|share this story|teilen|partager|compartir|compartilhar|condividi|delen|dela|del|jaa|поделиться|" +
	"read more|read full story|continue reading|more|view comments|comments|comment|leave a comment|show comments|kommentare|commentaires|comentarios|" +
	"related|related articles|related stories|related topics|related news|more on this story|recommended|recommended stories|you may also like|most read|most popular|trending|trending now|latest|latest news|" +
	"mehr zum thema|weiterlesen|lesen sie auch|lire aussi|lea también|leggi anche|leia também|lees ook|läs också|les også|læs også|lue myös|czytaj także|čtěte také|читайте также|関連記事|" +
	"print|email|e-mail|copy link|save|bookmark|facebook|twitter|x|linkedin|whatsapp|pinterest|reddit|telegram|instagram|youtube|tiktok|follow|follow us|follow us on|" +
	"newsletter|sign up|subscribe|log in|register|close|open|loading|loading...|play|pause|mute|next|previous|skip|menu|search|" +
	"story continues below|story continues below advertisement|article continues below|continue reading the main story|advertisement - continue reading below|" +
	"tags|topics|tags:|topics:|themen|themen:|filed under|sources|listen|listen to this article|watch|video|photos|gallery|image|photo|" +
	"updated|published|live|exclusive|opinion|analysis|subscriber only|premium|sponsored|promoted|loading comments|thank you|thanks for subscribing")

func set(list string) map[string]bool {
	all := make(map[string]bool)
	for _, text := range strings.Split(list, "|") {
		all[plainText(text)] = true
	}
	return all
}

// plainText is a text's letters and digits in lower case, for comparison.
func plainText(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	for _, r := range text {
		if r < 0x80 {
			if r >= 'A' && r <= 'Z' {
				r += 'a' - 'A'
			} else if !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9') {
				continue
			}
			b.WriteByte(byte(r))
		} else if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) {
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// titleSet is the headline in all its forms and their parts around bars, each of three words or more.
func titleSet(titles []string) map[string]bool {
	all := make(map[string]bool)
	for _, title := range titles {
		parts := []string{title}
		for _, bar := range []string{" | ", " - ", " – ", " — ", ": ", " · ", " : "} {
			if before, after, ok := strings.Cut(title, bar); ok {
				parts = append(parts, before, after)
			}
			if at := strings.LastIndex(title, bar); at > 0 {
				parts = append(parts, title[:at])
			}
		}
		for _, part := range parts {
			if countWords(part) >= 3 || len(part) >= 24 {
				all[plainText(part)] = true
			}
		}
	}
	return all
}

// frame is a page seen from one container.
type frame struct {
	*Page
	top, wide int32
	titles    map[string]bool
	hints     *Hints
	drops     []string // reason by segment, empty for a candidate
	barred    []string // reason by element, for it and all below, empty where none
}

// drop leaves out what is furniture by rule. A rule on an element never applies to a wrapper of the article: one that
// holds two fifths of the container's good words.
func (p *Page) drop(top int32, h *Hints, titles map[string]bool) *frame {
	f := &frame{Page: p, top: top, wide: p.widened(top), titles: titles, hints: h, drops: make([]string, len(p.segments)),
		barred: make([]string, len(p.elements))}
	limit := .4 * p.elements[top].good
	for i := range p.elements {
		e := &p.elements[i]
		if e.parent >= 0 && f.barred[e.parent] != "" {
			f.barred[i] = f.barred[e.parent]
			continue
		}
		if e.place&inNoscript != 0 {
			f.barred[i] = ReasonHidden
			continue
		}
		if e.segments == 0 || p.goodWithin(int32(i), top) >= limit && p.related(int32(i), top) {
			continue
		}
		f.barred[i] = elementReason(e)
	}
	for i := range p.segments {
		f.drops[i] = f.reason(&p.segments[i])
	}
	return f
}

// related says whether one of two elements holds the other.
func (p *Page) related(a, b int32) bool { return p.holds(a, b) || p.holds(b, a) }

// goodWithin is how many good words of the container an element holds.
func (p *Page) goodWithin(elem, top int32) float32 {
	if p.holds(elem, top) {
		return p.elements[top].good
	}
	return p.elements[elem].good
}

func elementReason(e *element) string {
	own := e.own
	switch {
	case e.place&inStrict != 0:
		return ReasonStrict
	case e.place&inHidden != 0:
		return ReasonHidden
	case own&(inNav|inFooter|inHeader) != 0:
		return ReasonPlace
	case own&inFigure != 0 && !holdsText(e.node):
		return ReasonFigure
	case e.traits&dropped != 0 && e.traits&named == 0 && !e.h1 && container(e.node):
		return ReasonNamed
	}
	return ""
}

// holdsText says whether a figure is the frame of a table or a quotation.
func holdsText(figure *html.Node) bool {
	for n := range figure.Descendants() {
		if n.Type == html.ElementNode && (n.Data == "table" || n.Data == "blockquote") {
			return true
		}
	}
	return false
}

// container says whether an element is of the kind that names are taken seriously of: a paragraph may well be called
// "related".
func container(n *html.Node) bool {
	switch n.Data {
	case "p", "h1", "h2", "h3", "h4", "blockquote", "body", "html", "main", "article":
		return false
	}
	return true
}

func (f *frame) reason(s *segment) string {
	levels, _ := f.climb(f.top, s.elem)
	if levels > maxClimb && !f.holds(f.wide, s.elem) {
		return ReasonFar
	}
	if why := f.barred[s.elem]; why != "" {
		return why
	}
	if f.elements[s.elem].place&inH1 != 0 {
		return ReasonHeadline
	}
	if len(s.text) < 400 {
		plain := s.plainText()
		if f.titles[plain] {
			return ReasonRepeated
		}
		if furnitureTexts[plain] || plain == "" {
			return ReasonFurniture
		}
	}
	if s.says()&saysConsent != 0 && f.cookies(s) {
		return ReasonFurniture
	}
	if strings.Contains(s.text, "@") && !strings.Contains(s.text, " ") {
		return ReasonFurniture
	}
	if s.linkShare() > .8 && !f.amongGood(s.elem) {
		return ReasonLinks
	}
	return ""
}

// amongGood says whether a segment's parent, for a list item the list's, holds two good segments: a link among them may
// be a line of the article.
func (f *frame) amongGood(elem int32) bool {
	up := f.elements[elem].parent
	if up >= 0 && f.elements[elem].node.Data == "li" {
		up = f.elements[up].parent
	}
	return up >= 0 && f.elements[up].goodBlocks >= 2
}

// consentTexts are parts of texts that ask for consent, folded for comparison. An article about such texts quotes them
// in longer paragraphs.
var consentTexts = strings.Fields("weusecookies usesofcookies ouruseofcookies thissiteusescookies thiswebsiteusescookies youconsent cookiepolicy " +
	"wirverwendencookies verwendetcookies unserepartner ourpartners nospartenaires utilisonsdescookies utilizamoscookies utilizacookies " +
	"utilizziamocookie usiamocookie utilizzaicookie usamoscookies wijgebruikencookies gebruikencookies vianvändercookies viborugercookies " +
	"мыиспользуемcookie używamyplikówcookie externeninhalt externeinhalte enablejavascript aktivierensiejavascript javascriptaktivieren activezjavascript activarjavascript")

func (f *frame) cookies(s *segment) bool {
	return s.weight() <= 90 && consents(s.plainText())
}

// consents says whether a text, folded for comparison, asks for consent or for scripts.
func consents(plain string) bool {
	return slices.ContainsFunc(consentTexts, func(part string) bool { return strings.Contains(plain, part) })
}
