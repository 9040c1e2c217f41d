package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/stetnews/stet/proto/client"
	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/politehttp/urls"
	"github.com/stetnews/stet/services/launch"
)

// patience is how long a stet on the same machine may take to answer the first call.
const patience = 5 * time.Second

// withClient calls a function with a client of the stet in question: the one named by --grpc, else the one that runs
// on the data folder, else, for a command that needs nobody to be running, one opened on the folder for this call.
func (c *call) withClient(ctx context.Context, live bool, use func(*client.Client) error) error {
	local, named, err := c.running()
	if err != nil {
		return err
	}
	address := local.GRPC
	var why error
	if address != "" {
		stet, err := c.dial(ctx, address, local)
		if err == nil {
			defer stet.Close()
			err = use(stet)
		}
		if !errors.Is(err, errNobody) {
			return c.saysToken(err)
		}
		why = err
	}
	if named || live || !c.hasData() {
		return c.nobody(address, named, live, why)
	}
	address, token, stop, err := c.offline(ctx, c.cfg)
	if err != nil {
		return fmt.Errorf("no stet is running; opening the data folder %s: %w", c.cfg.Data, err)
	}
	defer stop()
	stet, err := client.Dial(address, client.WithToken(token))
	if err != nil {
		return err
	}
	defer stet.Close()
	return use(stet)
}

// errNobody says that nothing answers at an address.
var errNobody = errors.New("nobody answers")

// dial connects and makes sure that somebody answers.
func (c *call) dial(ctx context.Context, address string, local launch.Running) (*client.Client, error) {
	token, err := c.token(address, local.PID != 0)
	if err != nil {
		return nil, err
	}
	options, err := launch.DialOptions(c.cfg, token, local)
	if err != nil {
		return nil, err
	}
	stet, err := client.Dial(address, options...)
	if err != nil {
		return nil, err
	}
	probe, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if _, err := stet.Status(probe); err != nil {
		_ = stet.Close() // nothing was asked of it
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case errors.Is(err, client.ErrUnavailable), errors.Is(err, context.DeadlineExceeded):
			return nil, fmt.Errorf("%w: %w", errNobody, err)
		}
		return nil, err
	}
	return stet, nil
}

// running is the stet to ask: the one that was named, else the one that says of itself that it runs on the data folder;
// nothing where nobody says so.
func (c *call) running() (_ launch.Running, named bool, err error) {
	if c.from.Given("grpc") {
		return launch.Running{GRPC: c.cfg.GRPC}, true, nil
	}
	file := filepath.Join(c.cfg.Data, "run.json")
	text, err := c.readFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return launch.Running{}, false, nil
	}
	if err != nil {
		return launch.Running{}, false, fmt.Errorf("finding the running stet: %w", err)
	}
	var r launch.Running
	if err := json.Unmarshal(text, &r); err != nil {
		// A stet that was killed while starting may leave half a file; it is no reason to stop.
		return launch.Running{}, false, nil
	}
	return r, false, nil
}

// token is the secret for writes: the one that was set, else the data folder's, which goes to nobody but the stet that
// works on it, or to this machine.
func (c *call) token(address string, ours bool) (string, error) {
	if c.cfg.Token != "" || !ours && !launch.IsLoopback(address) {
		return c.cfg.Token, nil
	}
	text, err := c.readFile(filepath.Join(c.cfg.Data, "token"))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return "", nil // reads need none
	}
	if err != nil {
		return "", fmt.Errorf("reading the token: %w", err)
	}
	return strings.TrimSpace(string(text)), nil
}

// saysToken adds to an answer about a token where this program takes it from.
func (c *call) saysToken(err error) error {
	switch {
	case !errors.Is(err, client.ErrUnauthenticated):
		return err
	case c.cfg.Token != "":
		return fmt.Errorf("%w (it came by %s)", err, c.from["token"])
	}
	return fmt.Errorf("%w; here that is --data with the folder of that stet, where its token lies, or --token (to read, also --read-token)", err)
}

// hasData says whether the data folder was ever used by a stet: it made a token there on its first start.
func (c *call) hasData() bool {
	_, err := c.readFile(filepath.Join(c.cfg.Data, "token"))
	return !errors.Is(err, fs.ErrNotExist)
}

// nobody says plainly what was looked for, what to do, and where it was named why nothing was heard: a certificate that is
// not trusted looks from here like silence.
func (c *call) nobody(address string, named, live bool, why error) error {
	if address == "" {
		address = c.cfg.GRPC
	}
	switch {
	case errors.Is(why, context.DeadlineExceeded):
		return fmt.Errorf("nothing was answered at %s within %s: a stet there may be waiting for NATS or its index, as its log and /readyz say, "+
			"or the address is wrong", address, patience)
	case named:
		return fmt.Errorf("no stet answers at %s (%s): start one with `stet --grpc %s`, or name another; if it serves by TLS, say with "+
			"--grpc-ca whom to trust (%w)", address, c.from["grpc"], address, why)
	case live && c.hasData():
		return fmt.Errorf("no stet is running at %s on the data folder %s: start one with `stet`, or name another with --grpc or --data",
			address, c.cfg.Data)
	}
	return fmt.Errorf("no stet is running at %s and there is no data folder at %s: start one with `stet`, "+
		"or name another with --grpc or --data", address, c.cfg.Data)
}

// articleID reads an article's name on the command line: its id, or the address of its page.
func articleID(name string) (string, error) {
	if article.IsToken(name) {
		return name, nil
	}
	u, err := urls.Parse(name, "")
	if err != nil || !u.IsWeb() {
		return "", usage("%q is neither an article's id (16 letters and digits) nor the address of its page", name)
	}
	return article.Token(u.Canonical), nil
}
