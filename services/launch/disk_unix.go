//go:build unix

package launch

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// room is what this process may still fill of a folder's disk, and the size of that.
func room(folder string) (free, size uint64, err error) {
	var s unix.Statfs_t
	if err := unix.Statfs(folder, &s); err != nil {
		return 0, 0, fmt.Errorf("asking for the room of %s: %w", folder, err)
	}
	return uint64(s.Bavail) * uint64(s.Bsize), uint64(s.Blocks) * uint64(s.Bsize), nil //nolint:unconvert // the types differ between systems
}
