package inspect

import (
	"bytes"
	"context"

	"github.com/stetnews/stet/services/internal/politehttp/urls"
	"github.com/stetnews/stet/services/internal/show"
)

type urlRequest struct {
	URL  string `json:"url"`
	Base string `json:"base"`
}

type urlAnswer struct {
	Href      string `json:"href"`
	Canonical string `json:"canonical"`
	Host      string `json:"host"`
}

func urlTool() Tool {
	return Tool{Name: "url", Arguments: "[URL|-] [--base URL]", Help: "how stet reads an address",
		Line: func(line []byte) (Answer, error) {
			var r urlRequest
			if err := request(line, &r); err != nil {
				return nil, err
			}
			return readURL(r.URL, r.Base)
		},
		One: func(ctx context.Context, from Sources, args []string, o Options) (Answer, error) {
			raw, err := only(args)
			if err != nil {
				return nil, err
			}
			if raw == "-" {
				in, err := from.read(ctx, raw)
				if err != nil {
					return nil, err
				}
				first, _, _ := bytes.Cut(in.Body, []byte("\n"))
				raw = string(first)
			}
			return readURL(raw, o.Base)
		}}
}

func readURL(raw, base string) (Answer, error) {
	u, err := urls.Parse(raw, base)
	if err != nil {
		return nil, err
	}
	return urlAnswer{Href: u.Href, Canonical: u.Canonical, Host: u.Host}, nil
}

// People prints the three forms of the address.
func (a urlAnswer) People(p *show.Printer) {
	p.Line("href      %s", a.Href)
	p.Line("canonical %s", a.Canonical)
	p.Line("host      %s", a.Host)
}
