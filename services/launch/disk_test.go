package launch

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestAFullDiskEndsTheWatchAndAScantOneIsToldOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var told bytes.Buffer
		d := disk{folder: "/news", log: slog.New(slog.NewTextHandler(&told, nil)), free: func(string) (uint64, error) {
			switch since := time.Since(start); {
			case since < time.Minute:
				return scantFree, nil
			case since < time.Hour:
				return scantFree - 1, nil
			}
			return leastFree - 1, nil
		}}
		err := d.watch(t.Context())
		if err == nil || !strings.Contains(err.Error(), "/news") || !strings.Contains(err.Error(), "make room") {
			t.Errorf("a full disk says %v", err)
		}
		if time.Since(start) < time.Hour {
			t.Error("the watch ended before the disk was full")
		}
		if strings.Count(told.String(), "nearly full") != 1 {
			t.Errorf("told:\n%s", told.String())
		}
	})
}

func TestTheDiskWatchEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	d := disk{folder: t.TempDir(), log: slog.New(slog.DiscardHandler), free: freeBytes}
	if err := d.watch(ctx); err != nil {
		t.Error(err)
	}
}
