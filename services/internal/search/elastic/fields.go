package elastic

import "github.com/stetnews/stet/services/internal/article"

// Field is how a field of the documents is indexed, for those who look at them without this package.
type Field struct {
	Type         string // as Elasticsearch names it: keyword, text, date, integer, long, double or boolean
	Searchable   bool
	Aggregatable bool
}

// Fields are those of the documents behind every alias: by the alias without its prefix (articles, versions, revisions,
// checks), and by their full names.
func Fields() map[string]map[string]Field {
	all := make(map[string]map[string]Field, len(kinds))
	for _, k := range kinds {
		all[string(k)] = make(map[string]Field)
		collect(all[string(k)], "", mapping(k))
	}
	return all
}

func collect(into map[string]Field, under string, properties object) {
	for name, value := range properties {
		definition := value.(object)
		if inner, ok := definition["properties"].(object); ok {
			collect(into, under+name+".", inner)
			continue
		}
		kind := definition["type"].(string)
		into[under+name] = Field{
			Type:         kind,
			Searchable:   definition["index"] != false,
			Aggregatable: kind != "text" && definition["doc_values"] != false,
		}
		if variants, ok := definition["fields"].(object); ok {
			collect(into, under+name+".", variants)
		}
	}
}

// WeightName is what the field weight_name says for a weight.
func WeightName(w article.Weight) string { return weightName(int(w)) }
