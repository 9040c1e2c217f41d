package sqlite

import (
	"context"
	"database/sql"
	"math"

	"github.com/stetnews/stet/services/internal/search"
)

// rebuildBatch is how many documents one transaction of a rebuild indexes anew.
const rebuildBatch = 500

// rebuild makes the full-text table anew where the tokens in it are another analyzer's. It commits in batches, each
// with the key it came to, so that an interrupted rebuild goes on there.
func (x *Index) rebuild(ctx context.Context) error {
	for {
		done, err := x.rebuildSome(ctx)
		if done || err != nil {
			return err
		}
	}
}

func (x *Index) rebuildSome(ctx context.Context) (done bool, err error) {
	tx, err := x.write.BeginTx(ctx, nil)
	if err != nil {
		return false, err
	}
	defer func() { _ = tx.Rollback() }() // of no effect once committed
	if built, err := number(ctx, tx, "analyzer_version"); err != nil || built == search.AnalyzerVersion {
		return true, err
	}
	after, err := x.rebuildStart(ctx, tx)
	if err != nil {
		return false, err
	}
	rows, err := int64s(tx.QueryContext(ctx, `SELECT rowid FROM version WHERE rowid > ? ORDER BY rowid LIMIT ?`, after, rebuildBatch))
	if err != nil {
		return false, err
	}
	statement, err := tx.PrepareContext(ctx, rowQuery)
	if err != nil {
		return false, err
	}
	w, r := &writer{index: x, tx: tx}, &reader{x, tx, statement}
	for _, row := range rows {
		d, err := r.document(ctx, row, true)
		if err != nil {
			return false, err
		}
		if err := w.words(ctx, row, &d); err != nil {
			return false, err
		}
		after = int(row)
	}
	if err := setNumber(ctx, tx, "rebuilt_to", after); err != nil {
		return false, err
	}
	if len(rows) < rebuildBatch {
		if _, err := tx.ExecContext(ctx, `DELETE FROM meta WHERE key IN ('rebuild_for', 'rebuilt_to')`); err != nil {
			return false, err
		}
		if err := setNumber(ctx, tx, "analyzer_version", search.AnalyzerVersion); err != nil {
			return false, err
		}
	}
	return false, tx.Commit()
}

// rebuildStart returns the key a rebuild to this analyzer came to, or empties the full-text table and begins.
func (x *Index) rebuildStart(ctx context.Context, tx *sql.Tx) (after int, err error) {
	target, err := number(ctx, tx, "rebuild_for")
	if err != nil {
		return 0, err
	}
	if target == search.AnalyzerVersion {
		return number(ctx, tx, "rebuilt_to")
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO fts(fts) VALUES('delete-all')`); err != nil {
		return 0, err
	}
	return math.MinInt64, setNumber(ctx, tx, "rebuild_for", search.AnalyzerVersion)
}
