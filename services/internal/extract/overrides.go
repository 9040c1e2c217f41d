package extract

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// MaxOverrides is how many overrides one set may have, and MaxOverridesSize how many bytes one file of them.
const (
	MaxOverrides     = 10_000
	MaxOverridesSize = 4 << 20
)

// Overrides are what people say of the pages of many sources. A nil set says nothing of any.
type Overrides struct{ all []aimed }

// aimed is an override with whose pages it is for; one of the two may be empty.
type aimed struct {
	source, host string
	override     *Override
	from         string // the file
}

// Add reads the overrides of a file into the set: one override, or a list of them, in JSON or YAML, each with the members
// source, host or both, and those of ParseOverride. Its errors name the file, and the place of the override in it.
func (o *Overrides) Add(file string, text []byte) error {
	all, err := overrideTexts(file, text)
	if err != nil {
		return err
	}
	for i, t := range all {
		if err := o.add(file, t); err != nil {
			return fmt.Errorf("override %d in %s: %w", i+1, file, err)
		}
	}
	return nil
}

// overrideTexts reads a file of one override or of a list of them.
func overrideTexts(file string, text []byte) (all []overrideText, err error) {
	if len(text) > MaxOverridesSize {
		return nil, fmt.Errorf("the overrides in %s have more than %d bytes", file, MaxOverridesSize)
	}
	if text, err = asJSON(text); err != nil {
		return nil, fmt.Errorf("reading the overrides in %s: %w", file, err)
	}
	if strings.HasPrefix(strings.TrimSpace(string(text)), "[") {
		err = strictly(text, &all)
	} else {
		all = make([]overrideText, 1)
		err = strictly(text, &all[0])
	}
	if err != nil {
		return nil, fmt.Errorf("reading the overrides in %s: %w", file, err)
	}
	return all, nil
}

// TryOverride reads from a file the override to try on one page: the only one in it, whomever it is for, else the one for
// the host of the page's address.
func TryOverride(file string, text []byte, address string) (*Override, error) {
	all, err := overrideTexts(file, text)
	if err != nil {
		return nil, err
	}
	if len(all) == 1 {
		return all[0].compile()
	}
	set := &Overrides{}
	if err := set.Add(file, text); err != nil {
		return nil, err
	}
	found := set.For("", address)
	if found == nil {
		return nil, fmt.Errorf("none of the overrides in %s is for the host of %q: name the page's address with --url, or a file with one override", file, address)
	}
	return found, nil
}

func (o *Overrides) add(file string, t overrideText) error {
	a := aimed{source: t.Source, host: strings.TrimSuffix(strings.ToLower(t.Host), "."), from: file}
	if a.source == "" && a.host == "" {
		return errors.New(`say in "source" or "host" whose pages it is for`)
	}
	if strings.ContainsAny(a.host, "/:@ ") {
		return fmt.Errorf("the host %q is no name of a host: leave out scheme, port and path", t.Host)
	}
	at := slices.IndexFunc(o.all, func(b aimed) bool { return b.source == a.source && b.host == a.host })
	if at >= 0 {
		return fmt.Errorf("another override is for the same pages already, in %s", o.all[at].from)
	}
	if len(o.all) == MaxOverrides {
		return fmt.Errorf("more than %d overrides", MaxOverrides)
	}
	var err error
	if a.override, err = t.compile(); err != nil {
		return err
	}
	o.all = append(o.all, a)
	return nil
}

// Len is how many overrides the set has.
func (o *Overrides) Len() int {
	if o == nil {
		return 0
	}
	return len(o.all)
}

// For gives the override for a page of a source, nil where there is none. One for a host goes before one for a source
// alone, the longer host before the shorter, and one for both before one for the host alone.
func (o *Overrides) For(source, address string) *Override {
	if o.Len() == 0 {
		return nil
	}
	host := ""
	if u, err := url.Parse(address); err == nil {
		host = strings.ToLower(u.Hostname())
	}
	var found *Override
	best := -1
	for _, a := range o.all {
		if a.source != "" && a.source != source || a.host != "" && a.host != host && !strings.HasSuffix(host, "."+a.host) {
			continue
		}
		rank := 2 * len(a.host)
		if a.source != "" {
			rank++
		}
		if rank > best {
			found, best = a.override, rank
		}
	}
	return found
}
