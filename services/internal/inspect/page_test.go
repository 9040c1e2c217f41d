package inspect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stetnews/stet/services/internal/show"
)

// ask sends one page to the tool, with further members of the request.
func ask(t *testing.T, html string, more map[string]any) map[string]any {
	t.Helper()
	request := map[string]any{"id": 1, "url": "https://courier.example/city/bridge", "html": html}
	for member, value := range more {
		request[member] = value
	}
	line, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	return object(t, tool(t, "page").Reply(1, line))
}

func TestPageTellsPassages(t *testing.T) {
	got := ask(t, strings.Replace(page, "</article>", `</article><aside><ul><li><a href="/x">Ten soups for cold days</a></li></ul></aside>`, 1), map[string]any{"passages": true})
	reasons := make(map[string]string)
	for _, p := range got["passages"].([]any) {
		one := p.(map[string]any)
		reason, _ := one["reason"].(string)
		if kept := one["kept"].(bool); kept != (reason == "") {
			t.Errorf("kept %v with the reason %q", kept, reason)
		}
		reasons[one["text"].(string)] = reason
	}
	if reasons["Bridge opens"] == "" || reasons["Ten soups for cold days"] == "" {
		t.Errorf("reasons %v", reasons)
	}
	if plain := ask(t, page, nil); plain["passages"] != nil || plain["site"] != nil || plain["changed"] != nil {
		t.Errorf("told without being asked: %v", plain)
	}
}

func TestPageWithOverride(t *testing.T) {
	override := map[string]any{"note": "The second paragraph is the house's own.", "exclude": []string{"p:nth-of-type(2)"}}
	got := ask(t, page, map[string]any{"override": override})
	if body := fmt.Sprint(got["snapshot"]); strings.Contains(body, "30 million") || !strings.Contains(body, "a delay of two years") {
		t.Errorf("snapshot %s", body)
	}
	if got := ask(t, page, map[string]any{"override": map[string]any{"note": "x", "include": []string{"["}}}); got["error"] == nil {
		t.Errorf("a broken selector was taken: %v", got)
	}
}

// The memory goes from reading to reading, and what differs from the reading before is judged.
func TestPageRemembersTheSite(t *testing.T) {
	with := func(line string) string {
		return strings.Replace(page, "<p>It cost", `<p><a href="/x">Read more: `+line+`</a></p><p>It cost`, 1)
	}
	memory, previous := any(""), any(nil)
	for _, c := range []struct {
		html    string
		changed any
	}{
		{with("A tortoise is lost"), nil}, {with("Bakers argue"), false}, {with("A pilot retires"), false},
		{strings.Replace(with("A pilot retires"), "30 million", "50 million", 1), true},
	} {
		got := ask(t, c.html, map[string]any{"site": memory, "previous": previous})
		if got["error"] != nil || got["changed"] != c.changed {
			t.Fatalf("changed %v, want %v: %v", got["changed"], c.changed, got["error"])
		}
		if memory = got["site"]; memory == "" || memory == nil {
			t.Fatal("nothing is remembered")
		}
		previous = got["snapshot"]
	}
	if got := ask(t, page, map[string]any{"site": "AAAA"}); got["error"] == nil {
		t.Error("a spoilt memory was taken")
	}
}

func TestPageShowsWhatIsLeftOut(t *testing.T) {
	answer, err := tool(t, "page").Line([]byte(`{"url":"https://courier.example/a","html":"<h1>Bridge opens</h1><p>The bridge over the river opened on Monday, the city said.</p><nav><a href=/>City \u001b[31m</a></nav>"}`))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	answer.People(show.NewPrinter(&out, false))
	for _, want := range []string{"Left out (2)\n", "- the headline\n", "- in the page's navigation, header or footer\n    City"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in:\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "\x1b") {
		t.Error("a page can write to the terminal")
	}
}
