package blocks

import (
	"net/url"
	"path"
	"regexp"
	"strings"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/extract/dom"
	"golang.org/x/net/html"
)

// MaxImages bounds the pictures of an article; galleries beyond it are not text.
const MaxImages = 50

// figure is a picture of the article with its caption and the segment before which it stands.
type figure struct {
	image  article.Image
	before int32
}

// figures are the pictures that stand among the article's blocks. Only what lies in the element around the blocks, or
// beside its top in the same article, counts: pictures elsewhere belong to other stories.
func (c *choice) figures() []figure {
	region := c.wide
	for at := region; at >= 0; at = c.elements[at].parent {
		if name := c.elements[at].node.Data; name == "article" || name == "main" {
			region = at // the leading picture stands beside the text more often than in it
			break
		}
	}
	var found []figure
	stems := make(map[string]bool)
	texts := make(map[string]bool)
	for i := range c.elements {
		e := &c.elements[i]
		if e.node.Data != "figure" || len(found) == MaxImages || !c.holds(region, int32(i)) || c.foreign(int32(i)) {
			continue
		}
		f := figure{image: article.Image{Stem: stemOf(e.node), Caption: captionOf(e.node)}, before: c.next(int32(i))}
		if stems[f.image.Stem] {
			f.image.Stem = ""
		}
		if texts[f.image.Caption] {
			f.image.Caption = ""
		}
		if f.image.Stem == "" && f.image.Caption == "" {
			continue
		}
		stems[f.image.Stem], texts[f.image.Caption] = f.image.Stem != "", f.image.Caption != ""
		found = append(found, f)
	}
	return found
}

// foreign says whether a figure stands in furniture, inside another one, or is the picture of a link to another story.
func (c *choice) foreign(at int32) bool {
	e := &c.elements[at]
	if e.parent < 0 || c.barred[e.parent] != "" || c.elements[e.parent].place&(inFigure|inAside|inNav|inFooter) != 0 || e.place&inHidden != 0 {
		return true
	}
	if dom.Within(e.node, "a", "ul", "button") != nil {
		return true
	}
	for inner := range dom.Elements(e.node) {
		if dom.Is(inner, "h1", "h2", "h3", "h4", "blockquote", "table") {
			return true
		}
	}
	return e.traits&(related|advert|carded|letter)&^captioned != 0 && e.linkBlocks > 0
}

// next is the index of the first segment after an element's beginning.
func (c *choice) next(at int32) int32 {
	for i := at; i < int32(len(c.elements)); i++ {
		if first := c.elements[i].first; first >= 0 {
			return first
		}
	}
	return int32(len(c.segments))
}

// captionLimit is how many bytes a caption may have.
const captionLimit = 2000

func captionOf(figure *html.Node) string {
	for n := range dom.Elements(figure) {
		if n.Data != "figcaption" || dom.Length(n) > captionLimit {
			continue
		}
		if text := dom.Text(n); !consents(plainText(text)) && !leadsOff(n, text) {
			return text
		}
		return ""
	}
	return ""
}

// storyWords is how many words in a link name another story rather than a photographer.
const storyWords = 4

// leadsOff says whether most of a caption is the name of another story, which changes with what is worth a click.
func leadsOff(caption *html.Node, text string) bool {
	for n := range dom.Elements(caption) {
		if n.Data == "a" && 2*dom.Length(n) > len(text) && countWords(dom.Text(n)) >= storyWords {
			return true
		}
	}
	return false
}

func stemOf(figure *html.Node) string {
	for n := range dom.Elements(figure) {
		if n.Data != "img" {
			continue
		}
		for _, key := range []string{"src", "data-src", "data-original", "data-lazy-src", "srcset", "data-srcset"} {
			value := strings.TrimSpace(dom.Attr(n, key))
			if strings.HasSuffix(key, "srcset") {
				value, _, _ = strings.Cut(value, " ")
			}
			if stem := Stem(value); stem != "" {
				return stem
			}
		}
	}
	return ""
}

var (
	sizeInName  = regexp.MustCompile(`(?i)(?:[-_]\d{2,4}x\d{2,4}|[-_](?:w|h)?\d{3,4}(?:px|w)?|@[23]x|[-_]scaled)+$`)
	sizeSegment = regexp.MustCompile(`(?i)^(?:\d{2,4}|\d{2,4}x\d{2,4}|[wh][_-]?\d{2,4}|(?:[a-z]{1,2}_[a-z0-9.:]+,?)+|\d{2,4}w)$`)
)

// stemLimit is how many bytes a stem may have.
const stemLimit = 500

// Stem is the path of a picture's address without host, size, query and format, so that a picture delivered in another
// size keeps it. It is empty where the address names no picture.
func Stem(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme == "data" || u.Scheme == "blob" || u.Opaque != "" {
		return ""
	}
	if inner := u.Query().Get("url"); inner != "" && path.Ext(u.Path) == "" {
		if parsed, err := url.Parse(inner); err == nil {
			u = parsed // an image service that is told the picture's own address
		}
	}
	var kept []string
	for _, segment := range strings.Split(strings.Trim(u.Path, "/"), "/") {
		if segment != "" && !sizeSegment.MatchString(segment) {
			kept = append(kept, segment)
		}
	}
	if len(kept) == 0 {
		return ""
	}
	last := kept[len(kept)-1]
	if ext := path.Ext(last); len(ext) <= 5 {
		last = strings.TrimSuffix(last, ext)
	}
	if short := sizeInName.ReplaceAllString(last, ""); short != "" {
		last = short
	}
	kept[len(kept)-1] = last
	stem := dom.Fold("/" + strings.Join(kept, "/"))
	if len(stem) > stemLimit {
		return ""
	}
	return stem
}
