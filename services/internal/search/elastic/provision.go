package elastic

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/stetnews/stet/services/internal/search"
)

// Errors of templates and indices that are not of this stet.
var (
	errNewer = errors.New("a newer stet wrote it: update this one (`stet provision` with force goes back to the older form)")
	errOther = errors.New("it is not stet's: rename it, choose another prefix, or provision with force to replace it")
	errWords = errors.New("its words were cut by the analyzer of another stet: run `stet reindex`")
)

// Provision makes or updates the templates, and the mappings of indices that an older stet made. It tells what it
// changed, a sentence each, and changes nothing the second time. It refuses to replace what a newer stet or somebody
// else wrote, unless force says so. No document is ever deleted.
func (x *Index) Provision(ctx context.Context, force bool) (changes []string, err error) {
	defer func() { err = x.explain("provisioning", err) }()
	stored, err := x.stored(ctx)
	if err != nil {
		return nil, err
	}
	if err := x.otherWords(ctx); err != nil && !force {
		return nil, err
	}
	lifecycle, err := x.hasLifecycle(ctx)
	if err != nil {
		return nil, err
	}
	wanted := x.templates(lifecycle)
	if !force {
		for _, t := range wanted {
			if err := t.mayReplace(stored[t.path+t.name]); err != nil {
				return nil, err
			}
		}
	}
	for _, t := range wanted {
		change, err := x.put(ctx, t, stored[t.path+t.name])
		if err != nil {
			return changes, err
		}
		if change != "" {
			changes = append(changes, change)
		}
	}
	more, err := x.updateIndices(ctx)
	return append(changes, more...), err
}

// stored gives the signatures of what is in the cluster under our names, by path. A nil one is somebody else's.
func (x *Index) stored(ctx context.Context) (map[string]*signature, error) {
	var components struct {
		Items []struct {
			Name     string `json:"name"`
			Template struct {
				Meta json.RawMessage `json:"_meta"`
			} `json:"component_template"`
		} `json:"component_templates"`
	}
	var indices struct {
		Items []struct {
			Name     string `json:"name"`
			Template struct {
				Meta json.RawMessage `json:"_meta"`
			} `json:"index_template"`
		} `json:"index_templates"`
	}
	all := make(map[string]*signature)
	if err := x.client.call(ctx, "GET", componentPath+x.prefix+"-*", nil, &components); err != nil && !refused(err, http.StatusNotFound) {
		return nil, err
	}
	if err := x.client.call(ctx, "GET", indexPath+x.prefix+"-*", nil, &indices); err != nil && !refused(err, http.StatusNotFound) {
		return nil, err
	}
	for _, i := range components.Items {
		all[componentPath+i.Name] = readSignature(i.Template.Meta)
	}
	for _, i := range indices.Items {
		all[indexPath+i.Name] = readSignature(i.Template.Meta)
	}
	return all, nil
}

// readSignature reads a _meta; one that is not ours has no By.
func readSignature(meta json.RawMessage) *signature {
	var s signature
	if json.Unmarshal(meta, &s) != nil || s.By != signer {
		return &signature{}
	}
	return &s
}

func (t *template) mayReplace(s *signature) error {
	switch {
	case s == nil:
		return nil
	case s.By != signer:
		return fmt.Errorf("%s %s: %w", t.what, t.name, errOther)
	case s.Schema > schemaVersion:
		return fmt.Errorf("%s %s: %w", t.what, t.name, errNewer)
	}
	return nil
}

func (x *Index) put(ctx context.Context, t template, s *signature) (change string, err error) {
	verb := "updated"
	if t.path == policyPath {
		// A policy is the operator's to change: it is made once and then left alone.
		err := x.client.call(ctx, "GET", t.path+t.name, nil, nil)
		if err == nil || !refused(err, http.StatusNotFound) {
			return "", err
		}
		s = nil
	}
	if s == nil {
		verb = "created"
	} else if m, ok := t.body["_meta"].(signature); ok && m == *s {
		return "", nil
	}
	if err := x.client.call(ctx, "PUT", t.path+t.name, t.body, nil); err != nil {
		return "", fmt.Errorf("putting %s %s: %w", t.what, t.name, err)
	}
	return fmt.Sprintf("%s %s %s", verb, t.what, t.name), nil
}

// hasLifecycle says whether the cluster can manage the life cycle of indices.
func (x *Index) hasLifecycle(ctx context.Context) (bool, error) {
	err := x.client.call(ctx, "GET", "/_ilm/status", nil, nil)
	if refused(err, http.StatusBadRequest, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusForbidden) {
		return false, nil
	}
	return err == nil, err
}

// signatures are those of the indices of a kind.
func (x *Index) signatures(ctx context.Context, k kind) (map[string]*signature, error) {
	var answer map[string]struct {
		Mappings struct {
			Meta json.RawMessage `json:"_meta"`
		} `json:"mappings"`
	}
	err := x.client.call(ctx, "GET", "/"+x.pattern(k)+"/_mapping?"+lenient, nil, &answer)
	if err != nil {
		return nil, err
	}
	all := make(map[string]*signature, len(answer))
	for name, index := range answer {
		all[name] = readSignature(index.Mappings.Meta)
	}
	return all, nil
}

// otherWords refuses indices of versions whose words another analyzer cut: new ones beside them would be found by other
// searches.
func (x *Index) otherWords(ctx context.Context) error {
	all, err := x.signatures(ctx, versions)
	if err != nil {
		return err
	}
	for name, s := range all {
		if s.By == signer && s.Analyzer != search.AnalyzerVersion {
			return fmt.Errorf("index %s: %w", name, errWords)
		}
	}
	return nil
}

// updateIndices brings new fields to the indices that exist.
func (x *Index) updateIndices(ctx context.Context) (changes []string, err error) {
	for _, k := range kinds {
		all, err := x.signatures(ctx, k)
		if err != nil {
			return changes, err
		}
		for name, s := range all {
			if s.By != signer || s.Schema >= schemaVersion {
				continue
			}
			body := object{"_meta": mark(), "properties": mapping(k)}
			if err := x.client.call(ctx, "PUT", "/"+name+"/_mapping", body, nil); err != nil {
				return changes, fmt.Errorf("index %s cannot be brought up to date in place, run `stet reindex`: %w", name, err)
			}
			changes = append(changes, "updated the fields of index "+name)
		}
	}
	slices.Sort(changes)
	return changes, nil
}

// verify refuses to work on templates that are missing or not of this stet.
func (x *Index) verify(ctx context.Context) error {
	stored, err := x.stored(ctx)
	if refused(err, http.StatusForbidden) {
		return x.otherWords(ctx) // who may only read or write documents cannot see templates
	}
	if err != nil {
		return err
	}
	for _, k := range kinds {
		for _, path := range []string{indexPath + x.alias(k), componentPath + x.alias(k) + "-mappings", componentPath + x.alias(k) + "-aliases"} {
			s, ok := stored[path]
			switch {
			case !ok:
				return fmt.Errorf("%w (%s is missing)", ErrNotProvisioned, path[1:])
			case s.By != signer:
				return fmt.Errorf("%s: %w", path[1:], errOther)
			case s.Schema > schemaVersion:
				return fmt.Errorf("%s: %w", path[1:], errNewer)
			case s.Schema < schemaVersion:
				return fmt.Errorf("%s is of an older stet: %w", path[1:], ErrNotProvisioned)
			case s.Analyzer != search.AnalyzerVersion:
				return fmt.Errorf("%s: %w", path[1:], errWords)
			}
		}
	}
	return x.otherWords(ctx)
}
