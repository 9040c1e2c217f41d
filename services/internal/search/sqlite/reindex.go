package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"

	"github.com/stetnews/stet/services/internal/search"
)

// draftSuffix is of the file in which a draft is made.
const draftSuffix = ".new"

// Draft is an index that is made beside the file of another one, to take its place. It stays when the program ends, and
// goes on where it was.
type Draft struct {
	*Index
	path string // whose place it takes
}

// OpenDraft opens the draft for the index in a file, or begins one; fresh throws away one that was begun.
func OpenDraft(ctx context.Context, path string, fresh bool) (*Draft, error) {
	if fresh {
		if err := removeDatabase(path + draftSuffix); err != nil {
			return nil, fmt.Errorf("throwing the unfinished index away: %w", err)
		}
	}
	x, err := Open(ctx, path+draftSuffix)
	if err != nil {
		return nil, err
	}
	return &Draft{x, path}, nil
}

// Mark gives what SetMark stored, empty where it stored nothing.
func (d *Draft) Mark(ctx context.Context) (mark string, err error) {
	err = d.read.QueryRowContext(ctx, `SELECT value FROM meta WHERE key = 'reindex'`).Scan(&mark)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", d.explain("reading from", err)
	}
	return mark, nil
}

// SetMark stores how far the draft is.
func (d *Draft) SetMark(ctx context.Context, mark string) error {
	if _, err := d.write.ExecContext(ctx, `INSERT OR REPLACE INTO meta(key, value) VALUES('reindex', ?)`, mark); err != nil {
		return d.explain("writing to", err)
	}
	return nil
}

// Has says which of the documents the draft has, by article and version.
func (d *Draft) Has(ctx context.Context, documents []search.Document) ([]bool, error) {
	has := make([]bool, len(documents))
	err := d.view(ctx, func(r *reader) error {
		version := r.tx.StmtContext(ctx, d.get.version)
		for i := range documents {
			var row int64
			err := version.QueryRowContext(ctx, documents[i].Article, documents[i].Version).Scan(&row)
			if err != nil && !errors.Is(err, sql.ErrNoRows) {
				return err
			}
			has[i] = err == nil
		}
		return nil
	})
	if err != nil {
		return nil, d.explain("reading from", err)
	}
	return has, nil
}

// Finish closes the draft and puts its file in the place of the other, which must be closed. The file is renamed, so
// that at every moment there is one whole index under the name.
func (d *Draft) Finish(ctx context.Context) error {
	// Closing leaves nothing of the draft in a log, unless this could not be written back.
	for _, statement := range []string{`DELETE FROM meta WHERE key = 'reindex'`, `PRAGMA wal_checkpoint(TRUNCATE)`} {
		if _, err := d.write.ExecContext(ctx, statement); err != nil {
			return d.explain("finishing", err)
		}
	}
	if err := d.Close(); err != nil {
		return err
	}
	// A log that the old file may have left would be taken for the new one's.
	if err := errors.Join(removeFile(d.path+"-wal"), removeFile(d.path+"-shm")); err != nil {
		return fmt.Errorf("making way for the new index: %w", err)
	}
	if err := os.Rename(d.path+draftSuffix, d.path); err != nil {
		return fmt.Errorf("putting the new index in its place: %w", err)
	}
	return nil
}

func removeDatabase(path string) error {
	return errors.Join(removeFile(path), removeFile(path+"-wal"), removeFile(path+"-shm"))
}

func removeFile(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
