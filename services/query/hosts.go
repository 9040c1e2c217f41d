package query

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/stetnews/stet/proto/stet/query/v1"
	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
)

// hosts is what the bus knows of the sites that are visited.
type hosts interface {
	Hosts(ctx context.Context, yield func(eventbus.Host) error) error
	Queues(ctx context.Context) (map[string]eventbus.Queue, error)
	NextEntry(ctx context.Context, hostToken string, pagesFirst bool) (eventbus.Entry, error)
	Turn(ctx context.Context, hostToken string) (eventbus.Turn, uint64, error)
}

// Bounds of a listing of hosts.
const (
	usualHosts = 100
	mostHosts  = 1000
	// mostStrangers is how many hosts are named that were never visited, each by a look into its queue.
	mostStrangers = 1000
)

// ListHosts lists hosts by name. A page reads the turns of its own hosts only.
func (s *Service) ListHosts(ctx context.Context, r *queryv1.ListHostsRequest) (*queryv1.ListHostsResponse, error) {
	size, err := pageSize(r.GetPageSize(), usualHosts, mostHosts)
	if err != nil {
		return nil, err
	}
	if len(r.GetName()) > maxName {
		return nil, invalid("name", "a host's name has at most %d bytes", maxName)
	}
	name := strings.ToLower(strings.TrimSpace(r.GetName()))
	after, err := position("page_token", r.GetPageToken(), "hosts", name)
	if err != nil {
		return nil, err
	}
	queues, err := s.bus.Queues(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the queues: %w", err)
	}
	known, err := s.knownHosts(ctx, queues)
	if err != nil {
		return nil, err
	}
	answer := &queryv1.ListHostsResponse{}
	for _, h := range known {
		switch {
		case h.Name <= after || !strings.Contains(strings.ToLower(h.Name), name):
		case len(answer.Hosts) == size:
			answer.NextPageToken = pageToken(answer.Hosts[size-1].GetName(), "hosts", name)
			return answer, nil
		default:
			w, err := s.host(ctx, h, queues[article.Token(h.Name)])
			if err != nil {
				return nil, err
			}
			answer.Hosts = append(answer.Hosts, w)
		}
	}
	return answer, nil
}

// knownHosts are those that have a record, and those that something waits for, by name.
func (s *Service) knownHosts(ctx context.Context, queues map[string]eventbus.Queue) ([]eventbus.Host, error) {
	var all []eventbus.Host
	recorded := map[string]bool{}
	err := s.bus.Hosts(ctx, func(h eventbus.Host) error {
		all = append(all, h)
		recorded[article.Token(h.Name)] = true
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the hosts: %w", err)
	}
	strangers := 0
	for token := range queues {
		if recorded[token] || strangers == mostStrangers {
			continue
		}
		strangers++
		e, err := s.bus.NextEntry(ctx, token, false)
		if errors.Is(err, eventbus.ErrNotFound) {
			continue // visited meanwhile
		}
		if err != nil {
			return nil, fmt.Errorf("looking into a queue: %w", err)
		}
		all = append(all, eventbus.Host{Name: e.Host})
	}
	slices.SortFunc(all, func(a, b eventbus.Host) int { return cmp.Compare(a.Name, b.Name) })
	return all, nil
}

func (s *Service) host(ctx context.Context, h eventbus.Host, q eventbus.Queue) (*queryv1.Host, error) {
	turn, _, err := s.bus.Turn(ctx, article.Token(h.Name))
	if err != nil && !errors.Is(err, eventbus.ErrNotFound) {
		return nil, fmt.Errorf("reading the turn of %s: %w", h.Name, err)
	}
	w := &queryv1.Host{
		Name: h.Name, Gap: span(h.Gap), Pages: int32(q.Pages), Feeds: int32(q.Feeds), Latency: span(h.Latency),
		CrawlDelay: span(h.CrawlDelay), Failures: int32(h.Failures), Busy: int32(h.Busy), Trouble: h.Trouble,
		TroubleAt: timeToWire(h.TroubleAt), RobotsStatus: int32(h.RobotsStatus), RobotsAt: timeToWire(h.RobotsAt),
		RobotsTrouble: h.RobotsTrouble,
	}
	next := turn.At
	if h.RestUntil.After(next) {
		next = h.RestUntil
	}
	if next.After(s.now()) {
		w.NextTurn = timeToWire(next)
	}
	w.State, w.Why = hostState(h, q, turn, s.now())
	return w, nil
}

// hostState tells why a host is not asked now.
func hostState(h eventbus.Host, q eventbus.Queue, turn eventbus.Turn, now time.Time) (queryv1.Host_State, string) {
	switch {
	case h.RestUntil.After(now) && h.Busy > 0:
		return queryv1.Host_RESTING, "It asked for a pause: " + h.Trouble
	case h.RestUntil.After(now):
		return queryv1.Host_RESTING, fmt.Sprintf("It failed %d times in a row, and is tried once after each pause: %s", h.Failures, h.Trouble)
	case turn.Attempt.Entry != 0 && turn.At.After(now) && turn.Attempt.Count > 1:
		return queryv1.Host_VISITED, fmt.Sprintf("A visit is under way, number %d for the same address: those before did not come to their end.", turn.Attempt.Count)
	case turn.Attempt.Entry != 0 && turn.At.After(now):
		return queryv1.Host_VISITED, "A visit is under way."
	case q.Pages+q.Feeds == 0:
		return queryv1.Host_IDLE, "Nothing waits for it."
	case turn.At.After(now):
		return queryv1.Host_WAITING, "The gap since the last request has to pass."
	default:
		return queryv1.Host_WAITING, "It waits for a scraper."
	}
}

func span(d time.Duration) *durationpb.Duration {
	if d == 0 {
		return nil
	}
	return durationpb.New(d)
}
