package launch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/stetnews/stet/services/internal/newssite"
)

// Stage says how simulated publishers are served alone.
type Stage struct {
	Host    string // that they listen at, one port each
	Port    int    // the first one's port, the others follow; 0 for any free ones
	Papers  int    // how many
	Stories int    // generated ones beside the demo's own
	Control string // host:port where stories can be edited from outside, empty for nowhere
}

// Publishers serves the demo's simulated publishers alone until the context ends, and says on stdout where.
func Publishers(ctx context.Context, stage Stage, stdout io.Writer) error {
	config := newssite.Config{
		Seed: 1, Start: time.Now(), Speed: 60, Host: stage.Host, Port: stage.Port, Publishers: stage.Papers, Stories: stage.Stories,
	}
	if stage.Control != "" { // what the control edits, nobody else does: time stands
		config.Empty, config.Clock = true, newssite.NewManualClock(config.Start).Now
	}
	site := newssite.New(config)
	ctx, stop := context.WithCancel(ctx)
	defer site.Wait()
	defer stop()
	addresses, err := site.Serve(ctx)
	if err != nil {
		return fmt.Errorf("starting the simulated publishers: %w", err)
	}
	for _, a := range addresses {
		fmt.Fprintf(stdout, "feed %s %s\n", a.FeedURL, a.Name) //nolint:errcheck // nobody is there to be told
	}
	if stage.Control == "" {
		<-ctx.Done()
		return nil
	}
	return control(ctx, stage.Control, newssite.NewControl(site, addresses).Handler(), stdout)
}

func control(ctx context.Context, address string, handler http.Handler, stdout io.Writer) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("the control cannot be served at %s: %w", address, err)
	}
	fmt.Fprintf(stdout, "control http://%s\n", listener.Addr()) //nolint:errcheck // nobody is there to be told
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() }) // it is over either way
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving the control: %w", err)
	}
	return nil
}
