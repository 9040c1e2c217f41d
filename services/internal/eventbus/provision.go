package eventbus

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// ProvisionOptions says how streams, consumers and buckets are to stand.
type ProvisionOptions struct {
	Replicas int  // copies of everything, one for each server; 0 keeps what stands, and makes one of what is new
	Force    bool // also where it takes something away
}

// schema is the number of the layout. It stands in the metadata of every stream and rises with each change of the
// table that an older stet could not work on.
const schema = 1

const schemaKey = "stet-schema"

// ErrNewerSchema says that a newer stet made what stands.
var ErrNewerSchema = errors.New("made by a newer stet: run that version")

// RefusedChanges are the changes that Provision did not make because each takes something away.
type RefusedChanges struct{ Changes []string }

func (r *RefusedChanges) Error() string {
	return "nothing was changed, because this takes something away: " + strings.Join(r.Changes, "; ") +
		". Save what is needed, then say --force"
}

// Provision creates or updates every stream, consumer and bucket, and says in words what it changed: nothing where all
// stands already. What is stored is kept, and so is what an operator set beyond the table (placement, description). It
// looks at everything before it changes anything: a change that takes something away is refused without Force
// (*RefusedChanges), streams of a newer stet always (ErrNewerSchema).
func Provision(ctx context.Context, nc *nats.Conn, o ProvisionOptions) (changes []string, err error) {
	js, err := open(nc)
	if err != nil {
		return nil, err
	}
	plans, err := planAll(ctx, js, o.Replicas)
	if err != nil {
		return nil, err
	}
	var losses []string
	for _, p := range plans {
		losses = append(losses, p.losses...)
	}
	if len(losses) > 0 && !o.Force {
		return nil, &RefusedChanges{losses}
	}
	for _, p := range plans {
		if len(p.changes) == 0 {
			continue
		}
		if err := p.apply(ctx, js); err != nil {
			return changes, fmt.Errorf("%s: %w", p.changes[0], err)
		}
		changes = append(changes, p.changes...)
	}
	return changes, nil
}

// plan is what is to be done to one stream or consumer.
type plan struct {
	changes []string // in words, none if it stands as it should
	losses  []string // those of the changes that take something away
	apply   func(context.Context, jetstream.JetStream) error
}

func (p *plan) change(destructive bool, format string, args ...any) {
	words := fmt.Sprintf(format, args...)
	p.changes = append(p.changes, words)
	if destructive {
		p.losses = append(p.losses, words)
	}
}

func planAll(ctx context.Context, js jetstream.JetStream, replicas int) ([]*plan, error) {
	var plans []*plan
	for _, want := range append(streams(), buckets()...) {
		p, err := planStream(ctx, js, want, replicas)
		if err != nil {
			return nil, err
		}
		plans = append(plans, p)
	}
	for _, c := range consumers() {
		p, err := planConsumer(ctx, js, c)
		if err != nil {
			return nil, err
		}
		plans = append(plans, p)
	}
	return plans, nil
}

func planStream(ctx context.Context, js jetstream.JetStream, want jetstream.StreamConfig, replicas int) (*plan, error) {
	p := &plan{}
	stream, err := js.Stream(ctx, want.Name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		want.Replicas = max(replicas, 1)
		want.Metadata = map[string]string{schemaKey: strconv.Itoa(schema)}
		p.change(false, "created %s with %s", describe(want.Name), copies(want.Replicas))
		p.apply = func(ctx context.Context, js jetstream.JetStream) error {
			stream, err := js.CreateStream(ctx, want)
			if err != nil {
				return err
			}
			return capable(stream.CachedInfo().Config)
		}
		return p, nil
	}
	if err != nil {
		return nil, bindError(err, describe(want.Name))
	}
	have := stream.CachedInfo().Config
	if n := schemaOf(have); n > schema {
		return nil, fmt.Errorf("%s has layout %d, this program knows %d: %w", describe(want.Name), n, schema, ErrNewerSchema)
	}
	want.Replicas = replicas
	next := have
	p.compareStream(have, want, &next)
	p.apply = func(ctx context.Context, js jetstream.JetStream) error {
		stream, err := js.UpdateStream(ctx, next)
		if err != nil {
			return err
		}
		return capable(stream.CachedInfo().Config)
	}
	return p, nil
}

// compareStream brings into next what differs between what stands and what should.
func (p *plan) compareStream(have, want jetstream.StreamConfig, next *jetstream.StreamConfig) {
	name := describe(want.Name)
	p.limits(have, want, next)
	if have.Retention != want.Retention {
		p.change(true, "%s: retention from %s to %s", name, have.Retention, want.Retention)
		next.Retention = want.Retention
	}
	if have.Storage != want.Storage {
		p.change(true, "%s: storage from %s to %s", name, have.Storage, want.Storage)
		next.Storage = want.Storage
	}
	if have.Discard != want.Discard || have.DiscardNewPerSubject != want.DiscardNewPerSubject {
		p.change(have.Discard == jetstream.DiscardNew, "%s: when full, from %s to %s", name, have.Discard, want.Discard)
		next.Discard, next.DiscardNewPerSubject = want.Discard, want.DiscardNewPerSubject
	}
	if !slices.Equal(sorted(have.Subjects), sorted(want.Subjects)) {
		gone := slices.ContainsFunc(have.Subjects, func(s string) bool { return !slices.Contains(want.Subjects, s) })
		p.change(gone, "%s: subjects from %s to %s", name, strings.Join(have.Subjects, " "), strings.Join(want.Subjects, " "))
		next.Subjects = want.Subjects
	}
	for _, flag := range []struct {
		what       string
		have, want bool
		next       *bool
	}{
		{"schedules", have.AllowMsgSchedules, want.AllowMsgSchedules, &next.AllowMsgSchedules},
		{"roll-up", have.AllowRollup, want.AllowRollup, &next.AllowRollup},
		{"direct get", have.AllowDirect, want.AllowDirect, &next.AllowDirect},
		{"refusal of deletes", have.DenyDelete, want.DenyDelete, &next.DenyDelete},
	} {
		if flag.have != flag.want {
			p.change(false, "%s: %s %s", name, flag.what, map[bool]string{true: "on", false: "off"}[flag.want])
			*flag.next = flag.want
		}
	}
	if schemaOf(have) != schema {
		p.change(false, "%s: marked as layout %d", name, schema)
		next.Metadata = map[string]string{}
		for key, value := range have.Metadata {
			next.Metadata[key] = value
		}
		next.Metadata[schemaKey] = strconv.Itoa(schema)
	}
}

// limits compares the bounds. A bound of nothing (0 or -1) is none.
func (p *plan) limits(have, want jetstream.StreamConfig, next *jetstream.StreamConfig) {
	name := describe(want.Name)
	if want.Replicas > 0 && have.Replicas != want.Replicas {
		p.change(want.Replicas < have.Replicas, "%s: from %s to %s", name, copies(have.Replicas), copies(want.Replicas))
		next.Replicas = want.Replicas
	}
	for _, l := range []struct {
		what       string
		have, want int64
		show       func(int64) string
		set        func(int64)
	}{
		{"bytes", have.MaxBytes, want.MaxBytes, bytesInWords, func(n int64) { next.MaxBytes = n }},
		{"messages", have.MaxMsgs, want.MaxMsgs, plain, func(n int64) { next.MaxMsgs = n }},
		{"messages a subject", have.MaxMsgsPerSubject, want.MaxMsgsPerSubject, plain, func(n int64) { next.MaxMsgsPerSubject = n }},
		{"age", int64(have.MaxAge), int64(want.MaxAge), age, func(n int64) { next.MaxAge = time.Duration(n) }},
	} {
		had, wanted := max(l.have, 0), max(l.want, 0) // none is 0
		if had == wanted {
			continue
		}
		p.change(wanted > 0 && (had == 0 || wanted < had), "%s: %s %s, before %s", name, l.what, bound(wanted, l.show), bound(had, l.show))
		l.set(l.want)
	}
	if want.Duplicates > 0 && have.Duplicates != want.Duplicates {
		p.change(want.Duplicates < have.Duplicates, "%s: duplicates are known for %s, before %s", name, want.Duplicates, have.Duplicates)
		next.Duplicates = want.Duplicates
	}
}

func planConsumer(ctx context.Context, js jetstream.JetStream, c Consumer) (*plan, error) {
	p := &plan{}
	want := jetstream.ConsumerConfig{
		Durable: c.name, FilterSubject: c.filter, AckPolicy: jetstream.AckExplicitPolicy,
		AckWait: c.ackWait, MaxAckPending: c.maxAckPending, MaxDeliver: -1,
	}
	p.apply = func(ctx context.Context, js jetstream.JetStream) error {
		_, err := js.CreateOrUpdateConsumer(ctx, c.stream, want)
		return err
	}
	consumer, err := js.Consumer(ctx, c.stream, c.name)
	switch {
	case errors.Is(err, jetstream.ErrConsumerNotFound), errors.Is(err, jetstream.ErrStreamNotFound):
		p.change(false, "created the consumer %s of %s", c.name, c.stream)
		return p, nil
	case err != nil:
		return nil, bindError(err, "the consumer "+c.name+" of "+c.stream)
	}
	have := consumer.CachedInfo().Config
	if have.FilterSubject != want.FilterSubject {
		p.change(true, "the consumer %s of %s: takes %s, before %s", c.name, c.stream, want.FilterSubject, have.FilterSubject)
	}
	if have.AckWait != want.AckWait || have.MaxAckPending != want.MaxAckPending || have.MaxDeliver != want.MaxDeliver {
		p.change(false, "the consumer %s of %s: waits %s for an answer, before %s; has %d on their way, before %d", c.name,
			c.stream, want.AckWait, have.AckWait, want.MaxAckPending, have.MaxAckPending)
	}
	// What an operator set beyond the table stays.
	next := have
	next.FilterSubject, next.AckWait, next.MaxAckPending, next.MaxDeliver = want.FilterSubject, want.AckWait, want.MaxAckPending, want.MaxDeliver
	want = next
	return p, nil
}

// schemaOf is the layout number of a stream, 0 for one made before there were numbers.
func schemaOf(c jetstream.StreamConfig) int {
	n, err := strconv.Atoi(c.Metadata[schemaKey])
	if err != nil {
		return 0
	}
	return n
}

func describe(stream string) string {
	if bucket, ok := strings.CutPrefix(stream, bucketPrefix); ok {
		return "the bucket " + bucket
	}
	return "the stream " + stream
}

func copies(n int) string {
	if n == 1 {
		return "one copy"
	}
	return strconv.Itoa(n) + " copies"
}

func sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }

func bound(n int64, show func(int64) string) string {
	if n == 0 {
		return "without bound"
	}
	return "at most " + show(n)
}

func plain(n int64) string        { return strconv.FormatInt(n, 10) }
func bytesInWords(n int64) string { return strconv.FormatInt(n/mebibyte, 10) + " MiB" }
func age(n int64) string          { return time.Duration(n).String() }
