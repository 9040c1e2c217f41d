package eventbus_test

import (
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/eventbus/embedded"
)

// inside connects to a new server inside the process.
func inside(t *testing.T) (*nats.Conn, jetstream.JetStream) {
	t.Helper()
	s, err := embedded.Start(embedded.Config{Folder: t.TempDir(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	nc, err := s.Connect(t.Name())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	return nc, js
}

// alter changes how a stream stands, as an operator or another version would.
func alter(t *testing.T, js jetstream.JetStream, name string, change func(*jetstream.StreamConfig)) {
	t.Helper()
	stream, err := js.Stream(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	config := stream.CachedInfo().Config
	change(&config)
	if _, err := js.UpdateStream(t.Context(), config); err != nil {
		t.Fatal(err)
	}
}

func TestProvisioningTwiceChangesNothing(t *testing.T) {
	nc, _ := inside(t)
	first, err := eventbus.Provision(t.Context(), nc, eventbus.ProvisionOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"created the stream REVISIONS with one copy", "created the bucket articles with one copy", "created the consumer differ of SNAPSHOTS"} {
		if !slices.Contains(first, want) {
			t.Errorf("%q is not among the changes %q", want, first)
		}
	}
	second, err := eventbus.Provision(t.Context(), nc, eventbus.ProvisionOptions{Replicas: 1})
	if err != nil || len(second) != 0 {
		t.Errorf("the second time changes %q, error %v; want nothing", second, err)
	}
}

func TestProvisioningMendsWhatDiffers(t *testing.T) {
	for _, c := range []struct {
		name    string
		stream  string
		change  func(*jetstream.StreamConfig)
		want    string
		refused bool
	}{
		{"a bound that was lower", "ITEMS", func(c *jetstream.StreamConfig) { c.MaxBytes = 1 << 20 },
			"the stream ITEMS: bytes at most 1024 MiB, before at most 1 MiB", false},
		{"a queue of before feeds waited in it", "FRONTIER", func(c *jetstream.StreamConfig) { c.Subjects = []string{"frontier.*.*"} },
			"the stream FRONTIER: subjects from frontier.*.* to frontier.*.* frontier.*.feed.*", false},
		{"turns of before they were handed on", "TURNS", func(c *jetstream.StreamConfig) { c.Subjects = []string{"turn.at.*", "turn.due.*"} },
			"the stream TURNS: subjects from turn.at.* turn.due.* to turn.at.* turn.due.* turn.feed.*", false},
		{"an age that was shorter", "ITEMS", func(c *jetstream.StreamConfig) { c.MaxAge = time.Hour },
			"the stream ITEMS: age at most 720h0m0s, before at most 1h0m0s", false},
		{"a bound that was higher", "ITEMS", func(c *jetstream.StreamConfig) { c.MaxBytes = 2 << 30 },
			"the stream ITEMS: bytes at most 1024 MiB, before at most 2048 MiB", true},
		{"a bound that was none", "OUTCOMES", func(c *jetstream.StreamConfig) { c.MaxAge = 0 },
			"the stream OUTCOMES: age at most 720h0m0s, before without bound", true},
		{"a bound where none should be", "REVISIONS", func(c *jetstream.StreamConfig) { c.MaxBytes = 1 << 30 },
			"the stream REVISIONS: bytes without bound, before at most 1024 MiB", false},
		{"a subject too many", "ITEMS", func(c *jetstream.StreamConfig) { c.Subjects = append(c.Subjects, "more.*") },
			"the stream ITEMS: subjects from item.*.* more.* to item.*.*", true},
		{"a shorter memory of duplicates", "SNAPSHOTS", func(c *jetstream.StreamConfig) { c.Duplicates = time.Minute },
			"the stream SNAPSHOTS: duplicates are known for 10m0s, before 1m0s", false},
		{"direct reads", "SNAPSHOTS", func(c *jetstream.StreamConfig) { c.AllowDirect = true },
			"the stream SNAPSHOTS: direct get off", false},
		{"no roll-up", "REVISIONS", func(c *jetstream.StreamConfig) { c.AllowRollup = false },
			"the stream REVISIONS: roll-up on", false},
		{"dropping instead of refusing", "SNAPSHOTS", func(c *jetstream.StreamConfig) { c.Discard = jetstream.DiscardOld },
			"the stream SNAPSHOTS: when full, from DiscardOld to DiscardNew", false},
		{"refusing instead of dropping", "ITEMS", func(c *jetstream.StreamConfig) { c.Discard = jetstream.DiscardNew },
			"the stream ITEMS: when full, from DiscardNew to DiscardOld", true},
		{"made before layouts had numbers", "FEEDS", func(c *jetstream.StreamConfig) { c.Metadata = nil },
			"the stream FEEDS: marked as layout 1", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			nc, js := inside(t)
			if _, err := eventbus.Provision(t.Context(), nc, eventbus.ProvisionOptions{}); err != nil {
				t.Fatal(err)
			}
			alter(t, js, c.stream, c.change)
			changes, err := eventbus.Provision(t.Context(), nc, eventbus.ProvisionOptions{})
			if c.refused {
				var refused *eventbus.RefusedChanges
				if !errors.As(err, &refused) || !slices.Equal(refused.Changes, []string{c.want}) || len(changes) > 0 {
					t.Fatalf("changes %q, error %v; want the refusal of %q", changes, err, c.want)
				}
				if !strings.Contains(err.Error(), "--force") {
					t.Errorf("the refusal does not say what to do: %v", err)
				}
				changes, err = eventbus.Provision(t.Context(), nc, eventbus.ProvisionOptions{Force: true})
			}
			if err != nil || !slices.Equal(changes, []string{c.want}) {
				t.Fatalf("changes %q, error %v; want %q", changes, err, c.want)
			}
			if again, err := eventbus.Provision(t.Context(), nc, eventbus.ProvisionOptions{}); err != nil || len(again) > 0 {
				t.Errorf("and again %q, error %v", again, err)
			}
		})
	}
}

func TestProvisioningKeepsWhatIsStoredAndWhatAnOperatorSet(t *testing.T) {
	nc, js := inside(t)
	if _, err := eventbus.Provision(t.Context(), nc, eventbus.ProvisionOptions{}); err != nil {
		t.Fatal(err)
	}
	bus, err := eventbus.Open(t.Context(), nc, eventbus.Everything, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := bus.PutHead(t.Context(), article.Head{Article: "a1"}, 0); err != nil {
		t.Fatal(err)
	}
	alter(t, js, "KV_articles", func(c *jetstream.StreamConfig) {
		c.Description, c.Metadata = "ours", map[string]string{"team": "desk"}
	})
	if _, err := eventbus.Provision(t.Context(), nc, eventbus.ProvisionOptions{}); err != nil {
		t.Fatal(err)
	}
	stream, err := js.Stream(t.Context(), "KV_articles")
	if err != nil {
		t.Fatal(err)
	}
	if c := stream.CachedInfo().Config; c.Description != "ours" || c.Metadata["team"] != "desk" || c.Metadata["stet-schema"] != "1" {
		t.Errorf("the bucket's description is %q, its metadata %v", c.Description, c.Metadata)
	}
	if _, _, err := bus.Head(t.Context(), "a1"); err != nil {
		t.Error(err)
	}
}

func TestAConsumerIsMended(t *testing.T) {
	nc, js := inside(t)
	if _, err := eventbus.Provision(t.Context(), nc, eventbus.ProvisionOptions{}); err != nil {
		t.Fatal(err)
	}
	config := jetstream.ConsumerConfig{
		Durable: "indexer", FilterSubject: "revision.>", AckPolicy: jetstream.AckExplicitPolicy, AckWait: time.Hour, MaxAckPending: 1000,
		MaxDeliver: -1,
	}
	if _, err := js.UpdateConsumer(t.Context(), "REVISIONS", config); err != nil {
		t.Fatal(err)
	}
	changes, err := eventbus.Provision(t.Context(), nc, eventbus.ProvisionOptions{})
	if err != nil || len(changes) != 1 || !strings.Contains(changes[0], "waits 15s for an answer, before 1h0m0s") {
		t.Errorf("changes %q, error %v", changes, err)
	}
}

func TestWhatANewerStetMadeIsLeftAlone(t *testing.T) {
	nc, js := inside(t)
	if _, err := eventbus.Provision(t.Context(), nc, eventbus.ProvisionOptions{}); err != nil {
		t.Fatal(err)
	}
	alter(t, js, "TURNS", func(c *jetstream.StreamConfig) { c.Metadata = map[string]string{"stet-schema": "2"} })
	alter(t, js, "FEEDS", func(c *jetstream.StreamConfig) { c.Metadata = nil })
	for _, force := range []bool{false, true} {
		changes, err := eventbus.Provision(t.Context(), nc, eventbus.ProvisionOptions{Force: force})
		if !errors.Is(err, eventbus.ErrNewerSchema) || len(changes) > 0 {
			t.Errorf("changes %q, error %v; want none and that a newer version is there", changes, err)
		}
	}
	_, err := eventbus.Open(t.Context(), nc, eventbus.Scraper, slog.New(slog.DiscardHandler))
	if !errors.Is(err, eventbus.ErrNewerSchema) {
		t.Errorf("opening it: %v", err)
	}
	_, err = eventbus.Open(t.Context(), nc, eventbus.FeedPoller, slog.New(slog.DiscardHandler))
	if !errors.Is(err, eventbus.ErrNotProvisioned) {
		t.Errorf("opening what an older version made: %v", err)
	}
}

func TestAServerThatKnowsNoSchedulesIsRefused(t *testing.T) {
	nc, js := inside(t)
	if _, err := eventbus.Provision(t.Context(), nc, eventbus.ProvisionOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := js.DeleteStream(t.Context(), "TURNS"); err != nil {
		t.Fatal(err)
	}
	_, err := js.CreateStream(t.Context(), jetstream.StreamConfig{ // what an old server makes of it
		Name: "TURNS", Subjects: []string{"turn.at.*", "turn.due.*"}, Metadata: map[string]string{"stet-schema": "1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = eventbus.Open(t.Context(), nc, eventbus.Scraper, slog.New(slog.DiscardHandler))
	if err == nil || !strings.Contains(err.Error(), "too old") {
		t.Errorf("opening it: %v", err)
	}
}

func TestAServerForSmallMessagesIsRefused(t *testing.T) {
	setPasswords(t)
	s := startServer(t, "single.conf", func(o *server.Options) { o.MaxPayload = 1 << 20 })
	if !s.ReadyForConnections(time.Minute) {
		t.Fatal("the server did not start")
	}
	nc, err := nats.Connect(s.ClientURL(), nats.UserInfo("provisioner", secret("provisioner")), nats.CustomInboxPrefix("_INBOX_provisioner"))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	if _, err := eventbus.Provision(t.Context(), nc, eventbus.ProvisionOptions{Replicas: 1}); err == nil || !strings.Contains(err.Error(), "set max_payload: 8388608") {
		t.Errorf("said %v", err)
	}
}
