package inspect

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/stetnews/stet/services/internal/show"
)

const page = `<!doctype html><html lang="en"><head><title>Bridge opens</title></head><body><article><h1>Bridge opens</h1>
<p>The bridge over the river opened on Monday after a delay of two years, the city said in a statement.</p>
<p>It cost 30 million crowns, and trains will follow in the spring, according to a spokesman for the city.</p>
</article></body></html>`

func tool(t *testing.T, name string) Tool {
	t.Helper()
	for _, one := range Tools() {
		if one.Name == name {
			return one
		}
	}
	t.Fatalf("no tool %s", name)
	return Tool{}
}

func b64(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

func object(t *testing.T, line []byte) map[string]any {
	t.Helper()
	if !bytes.HasSuffix(line, []byte("\n")) || bytes.Count(line, []byte("\n")) != 1 {
		t.Fatalf("not one line: %q", line)
	}
	var members map[string]any
	if err := json.Unmarshal(line, &members); err != nil {
		t.Fatalf("%v in %s", err, line)
	}
	return members
}

func TestReplyCopiesTheID(t *testing.T) {
	for request, want := range map[string]string{
		`{"id":7,"url":"http://a.example/"}`:                         `{"id":7,"href":`,
		`{"url":"http://a.example/","id":{"b":[1, "x"],"a":null}}`:   `{"id":{"b":[1,"x"],"a":null},"href":`,
		`{"id":"<é>","url":"http://a.example/"}`:                     `{"id":"<é>","href":`,
		`{"id":12345678901234567890,"url":"http://a.example/"}`:      `{"id":12345678901234567890,"href":`,
		`{"url":"http://a.example/"}`:                                `{"id":null,"href":`,
		`{"id":"x","url":"http://["}`:                                `{"id":"x","error":`,
		`{"id":"x","url":5}`:                                         `{"id":"x","error":"\"url\" has the wrong type: number instead of string"`,
		`{"id":"x","url":"http://a.example/`:                         `{"id":"x","error":"line 3 is not JSON: `,
		`{"url":"http://a.example/","id":`:                           `{"id":null,"error":"line 3 is not JSON: `,
		`[1,2]`:                                                      `{"id":null,"error":`,
		`nonsense`:                                                   `{"id":null,"error":"line 3 is not JSON: `,
		`{"id":1,"url":"http://a.example/"} {}`:                      `{"id":1,"error":"line 3 is not JSON: `,
		strings.Repeat("[", 20_000):                                  `{"id":null,"error":`,
		"{\"id\":1,\"url\":\"http://a.example/\xff\"}":               `{"id":1,"href":`,
		`{"id":` + strings.Repeat("[", 11_000) + `,"url":"http://b"`: `{"id":null,"error":`,
	} {
		line := tool(t, "url").Reply(3, []byte(request))
		object(t, line)
		if !strings.HasPrefix(string(line), want) {
			t.Errorf("%.60s is answered %.200s, want %s…", request, line, want)
		}
	}
}

func TestReplyRefusesLongLines(t *testing.T) {
	line := tool(t, "url").reply(9, []byte(`{"id":4,"url":"http://a.example/`+strings.Repeat("a", 100)), 50)
	if got := object(t, line); got["error"] != "line 9 is longer than 50 bytes" || got["id"] != 4.0 {
		t.Errorf("%s", line)
	}
}

func TestReplySurvivesFaults(t *testing.T) {
	faulty := Tool{Line: func([]byte) (Answer, error) { panic("index out of range") }}
	if got := object(t, faulty.Reply(1, []byte(`{"id":1}`))); got["id"] != 1.0 || got["error"] == nil {
		t.Errorf("%v", got)
	}
}

func TestPageLine(t *testing.T) {
	html, _ := json.Marshal(page)
	for _, request := range []string{
		`{"id":1,"url":"https://news.example/bridge","html":` + string(html) + `}`,
		`{"id":1,"url":"https://news.example/bridge","contentType":"text/html","bodyBase64":"` + b64(page) + `"}`,
	} {
		snapshot, _ := object(t, tool(t, "page").Reply(1, []byte(request)))["snapshot"].(map[string]any)
		if snapshot["title"] != "Bridge opens" || snapshot["url"] != "https://news.example/bridge" {
			t.Errorf("read %v", snapshot)
		}
		for _, member := range []string{"sharedTitle", "indexedTitle", "standfirst", "byline", "section", "language",
			"published", "modified", "blocks", "images", "body", "extractor", "quality"} {
			if _, ok := snapshot[member]; !ok {
				t.Errorf("the snapshot has no %q", member)
			}
		}
		if body, _ := snapshot["body"].(string); !strings.Contains(body, "30 million") {
			t.Errorf("the body is %q", body)
		}
	}
	if got := object(t, tool(t, "page").Reply(1, []byte(`{"id":1}`))); got["error"] == nil {
		t.Errorf("without a page: %v", got)
	}
}

func TestDiffLine(t *testing.T) {
	request := `{"id":1,"old":{"title":"Bridge opens","blocks":[{"kind":"PARAGRAPH","text":"It opened on Monday. It cost 30 million."}]},
		"new":{"title":"Bridge opens","blocks":[{"kind":"PARAGRAPH","text":"It opened on Tuesday. It cost 30 million."}],"later":1},"earlier":[]}`
	request = strings.ReplaceAll(request, "\n", " ")
	revision, _ := object(t, tool(t, "diff").Reply(1, []byte(request)))["revision"].(map[string]any)
	for _, member := range []string{"oldUnits", "newUnits", "links", "deleted", "added", "restored", "changes", "weight", "score"} {
		if _, ok := revision[member]; !ok {
			t.Errorf("the revision has no %q", member)
		}
	}
	if units, _ := revision["newUnits"].([]any); len(units) != 3 {
		t.Errorf("units: %v", revision["newUnits"])
	}
	for _, bad := range []string{`{"id":1,"old":{}}`, `{"id":1,"old":{"title":3},"new":{}}`, `{"id":1,"new":{},"earlier":[7]}`} {
		if got := object(t, tool(t, "diff").Reply(1, []byte(bad))); got["error"] == nil || got["id"] != 1.0 {
			t.Errorf("%s: %v", bad, got)
		}
	}
}

const rss = `<rss version="2.0"><channel><title>News</title><link>https://news.example/</link>
<item><title>One</title><link>/one</link><guid>1</guid><pubDate>Mon, 02 Mar 2026 10:00:00 GMT</pubDate></item>
<item><title>Two</title><link>/two</link><guid>2</guid></item></channel></rss>`

func TestFeedLine(t *testing.T) {
	request := `{"id":1,"url":"https://news.example/feed","headers":{"Content-Type":["application/rss+xml"]},"bodyBase64":"` + b64(rss) + `"}`
	var answer struct{ Feed feedDocument }
	line := tool(t, "feed").Reply(1, []byte(request))
	if err := json.Unmarshal(line, &answer); err != nil {
		t.Fatal(err)
	}
	f := answer.Feed
	if len(f.Items) != 2 || f.Items[0].URL != "https://news.example/one" || f.Items[0].Published != "2026-03-02T10:00:00Z" ||
		f.Items[1].Published != "" || f.Salvaged || f.Warnings == nil || f.Title != "News" {
		t.Errorf("%s", line)
	}
	for _, bad := range []string{`{"id":1}`, `{"id":1,"bodyBase64":"!"}`, `{"id":1,"headers":[],"bodyBase64":""}`,
		`{"id":1,"headers":{"content-type":7},"bodyBase64":""}`, `{"id":1,"bodyBase64":"` + b64(page) + `"}`} {
		if got := object(t, tool(t, "feed").Reply(1, []byte(bad))); got["error"] == nil || got["id"] != 1.0 {
			t.Errorf("%s: %v", bad, got)
		}
	}
}

func TestRobotsLine(t *testing.T) {
	body := b64("User-agent: *\nDisallow: /private\n")
	got := object(t, tool(t, "robots").Reply(1, []byte(`{"id":1,"agent":"Any","url":"https://a.example/private/x","bodyBase64":"`+body+`"}`)))
	if got["allowed"] != false || got["line"] != 2.0 || !strings.Contains(got["rule"].(string), "/private") {
		t.Errorf("%v", got)
	}
	got = object(t, tool(t, "robots").Reply(1, []byte(`{"id":1,"agent":"Any","url":"https://a.example/","bodyBase64":""}`)))
	if got["allowed"] != true || got["line"] != 0.0 || got["rule"] != "" {
		t.Errorf("%v", got)
	}
}

func TestRecheckLine(t *testing.T) {
	history := `"source":"s","discovered":"2026-01-01T00:00:00Z","checks":[{"at":"2026-01-01T00:00:00Z"},` +
		`{"at":"2026-01-01T01:00:00Z","changed":true},{"at":"2026-01-01T02:00:00Z"}]`
	got := object(t, tool(t, "recheck").Reply(1, []byte(`{"id":1,`+history+`}`)))
	next, _ := got["next"].(string)
	if next <= "2026-01-01T02:00:00Z" || next > "2026-01-02T02:00:00Z" || got["reason"] == "" || got["over"] != nil {
		t.Errorf("%v", got)
	}
	if edits, _ := got["expectedEdits"].(float64); edits <= 0 || edits > 2 {
		t.Errorf("%v edits are expected", edits)
	}
	got = object(t, tool(t, "recheck").Reply(1, []byte(`{"id":1,`+history+`,"hints":[{"at":"2026-01-01T00:30:00Z"},{"at":"2026-01-01T02:00:01Z"}]}`)))
	if got["next"] != "2026-01-01T02:00:01Z" {
		t.Errorf("the hint is not followed: %v", got)
	}
	got = object(t, tool(t, "recheck").Reply(1, []byte(`{"id":1,"discovered":"2020-01-01T00:00:00Z","checks":[{"at":"2020-01-01T00:00:00Z"},{"at":"2026-01-01T00:00:00Z"}]}`)))
	if got["over"] != true || got["next"] != nil {
		t.Errorf("not over: %v", got)
	}
	for _, bad := range []string{`{"id":1}`, `{"id":1,"discovered":"soon"}`, `{"id":1,"checks":[{"at":5}]}`} {
		if got := object(t, tool(t, "recheck").Reply(1, []byte(bad))); got["error"] == nil || got["id"] != 1.0 {
			t.Errorf("%s: %v", bad, got)
		}
	}
}

// sources has one file, one page of the web and one text on standard input.
func sources(stdin string) Sources {
	return Sources{Stdin: strings.NewReader(stdin),
		ReadFile: func(name string) ([]byte, error) {
			if name == "bridge.html" {
				return []byte(page), nil
			}
			return nil, fs.ErrNotExist
		},
		Fetch: func(_ context.Context, url string) (Input, error) {
			switch url {
			case "https://news.example/bridge":
				return Input{Body: []byte(page), ContentType: "text/html", URL: url, Status: 200}, nil
			case "https://news.example/robots.txt":
				return Input{Body: []byte("User-agent: stet\nDisallow: /bridge"), Status: 200}, nil
			}
			return Input{Status: 503}, errors.New("the site failed")
		}}
}

func TestOne(t *testing.T) {
	for _, test := range []struct {
		name, tool string
		args       []string
		stdin      string
		o          Options
		want       string // in what people read
		err        string
	}{
		{name: "file", tool: "page", args: []string{"bridge.html"}, want: "Bridge opens"},
		{name: "web", tool: "page", args: []string{"https://news.example/bridge"}, want: "https://news.example/bridge"},
		{name: "standard input", tool: "page", stdin: page, o: Options{URL: "https://other.example/"}, want: "https://other.example/"},
		{name: "no such file", tool: "page", args: []string{"none.html"}, err: "reading the input: file does not exist"},
		{name: "two pages", tool: "page", args: []string{"a", "b"}, err: "one at a time"},
		{name: "same pages", tool: "diff", args: []string{"bridge.html", "https://news.example/bridge"}, want: "the text is the same"},
		{name: "page and snapshot", tool: "diff", args: []string{"bridge.html", "-"},
			stdin: `{"snapshot":{"title":"Bridge closes","blocks":[]}}`, want: "Bridge"},
		{name: "request", tool: "diff", stdin: `{"new":{"title":"New"}}`, want: "{+New+}"},
		{name: "feed", tool: "feed", stdin: rss, want: "2 items"},
		{name: "no feed", tool: "feed", args: []string{"bridge.html"}, err: "not a feed"},
		{name: "site's robots", tool: "robots", args: []string{"https://news.example/bridge"}, want: "stet may not read https://news.example/bridge\nline 2"},
		{name: "robots that fail", tool: "robots", args: []string{"https://down.example/x"}, want: "could not be read"},
		{name: "robots of a file", tool: "robots", stdin: "", o: Options{URL: "https://a.example/", Agent: "Bot"}, want: "Bot may read https://a.example/"},
		{name: "robots of what", tool: "robots", stdin: "", err: "--url"},
		{name: "address", tool: "url", args: []string{"../b"}, o: Options{Base: "http://a.example/x/y"}, want: "http://a.example/b"},
		{name: "address on standard input", tool: "url", stdin: "http://a.example\nhttp://b.example\n", want: "http://a.example/"},
		{name: "history", tool: "recheck", stdin: `{"discovered":"2026-01-01T00:00:00Z"}`, want: "next look 2026-01-01T00:00:00Z"},
	} {
		t.Run(test.name, func(t *testing.T) {
			answer, err := tool(t, test.tool).One(t.Context(), sources(test.stdin), test.args, test.o)
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Errorf("the error is %v, want %s", err, test.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var out strings.Builder
			answer.People(show.NewPrinter(&out, false))
			if !strings.Contains(out.String(), test.want) {
				t.Errorf("%q is not in\n%s", test.want, out.String())
			}
			if _, err := json.Marshal(answer); err != nil {
				t.Error(err)
			}
		})
	}
}

func FuzzReply(f *testing.F) {
	for i, seed := range []string{`{"id":1,"url":"http://a/"}`, `{"html":"<p>x"}`, `{"old":{},"new":{"title":"a","blocks":[{"text":"b"}]}}`,
		`{"bodyBase64":"PHJzcz4="}`, `{"agent":"a","url":"http://a/","bodyBase64":""}`, `{"checks":[{"at":"2026-01-01T00:00:00Z"}]}`, `{"id":`} {
		f.Add(uint8(i), []byte(seed))
	}
	tools := Tools()
	f.Fuzz(func(t *testing.T, which uint8, request []byte) {
		line := tools[int(which)%len(tools)].Reply(1, request)
		if !bytes.HasSuffix(line, []byte("\n")) || bytes.Count(line, []byte("\n")) != 1 {
			t.Fatalf("not one line: %q", line)
		}
		var members map[string]json.RawMessage
		if err := json.Unmarshal(line, &members); err != nil || len(members) < 2 {
			t.Fatalf("%v: %s", err, line)
		}
		if strings.Contains(string(members["error"]), "stet has a fault") {
			t.Fatalf("%s", line)
		}
	})
}
