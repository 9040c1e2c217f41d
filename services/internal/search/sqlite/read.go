package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/stetnews/stet/services/internal/search"
)

// rowQuery reads a document by its key, the body only if the second argument says so.
const rowQuery = `SELECT v.article, s.name, v.url, v.ver, v.ts, v.lang, v.title, v.kinds, v.weight, v.score, v.state,
	v.published, v.hash, v.feed, v.seq, v.disclosed, t.added, t.removed, t.codec, CASE WHEN ?2 THEN t.body END
	FROM version v JOIN source s ON s.id = v.source JOIN vtext t ON t.rowid = v.rowid WHERE v.rowid = ?1`

// getStatements are prepared on the reading connections.
type getStatements struct {
	row, newest, version, versions *sql.Stmt
}

func (s *getStatements) prepare(ctx context.Context, db *sql.DB) error {
	return prepare(ctx, db, map[**sql.Stmt]string{
		&s.row:      rowQuery,
		&s.newest:   `SELECT rowid FROM version WHERE article = ? ORDER BY ver DESC LIMIT 1`,
		&s.version:  `SELECT rowid FROM version WHERE article = ? AND ver = ?`,
		&s.versions: `SELECT rowid FROM version WHERE article = ? AND ver < ? ORDER BY ver DESC LIMIT ?`,
	})
}

// Search keeps the promises of search.Searcher, on one snapshot of the index.
func (x *Index) Search(ctx context.Context, request search.Request) (search.Result, error) {
	var result search.Result
	sum := requestSum(request)
	var at *cursor
	if request.Cursor != "" {
		c, err := decodeCursor(request.Cursor, sum)
		if err != nil {
			return result, err
		}
		at = &c
	}
	err := x.view(ctx, func(r *reader) (err error) {
		limit := search.PageSize(request.Limit)
		p := compile(request.Query)
		var rows []int64
		var next cursor
		if request.Order == search.Relevance {
			rows, next, err = r.relevant(ctx, p, at, limit)
		} else {
			rows, next, err = r.newest(ctx, p, at, limit)
		}
		if err != nil {
			return err
		}
		if len(rows) > limit {
			rows = rows[:limit]
			result.Next = next.encode(sum)
		}
		if result.Hits, err = r.hits(ctx, rows, request); err != nil || !request.WithTotal {
			return err
		}
		text, _, args := p.from(math.MinInt64, math.MaxInt64)
		return r.tx.QueryRowContext(ctx, "SELECT count(*)"+text, args...).Scan(&result.Total)
	})
	if err != nil {
		return search.Result{}, x.explain("searching", err)
	}
	return result, nil
}

// reader is one snapshot of the index.
type reader struct {
	index *Index
	tx    *sql.Tx
	row   *sql.Stmt // rowQuery
}

// view runs a function on a snapshot.
func (x *Index) view(ctx context.Context, do func(*reader) error) error {
	tx, err := x.read.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	return do(&reader{x, tx, tx.StmtContext(ctx, x.get.row)})
}

// newest walks backwards from the cursor and returns one row more than the limit where there are more.
func (r *reader) newest(ctx context.Context, p *plan, at *cursor, limit int) (rows []int64, next cursor, err error) {
	hi := int64(math.MaxInt64)
	if at != nil {
		if at.key == math.MinInt64 {
			return nil, next, search.ErrBadCursor
		}
		hi = at.key - 1
	}
	text, key, args := p.from(math.MinInt64, hi)
	rows, err = int64s(r.tx.QueryContext(ctx, "SELECT "+key+text+" ORDER BY "+key+" DESC LIMIT ?", append(args, limit+1)...))
	if len(rows) > limit {
		next.key = rows[limit-1]
	}
	return rows, next, err
}

// relevant ranks the newest matches, those that came after the first page left out.
func (r *reader) relevant(ctx context.Context, p *plan, at *cursor, limit int) (rows []int64, next cursor, err error) {
	hi := int64(math.MaxInt64)
	if at != nil {
		hi, next.offset = at.key, at.offset
	}
	text, key, args := p.from(math.MinInt64, hi)
	var lowest, highest sql.NullInt64
	err = r.tx.QueryRowContext(ctx, "SELECT min(k), max(k) FROM (SELECT "+key+" k"+text+" ORDER BY "+key+" DESC LIMIT ?)",
		append(args, search.RelevanceWindow)...).Scan(&lowest, &highest)
	if err != nil || !lowest.Valid {
		return nil, next, err
	}
	if next.key = hi; at == nil {
		next.key = highest.Int64
	}
	order := key + " DESC"
	if p.match != "" {
		order = "fts.rank, " + order
	}
	text, key, args = p.from(lowest.Int64, highest.Int64)
	rows, err = int64s(r.tx.QueryContext(ctx, "SELECT "+key+text+" ORDER BY "+order+" LIMIT ? OFFSET ?",
		append(args, limit+1, next.offset)...))
	next.offset += int64(limit)
	return rows, next, err
}

func (r *reader) hits(ctx context.Context, rows []int64, request search.Request) ([]search.Hit, error) {
	hits := make([]search.Hit, 0, len(rows))
	for _, row := range rows {
		d, err := r.document(ctx, row, request.WithBody || request.Highlight)
		if err != nil {
			return nil, err
		}
		hit := search.Hit{Document: d}
		if request.Highlight {
			hit.Excerpts = search.Highlight(request.Query, &d)
		}
		if !request.WithBody {
			hit.Body = ""
		}
		hits = append(hits, hit)
	}
	return hits, nil
}

// document reads a row whole, or without its body.
func (r *reader) document(ctx context.Context, row int64, withBody bool) (d search.Document, err error) {
	var ts, seq int64
	var codec int
	var kinds string
	var body []byte
	err = r.row.QueryRowContext(ctx, row, withBody).Scan(&d.Article, &d.Source, &d.URL,
		&d.Version, &ts, &d.Language, &d.Title, &kinds, &d.Weight, &d.Score, &d.State, &d.Published, &d.Hash, &d.Feed,
		&seq, &d.Disclosed, &d.Added, &d.Removed, &codec, &body)
	if err != nil {
		return d, fmt.Errorf("reading row %d: %w", row, err)
	}
	d.Time = time.Unix(0, ts).UTC()
	d.Sequence = uint64(seq)
	if err := json.Unmarshal([]byte(kinds), &d.Kinds); err != nil {
		return d, fmt.Errorf("reading the kinds of row %d: %w", row, err)
	}
	if len(d.Kinds) == 0 {
		d.Kinds = nil
	}
	if withBody {
		d.Body, err = r.index.unpack(codec, body)
	}
	return d, err
}

// Versions keeps the promises of search.Searcher.
func (x *Index) Versions(ctx context.Context, article string, limit int, after string) (documents []search.Document, next string, err error) {
	sum := cursorSum("versions", article)
	at := cursor{key: math.MaxInt64}
	if after != "" {
		if at, err = decodeCursor(after, sum); err != nil {
			return nil, "", err
		}
	}
	limit = search.PageSize(limit)
	err = x.view(ctx, func(r *reader) error {
		rows, err := int64s(r.tx.StmtContext(ctx, x.get.versions).QueryContext(ctx, article, at.key, limit+1))
		if err != nil {
			return err
		}
		for _, row := range rows[:min(limit, len(rows))] {
			d, err := r.document(ctx, row, false)
			if err != nil {
				return err
			}
			documents = append(documents, d)
		}
		if len(rows) > limit {
			next = cursor{key: int64(documents[limit-1].Version)}.encode(sum)
		}
		return nil
	})
	if err != nil {
		return nil, "", x.explain("listing versions in", err)
	}
	return documents, next, nil
}

// Get keeps the promises of search.Searcher.
func (x *Index) Get(ctx context.Context, article string, version int) (d search.Document, err error) {
	err = x.view(ctx, func(r *reader) error {
		statement, args := x.get.newest, []any{article}
		if version != 0 {
			statement, args = x.get.version, []any{article, version}
		}
		var row int64
		err := r.tx.StmtContext(ctx, statement).QueryRowContext(ctx, args...).Scan(&row)
		if errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("version %d of article %s: %w", version, strings.ToValidUTF8(article, "?"), search.ErrNotFound)
		}
		if err != nil {
			return err
		}
		d, err = r.document(ctx, row, true)
		return err
	})
	if errors.Is(err, search.ErrNotFound) {
		return search.Document{}, err
	}
	if err != nil {
		return search.Document{}, x.explain("reading from", err)
	}
	return d, nil
}

// Count keeps the promises of search.Searcher.
func (x *Index) Count(ctx context.Context) (c search.Counts, err error) {
	err = x.read.QueryRowContext(ctx, `SELECT
		(SELECT value FROM meta WHERE key = 'articles'), (SELECT value FROM meta WHERE key = 'versions'),
		(SELECT value FROM meta WHERE key = 'revisions')`).Scan(&c.Articles, &c.Versions, &c.Revisions)
	if err != nil {
		return search.Counts{}, x.explain("counting in", err)
	}
	return c, nil
}
