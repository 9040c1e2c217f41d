package elastic

import (
	"crypto/sha256"
	"encoding/hex"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/search"
)

// common is what versions and revisions have alike.
type common struct {
	Key       string   `json:"key"` // the id, to sort by
	Article   string   `json:"article"`
	Source    string   `json:"source"`
	URL       string   `json:"url"`
	Version   int      `json:"version"`
	Time      string   `json:"time"`
	Language  string   `json:"language"`
	Title     string   `json:"title"`
	Added     string   `json:"added"`
	Removed   string   `json:"removed"`
	Kinds     []string `json:"kinds,omitempty"`
	Weight    int      `json:"weight"`
	Score     float64  `json:"score"`
	State     int      `json:"state"`
	Disclosed bool     `json:"disclosed"`
}

// versionDocument is a search.Document, whole.
type versionDocument struct {
	common
	Nanoseconds int64  `json:"nanoseconds"` // since 1970: the time exactly
	Body        string `json:"body"`
	Published   string `json:"published"`
	Hash        string `json:"hash"`
	Feed        string `json:"feed"`
	Sequence    string `json:"sequence"` // decimal, for it may be more than a long
	Tokens      tokens `json:"tokens"`
}

// tokens is what is searched: see search.IndexText and search.MetaTokens.
type tokens struct {
	Title   string   `json:"title,omitempty"`
	Body    string   `json:"body,omitempty"`
	Added   string   `json:"added,omitempty"`
	Removed string   `json:"removed,omitempty"`
	Meta    []string `json:"meta,omitempty"`
}

// revisionDocument is a change as people look at it in Kibana.
type revisionDocument struct {
	common
	WeightName     string   `json:"weight_name"`
	StateName      string   `json:"state_name"`
	PublishedAt    string   `json:"published_at,omitempty"`
	SincePublished *float64 `json:"since_published,omitempty"` // seconds until the change was seen
	AddedWords     int      `json:"added_words"`
	RemovedWords   int      `json:"removed_words"`
}

// articleDocument is an article as of its newest version.
type articleDocument struct {
	Article     string   `json:"article"`
	Source      string   `json:"source"`
	URL         string   `json:"url"`
	Feed        string   `json:"feed"`
	Language    string   `json:"language"`
	Title       string   `json:"title"`
	Versions    int      `json:"versions"`
	Edited      bool     `json:"edited"` // has more than one version
	Changed     string   `json:"changed"`
	PublishedAt string   `json:"published_at,omitempty"`
	Kinds       []string `json:"kinds,omitempty"`
	WeightName  string   `json:"weight_name"`
	StateName   string   `json:"state_name"`
}

// checkDocument is one look at an article's page.
type checkDocument struct {
	Article string `json:"article"`
	Source  string `json:"source"`
	URL     string `json:"url"`
	Time    string `json:"time"`
	Outcome string `json:"outcome"`
	Status  int    `json:"status"`
	Reason  string `json:"reason,omitempty"`
	Changed bool   `json:"changed"`
	Version int    `json:"version"`
	Next    string `json:"next,omitempty"`
}

func newCommon(d *search.Document) common {
	return common{
		Key: documentID(d), Article: d.Article, Source: d.Source, URL: d.URL, Version: d.Version, Time: timestamp(d.Time),
		Language: d.Language, Title: d.Title, Added: d.Added, Removed: d.Removed, Kinds: d.Kinds, Weight: d.Weight,
		Score: d.Score, State: d.State, Disclosed: d.Disclosed,
	}
}

func newVersionDocument(d *search.Document, c common, t tokens) versionDocument {
	return versionDocument{
		common: c, Nanoseconds: d.Time.UnixNano(), Body: d.Body, Published: d.Published, Hash: d.Hash, Feed: d.Feed,
		Sequence: strconv.FormatUint(d.Sequence, 10), Tokens: t,
	}
}

func newTokens(d *search.Document) tokens {
	return tokens{
		Title: search.IndexText(d.Title), Body: search.IndexText(d.Body), Added: search.IndexText(d.Added),
		Removed: search.IndexText(d.Removed), Meta: search.MetaTokens(d),
	}
}

func newRevisionDocument(d *search.Document, c common, t tokens) revisionDocument {
	r := revisionDocument{
		common: c, WeightName: weightName(d.Weight), StateName: stateName(d.State),
		AddedWords: words(t.Added), RemovedWords: words(t.Removed),
	}
	if published, ok := published(d); ok {
		r.PublishedAt = timestamp(published)
		since := d.Time.Sub(published).Seconds()
		r.SincePublished = &since
	}
	return r
}

func newArticleDocument(d *search.Document) articleDocument {
	a := articleDocument{
		Article: d.Article, Source: d.Source, URL: d.URL, Feed: d.Feed, Language: d.Language, Title: d.Title,
		Versions: d.Version, Edited: d.Version > 1, Changed: timestamp(d.Time), Kinds: d.Kinds,
		WeightName: weightName(d.Weight), StateName: stateName(d.State),
	}
	if published, ok := published(d); ok {
		a.PublishedAt = timestamp(published)
	}
	return a
}

func newCheckDocument(c *article.CheckOutcome) checkDocument {
	d := checkDocument{
		Article: c.Article, Source: c.Source, URL: c.URL, Time: timestamp(c.FetchedAt), Outcome: c.Outcome.String(),
		Status: c.Status, Reason: c.Reason, Changed: c.Changed, Version: c.Version,
	}
	if !c.Next.IsZero() {
		d.Next = timestamp(c.Next)
	}
	return d
}

// document is what was indexed.
func (v *versionDocument) document() (search.Document, error) {
	sequence, err := strconv.ParseUint(v.Sequence, 10, 64)
	return search.Document{
		Article: v.Article, Source: v.Source, URL: v.URL, Version: v.Version, Time: time.Unix(0, v.Nanoseconds).UTC(),
		Language: v.Language, Title: v.Title, Body: v.Body, Added: v.Added, Removed: v.Removed, Kinds: v.Kinds,
		Weight: v.Weight, Score: v.Score, State: v.State, Published: v.Published, Hash: v.Hash, Feed: v.Feed,
		Sequence: sequence, Disclosed: v.Disclosed,
	}, err
}

func words(indexed string) int {
	if indexed == "" {
		return 0
	}
	return strings.Count(indexed, " ") + 1
}

// timestamp is a time for people: Elasticsearch's dates count milliseconds.
func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// published is the declared time of publication, if it is one, in the years that an index takes.
func published(d *search.Document) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, d.Published); err == nil {
			return t, t.Year() >= 1970 && t.Year() <= 2200
		}
	}
	return time.Time{}, false
}

func weightName(weight int) string {
	names := []string{"none", "trivial", "minor", "substantive"}
	if weight < 0 || weight >= len(names) {
		return strconv.Itoa(weight)
	}
	return names[weight]
}

func stateName(state int) string {
	if state < int(article.Live) || state > int(article.Blocked) {
		return strconv.Itoa(state)
	}
	return article.State(state).String()
}

// maxID is the most bytes of an id that Elasticsearch takes.
const maxID = 512

func documentID(d *search.Document) string { return shortID(d.ID()) }

// shortID is a name as an id, a digest of it where it is too long.
func shortID(name string) string {
	if len(name) <= maxID {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// sequenceVersion is the external version of versions and revisions.
func sequenceVersion(d *search.Document) int64 { return int64(min(d.Sequence, math.MaxInt64)) }

// articleVersion is the external version of an article: its version, and below that the sequence.
func articleVersion(d *search.Document) int64 {
	const bits = 40 // a stream of a thousand events a second fills them in 34 years
	return int64(min(d.Version, 1<<(62-bits)))<<bits | int64(min(d.Sequence, 1<<bits-1))
}
