package feedpoller

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"time"

	"golang.org/x/net/netutil"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/feed"
	"github.com/stetnews/stet/services/internal/websub"
)

// Bounds of what is heard of hubs, and of whoever finds the address.
const (
	maxConnections = 256
	maxHearing     = 32 // requests at a time that got as far as the bus
	maxHeard       = 16 << 10
)

// hearHubs serves the callbacks until the context ends.
func (p *Poller) hearHubs(ctx context.Context) error {
	server := &http.Server{
		Handler: http.HandlerFunc(p.heard), MaxHeaderBytes: maxHeard,
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: time.Minute, IdleTimeout: time.Minute,
		ErrorLog: log.New(io.Discard, "", 0), // what strangers do to connections
	}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() }) // hubs tell again what they could not
	defer stop()
	if err := server.Serve(netutil.LimitListener(p.WebSub.Listener, maxConnections)); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("hearing hubs: %w", err)
	}
	return nil
}

// heard answers a hub. Whoever does not know a callback learns nothing, and causes no request to the bus.
func (p *Poller) heard(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff") // the challenge is a stranger's text
	id, ours := p.WebSub.Keys.Feed(r.URL.Path)
	if !ours {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	select {
	case p.hearing <- struct{}{}:
		defer func() { <-p.hearing }()
	default:
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	switch r.Method {
	case http.MethodGet:
		p.verify(w, r, id)
	case http.MethodPost:
		p.news(w, r, id)
	default:
		w.Header().Set("Allow", "GET, POST")
		w.WriteHeader(http.StatusMethodNotAllowed)
	}
}

// verify answers whether we asked for what a hub says that we did.
func (p *Poller) verify(w http.ResponseWriter, r *http.Request, id string) {
	intent, err := websub.ReadIntent(r.URL.Query())
	if err != nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	meant := false
	f, err := p.change(r.Context(), id, func(f *article.Feed) bool {
		now := p.visitor.Now()
		if meant = p.meant(*f, intent, now); !meant {
			return false
		}
		push := *f.Push
		if intent.Denied {
			push = givenUp(push, now, "The hub refuses to tell the feed's news. "+intent.Reason)
		} else {
			push.Until, push.Renew, push.Tries, push.Trouble = now.Add(intent.Lease), websub.RenewAt(now, intent.Lease), 0, ""
		}
		f.Push = &push
		return true
	})
	switch {
	case err != nil && !eventbus.IsNotFound(err):
		p.fail(w, id, err)
	case err != nil || !meant:
		w.WriteHeader(http.StatusNotFound)
	case intent.Denied:
		p.Log.Info("a hub refuses to tell a feed's news", "feed", id, "hub", f.Push.Hub, "reason", intent.Reason)
	default:
		p.Log.Info("a hub tells a feed's news", "feed", id, "hub", f.Push.Hub, "until", f.Push.Until)
		_, _ = io.WriteString(w, intent.Challenge) // a hub that is gone asks again
	}
}

// meant says whether a hub speaks of a subscription that we asked for.
func (p *Poller) meant(f article.Feed, i websub.Intent, now time.Time) bool {
	if !p.subscribed(f) || i.Topic != f.Push.Topic {
		return false
	}
	return i.Denied || !f.Paused && now.Sub(f.Push.Asked) < answersWithin
}

// subscribed says whether what the hub was asked for is still what it would be asked for.
func (p *Poller) subscribed(f article.Feed) bool {
	return f.Push != nil && f.Push.Hub != "" && f.Push.Subscription == p.subscription(f)
}

// news takes a message of a hub for what it is: a hint that a poll is worth while. Nothing of it is kept or believed.
func (p *Poller) news(w http.ResponseWriter, r *http.Request, id string) {
	f, _, err := p.Bus.Feed(r.Context(), id)
	switch now := p.visitor.Now(); {
	case err != nil && !eventbus.IsNotFound(err):
		p.fail(w, id, err)
		return
	case err != nil || !p.subscribed(f) || !f.Pushed(now):
		w.WriteHeader(http.StatusGone) // by which the hub may end what it still takes for a subscription
		return
	}
	message := http.MaxBytesReader(w, r.Body, feed.MaxBytes)
	signed, err := websub.Signed(r.Header.Get("X-Hub-Signature"), p.WebSub.Keys.Secret(id, linksOf(f)), message)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if signed && !f.Paused {
		err = p.hint(r.Context(), id)
	}
	if err != nil {
		p.fail(w, id, err)
		return
	}
	w.WriteHeader(http.StatusAccepted) // also without a signature of ours: who guesses is not told
}

// hint has the feed polled soon.
func (p *Poller) hint(ctx context.Context, id string) error {
	var before time.Time
	f, err := p.change(ctx, id, func(f *article.Feed) (changed bool) {
		before = f.NextPoll
		if !p.subscribed(*f) {
			return false
		}
		*f, changed = told(*f, p.visitor.Now())
		return changed
	})
	if eventbus.IsNotFound(err) {
		return nil
	}
	if err != nil || f.NextPoll.Equal(before) {
		return err
	}
	return p.Bus.ArmFeed(ctx, id, f.NextPoll)
}

// fail has the hub try again later.
func (p *Poller) fail(w http.ResponseWriter, id string, err error) {
	p.Log.Warn("what a hub said could not be stored", "feed", id, "error", err)
	w.WriteHeader(http.StatusServiceUnavailable)
}
