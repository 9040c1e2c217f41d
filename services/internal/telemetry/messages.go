package telemetry

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Messages is what becomes of the messages that this process takes from the bus.
type Messages struct {
	handled *prometheus.CounterVec
	took    *prometheus.HistogramVec
}

func newMessages(r prometheus.Registerer) *Messages {
	m := maker{r}
	return &Messages{
		handled: m.counter("stet_messages_total", "Messages taken from the bus: done, to be handled again, or dead-lettered.", "consumer", "result"),
		took:    m.histogram("stet_message_duration_seconds", "Time that handling a message took.", foreign, "consumer"),
	}
}

// The results of handling a message: done, to be delivered again, or put among the dead letters.
const (
	Done  = "done"
	Again = "again"
	Dead  = "dead"
)

// Handled counts a message.
func (m *Messages) Handled(consumer, result string, took time.Duration) {
	if m == nil {
		return
	}
	for _, known := range []string{Done, Again, Dead} {
		m.handled.WithLabelValues(consumer, known) // with 0, so that the first dead letter is an increase
	}
	m.handled.WithLabelValues(consumer, result).Inc()
	m.took.WithLabelValues(consumer).Observe(took.Seconds())
}
