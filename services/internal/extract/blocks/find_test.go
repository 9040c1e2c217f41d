package blocks

import (
	"strings"
	"testing"

	"github.com/stetnews/stet/services/internal/extract/dom"
)

func find(t *testing.T, page string, h Hints) (Body, map[string]string) {
	t.Helper()
	doc, err := dom.Parse(page)
	if err != nil {
		t.Fatal(err)
	}
	f, err := NewFinder()
	if err != nil {
		t.Fatal(err)
	}
	b := f.Find(doc, h, nil)
	reasons := make(map[string]string)
	for _, p := range b.Passages {
		reasons[p.Text] = p.Reason
	}
	return b, reasons
}

const (
	first  = "The harbour office closed the old bridge on Tuesday evening after engineers found cracks in two of the four piers."
	second = "Drivers heading for the northern districts were sent along the river road, where long queues formed before nine o'clock."
	third  = "A spokeswoman said that the repair would take six weeks, and that buses would run every ten minutes until then."
)

// Each line stands in an article whose three paragraphs must be kept.
func TestLinesInAnArticle(t *testing.T) {
	for _, c := range []struct{ name, line, text, reason string }{
		{"correction", `<p><em>Correction: The bridge has four piers, not three.</em></p>`, "Correction: The bridge has four piers, not three.", ""},
		{"note in a box", `<div class="correction">Clarification: The office has since said that it knew.</div>`, "Clarification: The office has since said that it knew.", ""},
		{"short", `<p>Nobody was hurt.</p>`, "Nobody was hurt.", ""},
		{"heading", `<h2>Buses instead</h2>`, "Buses instead", ""},
		{"quotation", `<blockquote><p>We saw the cracks only when the water fell.</p></blockquote>`, "We saw the cracks only when the water fell.", ""},
		{"list", `<ul><li>Buses run from the market square.</li><li>The river road stays open.</li></ul>`, "The river road stays open.", ""},
		{"read more", `<p><a href="/x">Read more: A tortoise is lost in Velden</a></p>`, "Read more: A tortoise is lost in Velden", ReasonModel},
		{"navigation", `<nav>City, sport and weather</nav>`, "City, sport and weather", ReasonPlace},
		{"hidden", `<p style="display: none">You are offline at the moment.</p>`, "You are offline at the moment.", ReasonHidden},
		{"no scripts", `<noscript><p>Please turn on scripts to see the pictures of this story.</p></noscript>`, "Please turn on scripts to see the pictures of this story.", ReasonHidden},
		{"advertisement", `<p>Advertisement</p>`, "Advertisement", ReasonFurniture},
		{"named", `<div class="c-newsletter-box"><p>The best of the week, every Friday.</p></div>`, "The best of the week, every Friday.", ReasonNamed},
		{"headline again", `<p>Bridge closed after cracks are found</p>`, "Bridge closed after cracks are found", ReasonRepeated},
		{"cookies", `<p>We use cookies to make our pages better for you.</p>`, "We use cookies to make our pages better for you.", ReasonFurniture},
		{"comments", `<div class="comments-list"><p>I have never liked this bridge, and I said so before.</p></div>`, "I have never liked this bridge, and I said so before.", ReasonStrict},
		{"address", `<p>city@courier.example</p>`, "city@courier.example", ReasonFurniture},
	} {
		page := `<html><body><article><h1>Bridge closed after cracks are found</h1><p>` + first + `</p><p>` + second + `</p>` + c.line + `<p>` + third + `</p></article></body></html>`
		b, reasons := find(t, page, Hints{Titles: []string{"Bridge closed after cracks are found"}})
		for _, text := range []string{first, second, third} {
			if why := reasons[text]; why != "" {
				t.Errorf("%s: a paragraph is left out: %s", c.name, why)
			}
		}
		why, there := reasons[c.text]
		if c.reason == ReasonModel && why == ReasonLinks {
			why = ReasonModel // either is right for a line that is all link
		}
		if !there || why != c.reason {
			t.Errorf("%s: reason %q (there: %v), want %q", c.name, why, there, c.reason)
		}
		if len(b.Blocks) < 3 {
			t.Errorf("%s: %d blocks", c.name, len(b.Blocks))
		}
	}
}

// A rule on an element must not apply to a wrapper of the whole article.
func TestWrappersNamedAsFurniture(t *testing.T) {
	for _, wrapper := range []string{`<div class="sidebar">%</div>`, `<form class="newsletter">%</form>`, `<header>%</header>`, `<div class="breadcrumb">%</div>`, `<aside>%</aside>`,
		`<div class="share"><div class="share">%</div></div>`} {
		page := `<html><body>` + strings.Replace(wrapper, "%", "<h1>Bridge closed</h1><p>"+first+"</p><p>"+second+"</p><p>"+third+"</p>", 1) + `</body></html>`
		_, reasons := find(t, page, Hints{Titles: []string{"Bridge closed"}})
		for _, text := range []string{first, second, third} {
			if why := reasons[text]; why != "" {
				t.Errorf("%s: %s", wrapper, why)
			}
		}
	}
}

// Parts of an article may stand in containers side by side.
func TestSplitBodiesAreJoined(t *testing.T) {
	part := func(texts ...string) string {
		return `<div class="chunk"><p>` + strings.Join(texts, "</p><p>") + `</p></div>`
	}
	page := `<html><body><article><h1>Bridge closed</h1>` + part(first, second, third) + `<div class="ad">Lamps for less</div>` +
		part("Shopkeepers on the island fear for their autumn trade, as many customers walk across the bridge.", "The office wants to speak with them on Friday, in the town hall.") + `</article></body></html>`
	b, _ := find(t, page, Hints{Titles: []string{"Bridge closed"}})
	if len(b.Blocks) != 5 {
		t.Errorf("%d blocks, want 5: %v", len(b.Blocks), b.Blocks)
	}
}

func TestLinesPartedByBreaks(t *testing.T) {
	page := `<html><body><article><h1>Bridge closed</h1><div>` + first + `<br><br>` + second + `<br>` + third + `</div></article></body></html>`
	b, _ := find(t, page, Hints{Titles: []string{"Bridge closed"}})
	if len(b.Blocks) != 2 || b.Blocks[1].Text != second+" "+third {
		t.Errorf("blocks %v", b.Blocks)
	}
}

// Short pages in scripts without spaces hold few words, and must not let the lists beside them in.
func TestShortPagesInOtherScripts(t *testing.T) {
	for name, texts := range map[string][3]string{
		"Chinese":  {"港务局周二晚上关闭了旧桥，工程师在四座桥墩中的两座发现了裂缝。", "发言人表示，维修至少需要六周时间。", "天气预报与潮汐时间表"},
		"Japanese": {"港湾局は火曜日の夜、古い橋を閉鎖した。四本の橋脚のうち二本に亀裂が見つかったためだ。", "修理には少なくとも六週間かかる見込みだという。", "今週の人気記事はこちら"},
		"Thai":     {"สำนักงานท่าเรือปิดสะพานเก่าเมื่อคืนวันอังคารหลังจากวิศวกรพบรอยร้าวในตอม่อสองต้น.", "การซ่อมแซมจะใช้เวลาหกสัปดาห์.", "ข่าวยอดนิยมประจำสัปดาห์"},
		"Arabic":   {"أغلق مكتب الميناء الجسر القديم مساء الثلاثاء بعد أن وجد المهندسون شقوقا في دعامتين.", "وقالت متحدثة إن الإصلاح سيستغرق ستة أسابيع.", "الأكثر قراءة هذا الأسبوع"},
		"Hindi":    {"बंदरगाह कार्यालय ने मंगलवार शाम पुराने पुल को बंद कर दिया क्योंकि दो खंभों में दरारें मिलीं।", "मरम्मत में छह सप्ताह लगेंगे।", "इस सप्ताह की लोकप्रिय खबरें"},
	} {
		page := `<html><body><header><nav><a href="/">A</a></nav></header><main><h1>B</h1><p>` + texts[0] + `</p><p>` + texts[1] + `</p></main><div><h3>C</h3><ul><li><a href="/1">` +
			texts[2] + `</a></li><li><a href="/2">` + texts[2] + `2</a></li></ul></div></body></html>`
		_, reasons := find(t, page, Hints{})
		if reasons[texts[0]] != "" || reasons[texts[1]] != "" || reasons[texts[2]] == "" {
			t.Errorf("%s: %v", name, reasons)
		}
	}
}

func TestSign(t *testing.T) {
	for text, furniture := range map[string]bool{
		"Read more: A tortoise is lost": true, "41 minutes ago": true, "Lesen Sie auch: Ein Dorf ohne Laden": true, "312": true, "Sign up for our newsletter": true,
		"Advertisement": true, "Lire aussi : Un village sans médecin": true, "続きを読む": true,
		"The bridge was closed 41 minutes ago, the office said in a statement on Tuesday.": false, "There are 12 houses.": false, "Nobody was hurt.": false,
		"Correction: The text was updated at 3 pm.": false, "He wanted to share the money with us, she said.": false,
	} {
		if got := Sign(text); (got != "") != furniture {
			t.Errorf("Sign(%q) = %q", text, got)
		}
	}
}
