package telemetry

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Stream is the state of a stream of the bus.
type Stream struct {
	Name     string
	Full     string // what happens when it is full: "loses-schedules", "refuses" or "forgets-oldest"
	Messages uint64
	Bytes    uint64
	Limit    int64 // bytes, below 1 for none
}

// Consumer is the state of a durable consumer.
type Consumer struct {
	Stream, Name string
	Pending      uint64 // not delivered yet
	AckPending   int    // delivered and not acknowledged: being worked on
	Redelivered  int    // of those, delivered more than once
}

// Bus is the state of the bus at a moment.
type Bus struct {
	Streams   []Stream
	Consumers []Consumer
}

// Room is how much a disk can take.
type Room struct{ Free, Size uint64 }

// The state that is asked for when somebody looks: at most every few seconds, and not for longer than a scrape may take.
const (
	stateFor     = 5 * time.Second
	stateTimeout = 3 * time.Second
)

// WatchBus reports the state of the bus whenever the metrics are read.
func (m *Metrics) WatchBus(log *slog.Logger, look func(context.Context) (Bus, error)) {
	m.registry.MustRegister(&busCollector{look: look, log: log})
}

// WatchDisks reports the room on disks, by what they are used for.
func (m *Metrics) WatchDisks(disks map[string]func() (Room, error)) {
	m.registry.MustRegister(diskCollector{disks})
}

// WatchHealth reports the condition of each thing that the process needs.
func (m *Metrics) WatchHealth(h *Health) { m.registry.MustRegister(healthCollector{h}) }

type busCollector struct {
	look func(context.Context) (Bus, error)
	log  *slog.Logger

	mu      sync.Mutex
	at      time.Time
	state   Bus
	failing bool
}

var (
	observed     = describe("stet_bus_observed", "1 if the bus told its state, 0 if it did not: then there are no numbers of streams and consumers.")
	pending      = describe("stet_consumer_pending_messages", "Messages that wait for a consumer.", "stream", "consumer")
	ackPending   = describe("stet_consumer_ack_pending_messages", "Messages that are being worked on.", "stream", "consumer")
	redelivered  = describe("stet_consumer_redelivered_messages", "Messages being worked on that were delivered more than once.", "stream", "consumer")
	streamHolds  = describe("stet_stream_messages", "Messages that a stream holds.", "stream")
	streamBytes  = describe("stet_stream_bytes", "Bytes that a stream holds.", "stream", "full")
	streamLimit  = describe("stet_stream_limit_bytes", "Bytes that a stream may hold; absent where it has no limit.", "stream", "full")
	diskFree     = describe("stet_disk_free_bytes", "Bytes that may still be written to the disk.", "use")
	diskSize     = describe("stet_disk_size_bytes", "Size of the disk.", "use")
	readyToWork  = describe("stet_ready", "1 if a thing that the process needs answers, 0 if it does not.", "check")
	stateMetrics = []*prometheus.Desc{observed, pending, ackPending, redelivered, streamHolds, streamBytes, streamLimit}
)

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

func (c *busCollector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range stateMetrics {
		to <- d
	}
}

func (c *busCollector) Collect(to chan<- prometheus.Metric) {
	state, ok := c.current()
	if !ok {
		to <- gauge(observed, 0)
		return
	}
	to <- gauge(observed, 1)
	for _, s := range state.Streams {
		to <- gauge(streamHolds, float64(s.Messages), s.Name)
		to <- gauge(streamBytes, float64(s.Bytes), s.Name, s.Full)
		if s.Limit > 0 {
			to <- gauge(streamLimit, float64(s.Limit), s.Name, s.Full)
		}
	}
	for _, x := range state.Consumers {
		to <- gauge(pending, float64(x.Pending), x.Stream, x.Name)
		to <- gauge(ackPending, float64(x.AckPending), x.Stream, x.Name)
		to <- gauge(redelivered, float64(x.Redelivered), x.Stream, x.Name)
	}
}

// current gives the state, asked for anew if it is too old. False says that the bus did not tell it.
func (c *busCollector) current() (Bus, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.at.IsZero() && time.Since(c.at) < stateFor {
		return c.state, !c.failing
	}
	ctx, cancel := context.WithTimeout(context.Background(), stateTimeout)
	defer cancel()
	state, err := c.look(ctx)
	if err != nil && !c.failing {
		c.log.Warn("the bus does not tell its state: there are no numbers of streams and consumers", "error", err)
	}
	c.state, c.failing, c.at = state, err != nil, time.Now()
	return state, err == nil
}

type diskCollector struct {
	disks map[string]func() (Room, error)
}

func (c diskCollector) Describe(to chan<- *prometheus.Desc) { to <- diskFree; to <- diskSize }

// Collect says nothing of a disk that cannot be asked.
func (c diskCollector) Collect(to chan<- prometheus.Metric) {
	for use, look := range c.disks {
		if room, err := look(); err == nil {
			to <- gauge(diskFree, float64(room.Free), use)
			to <- gauge(diskSize, float64(room.Size), use)
		}
	}
}

type healthCollector struct{ *Health }

func (c healthCollector) Describe(to chan<- *prometheus.Desc) { to <- readyToWork }

func (c healthCollector) Collect(to chan<- prometheus.Metric) {
	for name, met := range c.Conditions(context.Background()) {
		value := 0.
		if met {
			value = 1
		}
		to <- gauge(readyToWork, value, name)
	}
}

func gauge(d *prometheus.Desc, value float64, labels ...string) prometheus.Metric {
	return prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
}
