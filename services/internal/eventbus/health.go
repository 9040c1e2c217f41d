package eventbus

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/nats-io/nats.go"
)

// Ping says whether the server answers, and whether the first stream of the role has a leader. Every role may ask that.
func (b *Bus) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	if status := b.nc.Status(); status != nats.CONNECTED {
		return fmt.Errorf("NATS is not connected (%s)", status)
	}
	if err := b.nc.FlushWithContext(ctx); err != nil {
		return fmt.Errorf("asking NATS: %w", err)
	}
	if len(b.role.streams) == 0 {
		return nil
	}
	stream, err := b.stream(b.role.streams[0].stream)
	if err != nil {
		return err
	}
	if _, err := stream.Info(ctx); err != nil {
		return fmt.Errorf("asking for %s: %w", describe(b.role.streams[0].stream), err)
	}
	return nil
}

// skewTries is how often the clock is asked for; the quickest answer is the most exact.
const skewTries = 5

// ClockSkew is how far this machine's clock is ahead of the server's (negative: behind), exact to half the time that
// an answer takes. Turns and schedules are times of the server, leases and fetch times those of the services.
func (b *Bus) ClockSkew(ctx context.Context) (time.Duration, error) {
	if len(b.role.streams) == 0 {
		return 0, errors.New("the role uses no stream to ask for the time")
	}
	stream, err := b.stream(b.role.streams[0].stream)
	if err != nil {
		return 0, err
	}
	best, skew := time.Duration(math.MaxInt64), time.Duration(0)
	for range skewTries {
		start := time.Now()
		info, err := stream.Info(ctx)
		if err != nil {
			return 0, fmt.Errorf("asking the server for its time: %w", err)
		}
		if took := time.Since(start); took < best {
			best, skew = took, start.Add(took/2).Sub(info.TimeStamp)
		}
	}
	return skew, nil
}
