package sqlite

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stetnews/stet/services/internal/search"
)

// putStatements are prepared on the writing connection.
type putStatements struct {
	find, knows, next, last, source, addSource, version, text, words, count *sql.Stmt
	drop                                                                    [3]*sql.Stmt
}

func (s *putStatements) prepare(ctx context.Context, db *sql.DB) error {
	return prepare(ctx, db, map[**sql.Stmt]string{
		&s.find:      `SELECT rowid, ts, seq, digest FROM version WHERE article = ? AND ver = ?`,
		&s.knows:     `SELECT EXISTS(SELECT 1 FROM version WHERE article = ?)`,
		&s.next:      `SELECT ifnull(min(rowid), -1 << 63) FROM version WHERE rowid >= ?`,
		&s.last:      `SELECT max(rowid) FROM version WHERE rowid BETWEEN ? AND ?`,
		&s.source:    `SELECT id FROM source WHERE name = ?`,
		&s.addSource: `INSERT INTO source(name) VALUES(?) RETURNING id`,
		&s.version: `INSERT INTO version(rowid, article, ver, source, ts, lang, weight, score, state, seq, kinds, hash, feed, published, url, title, digest, disclosed)
			VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		&s.text:    `INSERT INTO vtext(rowid, codec, added, removed, body) VALUES(?, ?, ?, ?, ?)`,
		&s.words:   `INSERT INTO fts(rowid, title, body, added, removed, meta) VALUES(?, ?, ?, ?, ?, ?)`,
		&s.count:   `UPDATE meta SET value = value + ? WHERE key = ?`,
		&s.drop[0]: `DELETE FROM fts WHERE rowid = ?`,
		&s.drop[1]: `DELETE FROM vtext WHERE rowid = ?`,
		&s.drop[2]: `DELETE FROM version WHERE rowid = ?`,
	})
}

func prepare(ctx context.Context, db *sql.DB, statements map[**sql.Stmt]string) error {
	for into, text := range statements {
		statement, err := db.PrepareContext(ctx, text)
		if err != nil {
			return fmt.Errorf("preparing %q: %w", text, err)
		}
		*into = statement
	}
	return nil
}

// Write keeps the promises of search.Writer: one transaction for the batch, on disk when it returns.
func (x *Index) Write(ctx context.Context, documents []search.Document) error {
	batch := search.NewBatch(documents)
	if len(batch.Documents) == 0 {
		return batch.Err()
	}
	arrange(batch.Documents)
	tx, err := x.write.BeginTx(ctx, nil)
	if err != nil {
		return x.explain("writing to", err)
	}
	defer func() { _ = tx.Rollback() }() // of no effect once committed
	w := &writer{index: x, tx: tx}
	for _, d := range batch.Documents {
		switch err := w.put(ctx, d); {
		case errors.Is(err, search.ErrBadDocument):
			batch.Fail(d, err) // nothing of it was written
		case err != nil:
			return x.explain("writing "+d.ID()+" to", err)
		}
	}
	if err := w.count(ctx); err != nil {
		return x.explain("counting in", err)
	}
	if err := tx.Commit(); err != nil {
		return x.explain("committing to", err)
	}
	return batch.Err()
}

// arrange sorts a batch by time: rows that come in the order of their keys cost a third less.
func arrange(batch []*search.Document) {
	slices.SortStableFunc(batch, func(a, b *search.Document) int {
		return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Version, b.Version))
	})
}

// writer is one transaction of writing.
type writer struct {
	index *Index
	tx    *sql.Tx

	articles, versions, revisions int // added
}

func (w *writer) stmt(ctx context.Context, s *sql.Stmt) *sql.Stmt { return w.tx.StmtContext(ctx, s) }

// put stores a document unless what is stored already is the same or newer.
func (w *writer) put(ctx context.Context, d *search.Document) error {
	s := &w.index.put
	digest, err := digest(d)
	if err != nil {
		return err
	}
	var row, ts, seq int64
	var stored []byte
	err = w.stmt(ctx, s.find).QueryRowContext(ctx, d.Article, d.Version).Scan(&row, &ts, &seq, &stored)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		if row, err = w.free(ctx, base(d.Time)); err != nil {
			return err
		}
		if err := w.counted(ctx, d); err != nil {
			return err
		}
	case err != nil:
		return err
	case uint64(seq) > d.Sequence || bytes.Equal(stored, digest):
		return nil
	default:
		old := row
		if base(time.Unix(0, ts)) != base(d.Time) {
			if row, err = w.free(ctx, base(d.Time)); err != nil {
				return err
			}
		}
		if err := w.drop(ctx, old); err != nil {
			return err
		}
	}
	return w.insert(ctx, row, d, digest)
}

// counted notes that a document is new.
func (w *writer) counted(ctx context.Context, d *search.Document) error {
	var known bool
	if err := w.stmt(ctx, w.index.put.knows).QueryRowContext(ctx, d.Article).Scan(&known); err != nil {
		return err
	}
	if !known {
		w.articles++
	}
	if d.Version > 1 {
		w.revisions++
	}
	w.versions++
	return nil
}

func (w *writer) insert(ctx context.Context, row int64, d *search.Document, digest []byte) error {
	s := &w.index.put
	source, err := w.source(ctx, d.Source)
	if err != nil {
		return err
	}
	kinds, err := json.Marshal(append([]string{}, d.Kinds...))
	if err != nil {
		return err
	}
	codec, body := w.index.pack(d.Body)
	if _, err := w.stmt(ctx, s.version).ExecContext(ctx, row, d.Article, d.Version, source, d.Time.UnixNano(),
		d.Language, d.Weight, d.Score, d.State, int64(d.Sequence), string(kinds), d.Hash, d.Feed, d.Published, d.URL,
		d.Title, digest, d.Disclosed); err != nil {
		return err
	}
	if _, err := w.stmt(ctx, s.text).ExecContext(ctx, row, codec, d.Added, d.Removed, body); err != nil {
		return err
	}
	return w.words(ctx, row, d)
}

// words writes a document's tokens.
func (w *writer) words(ctx context.Context, row int64, d *search.Document) error {
	_, err := w.stmt(ctx, w.index.put.words).ExecContext(ctx, row, search.IndexText(d.Title), search.IndexText(d.Body),
		search.IndexText(d.Added), search.IndexText(d.Removed), strings.Join(search.MetaTokens(d), " "))
	return err
}

func (w *writer) drop(ctx context.Context, row int64) error {
	for _, s := range w.index.put.drop {
		if _, err := w.stmt(ctx, s).ExecContext(ctx, row); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) source(ctx context.Context, name string) (id int64, err error) {
	err = w.stmt(ctx, w.index.put.source).QueryRowContext(ctx, name).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		err = w.stmt(ctx, w.index.put.addSource).QueryRowContext(ctx, name).Scan(&id)
	}
	return id, err
}

// free finds the first key from a time's own on that is not taken.
func (w *writer) free(ctx context.Context, from int64) (int64, error) {
	const stride = 1024
	s := &w.index.put
	for at := from; at < from+slack; {
		var next int64
		if err := w.stmt(ctx, s.next).QueryRowContext(ctx, at).Scan(&next); err != nil {
			return 0, err
		}
		if next != at {
			return at, nil
		}
		if err := w.stmt(ctx, s.last).QueryRowContext(ctx, at, at+stride).Scan(&next); err != nil {
			return 0, err
		}
		at = next + 1
	}
	return 0, fmt.Errorf("%w: more than %d documents of one moment", search.ErrBadDocument, slack)
}

// count adds what the transaction changed to the totals.
func (w *writer) count(ctx context.Context) error {
	for key, added := range map[string]int{"articles": w.articles, "versions": w.versions, "revisions": w.revisions} {
		if added == 0 {
			continue
		}
		if _, err := w.stmt(ctx, w.index.put.count).ExecContext(ctx, added, key); err != nil {
			return err
		}
	}
	return nil
}

// Delete removes an article's rows, overwriting what they held. Compact does the same for the words.
func (x *Index) Delete(ctx context.Context, article string) error {
	conn, err := x.write.Conn(ctx)
	if err != nil {
		return x.explain("deleting from", err)
	}
	defer func() { _ = conn.Close() }() // returns it to the pool
	if _, err := conn.ExecContext(ctx, `PRAGMA secure_delete = ON`); err != nil {
		return x.explain("deleting from", err)
	}
	deleted, err := x.deleteRows(ctx, conn, article)
	after := `PRAGMA secure_delete = FAST`
	if deleted {
		after += `; PRAGMA wal_checkpoint(TRUNCATE)` // so that the log keeps no copy; readers may put it off
	}
	if _, settle := conn.ExecContext(context.WithoutCancel(ctx), after); err == nil {
		err = settle
	}
	if err != nil {
		return x.explain("deleting from", err)
	}
	return nil
}

func (x *Index) deleteRows(ctx context.Context, conn *sql.Conn, article string) (deleted bool, err error) {
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return false, err
	}
	defer func() { _ = tx.Rollback() }() // of no effect once committed
	w := &writer{index: x, tx: tx}
	rows, err := int64s(tx.QueryContext(ctx, `SELECT rowid FROM version WHERE article = ?`, article))
	if err != nil || len(rows) == 0 {
		return false, err
	}
	if err := tx.QueryRowContext(ctx, `SELECT -count(*) FROM version WHERE article = ? AND ver > 1`, article).Scan(&w.revisions); err != nil {
		return false, err
	}
	for _, row := range rows {
		if err := w.drop(ctx, row); err != nil {
			return false, err
		}
	}
	w.articles, w.versions = -1, -len(rows)
	if err := w.count(ctx); err != nil {
		return false, err
	}
	return true, tx.Commit()
}

// int64s reads rows of one number.
func int64s(rows *sql.Rows, err error) ([]int64, error) {
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // rows.Err tells what went wrong
	var out []int64
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return out, rows.Err()
}

// digest is of everything a document says.
func digest(d *search.Document) ([]byte, error) {
	same := *d
	same.Time = d.Time.UTC().Round(0)
	text, err := json.Marshal(same)
	if err != nil {
		return nil, fmt.Errorf("digesting: %w", err)
	}
	sum := sha256.Sum256(text)
	return sum[:16], nil
}

// The codecs of a body.
const (
	plain = iota
	zstandard
)

func (x *Index) pack(body string) (codec int, packed []byte) {
	if compressed := x.encoder.EncodeAll([]byte(body), nil); len(compressed) < len(body) {
		return zstandard, compressed
	}
	return plain, []byte(body)
}

func (x *Index) unpack(codec int, packed []byte) (string, error) {
	switch codec {
	case plain:
		return string(packed), nil
	case zstandard:
		body, err := x.decoder.DecodeAll(packed, nil)
		if err != nil {
			return "", fmt.Errorf("unpacking a body: %w", err)
		}
		return string(body), nil
	}
	return "", fmt.Errorf("a body has the unknown codec %d", codec)
}

const (
	// epoch is where keys begin, in milliseconds since 1970.
	epoch = 631152000000
	// slack is how far a key may lie beyond its time's own.
	slack = 1 << 20
)

// base is the first key of a time's millisecond.
func base(t time.Time) int64 { return (t.UnixMilli() - epoch) << 4 }
