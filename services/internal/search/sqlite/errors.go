package sqlite

import (
	"errors"
	"fmt"

	driver "modernc.org/sqlite"
)

// fileError says what is wrong with a file and what to do about it.
type fileError struct{ message string }

// Error is the message.
func (e *fileError) Error() string { return e.message }

// advice is what to do about the primary result codes of SQLite that an operator can mend.
var advice = map[int]string{
	5:  "another process is writing to it: run one writer only",
	8:  "the file or its folder is read-only: give stet the right to write there",
	10: "the disk fails to read or write: check the disk, its mount and the system's log",
	11: "the file is damaged: move it away and run `stet reindex`, which rebuilds it from the archive",
	13: "the disk is full: free some space; nothing that was acknowledged is lost",
	14: "the file cannot be opened: check that its folder exists and that stet may write there",
	26: "the file is no SQLite database: name another file, or move this one away and run `stet reindex`",
}

// explain says what was being done to which file and, where it is known, what to do about the error.
func (x *Index) explain(doing string, err error) error {
	var broken *driver.Error
	if errors.As(err, &broken) {
		if what, ok := advice[broken.Code()&0xff]; ok {
			return fmt.Errorf("%s the search index %s: %s: %w", doing, x.path, what, err)
		}
	}
	return fmt.Errorf("%s the search index %s: %w", doing, x.path, err)
}
