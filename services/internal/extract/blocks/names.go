package blocks

import (
	"strings"

	"golang.org/x/net/html"
)

// trait is what an element's names say of it: classes, id, itemprop and the like, written by hand by the people who make
// sites. Several can be said at once.
type trait uint32

// The traits. Those up to furnitureTraits speak for furniture in most places.
const (
	named trait = 1 << iota // body, story, text
	headlined
	standfirst
	authored
	dated
	captioned
	related
	letter
	advert
	sharing
	commented
	navigation
	footed
	headed
	sidelined
	consent
	tagged
	carded
	widget
	biography
	quoted
	corrected
	livened
	walled
	played
	legal
	unseen
	overlaid
	linked
	factual
	shopped
	traits = iota
)

// dropped are the traits whose elements are left out, unless they hold the article.
const dropped = related | letter | advert | sharing | footed | sidelined | consent | biography | overlaid

// traitWords are the words for each trait, in the languages of class names: English, and what local teams add.
var traitWords = map[trait]string{
	named:      "article body story text content entry post paragraph copy main richtext prose articlebody entrycontent artikel texto corpo cuerpo contenido articulo noticia texte contenu testo",
	headlined:  "headline title heading titulo titel titre titolo overskrift rubrik",
	standfirst: "lead lede dek deck standfirst subtitle subheadline subhead summary intro excerpt abstract chapo vorspann teasertext bajada entradilla sottotitolo sommario ingress manchet underrubrik ondertitel subtitulo perex lid leadtext kicker preamble resumo subtitle",
	authored:   "author authors byline writer contributor contributors reporter autor auteur autore redakteur journalist signature firma credits bylines",
	dated:      "date time timestamp datetime published updated pubdate dateline datum fecha data reading readtime",
	captioned:  "caption figcaption figure credit photo image img media gallery picture slideshow bild foto legende credits thumb thumbnail zdj photocredit carousel",
	related:    "related recommended recommendations recommendation readmore seealso further recirc recirculation mostread popular trending mostpopular moreon morefrom upnext outbrain taboola similar suggested suggestions relacionadas relacionados verwandt upsell onward nextup latest lire-aussi leggi meist",
	letter:     "newsletter newsletters signup subscribe subscription nl inscription abonnement mailing optin",
	advert:     "ad ads adv advert advertisement advertising adsbygoogle sponsor sponsored promo promotion promotions banner dfp gpt adslot adunit adwrapper anzeige werbung publicidad publicite reklama adcontainer billboard leaderboard mpu commercial",
	sharing:    "share sharing social toolbar follow socials sharebar sharetools addthis facebook twitter whatsapp print teilen compartir partage",
	commented:  "comment comments discussion disqus commentlist respond reactions replies kommentare comentarios commentaires commenti coral",
	navigation: "nav menu breadcrumb breadcrumbs navigation navbar menubar pagination pager prev next",
	footed:     "footer foot bottom footnotes colophon",
	headed:     "header masthead topbar hero",
	sidelined:  "sidebar aside rail rightrail side siderail sidebars",
	consent:    "cookie cookies consent gdpr privacy onetrust didomi cmp sourcepoint ccpa",
	tagged:     "tag tags topic topics keywords category categories taxonomy tematy section themen temas label labels eyebrow",
	carded:     "card cards teaser teasers tile item items list grid stories feed river headlines articles posts collection",
	widget:     "widget box module embed component block container wrapper plugin placeholder insert inset",
	biography:  "bio biography authorbio aboutauthor authorbox authorinfo authordescription",
	quoted:     "quote pullquote blockquote quotation citation zitat",
	corrected:  "correction corrections note clarification editorsnote errata disclaimer update updates amendment",
	livened:    "live liveblog ticker liveticker timeline liveupdate",
	walled:     "paywall premium gate regwall subscriber piano meter barrier locked",
	played:     "video audio player podcast listen youtube jwplayer brightcove vjs speech tts",
	legal:      "copyright legal license rights terms impressum",
	unseen:     "hidden hide sr visually screenreader offscreen invisible collapsed visuallyhidden sronly print-only a11y assistive",
	overlaid:   "modal popup overlay dialog lightbox tooltip popover popin toast snackbar",
	linked:     "link links button btn cta url readmorelink",
	factual:    "fact facts infobox factbox sidebox background info glossary explainer stat stats chart table score timeline",
	shopped:    "product shop price buy affiliate deal deals store cart",
}

// traitOf is the trait of a word.
var traitOf = func() map[string]trait {
	all := make(map[string]trait, 600)
	for t, list := range traitWords {
		for _, word := range strings.Fields(list) {
			all[word] |= t
		}
	}
	return all
}()

// namesOf reads the traits of an element's names, and hashes its tag and class words into a signature. Words with digits
// say nothing that lasts: build tools and databases make them.
func (p *Page) namesOf(n *html.Node) (trait, uint64) {
	var found trait
	sig := hashText(n.Data)
	for _, a := range n.Attr {
		switch a.Key {
		case "class":
			e := p.names(a.Val)
			found |= e.traits
			sig = mix(sig, e.sig)
		case "id", "itemprop", "data-testid", "data-component", "data-type", "role", "data-module":
			found |= p.names(a.Val).traits
		}
	}
	return found, sig
}

type nameFacts struct {
	traits trait
	sig    uint64
}

// maxNames is how many bytes of an attribute are read for names.
const maxNames = 400

// names looks a value up among those of the page that were read before: pages repeat few.
func (p *Page) names(value string) nameFacts {
	if known, ok := p.known[value]; ok {
		return known
	}
	var f nameFacts
	for name := range strings.FieldsSeq(value[:min(len(value), maxNames)]) {
		f.read(name)
	}
	p.known[value] = f
	return f
}

// read takes up the parts of a name without digits, in lower case: c-articleBody gives c, article, body; a name of several
// parts is also taken up whole, as carticlebody.
func (f *nameFacts) read(name string) {
	var whole [64]byte
	n, from, parts, digits, lower := 0, 0, 0, false, false
	flush := func() {
		switch {
		case n == from:
		case digits:
			n = from
		default:
			parts++
			f.take(whole[from:n])
		}
		from, digits = n, false
	}
	for i := 0; i < len(name) && n < len(whole); i++ {
		c := name[i]
		switch {
		case c >= 'A' && c <= 'Z':
			if lower {
				flush()
			}
			c += 'a' - 'A'
			lower = false
		case c >= 'a' && c <= 'z' || c >= 0x80:
			lower = true
		case c >= '0' && c <= '9':
			digits = true
		default:
			flush()
			lower = false
			continue
		}
		whole[n] = c
		n++
	}
	flush()
	if parts > 1 {
		f.take(whole[:n])
	}
}

func (f *nameFacts) take(word []byte) {
	f.traits |= traitOf[string(word)]
	if len(word) > 1 { // a letter alone is a variant's: slot-a, slot-b
		f.sig = mix(f.sig, hashText(word))
	}
}

// hashText is FNV-1a, so that signatures are equal on every machine and in every run.
func hashText[T string | []byte](text T) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(text) {
		h = (h ^ uint64(text[i])) * 1099511628211
	}
	return h
}

func mix(a, b uint64) uint64 { return (a ^ (b + 0x9e3779b97f4a7c15 + a<<6 + a>>2)) * 1099511628211 }
