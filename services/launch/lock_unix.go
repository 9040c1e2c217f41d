//go:build unix

package launch

import (
	"os"

	"golang.org/x/sys/unix"
)

// tryLock fails if another process holds the lock. The system lets go of it when the process ends, however it ends.
func tryLock(f *os.File) error { return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) }
