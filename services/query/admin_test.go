package query

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/stetnews/stet/proto/client"
	"github.com/stetnews/stet/proto/stet/query/v1"
	"github.com/stetnews/stet/services/internal/archive"
	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/eventbus/bustest"
	"github.com/stetnews/stet/services/internal/revise"
	"github.com/stetnews/stet/services/internal/search"
)

// port is the query service on a real bus and a real archive, with an index in memory.
type port struct {
	t       *testing.T
	bus     *eventbus.Bus
	archive *archive.Archive
	index   *world
	client  *client.Client
}

func newPort(t *testing.T) *port {
	t.Helper()
	a, err := archive.OpenFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	p := &port{t: t, bus: bustest.New(t), archive: a, index: newWorld()}
	p.client = p.serve(a)
	return p
}

func (p *port) serve(a Archive) *client.Client {
	p.t.Helper()
	return serveDeps(p.t, Deps{Index: p.index, Bus: p.bus, Archive: a}, client.WithToken(secret))
}

func (p *port) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// commit does what scraper, differ and indexer do with a reading that is a new version, and gives the key of its page.
func (p *port) commit(id, page string, s article.Snapshot) string {
	p.t.Helper()
	ctx := p.t.Context()
	key, err := p.archive.PutPage(ctx, id, []byte(page))
	p.must(err)
	head, revision, err := p.bus.Head(ctx, id)
	if err != nil && !eventbus.IsNotFound(err) {
		p.t.Fatal(err)
	}
	e := article.Event{
		Article: id, Source: "Harbour Gazette", URL: "https://gazette.example/" + id, Version: head.Version + 1, Hash: s.Hash(),
		FetchedAt: day.Add(time.Duration(head.Version) * time.Hour), Kinds: []string{"first"}, Snapshot: s,
		Revision: revise.Diff(nil, &s, nil), Page: key,
	}
	p.must(p.archive.PutVersion(ctx, id, e.Version, &s))
	sequence, err := p.bus.PublishRevision(ctx, e, head.Sequence)
	p.must(err)
	head = article.Head{
		Article: id, Source: e.Source, URL: e.URL, Title: s.Title, Version: e.Version, Sequence: sequence, Hash: e.Hash,
		FetchedAt: e.FetchedAt, Next: e.FetchedAt.Add(time.Hour),
	}
	p.must(p.bus.PutHead(ctx, head, revision))
	p.must(p.bus.ArmCheck(ctx, head))
	p.index.documents = append(p.index.documents, search.DocumentOf(sequence, &e))
	return key
}

// hasPage says whether the archive has a page.
func (p *port) hasPage(key string) bool {
	p.t.Helper()
	_, err := p.archive.Page(context.WithoutCancel(p.t.Context()), key)
	if err != nil && !errors.Is(err, archive.ErrNotFound) {
		p.t.Fatal(err)
	}
	return err == nil
}

func (p *port) hasText(id string, version int, s article.Snapshot) bool {
	p.t.Helper()
	_, err := p.archive.Version(p.t.Context(), id, version, s.Hash())
	if err != nil && !errors.Is(err, archive.ErrNotFound) {
		p.t.Fatal(err)
	}
	return err == nil
}

var (
	closed = story("Bridge closed", "The bridge was shut on Monday.")
	opened = story("Bridge open again", "The bridge was opened on Friday.")
	sails  = story("Ferry sails again", "The ferry left at nine.")
)

func TestTakeDown(t *testing.T) {
	p := newPort(t)
	ctx := t.Context()
	pages := []string{p.commit(bridge, "<p>closed", closed), p.commit(bridge, "<p>shared", opened)}
	shared, own := p.commit(ferry, "<p>shared", sails), p.commit(ferry, "<p>ferry", story("Ferry late"))
	answer, err := p.client.TakeDown(ctx, bridge, " named a witness ")
	p.must(err)
	want := &queryv1.TakeDownResponse{
		Article: bridge, Url: "https://gazette.example/" + bridge, Title: "Bridge open again", Reason: "named a witness",
		At: timeToWire(day), Versions: 2, Pages: 2,
	}
	if !proto.Equal(answer, want) {
		t.Errorf("got %v, want %v", answer, want)
	}
	if p.hasPage(pages[0]) || p.hasPage(pages[1]) || p.hasText(bridge, 1, closed) || p.hasText(bridge, 2, opened) {
		t.Error("the archive still has something of the article")
	}
	// The other article keeps what is its own, be it the very same bytes.
	if !p.hasPage(shared) || !p.hasPage(own) || !p.hasText(ferry, 1, sails) {
		t.Error("the archive of the other article is not as it should be")
	}
	head, _, err := p.bus.Head(ctx, bridge)
	if err != nil || head.Tombstone != "named a witness" || !head.ChangedAt.Equal(day) {
		t.Errorf("the tombstone is %+v, %v", head, err)
	}
	if armed, err := p.bus.CheckScheduled(ctx, bridge); err != nil || armed {
		t.Errorf("a check is still scheduled, %v", err)
	}
	p.nothingOf(bridge)

	again, err := p.client.TakeDown(ctx, bridge, "another reason")
	if err != nil || !again.GetRepeated() || again.GetReason() != "named a witness" || !again.GetAt().AsTime().Equal(day) || again.GetPages() != 0 {
		t.Errorf("repeated: %v, %v", again, err)
	}
	if _, err := p.client.Article(ctx, ferry); err != nil {
		t.Errorf("the other article: %v", err)
	}
}

// nothingOf asks in every way for an article that was taken down.
func (p *port) nothingOf(id string) {
	p.t.Helper()
	ctx := p.t.Context()
	for name, ask := range map[string]func() error{
		"article":  func() error { _, err := p.client.Article(ctx, id); return err },
		"versions": func() error { _, err := p.client.Versions(ctx, &queryv1.ListVersionsRequest{Article: id}); return err },
		"version":  func() error { _, err := p.client.Version(ctx, id, 1); return err },
		"diff":     func() error { _, err := p.client.Diff(ctx, id, 1, 2); return err },
		"check":    func() error { _, err := p.client.CheckNow(ctx, id); return err },
	} {
		err := ask()
		if !errors.Is(err, client.ErrTakenDown) || !errors.Is(err, client.ErrNotFound) || !strings.Contains(err.Error(), "was taken down: named a witness") {
			p.t.Errorf("%s: %v", name, err)
		}
	}
	p.commit(ferry, "<p>later", story("Ferry early")) // the newest, so that a watch knows when it has seen all
	if found, err := p.client.Search(ctx, &queryv1.SearchRequest{Query: "bridge"}); err != nil || found.GetTotal() != 0 {
		p.t.Errorf("searching found %v, %v", found, err)
	}
	for withdrawals, want := range map[bool][]string{false: {ferry, ferry, ferry}, true: {ferry, ferry, "withdrawn " + id, ferry}} {
		var seen []string
		for a, err := range p.client.Watch(ctx, &queryv1.WatchRevisionsRequest{FromStart: true, Withdrawals: withdrawals, Query: "ferry"}) {
			p.must(err)
			if e := a.GetEvent(); e.GetWithdrawn() {
				seen = append(seen, "withdrawn "+e.GetArticle())
			} else {
				seen = append(seen, e.GetArticle())
			}
			if a.GetEvent().GetVersion() == 3 {
				break
			}
		}
		if !slices.Equal(seen, want) {
			p.t.Errorf("watching with withdrawals %v gave %v, want %v", withdrawals, seen, want)
		}
	}
}

// brittle is an archive that fails once a number of calls are over.
type brittle struct {
	Archive
	calls int
}

var errBrittle = errors.New("the store went away")

func (b *brittle) step() error {
	if b.calls--; b.calls < 0 {
		return errBrittle
	}
	return nil
}

func (b *brittle) DeletePage(ctx context.Context, key string) error {
	if err := b.step(); err != nil {
		return err
	}
	return b.Archive.DeletePage(ctx, key)
}

func (b *brittle) DeleteArticle(ctx context.Context, id string) error {
	if err := b.step(); err != nil {
		return err
	}
	return b.Archive.DeleteArticle(ctx, id)
}

func TestTakeDownIsFinishedByARepetition(t *testing.T) {
	for calls := range 4 { // two pages and the texts
		p := newPort(t)
		pages := []string{p.commit(bridge, "<p>closed", closed), p.commit(bridge, "<p>open", opened)}
		failing := p.serve(&brittle{Archive: p.archive, calls: calls})
		_, err := failing.TakeDown(t.Context(), bridge, "named a witness")
		if failed := calls < 3; failed != errors.Is(err, client.ErrUnavailable) || !failed && err != nil {
			t.Fatalf("after %d calls: %v", calls, err)
		}
		// However far it came, nobody reads the article any more.
		if _, err := failing.Article(t.Context(), bridge); !errors.Is(err, client.ErrTakenDown) {
			t.Errorf("after %d calls the article is %v", calls, err)
		}
		_, err = p.client.TakeDown(t.Context(), bridge, "named a witness")
		p.must(err)
		if p.hasPage(pages[0]) || p.hasPage(pages[1]) || p.hasText(bridge, 1, closed) || p.hasText(bridge, 2, opened) {
			t.Errorf("after %d calls and a repetition something is left", calls)
		}
	}
}

func TestACheckUnderWayDoesNotBringAnArticleBack(t *testing.T) {
	p := newPort(t)
	ctx := t.Context()
	p.commit(bridge, "<p>closed", closed)
	before, revision, err := p.bus.Head(ctx, bridge) // what a differ at work has read
	p.must(err)
	_, err = p.client.TakeDown(ctx, bridge, "named a witness")
	p.must(err)
	e := article.Event{
		Article: bridge, Source: before.Source, URL: before.URL, Version: 2, Hash: opened.Hash(), FetchedAt: day, Kinds: []string{"body"},
		Snapshot: opened,
	}
	p.must(p.archive.PutVersion(ctx, bridge, 2, &opened))
	if _, err := p.bus.PublishRevision(ctx, e, before.Sequence); !eventbus.Refused(err) {
		t.Errorf("publishing the revision: %v", err)
	}
	if err := p.bus.PutHead(ctx, before, revision); !errors.Is(err, eventbus.ErrConflict) {
		t.Errorf("moving the head: %v", err)
	}
	_, err = p.client.TakeDown(ctx, bridge, "named a witness")
	p.must(err)
	if p.hasText(bridge, 2, opened) {
		t.Error("the text that the differ left is not removed by a repetition")
	}
}

func TestTakeDownWhileTheIndexIsDown(t *testing.T) {
	p := newPort(t)
	p.commit(bridge, "<p>closed", closed)
	p.index.broken = errors.New("down")
	answer, err := p.client.TakeDown(t.Context(), bridge, "named a witness")
	if err != nil || answer.GetPages() != 1 || p.hasText(bridge, 1, closed) {
		t.Errorf("got %v, %v", answer, err)
	}
	if last, _, err := p.bus.LastRevision(t.Context(), "Harbour Gazette", bridge); err != nil || !last.Withdrawn {
		t.Errorf("nothing tells the indexer: %+v, %v", last, err)
	}
}

func TestTakeDownRefusals(t *testing.T) {
	p := newPort(t)
	p.commit(bridge, "<p>closed", closed)
	lost := article.Token("https://gazette.example/lost")
	p.index.documents = append(p.index.documents, search.Document{Article: lost, Version: 1, Title: "Lost", Time: day})
	for _, test := range []struct {
		name, id, reason string
		want             error
		field            string
	}{
		{"no id", "bridge", "x", client.ErrInvalid, "article"},
		{"no reason", bridge, "  ", client.ErrInvalid, "reason"},
		{"long reason", bridge, strings.Repeat("x", 501), client.ErrInvalid, "reason"},
		{"reason of two lines", bridge, "a\nb", client.ErrInvalid, "reason"},
		{"unknown", ferry, "x", client.ErrNotFound, ""},
		{"known by the index alone", lost, "x", nil, ""},
	} {
		_, err := p.client.TakeDown(t.Context(), test.id, test.reason)
		var refusal *client.Error
		if !errors.Is(err, test.want) || errors.As(err, &refusal) && refusal.Field != test.field {
			t.Errorf("%s: %v", test.name, err)
		}
	}
	if _, _, err := p.bus.Head(t.Context(), ferry); !eventbus.IsNotFound(err) {
		t.Errorf("a mistaken id left a tombstone: %v", err)
	}
}

func TestDeadLetters(t *testing.T) {
	p := newPort(t)
	ctx := t.Context()
	for _, d := range []struct{ stream, subject, data string }{
		{"CHECKS", "check.due." + bridge, "not JSON"}, {"REVISIONS", "revision.x." + ferry, "torn"},
		{"CHECKS", "check.due." + ferry, "{"}, {"CHECKS", "check.due." + ferry, "{{"},
	} {
		p.must(p.bus.DeadLetter(ctx, d.stream, d.subject, []byte(d.data), "cannot be read:\n"+d.data))
	}
	list := func() (numbers []uint64) {
		t.Helper()
		for d, err := range p.client.EachDeadLetter(ctx) {
			p.must(err)
			if len(d.GetData()) != 0 || d.GetSize() == 0 || d.GetAt() == nil {
				t.Errorf("in the list there is %v", d)
			}
			numbers = append(numbers, d.GetNumber())
		}
		return numbers
	}
	if got := list(); !slices.Equal(got, []uint64{1, 2, 3, 4}) {
		t.Fatalf("listed %v", got)
	}
	d, err := p.client.DeadLetter(ctx, 1)
	if err != nil || d.GetStream() != "CHECKS" || d.GetSubject() != "check.due."+bridge || string(d.GetData()) != "not JSON" ||
		d.GetReason() != "cannot be read: not JSON" {
		t.Errorf("shown %v, %v", d, err)
	}
	replayed, err := p.client.ReplayDeadLetters(ctx, 2, 1, 9, 1)
	if err != nil || replayed.GetReplayed() != 1 || len(replayed.GetNotReplayed()) != 2 {
		t.Fatalf("replayed %v, %v", replayed, err)
	}
	for i, want := range []string{"reindex", "no such"} {
		if got := replayed.GetNotReplayed()[i]; got.GetNumber() != []uint64{2, 9}[i] || !strings.Contains(got.GetReason(), want) {
			t.Errorf("not replayed: %v, want %s", got, want)
		}
	}
	if err := p.client.RemoveDeadLetters(ctx, 2, 9); !errors.Is(err, client.ErrNotFound) || !slices.Contains(list(), 2) {
		t.Errorf("removing one that is not there: %v, left %v", err, list())
	}
	all, err := p.client.ReplayAllDeadLetters(ctx)
	if err != nil || all.GetReplayed() != 2 || len(all.GetNotReplayed()) != 1 {
		t.Errorf("replayed %v, %v", all, err)
	}
	if p.must(p.client.RemoveDeadLetters(ctx, 2)); len(list()) != 0 {
		t.Errorf("left %v", list())
	}
	if _, err := p.client.DeadLetter(ctx, 2); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("shown after its removal: %v", err)
	}
}

func TestDeadLettersByPage(t *testing.T) {
	p := newPort(t)
	for range 5 {
		p.must(p.bus.DeadLetter(t.Context(), "CHECKS", "check.due."+bridge, []byte("x"), "x"))
	}
	s := &Service{bus: p.bus}
	var got []int
	for token := ""; ; {
		answer, err := s.ListDeadLetters(t.Context(), &queryv1.ListDeadLettersRequest{PageSize: 2, PageToken: token})
		p.must(err)
		got = append(got, len(answer.GetDeadLetters()))
		if token = answer.GetNextPageToken(); token == "" {
			break
		}
	}
	if !slices.Equal(got, []int{2, 2, 1}) {
		t.Errorf("pages of %v", got)
	}
}

func TestDeadLetterRefusals(t *testing.T) {
	p := newPort(t)
	ctx := t.Context()
	many := make([]uint64, 1001)
	for name, call := range map[string]func() error{
		"number 0":  func() error { _, err := p.client.DeadLetter(ctx, 0); return err },
		"replay 0":  func() error { _, err := p.client.ReplayDeadLetters(ctx, 0); return err },
		"none":      func() error { _, err := p.client.ReplayDeadLetters(ctx); return err },
		"remove no": func() error { return p.client.RemoveDeadLetters(ctx) },
		"too many":  func() error { return p.client.RemoveDeadLetters(ctx, many...) },
	} {
		if err := call(); !errors.Is(err, client.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOperatorsNeedTheToken(t *testing.T) {
	p := newPort(t)
	p.commit(bridge, "<p>closed", closed)
	p.must(p.bus.DeadLetter(t.Context(), "CHECKS", "check.due."+bridge, []byte("x"), "x"))
	stranger := serveDeps(t, Deps{Index: p.index, Bus: p.bus, Archive: p.archive})
	ctx := t.Context()
	for name, call := range map[string]func() error{
		"takedown": func() error { _, err := stranger.TakeDown(ctx, bridge, "x"); return err },
		"show":     func() error { _, err := stranger.DeadLetter(ctx, 1); return err },
		"replay":   func() error { _, err := stranger.ReplayAllDeadLetters(ctx); return err },
		"remove":   func() error { return stranger.RemoveDeadLetters(ctx, 1) },
		"list": func() (failed error) {
			for _, err := range stranger.EachDeadLetter(ctx) {
				failed = err
			}
			return failed
		},
	} {
		if err := call(); !errors.Is(err, client.ErrUnauthenticated) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if head, _, err := p.bus.Head(ctx, bridge); err != nil || head.Tombstone != "" {
		t.Errorf("the article: %+v, %v", head, err)
	}
}
