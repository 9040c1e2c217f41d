package elastic

import (
	"strings"
	"testing"

	"github.com/stetnews/stet/services/internal/article"
)

func TestFields(t *testing.T) {
	all := Fields()
	for name, want := range map[string]Field{
		"versions/tokens.meta":    {"keyword", true, true},
		"versions/published":      {"keyword", false, false},
		"versions/added":          {"text", false, false},
		"revisions/added":         {"text", true, false},
		"revisions/title.keyword": {"keyword", true, true},
		"articles/edited":         {"boolean", true, true},
		"checks/next":             {"date", true, true},
	} {
		kind, field, _ := strings.Cut(name, "/")
		if got := all[kind][field]; got != want {
			t.Errorf("%s is %+v, want %+v", name, got, want)
		}
	}
	if len(all) != len(kinds) {
		t.Errorf("fields of %d kinds, want %d", len(all), len(kinds))
	}
	if got := WeightName(article.Substantive); got != "substantive" {
		t.Errorf("the weight is named %s", got)
	}
}
