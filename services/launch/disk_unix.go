//go:build unix

package launch

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// freeBytes is the room that this process may fill.
func freeBytes(folder string) (uint64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(folder, &s); err != nil {
		return 0, fmt.Errorf("asking for the room of %s: %w", folder, err)
	}
	return uint64(s.Bavail) * uint64(s.Bsize), nil //nolint:unconvert // the types differ between systems
}
