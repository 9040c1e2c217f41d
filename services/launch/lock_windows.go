package launch

import (
	"os"

	"golang.org/x/sys/windows"
)

// tryLock fails if another process holds the lock. The system lets go of it when the process ends, however it ends.
func tryLock(f *os.File) error {
	flags := uint32(windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY)
	return windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, &windows.Overlapped{})
}
