package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// canary notes every connection to any address of the world, which all end here.
type canary struct {
	mu   sync.Mutex
	seen []netip.AddrPort
}

// Accept is that of a listener that tells the canary.
type watched struct {
	net.Listener
	canary *canary
}

func (w watched) Accept() (net.Conn, error) {
	conn, err := w.Listener.Accept()
	if err != nil {
		return nil, err
	}
	if at, is := conn.LocalAddr().(*net.TCPAddr); is {
		place := at.AddrPort()
		w.canary.mu.Lock()
		w.canary.seen = append(w.canary.seen, netip.AddrPortFrom(place.Addr().Unmap(), place.Port()))
		w.canary.mu.Unlock()
	}
	return conn, nil
}

// take gives what was seen since the last time.
func (c *canary) take() []netip.AddrPort {
	c.mu.Lock()
	defer c.mu.Unlock()
	seen := c.seen
	c.seen = nil
	return seen
}

// canaries makes every address one of this machine, listens, and has stet try them all.
func (b *bench) canaries() error {
	for _, arguments := range []string{"link set lo up", "route add local 0.0.0.0/0 dev lo", "-6 route add local ::/0 dev lo"} {
		if out, err := exec.Command("ip", strings.Fields(arguments)...).CombinedOutput(); err != nil {
			return fmt.Errorf("ip %s: %w %s", arguments, err, out)
		}
	}
	watcher := &canary{}
	for _, port := range []string{"80", "443", "8080", "6379", "22"} {
		listener, err := net.Listen("tcp", "[::]:"+port)
		if err != nil {
			return err
		}
		server := &http.Server{Handler: http.HandlerFunc(publisher), ReadHeaderTimeout: time.Minute}
		go func() { _ = server.Serve(watched{listener, watcher}) }() // until the process ends
	}
	if err := serveNames(names); err != nil {
		return err
	}
	b.groups(watcher)
	return nil
}

// publisher answers with a feed, or sends on.
func publisher(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Connection", "close") // the next request looks the name up again
	target, _ := url.QueryUnescape(r.URL.RawQuery)
	hop, err := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/hops/"))
	switch {
	case r.URL.Path == "/again":
		w.Header().Set("Location", "/more")
	case err != nil:
		fmt.Fprint(w, `<rss version="2.0"><channel><title>Reached</title></channel></rss>`) //nolint:errcheck // stet will notice
		return
	case hop > 1:
		w.Header().Set("Location", fmt.Sprintf("/hops/%d?%s", hop-1, r.URL.RawQuery))
	default:
		w.Header()["Location"] = []string{target}
	}
	w.WriteHeader(http.StatusFound)
}

func (b *bench) groups(watcher *canary) {
	total := 0
	addresses, open, forms := []trial{}, []trial{}, []trial{}
	for _, address := range forbidden {
		addresses = append(addresses, trial{address, literal(address)})
	}
	for _, address := range public {
		open = append(open, trial{address, literal(address)})
	}
	for _, form := range written {
		forms = append(forms, trial{form, form})
	}
	b.say("what leads inside\ttried\tconnected to something that is not public")
	for _, group := range []struct {
		name   string
		trials []trial
	}{{"addresses", addresses}, {"other ways to write them", forms}, {"names and redirects", scripted()}} {
		bad := 0
		for _, t := range group.trials {
			if inside := b.try(watcher, t); len(inside) > 0 {
				bad++
				b.say("CONNECTED\t%s: %s\t%v", t.name, t.url, inside)
			}
		}
		total += bad
		b.say("%s\t%d\t%d", group.name, len(group.trials), bad)
	}
	reached := 0
	for _, t := range open {
		watcher.take()
		if out, err := b.inspect(t.url); err == nil && strings.Contains(out, "Reached") && len(watcher.take()) > 0 {
			reached++
		} else {
			b.say("not reached\t%s\t%s", t.url, out)
		}
	}
	b.say("public addresses reached\t%d\t%d of them", len(open), reached)
	b.say("all\t\t%d", total)
}

// try has stet read a feed and gives the places that it must not have connected to.
func (b *bench) try(watcher *canary, t trial) (inside []netip.AddrPort) {
	watcher.take()
	out, err := b.inspect(t.url)
	seen := watcher.take()
	for _, place := range seen {
		if !slices.Contains(public, place.Addr().String()) || place.Port() != 80 && place.Port() != 443 {
			inside = append(inside, place)
		}
	}
	if b.list {
		b.say("tried\t%s\t%v %v %.100q", t.url, seen, err, out)
	}
	return inside
}

// inspect is the product as an operator starts it, without any configuration.
func (b *bench) inspect(address string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, b.stet, "inspect", "feed", address)
	command.Env = []string{"HOME=" + os.Getenv("HOME"), "PATH=" + os.Getenv("PATH")}
	out, err := command.CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		return "", err
	}
	return strings.TrimSpace(string(out)), err
}
