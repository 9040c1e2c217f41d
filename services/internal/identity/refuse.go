package identity

import (
	"slices"
	"time"

	"github.com/stetnews/stet/services/internal/article"
)

// mostRefused is how many articles may come for a key in vain before it counts as nobody's: the page of a login or of
// consent, a section, a number that all pages share. Two or three are a mistake of somebody's.
const mostRefused = 5

// Refuse notes that an article came for a key in vain, and puts the key into quarantine when too many did. It changes
// nothing for one that came before.
func Refuse(a article.Alias, id string, at time.Time) (article.Alias, bool) {
	if !a.Quarantined.IsZero() || slices.Contains(a.Refused, id) {
		return a, false
	}
	a.Refused = append(slices.Clone(a.Refused), id)
	if len(a.Refused) >= mostRefused {
		a.Quarantined = at
	}
	return a, true
}
