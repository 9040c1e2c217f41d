package feed

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Quiet is when a feed asks not to be fetched (skipHours and skipDays of RSS), in UTC. The zero Quiet is never.
type Quiet struct {
	Hours []int          `json:"hours,omitempty"` // 0 to 23
	Days  []time.Weekday `json:"days,omitempty"`
}

// maxQuiet is a long weekend; whoever asks for more would not want to be followed at all.
const maxQuiet = 72 * time.Hour

// After is the first moment from t on that is not quiet, at most maxQuiet later.
func (q Quiet) After(t time.Time) time.Time {
	for moved := t.UTC(); moved.Sub(t) <= maxQuiet; {
		switch {
		case slices.Contains(q.Days, moved.Weekday()):
			moved = moved.Truncate(24 * time.Hour).Add(24 * time.Hour)
		case slices.Contains(q.Hours, moved.Hour()):
			moved = moved.Truncate(time.Hour).Add(time.Hour)
		default:
			return moved
		}
	}
	return t.Add(maxQuiet)
}

// quietOf reads the values of skipHours and skipDays. Those that leave no hour or no day are a mistake and mean nothing.
func quietOf(hours, days []string) (q Quiet) {
	for _, text := range hours {
		// In the first versions of RSS the day had the hours 1 to 24.
		if hour, err := strconv.Atoi(strings.TrimSpace(text)); err == nil && hour >= 0 && hour <= 24 {
			q.Hours = append(q.Hours, hour%24)
		}
	}
	for _, text := range days {
		for day := time.Sunday; day <= time.Saturday; day++ {
			if strings.EqualFold(strings.TrimSpace(text), day.String()) {
				q.Days = append(q.Days, day)
			}
		}
	}
	slices.Sort(q.Hours)
	slices.Sort(q.Days)
	q.Hours, q.Days = slices.Compact(q.Hours), slices.Compact(q.Days)
	if len(q.Hours) == 24 {
		q.Hours = nil
	}
	if len(q.Days) == 7 {
		q.Days = nil
	}
	return q
}
