package eventbus

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
)

func TestWhatNATSSaysApartIsOneLine(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
		want []string
	}{
		{"a publish", fmt.Errorf("%w: %s", nats.ErrPermissionViolation, `Permissions Violation for Publish to "revision.a.b"`),
			[]string{"level=ERROR", "service=scraper", "action=Publish", "subject=revision.a.b"}},
		{"a subscription", fmt.Errorf("%w: %s", nats.ErrPermissionViolation, `Permissions Violation for Subscription to ">"`),
			[]string{"level=ERROR", "action=Subscription", "subject=>"}},
		{"a refusal in other words", fmt.Errorf("%w: no", nats.ErrPermissionViolation), []string{"level=WARN", "permissions violation: no"}},
		{"words without the refusal", errors.New(`Permissions Violation for Publish to "x"`), []string{"level=WARN"}},
		{"a slow consumer", nats.ErrSlowConsumer, []string{"level=WARN", "slow consumer", "subject=revision.>"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var text bytes.Buffer
			log := slog.New(slog.NewTextHandler(&text, nil)).With("service", "scraper")
			var s *nats.Subscription
			if errors.Is(c.err, nats.ErrSlowConsumer) {
				s = &nats.Subscription{Subject: "revision.>"}
			}
			logAsync(log, s, c.err)
			if strings.Count(text.String(), "\n") != 1 {
				t.Errorf("not one line: %s", text.String())
			}
			for _, want := range c.want {
				if !strings.Contains(text.String(), want) {
					t.Errorf("%q is not in %s", want, text.String())
				}
			}
		})
	}
}
