package launch

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// The room that the disk must have. A store that meets a full disk in the middle of a write needs a restart, so that
// stet stops in good order before that.
const (
	leastFree = 32 << 20
	scantFree = 512 << 20 // from here on it is told
)

const diskEvery = 5 * time.Second

// disk watches the room on the data folder's disk.
type disk struct {
	folder string
	free   func(folder string) (bytes uint64, err error)
	log    *slog.Logger
	told   bool
}

// watch looks until the context ends. Its error says that the disk is full.
func (d *disk) watch(ctx context.Context) error {
	ticker := time.NewTicker(diskEvery)
	defer ticker.Stop()
	for {
		if err := d.look(); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

func freeBytes(folder string) (uint64, error) {
	free, _, err := room(folder)
	return free, err
}

func (d *disk) look() error {
	free, err := d.free(d.folder)
	switch {
	case err != nil:
		if !d.told {
			d.log.Warn("the room on the disk cannot be told", "folder", d.folder, "error", err)
		}
		d.told = true
	case free < leastFree:
		return fmt.Errorf("the disk of %s is full (%d MB free, %d are needed): stet stopped before anything was lost; "+
			"make room and start it again, or move the folder and name it with --data", d.folder, free>>20, leastFree>>20)
	case free < scantFree:
		if !d.told {
			d.log.Warn("the disk is nearly full: stet stops when it is", "folder", d.folder, "freeMB", free>>20, "stopsAtMB", leastFree>>20)
		}
		d.told = true
	default:
		d.told = false
	}
	return nil
}
