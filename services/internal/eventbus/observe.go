package eventbus

import (
	"context"
	"fmt"
	"slices"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/stetnews/stet/services/internal/telemetry"
)

// Observes says whether the role may ask for the state of the bus.
func (r Role) Observes() bool { return r.observes }

// State gives the state of every stream, bucket and consumer, for a role that observes. Consumers that nobody takes from,
// as NewOutcomes where the index does not keep looks, are left out: what waits for them is no backlog.
func (b *Bus) State(ctx context.Context, unused ...Consumer) (telemetry.Bus, error) {
	var state telemetry.Bus
	for _, config := range append(streams(), buckets()...) {
		stream, err := b.js.Stream(ctx, config.Name)
		if err != nil {
			return telemetry.Bus{}, fmt.Errorf("asking for %s: %w", describe(config.Name), err)
		}
		info := stream.CachedInfo()
		state.Streams = append(state.Streams, telemetry.Stream{
			Name: config.Name, Full: whenFull(info.Config), Messages: info.State.Msgs, Bytes: info.State.Bytes, Limit: info.Config.MaxBytes,
		})
	}
	for _, c := range consumers() {
		if slices.Contains(unused, c) {
			continue
		}
		consumer, err := b.js.Consumer(ctx, c.stream, c.name)
		if err != nil {
			return telemetry.Bus{}, fmt.Errorf("asking for the consumer %s of %s: %w", c.name, c.stream, err)
		}
		info := consumer.CachedInfo()
		state.Consumers = append(state.Consumers, telemetry.Consumer{
			Stream: c.stream, Name: c.name, Pending: info.NumPending, AckPending: info.NumAckPending, Redelivered: info.NumRedelivered,
		})
	}
	return state, nil
}

// whenFull says what a stream does that has reached its bound.
func whenFull(c jetstream.StreamConfig) string {
	switch {
	case c.AllowMsgSchedules:
		return "loses-schedules"
	case c.Discard == jetstream.DiscardNew:
		return "refuses"
	default:
		return "forgets-oldest"
	}
}
