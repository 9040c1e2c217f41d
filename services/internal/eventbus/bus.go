package eventbus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"

	"github.com/stetnews/stet/services/internal/telemetry"
)

// Errors that callers tell apart.
var (
	// ErrNotFound says that there is no such message or key.
	ErrNotFound = errors.New("not found on the bus")
	// ErrConflict says that somebody else changed the value since it was read: read again.
	ErrConflict = errors.New("changed by somebody else")
)

// MaxPayload is the largest message the bus must take. A snapshot's text is bounded at 300 KB and a revision carries
// it at most about six times over.
const MaxPayload = 8 << 20

// ErrNotProvisioned says that a stream, consumer or bucket is missing.
var ErrNotProvisioned = errors.New("the event store is not set up: run `stet provision` once, with the address of the same server")

// Bus publishes and reads events. It is safe for concurrent use.
type Bus struct {
	nc      *nats.Conn
	js      jetstream.JetStream
	log     *slog.Logger
	role    Role
	streams map[string]jetstream.Stream
	buckets map[string]jetstream.KeyValue
	meter   meter
}

// meter is told what becomes of messages.
type meter interface {
	Handled(consumer, result string, took time.Duration)
}

// MeasuredBy makes the bus tell a meter what becomes of the messages that are consumed from here on. It is called before
// the bus is used by several.
func (b *Bus) MeasuredBy(m meter) { b.meter = m }

// answerTimeout is how long the server may take for an answer where the caller sets no time.
const answerTimeout = 5 * time.Second

// open refuses a server that takes smaller messages than stet sends: a long revision would fail there for ever.
func open(nc *nats.Conn) (jetstream.JetStream, error) {
	if most := nc.MaxPayload(); most > 0 && most < MaxPayload { // 0: not connected yet
		return nil, fmt.Errorf("this NATS server takes messages of %d bytes at most, and stet sends up to %d: set max_payload: %d in its configuration "+
			"(as deploy/nats does) and start it again", most, MaxPayload, MaxPayload)
	}
	js, err := jetstream.New(nc, jetstream.WithDefaultTimeout(answerTimeout))
	if err != nil {
		return nil, fmt.Errorf("opening JetStream: %w", err)
	}
	return js, nil
}

// Open gives the bus as far as the role needs it, on a connection that stays the caller's to close. It creates nothing:
// what is missing is an error (ErrNotProvisioned), and so is what a newer stet made (ErrNewerSchema).
func Open(ctx context.Context, nc *nats.Conn, role Role, log *slog.Logger) (*Bus, error) {
	js, err := open(nc)
	if err != nil {
		return nil, err
	}
	b := &Bus{
		nc: nc, js: js, log: log, role: role, streams: map[string]jetstream.Stream{}, buckets: map[string]jetstream.KeyValue{},
		meter: (*telemetry.Messages)(nil),
	}
	for _, use := range role.streams {
		if err := b.bind(ctx, use); err != nil {
			return nil, err
		}
	}
	for _, use := range role.buckets {
		kv, err := js.KeyValue(ctx, use.bucket)
		if err != nil {
			return nil, bindError(err, "the bucket "+use.bucket)
		}
		b.buckets[use.bucket] = kv
	}
	return b, nil
}

// bind opens a stream and its consumers.
func (b *Bus) bind(ctx context.Context, use streamUse) error {
	stream, err := b.js.Stream(ctx, use.stream)
	if err != nil {
		return bindError(err, describe(use.stream))
	}
	switch n := schemaOf(stream.CachedInfo().Config); {
	case n > schema:
		return fmt.Errorf("%s has layout %d, this program knows %d: %w", describe(use.stream), n, schema, ErrNewerSchema)
	case n < schema:
		return fmt.Errorf("%s has layout %d, this program needs %d: %w", describe(use.stream), n, schema, ErrNotProvisioned)
	}
	if err := capable(stream.CachedInfo().Config); err != nil {
		return err
	}
	b.streams[use.stream] = stream
	for _, c := range use.consume {
		if _, err := b.js.Consumer(ctx, c.stream, c.name); err != nil {
			return bindError(err, "the consumer "+c.name+" of "+c.stream)
		}
	}
	return nil
}

// bindError says what to do about a stream, consumer or bucket that cannot be opened.
func bindError(err error, what string) error {
	for _, missing := range []error{jetstream.ErrStreamNotFound, jetstream.ErrConsumerNotFound, jetstream.ErrBucketNotFound} {
		if errors.Is(err, missing) {
			return fmt.Errorf("%s is missing: %w", what, ErrNotProvisioned)
		}
	}
	switch {
	case errors.Is(err, jetstream.ErrJetStreamNotEnabled), errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount):
		return fmt.Errorf("JetStream is off in this NATS server, or for this user's account: switch it on (deploy/nats): %w", err)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, nats.ErrTimeout):
		return fmt.Errorf("no answer about %s: the servers have no leader yet, or this user may not ask for it: %w", what, err)
	default:
		return fmt.Errorf("opening %s: %w", what, err)
	}
}

// capable refuses a server that took the layout without understanding it, as an old one does with what it never heard of.
func capable(have jetstream.StreamConfig) error {
	for _, want := range streams() {
		if want.Name == have.Name && want.AllowMsgSchedules && !have.AllowMsgSchedules {
			return fmt.Errorf("%s cannot hold schedules: this NATS server is too old, run 2.15 or newer, then `stet provision`", describe(have.Name))
		}
	}
	return nil
}

// stream gives a stream of the role.
func (b *Bus) stream(name string) (jetstream.Stream, error) {
	s, ok := b.streams[name]
	if !ok {
		return nil, fmt.Errorf("the role %s does not use %s", b.role.name, describe(name))
	}
	return s, nil
}

// bucket gives a bucket of the role.
func (b *Bus) bucket(name string) (jetstream.KeyValue, error) {
	kv, ok := b.buckets[name]
	if !ok {
		return nil, fmt.Errorf("the role %s does not use the bucket %s", b.role.name, name)
	}
	return kv, nil
}

// The header names of the server's conditions and schedules.
const (
	headerExpectSequence = "Nats-Expected-Last-Subject-Sequence"
	headerExpectSubject  = "Nats-Expected-Last-Subject-Sequence-Subject"
	headerSchedule       = "Nats-Schedule"
	headerScheduleTarget = "Nats-Schedule-Target"
	headerMessageID      = "Nats-Msg-Id"
	headerReason         = "Stet-Reason"
	headerRollup         = "Nats-Rollup"
	headerTrace          = "traceparent" // by the W3C's trace context
)

// outgoing is a message with the conditions under which the server stores it.
type outgoing struct {
	subject       string
	data          []byte
	id            string  // deduplicated by it inside the stream's window
	expect        *uint64 // sequence of the last message on the subject
	expectSubject string  // on this subject instead
	at            time.Time
	target        string // subject that a schedule publishes to
	kind          string // CloudEvents type
	event         string // CloudEvents id, default id
	contentType   string
	rollup        bool   // it becomes the only message of its subject
	traced        bool   // what follows from it belongs to the trace of the context; so do all events (kind)
	reason        string // for people
}

func (b *Bus) publish(ctx context.Context, out outgoing) (uint64, error) {
	m := nats.NewMsg(out.subject)
	m.Data = out.data
	if out.id != "" {
		m.Header.Set(headerMessageID, out.id)
	}
	if out.expect != nil {
		m.Header.Set(headerExpectSequence, strconv.FormatUint(*out.expect, 10))
	}
	if out.expectSubject != "" {
		m.Header.Set(headerExpectSubject, out.expectSubject)
	}
	if !out.at.IsZero() {
		m.Header.Set(headerSchedule, "@at "+out.at.UTC().Format(time.RFC3339Nano))
		m.Header.Set(headerScheduleTarget, out.target)
	}
	if out.rollup {
		m.Header.Set(headerRollup, "sub")
	}
	if out.reason != "" {
		m.Header.Set(headerReason, out.reason)
	}
	if parent := telemetry.TraceParent(ctx); parent != "" && (out.traced || out.kind != "") {
		m.Header.Set(headerTrace, parent)
	}
	if out.kind != "" {
		m.Header.Set("ce-specversion", "1.0")
		m.Header.Set("ce-type", out.kind)
		m.Header.Set("ce-source", "stet")
		m.Header.Set("ce-id", cmp.Or(out.event, out.id))
		m.Header.Set("ce-datacontenttype", out.contentType)
	}
	// No retries inside: a lost answer must be told apart from a refusal by the caller.
	ack, err := b.js.PublishMsg(ctx, m, jetstream.WithRetryAttempts(0))
	if err != nil {
		return 0, fmt.Errorf("publishing %s: %w", out.subject, err)
	}
	return ack.Sequence, nil
}

func expecting(sequence uint64) *uint64 { return &sequence }

const contentProtobuf = "application/protobuf"

func encode(m proto.Message) ([]byte, error) {
	data, err := proto.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("encoding %T: %w", m, err)
	}
	return data, nil
}

// next gives the first stored message whose subject matches, from the leader.
func (b *Bus) next(ctx context.Context, stream, subject string) (*jetstream.RawStreamMsg, error) {
	return b.nextFrom(ctx, stream, subject, 1)
}

// A leader that was elected a moment ago may not have applied all that was acknowledged before: for that long "nothing is
// there" is doubted, in as many looks. Measured with three servers and the leader killed: without it one run in ten lost a
// reading or stranded an entry until the next sweep.
var doubtFor = []time.Duration{250 * time.Millisecond, time.Second}

// nextSurely gives what look gives, and doubts that nothing is there where a stream has copies.
func (b *Bus) nextSurely(ctx context.Context, stream string, look func() (*jetstream.RawStreamMsg, error)) (*jetstream.RawStreamMsg, error) {
	s, err := b.stream(stream)
	if err != nil {
		return nil, err
	}
	m, err := look()
	if !IsNotFound(err) || s.CachedInfo().Config.Replicas < 2 {
		return m, err
	}
	for _, pause := range doubtFor {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(pause):
		}
		if m, err = look(); !IsNotFound(err) {
			break
		}
	}
	return m, err
}

// nextFrom gives the first stored message from a sequence on whose subject matches, from the leader.
func (b *Bus) nextFrom(ctx context.Context, stream, subject string, sequence uint64) (*jetstream.RawStreamMsg, error) {
	s, err := b.stream(stream)
	if err != nil {
		return nil, err
	}
	m, err := s.GetMsg(ctx, sequence, jetstream.WithGetMsgSubject(subject))
	return m, readError(err, subject)
}

// at gives the message at a sequence, from the leader.
func (b *Bus) at(ctx context.Context, stream string, sequence uint64) (*jetstream.RawStreamMsg, error) {
	s, err := b.stream(stream)
	if err != nil {
		return nil, err
	}
	m, err := s.GetMsg(ctx, sequence)
	return m, readError(err, fmt.Sprintf("message %d of %s", sequence, stream))
}

// last gives the newest stored message on a subject, from the leader.
func (b *Bus) last(ctx context.Context, stream, subject string) (*jetstream.RawStreamMsg, error) {
	s, err := b.stream(stream)
	if err != nil {
		return nil, err
	}
	m, err := s.GetLastMsgForSubject(ctx, subject)
	return m, readError(err, subject)
}

// remove deletes a message by sequence, which never touches a newer one. A message that is gone already is no error.
func (b *Bus) remove(ctx context.Context, stream string, sequence uint64) error {
	s, err := b.stream(stream)
	if err != nil {
		return err
	}
	if err = s.DeleteMsg(ctx, sequence); err == nil {
		return nil
	}
	// The client drops the server's code here: ask whether the message is there.
	if _, lookErr := s.GetMsg(ctx, sequence); errors.Is(lookErr, jetstream.ErrMsgNotFound) {
		return nil
	}
	return fmt.Errorf("deleting message %d of %s: %w", sequence, stream, err)
}

func subjectsOf(filter string) jetstream.StreamInfoOpt { return jetstream.WithSubjectFilter(filter) }

func readError(err error, what string) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, jetstream.ErrMsgNotFound), errors.Is(err, jetstream.ErrKeyNotFound), errors.Is(err, jetstream.ErrKeyDeleted):
		return fmt.Errorf("%s: %w", what, ErrNotFound)
	default:
		return fmt.Errorf("reading %s: %w", what, err)
	}
}
