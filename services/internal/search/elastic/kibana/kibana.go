// Package kibana makes what people with Kibana look at stet's indices with: data views, saved searches, the panels and
// the two dashboards Newsroom and Operations. It also puts them into a Kibana.
//
// The objects are data of this package. Every field that they name is looked up in the mapping of package elastic, so
// that an object with a field that is not there, or cannot do what is asked of it, is never made.
package kibana

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// Object is a saved object of Kibana, one line of an export.
type Object struct {
	Type          string      `json:"type"`
	ID            string      `json:"id"`
	Attributes    any         `json:"attributes"`
	References    []Reference `json:"references"`
	TypeMigration string      `json:"typeMigrationVersion"`
	CoreMigration string      `json:"coreMigrationVersion"`
}

// Reference is how an object names another: inside it by Name, in Kibana by Type and ID.
type Reference struct {
	Type string `json:"type"`
	ID   string `json:"id"`
	Name string `json:"name"`
}

// The types of objects.
const (
	dataViewType  = "index-pattern"
	searchType    = "search"
	panelType     = "lens"
	dashboardType = "dashboard"
)

// The forms of the objects. Kibana brings older ones up to date and refuses newer ones, so they are as old as this
// way to mark them, which came with 8.8: Kibana 8.8 itself exports data views, panels and dashboards like that, and
// searches have the form they have had since 7.9.3.
const (
	oldestKibana  = "8.8.0" // what coreMigrationVersion says, and the version of panels inside a dashboard
	viewForm      = "8.0.0"
	searchForm    = "7.9.3"
	panelForm     = "8.6.0"
	dashboardForm = "8.7.0"
)

// Objects are all that stet has for Kibana, for indices with a prefix ("stet" is the usual one): what is referred to
// comes before what refers to it. Their ids begin with the prefix and never change, so that an import replaces what
// an earlier one made.
func Objects(prefix string) ([]Object, error) {
	b := newBuilder(prefix)
	var all []Object
	for _, v := range views() {
		all = append(all, b.view(v))
	}
	for _, s := range searches() {
		all = append(all, b.search(s))
	}
	for _, d := range []dashboard{newsroom(), operations()} {
		all = append(all, b.dashboard(d)...)
	}
	return all, errors.Join(b.problems...)
}

// Encode writes objects as Kibana exports them: JSON, an object a line.
func Encode(objects []Object) ([]byte, error) {
	var all []byte
	for _, o := range objects {
		line, err := plain(o)
		if err != nil {
			return nil, fmt.Errorf("writing %s %s for Kibana: %w", o.Type, o.ID, err)
		}
		all = append(append(all, line...), '\n')
	}
	return all, nil
}

// inText is a value that stands in its object as a text of JSON, as Kibana wants it in some places.
type inText struct{ value any }

// MarshalJSON writes the text.
func (t inText) MarshalJSON() ([]byte, error) {
	inner, err := plain(t.value)
	if err != nil {
		return nil, err
	}
	return plain(string(inner))
}

// plain is JSON that leaves < > & as they are.
func plain(value any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return bytes.TrimSpace(b.Bytes()), err
}
