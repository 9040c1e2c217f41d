package show

import (
	"fmt"
	"strings"

	"github.com/stetnews/stet/proto/stet/event/v1"
)

// foremost is how many reasons are told at once: they stand in order of their weight, and the first ones decide.
const foremost = 3

// Reasons are the foremost reasons of a revision's weight, and the others.
func Reasons(r *eventv1.Revision) (first, others []string) {
	reasons := r.GetReasons()
	cut := min(len(reasons), foremost)
	if len(reasons) == foremost+1 { // a line of its own for one would be longer than the one
		cut++
	}
	return reasons[:cut], reasons[cut:]
}

// Coarse says that parts were compared more coarsely than usual and why; empty where they were not.
func Coarse(r *eventv1.Revision) string {
	if r.GetFallback() == "" {
		return ""
	}
	return "Compared more coarsely than usual: " + r.GetFallback()
}

// Flaps says that the whole text of an earlier version is back; empty where it is not.
func Flaps(r *eventv1.Revision) string {
	switch {
	case r.GetVariantOf() == 0:
		return ""
	case r.GetReturns() < 2:
		return fmt.Sprintf("The whole text of version %d is back", r.GetVariantOf())
	}
	return fmt.Sprintf("The whole text of version %d is back, the %s time that it returns: the article goes to and fro between texts",
		r.GetVariantOf(), ordinal(int(r.GetReturns())))
}

func ordinal(n int) string {
	switch {
	case n%10 == 1 && n%100 != 11:
		return fmt.Sprintf("%dst", n)
	case n%10 == 2 && n%100 != 12:
		return fmt.Sprintf("%dnd", n)
	case n%10 == 3 && n%100 != 13:
		return fmt.Sprintf("%drd", n)
	}
	return fmt.Sprintf("%dth", n)
}

// verdict prints how much a revision weighs and why, what the page says about it, and what else a reader must know
// before reading on.
func (p *Printer) verdict(r *eventv1.Revision) {
	p.Aside("%s, score %.2f", Weight(r.GetWeight()), r.GetScore())
	first, others := Reasons(r)
	if len(first) > 0 {
		more := ""
		if len(others) > 0 {
			more = fmt.Sprintf("; and %d more", len(others))
		}
		p.Aside("because: %s%s", strings.Join(first, "; "), more)
	}
	if evidence := r.GetDisclosure().GetEvidence(); len(evidence) > 0 {
		p.Aside("disclosure: %s", strings.Join(evidence, "; "))
	}
	for _, line := range []string{Flaps(r), Coarse(r)} {
		if line != "" {
			p.Aside("%s", line)
		}
	}
}
