package eventbus

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Turn is what stands on a host's turn: a lease (Attempt.Entry is not 0) or a guard, and when it fires.
type Turn struct {
	At      time.Time
	Attempt Attempt
}

// Turn gives what stands on a host's turn, with its fence. ErrNotFound if nobody holds or guards the host.
func (b *Bus) Turn(ctx context.Context, hostToken string) (Turn, uint64, error) {
	m, err := b.last(ctx, streamTurns, "turn.at."+hostToken)
	if err != nil {
		return Turn{}, 0, err
	}
	at, err := time.Parse(time.RFC3339Nano, strings.TrimPrefix(m.Header.Get(headerSchedule), "@at "))
	if err != nil {
		return Turn{}, 0, fmt.Errorf("reading the turn of a host: %w", err)
	}
	return Turn{At: at, Attempt: ReadAttempt(m.Data)}, m.Sequence, nil
}

// Queue is how much waits at a host.
type Queue struct{ Pages, Feeds int }

// Queues gives what waits at every host, by the host's token; those where nothing waits are not in it.
func (b *Bus) Queues(ctx context.Context) (map[string]Queue, error) {
	return b.queues(ctx, "frontier.>")
}

// Queue gives what waits at one host.
func (b *Bus) Queue(ctx context.Context, hostToken string) (Queue, error) {
	queues, err := b.queues(ctx, "frontier."+hostToken+".>")
	return queues[hostToken], err
}

func (b *Bus) queues(ctx context.Context, filter string) (map[string]Queue, error) {
	frontier, err := b.stream(streamFrontier)
	if err != nil {
		return nil, err
	}
	info, err := frontier.Info(ctx, jetstream.WithSubjectFilter(filter))
	if err != nil {
		return nil, fmt.Errorf("listing the frontier: %w", err)
	}
	queues := map[string]Queue{}
	for subject := range info.State.Subjects {
		parts := strings.Split(subject, ".")
		q := queues[parts[1]]
		if len(parts) > 3 {
			q.Feeds++
		} else {
			q.Pages++
		}
		queues[parts[1]] = q
	}
	return queues, nil
}

// Hosts yields what is known of every host, in no order and without its robots.txt, until yield fails.
func (b *Bus) Hosts(ctx context.Context, yield func(Host) error) error {
	return each(ctx, b, bucketHosts, func(h withoutRobots) error { return yield(Host(h)) })
}

// withoutRobots is a host whose robots.txt, the largest part of it, is not kept in memory.
type withoutRobots Host

func (h *withoutRobots) UnmarshalJSON(data []byte) error {
	if err := json.Unmarshal(data, (*Host)(h)); err != nil {
		return err
	}
	h.Robots = nil
	return nil
}
