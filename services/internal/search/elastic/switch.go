package elastic

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Switch puts the new generation in the place of the one in use:
//
//  1. Checks, which are in no stream for long, are copied.
//  2. The aliases go over, all in one request: every search finds either generation, and never both.
//  3. The templates are made those of the new generation, so that writers that open from here on write to it.
//  4. The old indices take no more writes. Writers that have them open wait, and go on when Finish gives the names to the
//     new ones. A month that began meanwhile is found too, and the checks that came since are copied.
//
// It is repeated whole where it was interrupted.
func (d *Draft) Switch(ctx context.Context) error {
	return d.next.explain("switching", d.switchOver(ctx))
}

func (d *Draft) switchOver(ctx context.Context) error {
	for _, do := range []func(context.Context) error{d.copyChecks, d.moveAliases, d.putTemplates, d.moveAliases, d.block, d.copyChecks} {
		if err := do(ctx); err != nil {
			return err
		}
	}
	return nil
}

// heir is the index of the new generation that has the documents of an old one.
func (d *Draft) heir(k kind, old string) string {
	stem := func(x *Index) string { return strings.TrimSuffix(x.pattern(k), "*") }
	return stem(d.next) + strings.TrimPrefix(old, stem(d.old))
}

// copyChecks copies the documents of checks, which are the same in every generation.
func (d *Draft) copyChecks(ctx context.Context) error {
	all, err := d.old.names(ctx, checks)
	if err != nil {
		return err
	}
	for _, from := range sortedNames(all) {
		to := d.heir(checks, from)
		if err := d.ensure(ctx, checks, to); err != nil {
			return err
		}
		if err := d.old.client.call(ctx, http.MethodPost, "/"+from+"/_refresh", nil, nil); err != nil {
			return err
		}
		sort := []any{object{"time": "asc"}, object{"article": "asc"}}
		err := d.old.readRaw(ctx, from, sort, func(ids []string, sources []json.RawMessage) error {
			operations := make([]operation, len(ids))
			for i := range ids {
				operations[i] = operation{kind: checks, index: to, id: ids[i], version: 1, source: sources[i]}
			}
			return errors.Join(d.next.bulk(ctx, operations)...)
		})
		if err != nil {
			return fmt.Errorf("copying %s: %w", from, err)
		}
	}
	return nil
}

// moveAliases gives the aliases to the new generation and takes them from the old one, at once.
func (d *Draft) moveAliases(ctx context.Context) error {
	var actions []object
	for _, k := range kinds {
		alias := d.next.alias(k)
		next, err := d.next.names(ctx, k)
		if err != nil {
			return err
		}
		for _, name := range sortedNames(next) {
			if _, has := next[name].Aliases[alias]; !has {
				actions = append(actions, object{"add": object{"index": name, "alias": alias}})
			}
		}
		old, err := d.old.names(ctx, k)
		if err != nil {
			return err
		}
		for _, name := range sortedNames(old) {
			if _, has := old[name].Aliases[alias]; has {
				actions = append(actions, object{"remove": object{"index": name, "alias": alias}})
			}
		}
	}
	return d.changeAliases(ctx, actions)
}

func (d *Draft) changeAliases(ctx context.Context, actions []object) error {
	if len(actions) == 0 {
		return nil
	}
	if err := d.next.client.call(ctx, http.MethodPost, "/_aliases", object{"actions": actions}, nil); err != nil {
		return fmt.Errorf("moving the aliases: %w", err)
	}
	return nil
}

func (d *Draft) putTemplates(ctx context.Context) error {
	stored, err := d.next.stored(ctx)
	if err != nil {
		return err
	}
	lifecycle, err := d.next.hasLifecycle(ctx)
	if err != nil {
		return err
	}
	for _, t := range d.next.templates(lifecycle) {
		if _, err := d.next.put(ctx, t, stored[t.path+t.name]); err != nil {
			return err
		}
	}
	return nil
}

// block makes the old indices read-only.
func (d *Draft) block(ctx context.Context) error {
	for _, k := range kinds {
		old, err := d.old.names(ctx, k)
		if err != nil {
			return err
		}
		for _, name := range sortedNames(old) {
			if err := d.old.client.call(ctx, http.MethodPut, "/"+name+"/_block/write", nil, nil); err != nil {
				return fmt.Errorf("making index %s read-only: %w", name, err)
			}
		}
	}
	return nil
}

// Finish deletes the old generation, and gives its names to the new indices in the same request, as aliases: a writer
// that still has an old name at hand writes to the new index, rather than have Elasticsearch make one of its own of it.
func (d *Draft) Finish(ctx context.Context) error {
	return d.next.explain("finishing", d.finish(ctx))
}

func (d *Draft) finish(ctx context.Context) error {
	var remove, add []object
	for _, k := range kinds {
		old, err := d.old.names(ctx, k)
		if err != nil {
			return err
		}
		next, err := d.next.names(ctx, k)
		if err != nil {
			return err
		}
		for _, name := range sortedNames(old) {
			remove = append(remove, object{"remove_index": object{"index": name}})
			heir := d.heir(k, name)
			if _, has := next[heir]; has {
				add = append(add, object{"add": object{"index": heir, "alias": name}})
			}
		}
	}
	if err := d.changeAliases(ctx, slices.Concat(remove, add)); err != nil {
		return err
	}
	return d.setMark(ctx, "")
}
