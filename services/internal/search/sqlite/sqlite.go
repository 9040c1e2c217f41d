// Package sqlite keeps the search index in one SQLite file: the documents in ordinary tables that any SQLite tool can
// read, their tokens in a full-text table beside them. One process writes, any number read.
//
// The key of a row is its time, so that the newest matches are found by walking backwards, without sorting.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/zstd"
	_ "modernc.org/sqlite" // the database/sql driver "sqlite"

	"github.com/stetnews/stet/services/internal/search"
)

const (
	schemaVersion = 2
	readers       = 4 // connections
)

// schema follows one rule: what is searched by key stands in version, what is only shown in vtext.
const schema = `
CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE source(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE version(
  rowid INTEGER PRIMARY KEY, -- milliseconds since 1990 in UTC, times 16, and a number that makes it unique
  id TEXT GENERATED ALWAYS AS (article || '/' || ver) VIRTUAL,
  article TEXT NOT NULL, ver INTEGER NOT NULL, source INTEGER NOT NULL REFERENCES source(id),
  ts INTEGER NOT NULL,       -- nanoseconds since 1970 in UTC
  lang TEXT NOT NULL, weight INTEGER NOT NULL, score REAL NOT NULL, state INTEGER NOT NULL, seq INTEGER NOT NULL,
  kinds TEXT NOT NULL,       -- a JSON array
  hash TEXT NOT NULL, feed TEXT NOT NULL, published TEXT NOT NULL, url TEXT NOT NULL, title TEXT NOT NULL,
  digest BLOB NOT NULL,      -- of the whole document
  disclosed INTEGER NOT NULL DEFAULT 0,
  UNIQUE(article, ver));
CREATE TABLE vtext(
  rowid INTEGER PRIMARY KEY,
  codec INTEGER NOT NULL,    -- of body: 0 plain text, 1 zstd
  added TEXT NOT NULL, removed TEXT NOT NULL, body BLOB NOT NULL);
`

// ftsSchema takes tokens that are cut already: all that the tokenizer does is to split at spaces.
const ftsSchema = `
CREATE VIRTUAL TABLE fts USING fts5(title, body, added, removed, meta, content='', contentless_delete=1,
  tokenize="ascii tokenchars '.''_-:;,=*'");
INSERT INTO fts(fts, rank) VALUES('rank', 'bm25(8.0, 1.0, 2.0, 2.0, 0.0)');
`

// Index is a search index in a file. It is a search.Writer and a search.Searcher, safe for concurrent use.
type Index struct {
	path    string
	write   *sql.DB // one connection, so writes take turns
	read    *sql.DB
	put     putStatements
	get     getStatements
	encoder *zstd.Encoder
	decoder *zstd.Decoder
}

var (
	_ search.Writer   = (*Index)(nil)
	_ search.Searcher = (*Index)(nil)
)

// Open opens the index in a file, or makes it. An index made with another analyzer is rebuilt from its own texts
// first, which takes minutes for a million documents and goes on where it was interrupted. Errors say what to do.
func Open(ctx context.Context, path string) (*Index, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("opening the search index %s: %w", path, err)
	}
	x := &Index{path: absolute}
	if err := x.open(ctx); err != nil {
		return nil, errors.Join(x.explain("opening", err), x.Close())
	}
	return x, nil
}

func (x *Index) open(ctx context.Context) (err error) {
	if x.encoder, err = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1)); err != nil {
		return err
	}
	if x.decoder, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(readers), zstd.WithDecoderMaxMemory(64<<20)); err != nil {
		return err
	}
	if x.write, err = sql.Open("sqlite", dsn(x.path, "auto_vacuum(INCREMENTAL)", "journal_mode(WAL)", "secure_delete(FAST)")+"&_txlock=immediate"); err != nil {
		return err
	}
	x.write.SetMaxOpenConns(1)
	if err := x.migrate(ctx); err != nil {
		return err
	}
	if x.read, err = sql.Open("sqlite", dsn(x.path, "query_only(1)")); err != nil {
		return err
	}
	x.read.SetMaxOpenConns(readers)
	x.read.SetMaxIdleConns(readers)
	if err := x.put.prepare(ctx, x.write); err != nil {
		return err
	}
	if err := x.get.prepare(ctx, x.read); err != nil {
		return err
	}
	return x.rebuild(ctx)
}

// dsn names a file as a URI, so that a path may have any characters, with the settings of each connection.
func dsn(path string, pragmas ...string) string {
	settings := append([]string{
		"busy_timeout(5000)", "synchronous(FULL)", "cache_size(-32000)", "temp_store(MEMORY)", "foreign_keys(1)",
	}, pragmas...)
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return "file://" + (&url.URL{Path: path}).EscapedPath() + "?" + url.Values{"_pragma": settings}.Encode()
}

// migrate makes the tables in an empty file and refuses a file that is not an index of this version.
func (x *Index) migrate(ctx context.Context) error {
	tx, err := x.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // of no effect once committed
	var tables, metas int
	if err := tx.QueryRowContext(ctx, `SELECT count(*), count(*) FILTER (WHERE name = 'meta') FROM sqlite_schema`).Scan(&tables, &metas); err != nil {
		return err
	}
	if tables == 0 {
		if err := create(ctx, tx); err != nil {
			return err
		}
		return tx.Commit()
	}
	version := 0
	if metas > 0 {
		if version, err = number(ctx, tx, "schema_version"); err != nil {
			return err
		}
	}
	if version == 1 {
		return addDisclosed(ctx, tx)
	}
	if version != schemaVersion {
		return &fileError{fmt.Sprintf("it is a database with layout %d, not a search index with layout %d: "+
			"name another file, or move this one away and run `stet reindex`", version, schemaVersion)}
	}
	return nil
}

// addDisclosed brings layout 1 to layout 2. What is stored counts as not disclosed until it is written again.
func addDisclosed(ctx context.Context, tx *sql.Tx) error {
	if _, err := tx.ExecContext(ctx, `ALTER TABLE version ADD COLUMN disclosed INTEGER NOT NULL DEFAULT 0`); err != nil {
		return err
	}
	if err := setNumber(ctx, tx, "schema_version", schemaVersion); err != nil {
		return err
	}
	return tx.Commit()
}

func create(ctx context.Context, tx *sql.Tx) error {
	if _, err := tx.ExecContext(ctx, schema+ftsSchema); err != nil {
		return err
	}
	for key, value := range map[string]int{
		"schema_version": schemaVersion, "analyzer_version": search.AnalyzerVersion,
		"articles": 0, "versions": 0, "revisions": 0,
	} {
		if err := setNumber(ctx, tx, key, value); err != nil {
			return err
		}
	}
	return nil
}

// number reads a row of meta, 0 where there is none.
func number(ctx context.Context, tx *sql.Tx, key string) (value int, err error) {
	err = tx.QueryRowContext(ctx, `SELECT value FROM meta WHERE key = ?`, key).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return value, err
}

func setNumber(ctx context.Context, tx *sql.Tx, key string, value int) error {
	_, err := tx.ExecContext(ctx, `INSERT OR REPLACE INTO meta(key, value) VALUES(?, ?)`, key, value)
	return err
}

// Compact rewrites the full-text table, so that nothing is left of the words of deleted articles, and empties the log.
// It blocks writers: about 10 seconds for each 100,000 documents.
func (x *Index) Compact(ctx context.Context) error {
	for _, statement := range []string{
		`PRAGMA secure_delete = ON`,
		`INSERT INTO fts(fts) VALUES('optimize')`,
		`PRAGMA secure_delete = FAST`,
		`PRAGMA incremental_vacuum`,
		`PRAGMA wal_checkpoint(TRUNCATE)`,
	} {
		if _, err := x.write.ExecContext(ctx, statement); err != nil {
			return x.explain("compacting", err)
		}
	}
	return nil
}

// Close waits for what is running and closes the file.
func (x *Index) Close() error {
	var errs []error
	for _, db := range []*sql.DB{x.read, x.write} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if x.encoder != nil {
		errs = append(errs, x.encoder.Close())
	}
	if x.decoder != nil {
		x.decoder.Close()
	}
	if err := errors.Join(errs...); err != nil {
		return x.explain("closing", err)
	}
	return nil
}
