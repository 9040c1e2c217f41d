package elastic

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/stetnews/stet/services/internal/search"
)

// schemaVersion counts up whenever a template changes.
const schemaVersion = 1

// object is JSON.
type object = map[string]any

// template is a component template, an index template or an ILM policy as it is put.
type template struct {
	path string // below the address of the cluster
	what string // for people
	name string
	body object
}

const (
	componentPath = "/_component_template/"
	indexPath     = "/_index_template/"
	policyPath    = "/_ilm/policy/"
)

// templates are all that a cluster needs, in the order in which they can be put. Those for the life cycle of indices
// come only where the cluster has it.
func (x *Index) templates(lifecycle bool) []template {
	var all []template
	add := func(path, what, name string, body object) {
		all = append(all, template{path, what, name, x.sign(body)})
	}
	if lifecycle {
		all = append(all, template{policyPath, "life cycle policy", x.prefix, x.policy()})
		add(componentPath, "component template", x.prefix+"-ilm", component(object{"settings": object{"index.lifecycle.name": x.prefix}}))
	}
	add(componentPath, "component template", x.prefix+"-settings", component(object{"settings": settings()}))
	for _, k := range kinds {
		mappings := object{"dynamic": "strict", "_meta": mark(), "properties": mapping(k)}
		if k == versions {
			mappings["_source"] = object{"excludes": []string{"tokens"}}
		}
		add(componentPath, "component template", x.alias(k)+"-mappings", component(object{"mappings": mappings}))
		add(componentPath, "component template", x.alias(k)+"-aliases", component(object{"aliases": object{x.alias(k): object{}}}))
	}
	for _, k := range kinds {
		add(indexPath, "index template", x.alias(k), object{
			"index_patterns": []string{x.pattern(k)},
			"composed_of":    []string{x.prefix + "-settings", x.alias(k) + "-mappings", x.alias(k) + "-aliases", x.prefix + "-ilm"},
			// Not every cluster has it: it is made only where there is life cycle management.
			"ignore_missing_component_templates": []string{x.prefix + "-ilm"},
			"priority":                           500,
		})
	}
	return all
}

func component(content object) object { return object{"template": content} }

// signature is what stet writes about itself into _meta.
type signature struct {
	By         string `json:"by"`
	Schema     int    `json:"schema"`
	Analyzer   int    `json:"analyzer"`
	Generation int    `json:"generation,omitempty"`
	Digest     string `json:"digest,omitempty"` // of the template as it was put
}

const signer = "stet"

// mark is in the mapping of every index.
func mark() signature {
	return signature{By: signer, Schema: schemaVersion, Analyzer: search.AnalyzerVersion}
}

// sign adds the _meta to a template.
func (x *Index) sign(body object) object {
	m := mark()
	m.Generation = x.generation
	m.Digest = digest(body)
	body["_meta"] = m
	return body
}

func digest(body object) string {
	text, err := json.Marshal(body)
	if err != nil {
		panic(fmt.Sprintf("a template is no JSON: %v", err)) // it is a table of this package
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

func settings() object {
	return object{
		"index.number_of_shards":     1, // a month of a large newsroom is some gigabytes
		"index.auto_expand_replicas": "0-1",
		// Named, so that indices that nobody searched for a while refresh as well.
		"index.refresh_interval": "1s",
		"index.codec":            "best_compression",
		// A takedown leaves nothing behind that would refuse an older copy, should the article be let in again.
		"index.gc_deletes": "-1",
	}
}

// policy merges an index once its month is over, and deletes nothing: what was published stays.
func (x *Index) policy() object {
	return object{"policy": object{
		"_meta": signature{By: signer, Schema: schemaVersion},
		"phases": object{
			"hot": object{"min_age": "0ms", "actions": object{"set_priority": object{"priority": 100}}},
			"warm": object{"min_age": "45d", "actions": object{
				"set_priority": object{"priority": 50},
				"forcemerge":   object{"max_num_segments": 1},
			}},
		},
	}}
}
