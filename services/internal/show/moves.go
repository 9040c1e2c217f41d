package show

import (
	"slices"

	"github.com/stetnews/stet/proto/stet/event/v1"
)

// Ways says of links that moved whether they moved "up" or "down": past which of the statements that kept their order.
// Counting paragraphs would not tell, for what came or went above shifts them all.
type Ways struct{ olds, news []int32 } // of the links that stayed, both ascending

// WaysOf learns the order that a revision's links kept.
func WaysOf(r *eventv1.Revision) Ways {
	var w Ways
	for _, link := range r.GetLinks() {
		if !link.GetMoved() && len(link.GetOld()) > 0 && len(link.GetNew()) > 0 {
			w.olds, w.news = append(w.olds, link.GetOld()[0]), append(w.news, link.GetNew()[0])
		}
	}
	slices.Sort(w.olds)
	slices.Sort(w.news)
	return w
}

// Of is "up" or "down", or nothing where a link has not moved past any other that stayed.
func (w Ways) Of(link *eventv1.Link) string {
	if !link.GetMoved() || len(link.GetOld()) == 0 || len(link.GetNew()) == 0 {
		return ""
	}
	before, _ := slices.BinarySearch(w.olds, link.GetOld()[0])
	now, _ := slices.BinarySearch(w.news, link.GetNew()[0])
	switch {
	case now < before:
		return "up"
	case now > before:
		return "down"
	}
	return ""
}
