package extract

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/extract/dom"
	"github.com/stetnews/stet/services/internal/extract/metadata"
	"golang.org/x/net/html"
)

// The reasons a snapshot's quality gives.
const (
	ReasonNoContent  = "no title and no text"
	ReasonEmptyShell = "empty shell: the page is filled by scripts"
	ReasonLogin      = "login wall"
	ReasonConsent    = "consent wall"
	ReasonPaywall    = "paywall"
	ReasonNotFound   = "the title says that there is no such page"
	ReasonShort      = "very short text"
	ReasonTooLarge   = "page too deep or too large"
	ReasonCrashed    = "the extractor failed on this page"
	ReasonPageCut    = "page cut"
	ReasonTruncated  = "truncated"
)

const (
	// shortText is below which weight a body is suspect: 200 letters of a European language.
	shortText = 200
	// wallText is up to which weight a page that asks for something counts as a wall: an article may speak of logins.
	wallText = 600
	// notFoundText is up to which weight a page with a soft 404's title counts as one.
	notFoundText = 1500
)

var (
	notFoundTitle = regexp.MustCompile(`(?i)^(?:(?:error|fehler|erreur|http)?[ :#-]*404\b|(?:oops|sorry)?[!,. ]*(?:(?:the |this )?page (?:(?:was|could|can) ?not (?:be )?found|not found|does(?:n[’']t| not) exist|no longer exists|is not available)|not found\b)|seite (?:wurde )?nicht gefunden|page (?:introuvable|non trouvée)|p[aá]gina (?:no encontrada|não encontrada|non trovata)|pagina niet gevonden|sidan (?:hittades|kunde) inte|siden (?:ble|blev)? ?ikke funnet|страница не найдена|ページが見つかりません|页面不存在)|[-–|:] (?:404|page not found|not found)$`)

	loginText   = regexp.MustCompile(`(?i)\b(?:(?:log|sign) ?in (?:to (?:continue|go on|carry on|keep|read|view|access)|or (?:register|create|sign up))|(?:register|create (?:an|a free) account) to (?:continue|read)|(?:melden sie sich an|einloggen),? um|connectez-vous pour|inicia sesi[oó]n para|accedi per (?:continuare|leggere)|fa[cç]a login para|log in om)`)
	paywallText = regexp.MustCompile(`(?i)(?:subscribe (?:now )?to (?:continue|read|keep reading|unlock)|subscribers? only|only (?:available )?(?:to|for) subscribers|already a subscriber|nur für abonnenten|mit .{0,20}abo weiterlesen|réservé aux abonnés|s[oó]lo para suscriptores|exclusivo para (?:suscriptores|assinantes)|riservato agli abbonati|alleen voor abonnees)`)
	consentText = regexp.MustCompile(`(?i)(?:before you continue|accept (?:all )?cookies|we (?:and our partners )?use cookies|consent to (?:the use|our use)|cookies akzeptieren|zustimmen und weiter|accepter (?:et continuer|les cookies)|aceptar (?:y continuar|cookies)|accetta (?:e continua|i cookie))`)
	wallAddress = regexp.MustCompile(`(?i)(?:^|[./])(?:consent|cookie-?wall|privacy-?gate)(?:[./]|$)`)
	loginPath   = regexp.MustCompile(`(?i)/(?:log-?in|sign-?in|auth|sso)(?:[/.]|$)`)
)

// evidence is what a verdict rests on besides the snapshot.
type evidence struct {
	doc     *html.Node
	meta    metadata.Metadata
	url     string
	reasons []string // found before the verdict
}

// judge gives the verdict on a snapshot. Every reason found is listed, the decisive ones first.
func judge(s *article.Snapshot, e evidence) article.Quality {
	size := weight(s.Body())
	shown := dom.Text(e.doc)
	against := walls(s, e, size, shown)
	switch {
	case s.Title == "" && size == 0:
		against = append(against, ReasonNoContent)
	case notFoundTitle.MatchString(s.Title) || notFoundTitle.MatchString(e.meta.PageTitle):
		if size < notFoundText {
			against = append(against, ReasonNotFound)
		}
	}
	if weight(shown) < shortText && hasScript(e.doc) && size < shortText {
		against = append(against, ReasonEmptyShell)
	}
	if len(against) > 0 {
		return article.Quality{Verdict: article.NotAnArticle, Reasons: append(against, e.reasons...)}
	}
	quality := article.Quality{Verdict: article.OK, Reasons: e.reasons}
	for _, reason := range e.reasons {
		if reason != ReasonTruncated {
			quality.Verdict = article.Suspect
		}
	}
	if size < shortText {
		quality.Verdict = article.Suspect
		quality.Reasons = append(quality.Reasons, ReasonShort)
	}
	return quality
}

// walls are what stands before the article, if anything clearly does.
func walls(s *article.Snapshot, e evidence, size int, shown string) []string {
	var found []string
	host, path := "", ""
	if u, err := url.Parse(e.url); err == nil {
		host, path = u.Host, u.Path
	}
	text := s.Title + "\n" + s.Body()
	if weight(shown) < 2*wallText {
		text += "\n" + shown // little else on the page: what it says, it says instead of the article
	}
	if size < wallText && (loginText.MatchString(text) || loginPath.MatchString(path) || size < shortText && asksPassword(e.doc)) {
		found = append(found, ReasonLogin)
	}
	if size < wallText && (consentText.MatchString(text) || wallAddress.MatchString(host+path)) {
		found = append(found, ReasonConsent)
	}
	if size < wallText && paywallText.MatchString(text) || size < shortText && e.meta.ForPayOnly {
		found = append(found, ReasonPaywall)
	}
	return found
}

// weight is a text's length in letters of an alphabet. A character of the scripts that write words in one or two counts
// for three.
func weight(text string) int {
	total := 0
	for _, r := range text {
		total++
		if r > 0x2e00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) {
			total += 2
		}
	}
	return total
}

func hasScript(doc *html.Node) bool {
	for n := range dom.Elements(doc) {
		if n.Data == "script" {
			return true
		}
	}
	return false
}

// asksPassword says whether the page has a field for a password outside its header, where many pages keep one.
func asksPassword(doc *html.Node) bool {
	for n := range dom.Elements(doc) {
		if n.Data == "input" && strings.EqualFold(dom.Attr(n, "type"), "password") &&
			dom.Within(n, "header", "nav", "footer", "aside") == nil {
			return true
		}
	}
	return false
}
