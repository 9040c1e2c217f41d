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

// Bus publishes and reads events. It is safe for concurrent use.
type Bus struct {
	nc                     *nats.Conn
	js                     jetstream.JetStream
	log                    *slog.Logger
	streams                map[string]jetstream.Stream
	articles, feeds, hosts jetstream.KeyValue
}

// Open provisions the streams with the given number of replicas and gives the bus on a connection, which stays the
// caller's to close.
func Open(ctx context.Context, nc *nats.Conn, replicas int, log *slog.Logger) (*Bus, error) {
	js, err := jetstream.New(nc, jetstream.WithDefaultTimeout(10*time.Second))
	if err != nil {
		return nil, fmt.Errorf("opening JetStream: %w", err)
	}
	if err := Provision(ctx, js, replicas); err != nil {
		return nil, err
	}
	b := &Bus{nc: nc, js: js, log: log, streams: map[string]jetstream.Stream{}}
	for _, config := range streams(replicas) {
		stream, err := js.Stream(ctx, config.Name)
		if err != nil {
			return nil, fmt.Errorf("opening stream %s: %w", config.Name, err)
		}
		b.streams[config.Name] = stream
	}
	for bucket, kv := range map[string]*jetstream.KeyValue{
		bucketArticles: &b.articles, bucketFeeds: &b.feeds, bucketHosts: &b.hosts,
	} {
		if *kv, err = js.KeyValue(ctx, bucket); err != nil {
			return nil, fmt.Errorf("opening bucket %s: %w", bucket, err)
		}
	}
	return b, nil
}

// The header names of the server's conditions and schedules.
const (
	headerExpectSequence = "Nats-Expected-Last-Subject-Sequence"
	headerExpectSubject  = "Nats-Expected-Last-Subject-Sequence-Subject"
	headerSchedule       = "Nats-Schedule"
	headerScheduleTarget = "Nats-Schedule-Target"
	headerMessageID      = "Nats-Msg-Id"
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
	m, err := b.streams[stream].GetMsg(ctx, 1, jetstream.WithGetMsgSubject(subject))
	return m, readError(err, subject)
}

// last gives the newest stored message on a subject, from the leader.
func (b *Bus) last(ctx context.Context, stream, subject string) (*jetstream.RawStreamMsg, error) {
	m, err := b.streams[stream].GetLastMsgForSubject(ctx, subject)
	return m, readError(err, subject)
}

// remove deletes a message by sequence, which never touches a newer one. A message that is gone already is no error.
func (b *Bus) remove(ctx context.Context, stream string, sequence uint64) error {
	err := b.streams[stream].DeleteMsg(ctx, sequence)
	if err == nil {
		return nil
	}
	// The client drops the server's code here: ask whether the message is there.
	if _, lookErr := b.streams[stream].GetMsg(ctx, sequence); errors.Is(lookErr, jetstream.ErrMsgNotFound) {
		return nil
	}
	return fmt.Errorf("deleting message %d of %s: %w", sequence, stream, err)
}

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

// Ping says whether the server answers.
func (b *Bus) Ping(ctx context.Context) error {
	if _, err := b.js.AccountInfo(ctx); err != nil {
		return fmt.Errorf("asking NATS: %w", err)
	}
	return nil
}
