package inspect

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/stetnews/stet/services/internal/politehttp/robots"
	"github.com/stetnews/stet/services/internal/politehttp/urls"
	"github.com/stetnews/stet/services/internal/show"
)

// defaultAgent is the product token that stet's own fetcher answers to.
const defaultAgent = "stet"

type robotsRequest struct {
	Agent string  `json:"agent"`
	URL   string  `json:"url"`
	Body  *[]byte `json:"bodyBase64"`
}

type robotsAnswer struct {
	Allowed bool   `json:"allowed"`
	Line    int    `json:"line"`
	Rule    string `json:"rule"`

	agent, url string
	delay      time.Duration
}

func robotsTool() Tool {
	return Tool{Name: "robots", Arguments: "URL | FILE|- --url URL [--agent NAME]", Help: "whether robots.txt lets a robot read an address",
		Line: func(line []byte) (Answer, error) {
			var r robotsRequest
			if err := request(line, &r); err != nil {
				return nil, err
			}
			if r.Body == nil {
				return nil, errors.New(`the request has no "bodyBase64"`)
			}
			return decide(http.StatusOK, *r.Body, r.Agent, r.URL), nil
		},
		One: robotsOne}
}

// robotsOne judges the address by its own site's robots.txt, or, with --url, by the robots.txt that was named.
func robotsOne(ctx context.Context, from Sources, args []string, o Options) (Answer, error) {
	name, err := only(args)
	if err != nil {
		return nil, err
	}
	if o.URL == "" {
		if !isWeb(name) {
			return nil, fmt.Errorf("%w: say with --url which address is in question", ErrUsage)
		}
		o.URL = name
		site, err := urls.Parse("/robots.txt", name)
		if err != nil {
			return nil, err
		}
		name = site.Href
	}
	in, err := from.read(ctx, name)
	switch {
	case err != nil && isWeb(name):
		in.Body = nil // the status decides; 0, no answer, means: keep out
	case err != nil:
		return nil, err
	case in.Status == 0:
		in.Status = http.StatusOK
	}
	return decide(in.Status, in.Body, o.Agent, o.URL), nil
}

func decide(status int, body []byte, agent, url string) Answer {
	if agent == "" {
		agent = defaultAgent
	}
	d := robots.Parse(status, body).Decide(agent, url)
	return robotsAnswer{Allowed: d.Allowed, Line: d.Line, Rule: strings.ToValidUTF8(d.Rule, "\ufffd"), agent: agent, url: url, delay: d.CrawlDelay}
}

// People prints the decision with the line that made it.
func (a robotsAnswer) People(p *show.Printer) {
	verdict := "may not read"
	if a.Allowed {
		verdict = "may read"
	}
	p.Line("%s %s %s", a.agent, verdict, a.url)
	switch {
	case a.Rule == robots.Unreachable:
		p.Line("robots.txt could not be read, which means: keep out")
	case a.Line > 0:
		p.Line("line %d decides: %s", a.Line, a.Rule)
	default:
		p.Line("no line of robots.txt decides")
	}
	if a.delay > 0 {
		p.Line("it asks for %s between two requests", a.delay)
	}
}
