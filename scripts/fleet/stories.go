package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"time"

	eventv1 "github.com/stetnews/stet/proto/stet/event/v1"
	queryv1 "github.com/stetnews/stet/proto/stet/query/v1"
	"github.com/stetnews/stet/scripts/process"
)

// story is a publisher's story and the article that stet made of it.
type story struct {
	id, url, article string
	edition          int
}

type controlled struct {
	ID, URL string
	Edition int
}

func (f *fleet) ask(ctx context.Context, method, path string, into any) error {
	request, err := http.NewRequestWithContext(ctx, method, f.control+path, nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("asking the publishers: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the publishers answer %s to %s", answer.Status, path)
	}
	return json.NewDecoder(answer.Body).Decode(into)
}

// discover waits until stet has every story.
func (f *fleet) discover(ctx context.Context) error {
	var all []controlled
	if err := f.ask(ctx, http.MethodGet, "/stories", &all); err != nil {
		return err
	}
	f.stories = map[string]*story{}
	for _, s := range all {
		f.stories[s.URL] = &story{id: s.ID, url: s.URL, edition: s.Edition}
	}
	start, found := time.Now(), 0
	err := process.Until(ctx, 5*time.Minute, "all stories to be articles", 500*time.Millisecond, func() (bool, error) {
		found = 0
		for r, err := range f.client.EachRevision(ctx, &queryv1.ListRevisionsRequest{IncludeFirst: true, PageSize: 200}) {
			if err != nil {
				return false, nil //nolint:nilerr // query comes up, or a store does
			}
			if s := f.stories[r.GetUrl()]; s != nil && r.GetVersion() == 1 {
				s.article = r.GetArticle()
				found++
			}
		}
		return found >= len(f.stories), nil
	})
	if err != nil {
		for _, s := range f.stories {
			if s.article == "" {
				err = errors.Join(err, fmt.Errorf("no article of %s", s.url))
			}
		}
		return err
	}
	f.row("stories that became articles", "%d of %d in %.1f s", found, len(f.stories), time.Since(start).Seconds())
	return nil
}

// edit makes the next edition of a story and asks for a look at it.
func (f *fleet) edit(ctx context.Context, s *story) error {
	var edited controlled
	if err := f.ask(ctx, http.MethodPost, "/edit?story="+url.QueryEscape(s.id), &edited); err != nil {
		return err
	}
	s.edition = edited.Edition
	return nil
}

var editionNumber = regexp.MustCompile(`marked this as edition (\d+) of the story`)

// editions are the editions of a story that stet has as versions, oldest first.
func (f *fleet) editions(ctx context.Context, s *story) (editions []int, err error) {
	var numbers []int
	for v, err := range f.client.EachVersion(ctx, s.article) {
		if err != nil {
			return nil, err
		}
		numbers = append(numbers, int(v.GetVersion()))
	}
	slices.Reverse(numbers)
	for i, number := range numbers {
		if number != i+1 {
			return nil, fmt.Errorf("the versions of %s are %v", s.url, numbers)
		}
		v, err := f.client.Version(ctx, s.article, number)
		if err != nil {
			return nil, err
		}
		editions = append(editions, editionOf(v.GetSnapshot()))
	}
	return editions, nil
}

func editionOf(s *eventv1.Snapshot) int {
	for _, block := range s.GetBlocks() {
		if m := editionNumber.FindStringSubmatch(block.GetText()); m != nil {
			n, _ := strconv.Atoi(m[1]) // it is digits
			return n
		}
	}
	return 1
}

// compare holds the versions of every article against the editions of its story: each once, in order.
func (f *fleet) compare(ctx context.Context) error {
	err := process.Until(ctx, 3*time.Minute, "the last editions", time.Second, func() (bool, error) {
		if _, err := f.client.CheckAllNow(ctx); err != nil {
			return false, nil //nolint:nilerr // it comes back
		}
		behind := 0
		for _, s := range f.stories {
			a, err := f.client.Article(ctx, s.article)
			if err != nil || int(a.GetVersions()) < s.edition {
				behind++
			}
		}
		return behind == 0, nil
	})
	if err != nil {
		f.row("trouble", "%v", err)
	}
	total, lost, doubled, disordered := 0, 0, 0, 0
	for _, s := range f.stories {
		got, err := f.editions(ctx, s)
		if err != nil {
			return err
		}
		total += s.edition
		seen := map[int]int{}
		for _, e := range got {
			seen[e]++
		}
		for e := 1; e <= s.edition; e++ {
			switch {
			case seen[e] == 0:
				lost++
			case seen[e] > 1:
				doubled += seen[e] - 1
			}
		}
		if !slices.IsSorted(got) {
			disordered++
		}
	}
	f.row("editions published; versions lost; doubled; out of order", "%d; %d; %d; %d", total, lost, doubled, disordered)
	if lost+doubled+disordered > 0 {
		return errors.New("what stet has is not what was published")
	}
	return nil
}
