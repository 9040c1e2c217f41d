package launch

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// file reads a YAML file: one mapping from the names of settings to values, or to lists of values. Every problem is
// told with its line.
func (l *loader) file(name string, readFile func(string) ([]byte, error)) {
	content, err := readFile(name)
	if err != nil {
		l.complain("configuration file: %w", err)
		return
	}
	short := filepath.Base(name)
	root, err := mapping(content)
	if err != nil {
		l.complain("configuration file %s: %w", short, err)
		return
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(root); i += 2 {
		key, value := root[i], root[i+1]
		if before := seen[key.Value]; before > 0 {
			l.complain("%s line %d: %q stands in line %d already", short, key.Line, key.Value, before)
			continue
		}
		seen[key.Value] = key.Line
		l.entry(short, key, value)
	}
}

// entry is one key of the file with its value.
func (l *loader) entry(file string, key, value *yaml.Node) {
	all := settings()
	at := slices.IndexFunc(all, func(s setting) bool { return s.name == key.Value })
	if at < 0 || key.Value == configSetting {
		l.complain("%s line %d: unknown key %q%s", file, key.Line, key.Value, suggestion(key.Value, ""))
		return
	}
	values, err := scalars(value)
	switch {
	case err != nil:
		l.complain("%s line %d: %s: %w", file, value.Line, key.Value, err)
	case len(values) != 1 && !all[at].list:
		l.complain("%s line %d: %s takes one value, not a list", file, value.Line, key.Value)
	default:
		l.set(all[at], values, fmt.Sprintf("file %s line %d", file, key.Line))
	}
}

// mapping gives the keys and values of the file's one document, in turn; an empty file has none.
func mapping(content []byte) ([]*yaml.Node, error) {
	var root, more yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	if err := decoder.Decode(&root); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, errors.New(strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if err := decoder.Decode(&more); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is more after the end of the first document")
	}
	top := root.Content[0]
	if top.Kind == yaml.ScalarNode && top.Tag == "!!null" {
		return nil, nil
	}
	if top.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("line %d: expected lines of the form \"name: value\"", top.Line)
	}
	return top.Content, nil
}

func scalars(node *yaml.Node) ([]string, error) {
	switch {
	case node.Kind == yaml.ScalarNode && node.Tag == "!!null":
		return nil, errors.New("has no value")
	case node.Kind == yaml.ScalarNode:
		return []string{node.Value}, nil
	case node.Kind != yaml.SequenceNode:
		return nil, errors.New("expected a plain value or a list of them")
	}
	var values []string
	for _, item := range node.Content {
		if item.Kind != yaml.ScalarNode || item.Tag == "!!null" {
			return nil, errors.New("expected a list of plain values")
		}
		values = append(values, item.Value)
	}
	return values, nil
}
