package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stetnews/stet/proto/stet/query/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
)

func (f *fake) TakeDown(ctx context.Context, r *queryv1.TakeDownRequest) (*queryv1.TakeDownResponse, error) {
	if err := mayWrite(ctx); err != nil {
		return nil, err
	}
	answer := &queryv1.TakeDownResponse{Article: r.GetArticle(), Reason: r.GetReason(), At: at(7), Pages: 2}
	switch r.GetReason() {
	case "again":
		answer.Repeated = true
	case "full":
		return nil, status.Error(codes.Unavailable, "a store does not answer: try again")
	default:
		answer.Title, answer.Versions = hostile, 3
	}
	return answer, nil
}

func (f *fake) ListHosts(_ context.Context, r *queryv1.ListHostsRequest) (*queryv1.ListHostsResponse, error) {
	resting := &queryv1.Host{
		Name: "gazette.example", State: queryv1.Host_RESTING, Why: "It asked for a pause.", NextTurn: at(9), Gap: durationpb.New(2 * time.Second),
		Pages: 12, Feeds: 1, Latency: durationpb.New(300 * time.Millisecond), CrawlDelay: durationpb.New(5 * time.Second), Trouble: hostile,
		TroubleAt: at(8), RobotsStatus: 200, RobotsAt: at(7),
	}
	idle := &queryv1.Host{Name: "post.example", State: queryv1.Host_IDLE, Why: "Nothing waits for it.", RobotsTrouble: hostile}
	switch {
	case !strings.Contains("gazette.example post.example", r.GetName()):
		return &queryv1.ListHostsResponse{}, nil
	case r.GetName() == "gazette":
		return &queryv1.ListHostsResponse{Hosts: []*queryv1.Host{resting}}, nil
	case r.GetPageToken() == "":
		return &queryv1.ListHostsResponse{Hosts: []*queryv1.Host{resting}, NextPageToken: "more"}, nil
	}
	return &queryv1.ListHostsResponse{Hosts: []*queryv1.Host{idle}}, nil
}

func (f *fake) ReExtract(r *queryv1.ReExtractRequest, stream grpc.ServerStreamingServer[queryv1.ReExtractResponse]) error {
	if err := mayWrite(stream.Context()); err != nil {
		return err
	}
	total := int32(4)
	switch {
	case r.GetArticle() == known:
		total = 1
	case r.GetSource() == "Nobody":
		total = 0
	case r.GetSource() == "broken":
		return status.Error(codes.Unavailable, "a store does not answer: try again")
	}
	for done := range total + 1 {
		if err := stream.Send(&queryv1.ReExtractResponse{Total: total, Done: done, Changed: done / 2, Missing: done / 4, MissingArticle: known}); err != nil {
			return err
		}
	}
	return nil
}

func (f *fake) ListDeadLetters(ctx context.Context, r *queryv1.ListDeadLettersRequest) (*queryv1.ListDeadLettersResponse, error) {
	if err := mayWrite(ctx); err != nil {
		return nil, err
	}
	letter := func(n uint64) []*queryv1.DeadLetter {
		return []*queryv1.DeadLetter{{Number: n, Stream: "CHECKS", Subject: "check.due." + known, Reason: hostile, At: at(5), Size: 4}}
	}
	if r.GetPageToken() == "" {
		return &queryv1.ListDeadLettersResponse{DeadLetters: letter(3), NextPageToken: "more"}, nil
	}
	return &queryv1.ListDeadLettersResponse{DeadLetters: letter(8)}, nil
}

func (f *fake) GetDeadLetter(_ context.Context, r *queryv1.GetDeadLetterRequest) (*queryv1.DeadLetter, error) {
	data := map[uint64][]byte{3: []byte(`{"title":"` + hostile + `"}`), 4: {0xff, 0x1b, 'a'}, 5: nil, 6: []byte(strings.Repeat("é", 5000))}
	text, has := data[r.GetNumber()]
	if !has {
		return nil, status.Error(codes.NotFound, "there is no dead letter")
	}
	return &queryv1.DeadLetter{Number: r.GetNumber(), Stream: "CHECKS", Reason: "torn", Data: text, Size: int64(len(text))}, nil
}

func (f *fake) ReplayDeadLetters(_ context.Context, r *queryv1.ReplayDeadLettersRequest) (*queryv1.ReplayDeadLettersResponse, error) {
	if r.GetAll() {
		return &queryv1.ReplayDeadLettersResponse{Replayed: 7}, nil
	}
	return &queryv1.ReplayDeadLettersResponse{Replayed: int32(len(r.GetNumbers()) - 1),
		NotReplayed: []*queryv1.NotReplayed{{Number: r.GetNumbers()[0], Reason: "it is a revision"}}}, nil
}

func (f *fake) RemoveDeadLetters(_ context.Context, r *queryv1.RemoveDeadLettersRequest) (*queryv1.RemoveDeadLettersResponse, error) {
	return &queryv1.RemoveDeadLettersResponse{Removed: int32(len(r.GetNumbers()))}, nil
}

func TestOperate(t *testing.T) {
	for _, test := range []struct {
		args   []string
		code   int
		stdout []string // in the output, in this order
		stderr string
	}{
		{args: []string{"takedown", known, "--reason", "named a witness"},
			stdout: []string{"taken down: " + known, harmless, "3 versions", "2 raw pages", "tombstone", "remains", "named a witness", "in an hour"}},
		{args: []string{"takedown", known, "--reason", "again"}, stdout: []string{"was taken down before", "tombstone"}},
		{args: []string{"takedown", known, "--reason", "full"}, code: 1, stderr: "give the same command again"},
		{args: []string{"takedown", known}, code: 2, stderr: "say why"},
		{args: []string{"takedown", known, "--reason="}, code: 2, stderr: "say why"},
		{args: []string{"takedown", "--reason", "x"}, code: 2, stderr: "something is missing"},
		{args: []string{"takedown", "bridge", "--reason", "x"}, code: 2, stderr: "neither an article's id"},
		{args: []string{"takedown", known, "--reason", "x", "--token", "0123456789abcdef"}, code: 1, stderr: "this needs the token"},
		{args: []string{"re-extract"}, stdout: []string{"3 articles were read again; the text of 2", "1 have no page", known}, stderr: "reading archived pages again, 0 %"},
		{args: []string{"re-extract", "--article", known}, stdout: []string{"1 articles were read again; the text of 0"}, stderr: "reading"},
		{args: []string{"re-extract", "--source", "Nobody"}, stdout: []string{"0 articles"}, stderr: "100 %"},
		{args: []string{"re-extract", "--source", "broken"}, code: 1, stderr: "try again"},
		{args: []string{"re-extract", "--source", "x", "--article", known}, code: 2, stderr: "not both"},
		{args: []string{"re-extract", "--article", "bridge"}, code: 2, stderr: "neither an article's id"},
		{args: []string{"re-extract", "--token", "0123456789abcdef"}, code: 1, stderr: "this needs the token"},
		{args: []string{"dead-letters", "list"}, stdout: []string{"3  2026-03-01", "CHECKS", "check.due." + known, harmless, "8  2026-03-01"}},
		{args: []string{"dead-letters", "show", "3"}, stdout: []string{"torn", `{"title":"` + harmless}},
		{args: []string{"dead-letters", "show", "4"}, stdout: []string{`\xff\x1ba`}},
		{args: []string{"dead-letters", "show", "5"}, stdout: []string{"it carries nothing"}},
		{args: []string{"dead-letters", "show", "6"}, stdout: []string{"éé", "the first 4096 of 10000 bytes"}},
		{args: []string{"dead-letters", "show", "9"}, code: 1, stderr: "there is no dead letter"},
		{args: []string{"dead-letters", "show", "first"}, code: 2, stderr: `"first" is not the number`},
		{args: []string{"dead-letters", "replay", "3", "4"}, code: 1, stdout: []string{"1 dead letters replayed", "3 stays: it is a revision"},
			stderr: "1 dead letters were not replayed"},
		{args: []string{"dead-letters", "replay", "--all"}, stdout: []string{"7 dead letters replayed"}},
		{args: []string{"dead-letters", "replay"}, code: 2, stderr: "say which"},
		{args: []string{"dead-letters", "replay", "--all", "3"}, code: 2, stderr: "say which"},
		{args: []string{"dead-letters", "replay", "0"}, code: 2, stderr: `"0" is not the number`},
		{args: []string{"dead-letters", "remove", "3", "4"}, stdout: []string{"2 dead letters removed"}},
		{args: []string{"dead-letters", "remove"}, code: 2, stderr: "something is missing"},
	} {
		t.Run(strings.Join(test.args, " "), func(t *testing.T) {
			u := userOf(t, serve(t))
			stdout, stderr, code := u.stet(test.args...)
			if code != test.code || !strings.Contains(stderr, test.stderr) || test.stderr == "" && stderr != "" {
				t.Errorf("exit %d, want %d; complaint %q, want %q", code, test.code, stderr, test.stderr)
			}
			rest := stdout
			for _, want := range test.stdout {
				_, after, ok := strings.Cut(rest, want)
				if !ok {
					t.Fatalf("%q is not (in this order) in\n%s", want, stdout)
				}
				rest = after
			}
			if strings.ContainsAny(stdout+stderr, "\x1b\x07\u202e") {
				t.Errorf("the terminal is commanded: %q", stdout+stderr)
			}
		})
	}
}

func TestOperateJSON(t *testing.T) {
	u := userOf(t, serve(t))
	get := func(into any, args ...string) {
		t.Helper()
		stdout, stderr, code := u.stet(append(args, "--json")...)
		if code != 0 || strings.ContainsAny(stdout, "\x1b\x07\u202e") {
			t.Fatalf("%q: %d, %q, %q", args, code, stderr, stdout)
		}
		isJSON(t, stdout, into)
	}
	var took map[string]any
	if get(&took, "takedown", known, "--reason", "x"); took["article"] != known || took["versions"] != 3.0 || took["title"] != hostile {
		t.Errorf("took down %v", took)
	}
	var letters []map[string]any
	if get(&letters, "dead-letters", "list"); len(letters) != 2 || letters[1]["number"] != "8" || letters[0]["reason"] != hostile {
		t.Errorf("listed %v", letters)
	}
	var letter map[string]any
	if get(&letter, "dead-letters", "show", "4"); letter["data"] != "/xth" {
		t.Errorf("shown %v", letter)
	}
	var replayed map[string]any
	if get(&replayed, "dead-letters", "replay", "--all"); replayed["replayed"] != 7.0 {
		t.Errorf("replayed %v", replayed)
	}
}
