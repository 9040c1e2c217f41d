package main

import (
	"context"
	"encoding/xml"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/stetnews/stet/proto/stet/event/v1"
	"github.com/stetnews/stet/proto/stet/query/v1"
	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/newssite"
)

// The hostile story's title and a paragraph of it.
const (
	hostileTitle     = "Keeper finds <script>alert(1)</script> painted on the lock"
	hostileParagraph = `The writing read <img src=x onerror=alert(2)> and "><a href="javascript:alert(3)">more</a> and ` +
		"\x1b[31mred\x07 letters, and nobody at the canal office could say who had painted it there by night."
)

func TestFeedToPage(t *testing.T) {
	t.Parallel()
	ctx := deadline(t)
	press := newPress(t, 1)
	var addresses []string
	for i := range 2 {
		_, address := press.write(t, 0, i)
		addresses = append(addresses, address)
	}
	id, hostileAddress := press.write(t, 0, 2)
	if err := press.Edit(id, func(s *newssite.Story) {
		s.Title, s.Byline = hostileTitle, "javascript:alert(4)"
		s.Paragraphs = append(s.Paragraphs, hostileParagraph)
	}); err != nil {
		t.Fatal(err)
	}
	stet := start(ctx, t, t.TempDir(), press.addresses[0].FeedURL)
	seen := stet.watch(ctx, func(h history) bool { return h.total() == 3 })
	for _, address := range append(addresses, hostileAddress) {
		if len(seen[address]) != 1 {
			t.Fatalf("no version of %s among %v", address, slices.Collect(maps.Keys(seen)))
		}
	}

	// The edit is seen, and only in the article that it was made in.
	if err := press.Edit(id, func(s *newssite.Story) {
		s.Paragraphs[1] = strings.Replace(s.Paragraphs[1], "loaded with gravel", "laden with quartz", 1)
	}); err != nil {
		t.Fatal(err)
	}
	edited := seen[hostileAddress][0].GetArticle()
	stet.checkNow(ctx, edited)
	seen = stet.watch(ctx, func(h history) bool { return len(h[hostileAddress]) == 2 })
	if seen.total() != 4 {
		t.Errorf("%d versions after one edit of three articles", seen.total())
	}
	found := map[string]int{"removed:gravel": 1, "added:quartz": 1, "removed:quartz": 0, "gates": 4}
	for query, want := range found {
		eventually(ctx, t, fmt.Sprintf("%q finds %d", query, want), func() bool {
			answer, err := stet.client.Search(ctx, &queryv1.SearchRequest{Query: query})
			if err != nil {
				t.Fatal(err)
			}
			return answer.GetTotal() == int64(want)
		})
	}

	page, header := stet.page(ctx, "/article/"+edited+"/diff/1..2")
	for _, want := range []string{"<del>", "gravel", "<ins>", "quartz", "&lt;script&gt;alert(1)"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not on the page of the change", want)
		}
	}
	policy := header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "script-src") {
		t.Errorf("the content policy is %q", policy)
	}
	for _, path := range []string{"/", "/article/" + edited, "/article/" + edited + "/diff/1..2", "/article/" + edited + "/version/2",
		"/search?q=removed:gravel", "/feeds"} {
		page, _ := stet.page(ctx, path)
		wantInert(t, path, page)
	}
	feed, _ := stet.page(ctx, "/article/"+edited+"/atom.xml")
	wantAtom(t, feed, hostileTitle)
	stet.interrupt()
}

// wantInert checks that nothing on a page could run.
func wantInert(t *testing.T, path, page string) {
	t.Helper()
	if i := strings.IndexFunc(page, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x7f }); i >= 0 {
		t.Errorf("%s: control character %q", path, page[i])
	}
	document, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for node := range document.Descendants() {
		if node.Type != html.ElementNode {
			continue
		}
		if slices.Contains([]string{"script", "iframe", "object", "embed", "base"}, node.Data) {
			t.Errorf("%s: element %s", path, node.Data)
		}
		for _, a := range node.Attr {
			value := strings.ToLower(strings.TrimSpace(a.Val))
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" || strings.HasPrefix(value, "javascript:") {
				t.Errorf("%s: %s has %s=%q", path, node.Data, a.Key, a.Val)
			}
		}
	}
}

func wantAtom(t *testing.T, text, title string) {
	t.Helper()
	var feed struct {
		XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
		ID      string   `xml:"id"`
		Updated string   `xml:"updated"`
		Entries []struct {
			Title   string `xml:"title"`
			ID      string `xml:"id"`
			Content string `xml:"content"`
		} `xml:"entry"`
	}
	if err := xml.Unmarshal([]byte(text), &feed); err != nil {
		t.Fatalf("the Atom feed is no XML: %v\n%s", err, text)
	}
	if _, err := time.Parse(time.RFC3339, feed.Updated); err != nil || feed.ID == "" || len(feed.Entries) == 0 {
		t.Fatalf("the Atom feed is %+v, %v", feed, err)
	}
	for _, entry := range feed.Entries {
		if entry.ID == "" || !strings.Contains(entry.Title, title) || strings.Contains(entry.Content, "<script") {
			t.Errorf("an entry is %+v", entry)
		}
	}
}

// reader keeps what a newspaper printed, to hold it against what stet has.
type reader struct {
	t       *testing.T
	press   *press
	ids     map[string]string              // by address
	printed map[string][]newssite.Story    // by address, every state that stet has or is to see
	papers  map[string]*newssite.Publisher // by address
}

func newReader(t *testing.T, press *press) *reader {
	return &reader{t, press, map[string]string{}, map[string][]newssite.Story{}, map[string]*newssite.Publisher{}}
}

func (r *reader) publish(publisher, number int) {
	r.t.Helper()
	id, address := r.press.write(r.t, publisher, number)
	r.ids[address], r.papers[address] = id, r.press.Publishers()[publisher]
	r.note(address)
}

func (r *reader) note(address string) {
	r.t.Helper()
	story, ok := r.papers[address].Article(r.ids[address])
	if !ok {
		r.t.Fatalf("there is no story at %s", address)
	}
	r.printed[address] = append(r.printed[address], story)
}

// edit changes up to so many stories of which stet has seen all states, and gives the articles.
func (r *reader) edit(seen history, most int) (articles []string) {
	r.t.Helper()
	for _, address := range slices.Sorted(maps.Keys(seen)) {
		states := len(r.printed[address])
		if len(articles) == most || len(seen[address]) != states {
			continue
		}
		if err := r.press.Edit(r.ids[address], func(s *newssite.Story) {
			s.Paragraphs[states%3] += fmt.Sprintf(" This was added in edition %d of the evening.", states+1)
		}); err != nil {
			r.t.Fatal(err)
		}
		r.note(address)
		articles = append(articles, seen[address][0].GetArticle())
	}
	return articles
}

func (r *reader) states() (n int) {
	for _, states := range r.printed {
		n += len(states)
	}
	return n
}

// compare holds the versions of every article against what was printed.
func (r *reader) compare(ctx context.Context, stet *process, seen history) {
	r.t.Helper()
	for address, states := range r.printed {
		versions := stet.versions(ctx, seen[address][0].GetArticle())
		if len(versions) != len(states) {
			r.t.Errorf("%s: %d versions of %d", address, len(versions), len(states))
			continue
		}
		for i, version := range versions {
			var paragraphs []string
			for _, block := range version.GetSnapshot().GetBlocks() {
				if block.GetKind() == eventv1.Block_PARAGRAPH {
					paragraphs = append(paragraphs, block.GetText())
				}
			}
			if title := version.GetSnapshot().GetTitle(); title != states[i].Title || !slices.Equal(paragraphs, states[i].Paragraphs) {
				r.t.Errorf("%s: version %d is %q, %q; want %q, %q", address, i+1, title, paragraphs, states[i].Title, states[i].Paragraphs)
			}
		}
	}
}

func TestKilledAnywhere(t *testing.T) {
	t.Parallel()
	ctx := deadline(t)
	press := newPress(t, 3)
	reader := newReader(t, press)
	for i := range 12 {
		reader.publish(i%2*2, i) // the first and the third newspaper tell when a page was not changed
	}
	data := t.TempDir()
	feeds := []string{press.addresses[0].FeedURL, press.addresses[2].FeedURL}
	var asked []string
	for _, killAt := range []int{0, 2, 9} {
		stet := start(ctx, t, data, feeds...)
		if len(asked) > 0 {
			stet.checkNow(ctx, asked...)
		}
		seen := stet.watch(ctx, func(h history) bool { return h.total() >= killAt })
		stet.kill()
		asked = reader.edit(seen, 3)
	}
	stet := start(ctx, t, data, feeds...)
	stet.checkNow(ctx, asked...)
	// A wish is said until it has come true: it may be absorbed by a look that had begun before it, and a look at all
	// articles leaves out one whose check a kill left without its state until the check is delivered again.
	eventually(ctx, t, "every edit is read", func() bool {
		if _, err := stet.client.CheckAllNow(ctx); err != nil {
			t.Fatal(err)
		}
		status, err := stet.client.Status(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return status.GetVersions() >= int64(reader.states())
	})
	seen := stet.watch(ctx, func(h history) bool { return h.total() == reader.states() })
	reader.compare(ctx, stet, seen)

	// A look at pages that stayed as they were is conditional and makes no version. The first one may yet be without a
	// validator: an article's state that was taken from the stream has none.
	stet.lookAgain(ctx, seen)
	before := len(press.Requests())
	stet.lookAgain(ctx, seen)
	unchanged := 0
	for _, request := range press.Requests()[before:] {
		if request.Path == "/robots.txt" || strings.HasSuffix(request.Path, ".xml") {
			continue
		}
		if request.IfNoneMatch == "" || request.Status != http.StatusNotModified {
			t.Errorf("a page is asked for again without its validator: %+v", request)
		}
		unchanged++
	}
	if unchanged < len(seen) {
		t.Errorf("%d looks at %d pages", unchanged, len(seen))
	}
	reader.compare(ctx, stet, seen)
	stet.interrupt()
}

// lookAgain waits until every article was looked at once more and found unchanged.
func (p *process) lookAgain(ctx context.Context, seen history) {
	p.t.Helper()
	start := time.Now()
	for address, events := range seen {
		eventually(ctx, p.t, "a new look at "+address, func() bool {
			if _, err := p.client.CheckAllNow(ctx); err != nil {
				p.t.Fatal(err)
			}
			state, err := p.client.Article(ctx, events[0].GetArticle())
			if err != nil {
				p.t.Fatal(err)
			}
			return state.GetLastChecked().AsTime().After(start) && state.GetLastOutcome() == article.Unchanged.String()
		})
	}
}

func TestSecondStetOnTheFolder(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	stet := start(deadline(t), t, data)
	complaint := fails(t, "--data", data, "--web", "127.0.0.1:0", "--grpc", "127.0.0.1:0")
	wantComplaint(t, complaint, "another stet works on the data folder", data, fmt.Sprint(stet.cmd.Process.Pid), "stop it first", "--data")
	if _, err := os.Stat(filepath.Join(data, "run.json")); err != nil {
		t.Errorf("the second stet took the first one's announcement away: %v", err)
	}
	stet.interrupt()
}

func TestPortInUse(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	taken := listener.Addr().String()
	for flag, other := range map[string]string{"--web": "--grpc", "--grpc": "--web"} {
		t.Run(flag, func(t *testing.T) {
			complaint := fails(t, "--data", t.TempDir(), flag, taken, other, "127.0.0.1:0")
			wantComplaint(t, complaint, taken, "in use", flag)
		})
	}
}

func TestUnreadableDataFolder(t *testing.T) {
	t.Parallel()
	t.Run("a file is in the way", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "data")
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		wantComplaint(t, fails(t, "--data", file), "the data folder "+file+" cannot be used", "--data")
	})
	t.Run("no permission", func(t *testing.T) {
		if os.Geteuid() == 0 {
			t.Skip("root may read everything")
		}
		data := t.TempDir()
		if err := os.Chmod(data, 0); err != nil {
			t.Fatal(err)
		}
		wantComplaint(t, fails(t, "--data", data), "the data folder "+data+" cannot be", "permission", "--data")
	})
}

func TestBrokenConfigKey(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "stet.yaml")
	if err := os.WriteFile(file, []byte("wep: 127.0.0.1:7001\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	wantComplaint(t, fails(t, "--config", file, "--data", t.TempDir()), "stet.yaml line 1", `unknown key "wep"`, "did you mean web?")
}

func TestBadFeedDelaysOnlyItself(t *testing.T) {
	t.Parallel()
	ctx := deadline(t)
	faults := []newssite.Fault{newssite.Empty, newssite.GzipBomb, newssite.RedirectLoop, newssite.LoginWall}
	press := newPress(t, 2+len(faults))
	var feeds, healthy []string
	for i, address := range press.addresses[2:] {
		press.write(t, i+2, i)
		if err := press.FailFeed(address.Name, faults[i]); err != nil {
			t.Fatal(err)
		}
		feeds = append(feeds, address.FeedURL)
	}
	feeds = append(feeds, press.addresses[0].FeedURL, press.addresses[1].FeedURL)
	for i := range 3 {
		_, address := press.write(t, 0, i)
		healthy = append(healthy, address)
	}
	broken := map[string]string{} // by address, what the reason has to say
	for i, fault := range []newssite.Fault{newssite.PDF, newssite.LoginWall, newssite.Status500} {
		id, address := press.write(t, i/2, 10+i) // a failing server holds up its own pages
		if err := press.Fail(id, fault); err != nil {
			t.Fatal(err)
		}
		broken[address] = [...]string{"binary content", "does not read like an article", "500"}[i]
	}

	stet := start(ctx, t, t.TempDir(), feeds...)
	stet.watch(ctx, func(h history) bool { return len(h[healthy[0]])+len(h[healthy[1]])+len(h[healthy[2]]) == 3 })
	eventually(ctx, t, "every bad feed has an error, and no other", func() bool { return stet.troubled(ctx, feeds[:len(faults)]) })
	for address, reason := range broken {
		stet.wantUnread(ctx, address, reason)
	}
	if seen := stet.watch(ctx, func(h history) bool { return h.total() >= len(healthy) }); seen.total() != len(healthy) {
		t.Errorf("versions came of something else than the %d articles that can be read: %v", len(healthy), slices.Collect(maps.Keys(seen)))
	}
	stet.interrupt()
}

// troubled says whether exactly these feeds have an error.
func (p *process) troubled(ctx context.Context, bad []string) bool {
	p.t.Helper()
	feeds, err := p.client.Feeds(ctx)
	if err != nil {
		p.t.Fatal(err)
	}
	troubled := 0
	for _, feed := range feeds {
		if feed.GetError() == "" {
			continue
		}
		if troubled++; !slices.Contains(bad, feed.GetUrl()) {
			p.t.Fatalf("a healthy feed has an error: %v", feed)
		}
	}
	return troubled == len(bad)
}

// wantUnread waits until an article is known to be unreadable, for a reason with that word.
func (p *process) wantUnread(ctx context.Context, address, reason string) {
	p.t.Helper()
	eventually(ctx, p.t, address+" cannot be read: "+reason, func() bool {
		return slices.ContainsFunc(p.said("unread"), func(line map[string]any) bool {
			text, _ := line["reason"].(string)
			return line["url"] == address && strings.Contains(text, reason)
		})
	})
}
