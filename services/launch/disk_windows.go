package launch

import (
	"fmt"

	"golang.org/x/sys/windows"
)

// room is what this process may still fill of a folder's disk, and the size of that.
func room(folder string) (free, size uint64, err error) {
	name, err := windows.UTF16PtrFromString(folder)
	if err != nil {
		return 0, 0, fmt.Errorf("naming %s: %w", folder, err)
	}
	if err := windows.GetDiskFreeSpaceEx(name, &free, &size, nil); err != nil {
		return 0, 0, fmt.Errorf("asking for the room of %s: %w", folder, err)
	}
	return free, size, nil
}
