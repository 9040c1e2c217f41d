package web

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/stetnews/stet/proto/client"
	"github.com/stetnews/stet/proto/stet/query/v1"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// answers is the query service as the pages see it: every text in every answer is clean.
type answers struct{ client *client.Client }

func (a answers) status(ctx context.Context) (*queryv1.GetStatusResponse, error) {
	return cleaned(a.client.Status(ctx))
}

func (a answers) revisions(ctx context.Context, r *queryv1.ListRevisionsRequest) (*queryv1.ListRevisionsResponse, error) {
	return cleaned(a.client.Revisions(ctx, r))
}

func (a answers) article(ctx context.Context, id string) (*queryv1.Article, error) {
	return cleaned(a.client.Article(ctx, id))
}

func (a answers) versions(ctx context.Context, r *queryv1.ListVersionsRequest) (*queryv1.ListVersionsResponse, error) {
	return cleaned(a.client.Versions(ctx, r))
}

func (a answers) version(ctx context.Context, id string, n int) (*queryv1.Version, error) {
	return cleaned(a.client.Version(ctx, id, n))
}

func (a answers) diff(ctx context.Context, id string, from, to int) (*queryv1.DiffResponse, error) {
	return cleaned(a.client.Diff(ctx, id, from, to))
}

func (a answers) search(ctx context.Context, r *queryv1.SearchRequest) (*queryv1.SearchResponse, error) {
	return cleaned(a.client.Search(ctx, r))
}

func (a answers) feeds(ctx context.Context) ([]*queryv1.Feed, error) {
	feeds, err := a.client.Feeds(ctx)
	for _, feed := range feeds {
		cleanMessage(feed.ProtoReflect())
	}
	return feeds, err
}

func (a answers) checks(ctx context.Context, id string) (*queryv1.ListChecksResponse, error) {
	return cleaned(a.client.Checks(ctx, id, recordsShown))
}

func (a answers) polls(ctx context.Context, feed string) (*queryv1.ListPollsResponse, error) {
	return cleaned(a.client.Polls(ctx, feed, recordsShown))
}

func cleaned[M proto.Message](m M, err error) (M, error) {
	if err == nil {
		cleanMessage(m.ProtoReflect())
	}
	return m, err
}

// cleanMessage cleans every string of a message, at any depth. Doing it here rather than in the templates means that
// no page can forget it; and because clean works character by character, the words of a revision still join to its
// sentences.
func cleanMessage(m protoreflect.Message) {
	m.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		text, message := field.Kind() == protoreflect.StringKind, field.Kind() == protoreflect.MessageKind
		switch {
		case field.IsMap(): // no message of the API has one
		case field.IsList() && text:
			list := value.List()
			for i := range list.Len() {
				list.Set(i, protoreflect.ValueOfString(clean(list.Get(i).String())))
			}
		case field.IsList() && message:
			list := value.List()
			for i := range list.Len() {
				cleanMessage(list.Get(i).Message())
			}
		case text:
			m.Set(field, protoreflect.ValueOfString(clean(value.String())))
		case message:
			cleanMessage(value.Message())
		}
		return true
	})
}

// clean takes out what can disturb a page or a terminal without being seen: control characters (line feed and tab
// stay) and the characters that force a writing direction on what follows.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if hidden(r) {
			return -1
		}
		return r
	}, text)
}

func hidden(r rune) bool {
	switch {
	case r == '\n' || r == '\t':
		return false
	case r < 0x20, r >= 0x7f && r <= 0x9f: // C0, delete, C1
		return true
	case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069: // embeddings, overrides, isolates
		return true
	case r == 0xfeff, r == 0xfffe, r == 0xffff:
		return true
	}
	return false
}

// cut shortens a text to a number of characters, at a space where one is near.
func cut(text string, limit int) string {
	if utf8.RuneCountInString(text) <= limit {
		return text
	}
	runes := []rune(text)[:limit]
	head := string(runes)
	if i := strings.LastIndexAny(head, " \n\t"); i > len(head)*3/4 {
		head = head[:i]
	}
	return strings.TrimRight(head, " \n\t") + "…"
}
