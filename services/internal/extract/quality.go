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
	ReasonError      = "error page"
	ReasonRobotCheck = "asks whether a person reads"
	ReasonFrontPage  = "the site's front page or a list of stories"
	ReasonShort      = "very short text"
	ReasonTooLarge   = "page too deep or too large"
	ReasonPageCut    = "page cut"
	ReasonTruncated  = "truncated"
	// ReasonForPay is no ground for a verdict: many such pages show their whole text.
	ReasonForPay = "not free to read, by its own word"
)

const (
	// shortText is below which weight a body is suspect: 200 letters of a European language.
	shortText = 200
	// wallText is up to which weight a page that asks for something counts as a wall: an article may speak of logins.
	wallText = 600
	// notFoundText is up to which weight a page with a soft 404's title counts as one.
	notFoundText = 1500
	// errorLength is how many bytes the title of a long error page has: a story's is longer.
	errorLength = 40
)

var (
	notFoundTitle = regexp.MustCompile(`(?i)^(?:(?:error|fehler|erreur|http)?[ :#-]*404(?:$|[ :#.–|-]*(?:$|error|fehler|not found|page|seite|[-–|:.] ))|(?:oops|sorry)?[!,. ]*(?:(?:the |this )?page (?:(?:was|could|can) ?not (?:be )?found|not found|does(?:n[’']t| not) exist|no longer exists|is not available)|not found\b)|seite (?:wurde )?nicht gefunden|page (?:introuvable|non trouvée)|p[aá]gina (?:no encontrada|não encontrada|non trovata)|pagina niet gevonden|sidan (?:hittades|kunde) inte|siden (?:ble|blev)? ?ikke funnet|страница не найдена|ページが見つかりません|页面不存在)|[-–|:] (?:404|page not found|not found)$`)

	errorTitle = regexp.MustCompile(`(?i)^(?:(?:error|http)[ :#-]*)?(?:(?:40[0135]|410|429|5\d\d)\b|(?:internal )?server error|bad gateway|service (?:temporarily )?unavailable|gateway time-?out|access (?:is |has been )?denied|forbidden|zugriff verweigert|accès refusé|acceso denegado|accesso negato|site (?:is )?(?:under|down for) maintenance|wartungsarbeiten|we(?:['’]| a)re (?:down for|having) |something went wrong|an error (?:has )?occurred|ein fehler ist aufgetreten|une erreur (?:est survenue|s['’]est produite))`)
	robotText  = regexp.MustCompile(`(?i)(?:^just a moment|attention required|verify(?:ing)? (?:that )?you are (?:a )?human|are you a (?:human|robot)|checking your browser|prove (?:that )?you(?:['’]re| are) (?:not a robot|human)|unusual traffic|enable javascript and cookies to continue|complete the (?:captcha|security check)|press (?:&|and) hold|bestätigen sie, dass sie (?:ein mensch|kein roboter) sind|vérifiez que vous êtes (?:un )?humain|verifica que eres humano|人間であることを確認|请完成安全验证)`)

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
	shown := ""
	if size < wallText {
		shown = dom.Text(e.doc)
	}
	against := walls(s, e, size, shown)
	switch {
	case s.Title == "" && size == 0:
		against = append(against, ReasonNoContent)
	case notFoundTitle.MatchString(s.Title) || notFoundTitle.MatchString(e.meta.PageTitle):
		if size < notFoundText {
			against = append(against, ReasonNotFound)
		}
	}
	if errorTitle.MatchString(s.Title) && (size < shortText || size < notFoundText && len(s.Title) <= errorLength) ||
		errorTitle.MatchString(e.meta.PageTitle) && size < shortText {
		against = append(against, ReasonError)
	}
	if frontPage(e) {
		against = append(against, ReasonFrontPage)
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
	if e.meta.ForPayOnly {
		quality.Reasons = append(quality.Reasons, ReasonForPay)
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
	if size < wallText && (robotText.MatchString(e.meta.PageTitle) || robotText.MatchString(text) || weight(shown) < 2*wallText && robotText.MatchString(shown)) {
		found = append(found, ReasonRobotCheck)
	}
	if weight(shown) < 2*wallText {
		text += "\n" + shown // little else on the page: what it says, it says instead of the article
	}
	if size < wallText && (mostly(s, loginText, text) || loginPath.MatchString(path) || size < shortText && asksPassword(e.doc)) {
		found = append(found, ReasonLogin)
	}
	if size < wallText && (mostly(s, consentText, text) || wallAddress.MatchString(host+path)) {
		found = append(found, ReasonConsent)
	}
	if size < wallText && paywallText.MatchString(text) || size < shortText && e.meta.ForPayOnly {
		found = append(found, ReasonPaywall)
	}
	return found
}

// mostly says whether a page asks for something. Where there is a text, half of it must: a story may speak of logins.
func mostly(s *article.Snapshot, asks *regexp.Regexp, text string) bool {
	if !asks.MatchString(text) {
		return false
	}
	whole, asking := weight(s.Body()), 0
	for _, b := range s.Blocks {
		if asks.MatchString(b.Text) {
			asking += weight(b.Text)
		}
	}
	return whole < shortText || asking*2 >= whole
}

// frontPage says whether the page declares itself the site's root though another address was asked for, and is no
// article by its own word: where a taken-down article leads home.
func frontPage(e evidence) bool {
	if e.meta.Article || e.meta.Canonical == "" {
		return false
	}
	asked, err := url.Parse(e.url)
	if err != nil || len(strings.Trim(asked.Path, "/")) < 10 {
		return false
	}
	told, err := url.Parse(e.meta.Canonical)
	if err != nil {
		return false
	}
	root := strings.Trim(told.Path, "/")
	return told.RawQuery == "" && (root == "" || len(root) <= 5 && !strings.Contains(root, "/")) && (told.Host == "" || told.Host == asked.Host)
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
