package eventbus

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/stetnews/stet/services/internal/telemetry"
)

// Delivery is a message handed to a handler.
type Delivery struct {
	Subject    string
	Data       []byte
	Sequence   uint64 // in its stream
	Deliveries int    // 1 for the first
	message    jetstream.Msg
	ack        func() error
	acked      bool
}

// NewDelivery makes a delivery of a bus that is not NATS, such as one of a simulation. Acknowledging it calls ack.
func NewDelivery(subject string, data []byte, ack func() error) *Delivery {
	return &Delivery{Subject: subject, Data: data, Deliveries: 1, ack: ack}
}

// Token gives the part of the subject at an index, counted from 0.
func (d *Delivery) Token(index int) string {
	parts := strings.Split(d.Subject, ".")
	if index >= len(parts) {
		return ""
	}
	return parts[index]
}

// Ack acknowledges before the handler ends, for the protocols in which another record takes over as the baton.
func (d *Delivery) Ack() error {
	d.acked = true
	return d.ack()
}

// Leave keeps the message unacknowledged: it is delivered again when its wait is over.
func (d *Delivery) Leave() { d.acked = true }

// Poison marks an error that no repetition can cure: the message goes to the dead letters with this reason.
type Poison struct{ Err error }

func (p *Poison) Error() string { return p.Err.Error() }
func (p *Poison) Unwrap() error { return p.Err }

// panicsBeforePoison is how often a message may crash its handler before it is taken for poison.
const panicsBeforePoison = 3

// Consume hands the consumer's messages to the handler, up to `concurrency` at a time, until the context ends; then it
// waits for the handlers that run. A handler's nil acknowledges, a Poison dead-letters, any other error delivers again
// later with a growing delay. The handlers' context outlives the consumer's by the grace period, so that a stop lets
// them finish. Servers that go and come back are waited for; a consumer that is gone is an error.
func (b *Bus) Consume(ctx context.Context, c Consumer, concurrency int, handle func(context.Context, *Delivery) error) error {
	work, cancel := graceful(ctx)
	defer cancel()
	var running sync.WaitGroup
	defer running.Wait()
	slots := make(chan struct{}, concurrency)
	take := func(m jetstream.Msg) {
		slots <- struct{}{}
		running.Go(func() {
			defer func() { <-slots }()
			b.deliver(work, c, m, handle)
		})
	}
	for {
		err := b.pull(ctx, c, concurrency, take)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, ErrNotProvisioned), errors.Is(err, nats.ErrConnectionClosed):
			return fmt.Errorf("consuming %s: %w", c.name, err)
		}
		b.log.Warn("waiting for messages; asking for them anew", "consumer", c.name, "error", err)
		if !pause(ctx, pullAgain) {
			return nil
		}
	}
}

// The times of a pull request. A server that dies with the request says nothing: missing heartbeats do, after twice
// their time.
const (
	pullExpiry    = 30 * time.Second
	pullHeartbeat = 5 * time.Second
	pullAgain     = time.Second // after a request that failed
)

// pull takes messages until the context ends or the server ends the request.
func (b *Bus) pull(ctx context.Context, c Consumer, concurrency int, take func(jetstream.Msg)) error {
	consumer, err := b.js.Consumer(ctx, c.stream, c.name)
	if err != nil {
		return bindError(err, "the consumer "+c.name+" of "+c.stream)
	}
	messages, err := consumer.Messages(jetstream.PullMaxMessages(concurrency), jetstream.PullExpiry(pullExpiry),
		jetstream.PullHeartbeat(pullHeartbeat))
	if err != nil {
		return err
	}
	defer messages.Stop()
	stop := context.AfterFunc(ctx, messages.Stop)
	defer stop()
	for {
		message, err := messages.Next()
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, jetstream.ErrNoHeartbeat):
			b.log.Debug("no heartbeat; the client asks for messages anew", "consumer", c.name)
		case err != nil:
			return err
		default:
			take(message)
		}
	}
}

// pause waits. False says that the context ended.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// grace is how long handlers may go on after a stop was asked for.
const grace = 4 * time.Second

func graceful(ctx context.Context) (context.Context, context.CancelFunc) {
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })
	return work, func() { stop(); cancel() }
}

func (b *Bus) deliver(ctx context.Context, c Consumer, m jetstream.Msg, handle func(context.Context, *Delivery) error) {
	meta, err := m.Metadata()
	if err != nil {
		b.log.Error("a message without metadata", "subject", m.Subject(), "error", err)
		return
	}
	d := &Delivery{
		Subject: m.Subject(), Data: m.Data(), Sequence: meta.Sequence.Stream, Deliveries: int(meta.NumDelivered), message: m, ack: m.Ack,
	}
	ctx = telemetry.JoinTrace(ctx, m.Headers().Get(headerTrace))
	start, result := time.Now(), telemetry.Done
	defer func() { b.meter.Handled(c.name, result, time.Since(start)) }()
	err = b.guarded(ctx, d, handle)
	var poison *Poison
	switch {
	case errors.As(err, &poison):
		result = telemetry.Dead
		b.bury(ctx, c, d, poison)
	case err != nil:
		result = telemetry.Again
		if ctx.Err() == nil {
			b.log.WarnContext(ctx, "a message is to be handled again", "consumer", c.name, "subject", d.Subject, "error", err)
		}
		_ = m.NakWithDelay(retryDelay(d.Deliveries)) // a lost Nak only means that the ack wait decides
	case !d.acked:
		if err := m.Ack(); err != nil {
			b.log.WarnContext(ctx, "acknowledging", "subject", d.Subject, "error", err)
		}
	}
}

// guarded turns a handler's panic into an error, and into poison when it happens again and again.
func (b *Bus) guarded(ctx context.Context, d *Delivery, handle func(context.Context, *Delivery) error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("handler panicked: %v\n%s", r, debug.Stack())
			if d.Deliveries >= panicsBeforePoison {
				err = &Poison{err}
			}
		}
	}()
	return handle(ctx, d)
}

func retryDelay(deliveries int) time.Duration {
	return min(time.Duration(deliveries*deliveries)*250*time.Millisecond, 30*time.Second)
}

// bury copies a message to the dead letters first and only then ends it.
func (b *Bus) bury(ctx context.Context, c Consumer, d *Delivery, poison *Poison) {
	b.log.ErrorContext(ctx, "a message goes to the dead letters", "consumer", c.name, "subject", d.Subject, "error", poison)
	if err := b.DeadLetter(ctx, c.stream, d.Subject, d.Data, poison.Error()); err != nil {
		b.log.ErrorContext(ctx, "dead-lettering", "subject", d.Subject, "error", err)
		return
	}
	if err := d.message.TermWithReason(poison.Error()); err != nil {
		b.log.WarnContext(ctx, "terminating", "subject", d.Subject, "error", err)
	}
}

// DeadLetter keeps a message that cannot be handled, with the reason.
func (b *Bus) DeadLetter(ctx context.Context, stream, subject string, data []byte, reason string) error {
	m := nats.NewMsg("dead." + stream + "." + subject)
	m.Data = data
	m.Header.Set(headerReason, strings.Map(singleLine, reason))
	if _, err := b.js.PublishMsg(ctx, m); err != nil {
		return fmt.Errorf("dead-lettering %s: %w", subject, err)
	}
	return nil
}

func singleLine(r rune) rune {
	if r < ' ' {
		return ' '
	}
	return r
}
