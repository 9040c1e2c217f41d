package feedpoller

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/politehttp"
	"github.com/stetnews/stet/services/internal/websub"
)

// WebSub is how hubs reach us.
type WebSub struct {
	Listener net.Listener // where they are heard; Run closes it
	Keys     websub.Keys
	// Gap is the time between two requests to hubs, whichever they are; default 2 s.
	Gap time.Duration
}

const (
	// maxAsks is how many feeds wait for their hub to be asked. Those beyond are remembered at their next poll.
	maxAsks = 256
	hubGap  = 2 * time.Second
	// answersWithin is how long after it was asked a hub may make sure that we asked.
	answersWithin = 24 * time.Hour
)

// wants says whether the feed's hub is to be asked for news.
func (p *Poller) wants(f article.Feed, now time.Time) bool {
	push := f.Push
	if p.WebSub == nil || push == nil || push.Hub == "" || f.Paused || stopped(f) || f.Failures > 0 {
		return false
	}
	if now.Before(push.Avoid) || now.Sub(push.Asked) < askAgain {
		return false
	}
	return push.Subscription != p.subscription(f) || !now.Before(push.Renew)
}

// subscription stands for what is asked for if the hub is asked now.
func (p *Poller) subscription(f article.Feed) string {
	return p.WebSub.Keys.Subscription(f.ID, linksOf(f))
}

func linksOf(f article.Feed) websub.Links { return websub.Links{Hub: f.Push.Hub, Topic: f.Push.Topic} }

// offer has the feed's hub asked if that is wanted and not too many wait for it.
func (p *Poller) offer(f article.Feed) {
	if !p.wants(f, p.visitor.Now()) {
		return
	}
	select {
	case p.asks <- f.ID:
	default: // at the next poll
	}
}

// askHubs asks hubs until the context ends, one at a time with a gap between. What hubs are asked takes no host's turn:
// it is a few requests in ten days, not one of which is for a page or a feed.
func (p *Poller) askHubs(ctx context.Context) error {
	gap := p.WebSub.Gap
	if gap <= 0 {
		gap = hubGap
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case id := <-p.asks:
			if err := p.ask(ctx, id); err != nil && ctx.Err() == nil {
				p.Log.WarnContext(ctx, "a hub was not asked, the next poll of its feed will have it asked", "feed", id, "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(gap):
		}
	}
}

// ask asks a feed's hub for news. That it is asked is stored before, for the hub may answer at once by asking us.
func (p *Poller) ask(ctx context.Context, id string) error {
	asks := false
	f, err := p.change(ctx, id, func(f *article.Feed) bool {
		now := p.visitor.Now()
		if asks = false; !p.wants(*f, now) {
			return false
		}
		push, subscription := *f.Push, p.subscription(*f)
		switch {
		case push.Subscription != subscription:
			push = article.Push{Hub: push.Hub, Topic: push.Topic, Subscription: subscription, Asked: now, Tries: 1, Last: push.Last}
			asks = true
		case push.Tries >= maxTries:
			push = givenUp(push, now, "The hub was asked several times and never answered. "+push.Trouble)
		default:
			push.Asked = now
			push.Tries++
			asks = true
		}
		f.Push = &push
		return true
	})
	if eventbus.IsNotFound(err) { // removed meanwhile
		return nil
	}
	if err != nil || !asks {
		return err
	}
	links := linksOf(f)
	answer, err := p.Fetch.Do(ctx, politehttp.Request{
		URL: links.Hub, Form: websub.Request(p.WebSub.Keys.Callback(id), links.Topic, p.WebSub.Keys.Secret(id, links)),
	})
	if err != nil {
		return err
	}
	if answer.Status/100 == 2 {
		p.Log.InfoContext(ctx, "a hub was asked to tell a feed's news", "feed", id, "hub", links.Hub)
		return nil
	}
	p.Log.InfoContext(ctx, "a hub does not take a request for a feed's news", "feed", id, "hub", links.Hub, "reason", answer.Reason)
	_, err = p.change(ctx, id, func(f *article.Feed) bool {
		if f.Push == nil || linksOf(*f) != links {
			return false
		}
		push := *f.Push
		push.Trouble, push.Avoid = answer.Reason, answer.Started.Add(answer.RetryAfter)
		f.Push = &push
		return true
	})
	return err
}

// change edits a feed that others write too, unless edit says that there is nothing to change, and gives it.
func (p *Poller) change(ctx context.Context, id string, edit func(*article.Feed) bool) (article.Feed, error) {
	for range concludeTries {
		f, revision, err := p.Bus.Feed(ctx, id)
		if err != nil || !edit(&f) {
			return f, err
		}
		if err = p.Bus.PutFeed(ctx, f, revision); !errors.Is(err, eventbus.ErrConflict) {
			return f, err
		}
	}
	return article.Feed{}, eventbus.ErrConflict
}
