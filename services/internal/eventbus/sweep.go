package eventbus

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/stetnews/stet/services/internal/article"
)

// The sweeps are the net under the protocols, not a mechanism: what they repair is lost by a bug, or by an operator who
// deleted something.

// Sweep wakes every host with a queue. It gives how many hosts.
func (b *Bus) Sweep(ctx context.Context) (int, error) {
	frontier, err := b.stream(streamFrontier)
	if err != nil {
		return 0, err
	}
	info, err := frontier.Info(ctx, subjectsOf("frontier.>"))
	if err != nil {
		return 0, fmt.Errorf("listing the frontier: %w", err)
	}
	hosts := map[string]bool{}
	for subject := range info.State.Subjects {
		d := Delivery{Subject: subject}
		hosts[d.Token(1)] = true
	}
	var failed error
	for host := range hosts {
		failed = errors.Join(failed, b.wake(ctx, host))
	}
	return len(hosts), failed
}

// sweepCandidates bounds the memory of one sweep over the heads, about 1 KB each. The listing begins with the heads that
// were not written for the longest time, among which the forgotten ones are.
const sweepCandidates = 4096

var errEnough = errors.New("enough")

// SweepChecks arms the check of every live article whose next look was due before a time and that waits nowhere: it has
// no schedule, no due check and no place in a queue. It arms at most limit and gives how many.
func (b *Bus) SweepChecks(ctx context.Context, before time.Time, limit int) (int, error) {
	var late []article.Head
	err := b.Heads(ctx, func(h article.Head) error {
		if h.Tombstone == "" && !h.Next.IsZero() && h.Next.Before(before) {
			late = append(late, h)
		}
		if len(late) == sweepCandidates {
			return errEnough
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return 0, err
	}
	armed := 0
	for _, h := range late {
		if armed == limit {
			break
		}
		waits, err := b.waits(ctx, h.Article)
		if err != nil {
			return armed, err
		}
		if waits {
			continue
		}
		if err := b.ArmCheckIfAbsent(ctx, h); err != nil {
			return armed, err
		}
		armed++
	}
	return armed, nil
}

// waits says whether a check of the article is under way to a scraper.
func (b *Bus) waits(ctx context.Context, id string) (bool, error) {
	for _, place := range []trace{
		{streamChecks, "check.*." + id}, {streamFrontier, "frontier.*." + id}, {streamSnapshots, "snapshot." + id},
	} {
		_, err := b.next(ctx, place.stream, place.filter)
		if err == nil {
			return true, nil
		}
		if !IsNotFound(err) {
			return false, err
		}
	}
	return false, nil
}
