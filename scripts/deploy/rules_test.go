package deploy

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/promql/promqltest"
	"github.com/prometheus/prometheus/storage"
)

// TestRulesAreTaken by Prometheus' own reader of them: expressions, durations, templates.
func TestRulesAreTaken(t *testing.T) {
	if _, errs := rulefmt.Parse(ruleFile(t), false, model.UTF8Validation, parser.NewParser(parser.Options{}), slog.New(slog.DiscardHandler)); len(errs) > 0 {
		t.Error(errs)
	}
	broken := bytes.Replace(ruleFile(t), []byte("up{job"), []byte("up{{job"), 1)
	if _, errs := rulefmt.Parse(broken, false, model.UTF8Validation, parser.NewParser(parser.Options{}), slog.New(slog.DiscardHandler)); len(errs) == 0 {
		t.Error("a broken expression is taken")
	}
}

// TestWhenAlertsFire evaluates each rule every minute over series of one value a minute, and says for each of two moments whether
// it fires: where it must, and where it must not.
func TestWhenAlertsFire(t *testing.T) {
	const day = 24 * 60
	for _, c := range []struct {
		alert, name string
		series      string // as promtool writes them; steps of a minute
		fires       int    // the minute at which it must, 0 for never
		quiet       int    // the minute at which it must not (yet, or any more)
		labels      string // of what fires
	}{
		{"StetTargetDown", "a process dies", `up{job="stet",instance="a"} 1x10 0x20`, 17, 14, `{instance="a"}`},
		{"StetTargetDown", "it comes back", `up{job="stet",instance="a"} 0x10 1x20`, 0, 20, ""},
		{"StetNotReady", "one of three has no NATS", `stet_ready{check="NATS",instance="a"} 1x30
			stet_ready{check="NATS",instance="b"} 1x9 0x20`, 17, 12, `{check="NATS"}`},
		{"StetNoChecks", "looks end", fmt.Sprintf(`stet_checks_total{outcome="read"} 0+1x%d %dx120`, day, day), day + 40, day + 20, ""},
		{"StetNoChecks", "few articles", fmt.Sprintf(`stet_checks_total{outcome="read"} 0+0.1x%d %dx120`, day, day/10), 0, day + 60, ""},
		{"StetSourceSilent", "a source falls silent", fmt.Sprintf(`stet_source_items_total{source="The Quay Herald"} 0+0.02x%d %dx600`, 9*day, 9*day/50),
			9*day + 6*60 + 40, 9*day + 5*60, `{source="The Quay Herald"}`},
		{"StetSourceSilent", "silent at this hour every day", `stet_source_items_total{source="The Quay Herald"} 5x` + fmt.Sprint(9*day), 0, 9*day - 1, ""},
		{"StetSourceSilent", "the place of all others", fmt.Sprintf(`stet_source_items_total{source="other"} 0+0.02x%d %dx600`, 9*day, 9*day/50),
			0, 9*day + 6*60 + 40, ""},
		{"StetSourceSilent", "a new source", fmt.Sprintf(`stet_source_items_total{source="The Quay Herald"} 0+0.02x%d %dx600`, 2*day, 2*day/50),
			0, 2*day + 6*60 + 40, ""},
		{"StetSourceUnread", "a consent page comes", fmt.Sprintf(`stet_source_checks_total{source="The Quay Herald",text="yes"} 0+0.5x%d %dx400
			stet_source_checks_total{source="The Quay Herald",text="no"} 0x%d 0+0.5x400`, day, day/2, day), day + 150, day + 60, `{source="The Quay Herald"}`},
		{"StetSourceUnread", "it never could be read", `stet_source_checks_total{source="The Quay Herald",text="yes"} 0x2000
			stet_source_checks_total{source="The Quay Herald",text="no"} 0+0.5x2000`, 0, 1900, ""},
		{"StetLagGrowing", "more comes than goes", `stet_consumer_pending_messages{stream="SNAPSHOTS",consumer="differ"} 0x30 0+60x60`, 75, 40,
			`{consumer="differ", stream="SNAPSHOTS"}`},
		{"StetLagGrowing", "a large one that is worked off", `stet_consumer_pending_messages{stream="SNAPSHOTS",consumer="differ"} 9000-50x120`, 0, 60, ""},
		{"StetDeadLetters", "a letter", `stet_stream_messages{stream="DEADLETTERS"} 0x10 1x20`, 17, 14, ""},
		{"StetDeadLetters", "other streams", `stet_stream_messages{stream="ITEMS"} 9x30`, 0, 20, ""},
		{"StetStreamNearlyFull", "schedules at half", `stet_stream_bytes{stream="CHECKS",full="loses-schedules"} 510x60
			stet_stream_limit_bytes{stream="CHECKS",full="loses-schedules"} 1000x60`, 20, 5, `{stream="CHECKS"}`},
		{"StetStreamNearlyFull", "readings wait", `stet_stream_bytes{stream="SNAPSHOTS",full="refuses"} 790x30 810x30
			stet_stream_limit_bytes{stream="SNAPSHOTS",full="refuses"} 1000x60`, 45, 20, `{stream="SNAPSHOTS"}`},
		{"StetStreamNearlyFull", "a stream that forgets", `stet_stream_bytes{stream="ITEMS",full="forgets-oldest"} 1000x60
			stet_stream_limit_bytes{stream="ITEMS",full="forgets-oldest"} 1000x60`, 0, 30, ""},
		{"StetDiskNearlyFull", "little is left", `stet_disk_free_bytes{instance="a",use="data"} 1.5e9x60
			stet_disk_size_bytes{instance="a",use="data"} 100e9x60`, 20, 5, `{instance="a", use="data"}`},
		{"StetDiskNearlyFull", "it is gone within a day", fmt.Sprintf(`stet_disk_free_bytes{instance="a",use="data"} 29e9-20e6x%d
			stet_disk_size_bytes{instance="a",use="data"} 100e9x%d`, 400, 400), 380, 5, `{instance="a", use="data"}`},
		{"StetDiskNearlyFull", "a busy minute after the start", `stet_disk_free_bytes{instance="a",use="data"} 29e9-20e6x60
			stet_disk_size_bytes{instance="a",use="data"} 100e9x60`, 0, 50, ""},
		{"StetDiskNearlyFull", "room enough", `stet_disk_free_bytes{instance="a",use="data"} 60e9-1e6x400
			stet_disk_size_bytes{instance="a",use="data"} 100e9x400`, 0, 380, ""},
		{"StetIndexRefuses", "batches fail", `stet_index_batch_failures_total{what="revisions"} 0x10 0+1x40`, 35, 15, `{what="revisions"}`},
		{"StetIndexRefuses", "one failed", `stet_index_batch_failures_total{what="revisions"} 0x10 1x60`, 0, 40, ""},
		{"StetFetchesFail", "names do not resolve", `stet_fetches_total{what="page",outcome="ok"} 0+10x60 600x60
			stet_fetches_total{what="page",outcome="unreachable"} 0x60 0+10x60`, 90, 65, ""},
		{"StetFetchesFail", "a few fail", `stet_fetches_total{what="page",outcome="ok"} 0+10x120
			stet_fetches_total{what="page",outcome="unreachable"} 0+1x120`, 0, 90, ""},
	} {
		t.Run(c.alert+", "+c.name, func(t *testing.T) {
			loaded := promqltest.LoadedStorage(t, "load 1m\n\t"+strings.ReplaceAll(c.series, "\n", "\n\t"))
			e := evaluation{t: t, storage: loaded, engine: promqltest.NewTestEngine(t, false, 0, 1_000_000), rule: alertNamed(t, c.alert)}
			if got := e.firingAt(c.quiet); len(got) > 0 {
				t.Errorf("at minute %d it fires for %v", c.quiet, got)
			}
			if c.fires == 0 {
				return
			}
			got := e.firingAt(c.fires)
			if len(got) != 1 || (c.labels != "" && got[0] != c.labels) {
				t.Errorf("at minute %d it fires for %v, want %s", c.fires, got, c.labels)
			}
		})
	}
}

func TestEveryAlertIsTested(t *testing.T) {
	text, err := os.ReadFile("rules_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range alerts(t) {
		if !bytes.Contains(text, []byte(`{"`+a.Alert+`", "`)) {
			t.Errorf("no test says when %s fires", a.Alert)
		}
	}
}

func alertNamed(t *testing.T, name string) rule {
	t.Helper()
	all := alerts(t)
	at := slices.IndexFunc(all, func(r rule) bool { return r.Alert == name })
	if at < 0 {
		t.Fatalf("there is no alert %s", name)
	}
	return all[at]
}

// evaluation is one rule over the series of a test.
type evaluation struct {
	t       *testing.T
	storage storage.Queryable
	engine  *promql.Engine
	rule    rule
}

// firingAt gives the labels of what has been true, minute after minute, for as long as the rule says.
func (e evaluation) firingAt(minute int) []string {
	e.t.Helper()
	hold, err := model.ParseDuration(e.rule.For)
	if err != nil {
		e.t.Fatal(err)
	}
	minutes := int(math.Ceil(time.Duration(hold).Minutes()))
	if minute < minutes {
		return nil // there was not enough time
	}
	var firing map[string]bool
	for at := minute - minutes; at <= minute; at++ {
		now := e.trueAt(at)
		if firing == nil {
			firing = now
		}
		maps.DeleteFunc(firing, func(labels string, _ bool) bool { return !now[labels] })
	}
	return slices.Sorted(maps.Keys(firing))
}

func (e evaluation) trueAt(minute int) map[string]bool {
	e.t.Helper()
	query, err := e.engine.NewInstantQuery(context.Background(), e.storage, nil, e.rule.Expr, time.Unix(0, 0).Add(time.Duration(minute)*time.Minute))
	if err != nil {
		e.t.Fatal(err)
	}
	defer query.Close()
	vector, err := query.Exec(context.Background()).Vector()
	if err != nil {
		e.t.Fatal(err)
	}
	found := map[string]bool{}
	for _, s := range vector {
		found[labels.NewBuilder(s.Metric).Del("__name__").Del("job").Labels().String()] = true
	}
	return found
}
