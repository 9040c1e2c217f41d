package launch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/search"
	"github.com/stetnews/stet/services/internal/search/elastic"
)

// awaitEvery is how often what is not there yet is looked for.
const awaitEvery = time.Second

// await tries until it works, for as long as the services around may need to come up. What waiting does not cure ends
// it at once.
func await(ctx context.Context, patience time.Duration, log *slog.Logger, what string, try func(context.Context) error) error {
	start, told := time.Now(), false
	for {
		err := try(ctx)
		if err == nil || !passing(err) || ctx.Err() != nil {
			return err
		}
		if time.Since(start) >= patience {
			return fmt.Errorf("waited %s for %s: %w", patience, what, err)
		}
		if !told {
			log.Warn("waiting for "+what, "for", patience, "error", err)
			told = true
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(awaitEvery):
		}
	}
}

// passing says whether an error may be cured by something that starts.
func passing(err error) bool {
	var network net.Error
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
		return false // a file of ours, though the system's errors look like those of a network
	case errors.Is(err, eventbus.ErrNotProvisioned), errors.Is(err, elastic.ErrNotProvisioned), errors.Is(err, search.ErrUnavailable),
		errors.Is(err, nats.ErrNoServers), errors.Is(err, nats.ErrTimeout), errors.Is(err, nats.ErrNoResponders),
		errors.Is(err, context.DeadlineExceeded):
		return true
	}
	return errors.As(err, &network)
}
