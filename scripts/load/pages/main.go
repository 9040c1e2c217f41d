// Command pages serves real news pages from an archive on the loopback, with an RSS feed of them, and changes them on
// demand: a paragraph inside the true article body, or nothing but the page furniture. What was changed is told at
// /admin/log, so that a watcher can be measured: every edit found, no false alarm. It is a tool for measuring, not a
// part of the product.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "pages:", err)
		os.Exit(1)
	}
}

// run serves until the context ends. The first line it writes is the feed's URL.
func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("pages", flag.ContinueOnError)
	data := flags.String("data", "", "tar of html/ID.html.gz and ground-truth.json")
	listen := flags.String("listen", "127.0.0.1:0", "address to listen on")
	size := flags.Int("size", 0, "pad pages to this many bytes")
	hosts := flags.Int("hosts", 1, "spread the pages over this many ports, each a host of its own to whoever is polite by host")
	sites := flags.Bool("sites", false, "give the pages of each host of the archive a port of their own, instead of --hosts")
	rotates := flags.Bool("rotate", false, "let POST /admin/furniture change everything that changes around articles, in the text too")
	copies := flags.Int("copies", 0, "serve this many copies, each with a title and words of its own, instead of one of each page")
	if err := flags.Parse(args); err != nil {
		return err
	}
	pages, err := readTar(*data)
	if err != nil {
		return err
	}
	if *copies > 0 {
		pages = multiply(pages, *copies)
	}
	place := spread(pages, *hosts, *sites)
	listeners, err := listeners(ctx, *listen, slices.Max(place)+1)
	if err != nil {
		return err
	}
	s := newServer(pages, *size)
	if *rotates {
		for _, p := range s.pages {
			p.rotating = rotate(p.page)
		}
	}
	if len(listeners) > 1 {
		for i, p := range s.pages {
			p.host = listeners[place[i]].Addr().String()
		}
	}
	server := &http.Server{Handler: s.handler(), ReadHeaderTimeout: 10 * time.Second}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	done := make(chan error, len(listeners))
	for _, l := range listeners {
		go func() { done <- server.Serve(l) }()
	}
	if _, err := fmt.Fprintf(out, "http://%s/feed.xml\n%d pages\n%d hosts\n", listeners[0].Addr(), len(pages), len(listeners)); err != nil {
		return errors.Join(fmt.Errorf("printing the feed's URL: %w", err), server.Close())
	}
	if err := <-done; !errors.Is(err, http.ErrServerClosed) {
		return errors.Join(fmt.Errorf("serving: %w", err), server.Close())
	}
	return nil
}

// spread gives each page the number of its listener: one after the other, or by the site it was found at.
func spread(pages []page, hosts int, sites bool) []int {
	numbers := map[string]int{}
	place := make([]int, len(pages))
	for i, p := range pages {
		if !sites {
			place[i] = i % max(hosts, 1)
			continue
		}
		n, ok := numbers[p.site]
		if !ok {
			n = len(numbers)
			numbers[p.site] = n
		}
		place[i] = n
	}
	return place
}

// listeners opens the given address, and n-1 free ports beside it.
func listeners(ctx context.Context, address string, n int) ([]net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("reading --listen: %w", err)
	}
	var all []net.Listener
	for range max(n, 1) {
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
		if err != nil {
			for _, open := range all {
				err = errors.Join(err, open.Close())
			}
			return nil, fmt.Errorf("listening: %w", err)
		}
		all = append(all, l)
		address = net.JoinHostPort(host, "0")
	}
	return all, nil
}
