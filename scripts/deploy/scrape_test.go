package deploy

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"
)

// ofPrometheus are metrics that Prometheus itself adds to what it scrapes.
var ofPrometheus = []string{"up"}

// target are the labels that scraping adds, by deploy/prometheus and the PodMonitor alike.
var target = []string{"job", "instance", "service"}

// TestMetricsThatAreAskedForExist scrapes the running binary, and looks there for every metric and every label that a
// dashboard or an alert names.
func TestMetricsThatAreAskedForExist(t *testing.T) {
	exist := scrape(t)
	asked := 0
	for where, expr := range expressions(t) {
		// What Grafana puts in for its variable is a length of time.
		parsed, err := parser.NewParser(parser.Options{}).ParseExpr(strings.ReplaceAll(expr, "$__rate_interval", "1m"))
		if err != nil {
			t.Errorf("%s: %v", where, err)
			continue
		}
		for _, problem := range unknown(parsed, exist) {
			t.Errorf("%s: %s", where, problem)
		}
		asked++
	}
	if asked < 40 {
		t.Errorf("only %d expressions are seen", asked)
	}
	for expr, want := range map[string]bool{
		`sum(stet_checks_totals)`: false, `stet_checks_total{result="read"}`: false, `stet_checks_total{outcome="read"}`: true, `sum by (kind) (stet_checks_total)`: false,
	} {
		parsed, err := parser.NewParser(parser.Options{}).ParseExpr(expr)
		if got := err == nil && len(unknown(parsed, exist)) == 0; got != want {
			t.Errorf("%s is known: %v", expr, got)
		}
	}
}

// expressions are all that dashboards and alerts ask, by where.
func expressions(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for name, b := range boards(t) {
		for _, p := range b.Panels {
			for i, q := range p.Targets {
				all[fmt.Sprintf("%s, %s, %d", name, p.Title, i)] = q.Expr
			}
		}
	}
	inText := regexp.MustCompile(`query "(.*?)" *}}`)
	for _, a := range alerts(t) {
		all[a.Alert] = a.Expr
		for name, text := range a.Annotations {
			for i, query := range inText.FindAllStringSubmatch(text, -1) {
				all[fmt.Sprintf("%s, %s, %d", a.Alert, name, i)] = query[1]
			}
		}
	}
	return all
}

// unknown are the metrics and labels of an expression that no scrape has.
func unknown(expr parser.Expr, exist map[string][]string) []string {
	var problems []string
	var below []string // labels of all metrics of the expression
	parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
		selector, ok := node.(*parser.VectorSelector)
		if !ok {
			return nil
		}
		if slices.Contains(ofPrometheus, selector.Name) {
			below = append(below, target...)
			return nil
		}
		known, ok := exist[selector.Name]
		if !ok {
			problems = append(problems, selector.Name+" is not scraped")
		}
		below = append(append(below, known...), target...)
		for _, m := range selector.LabelMatchers {
			if m.Name != model.MetricNameLabel && !slices.Contains(known, m.Name) && !slices.Contains(target, m.Name) {
				problems = append(problems, selector.Name+" has no label "+m.Name)
			}
		}
		return nil
	})
	parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
		if a, ok := node.(*parser.AggregateExpr); ok {
			for _, label := range a.Grouping {
				if !slices.Contains(below, label) {
					problems = append(problems, "nothing has the label "+label)
				}
			}
		}
		return nil
	})
	return problems
}

// scrape runs the demo until something was revised, and gives each metric's labels.
func scrape(t *testing.T) map[string][]string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	demo := exec.CommandContext(ctx, program(t), "demo", "--health", address, "--web", "127.0.0.1:0", "--grpc", "127.0.0.1:0", "--quiet")
	if err := demo.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = demo.Process.Kill()
		_ = demo.Wait() // it was killed
	}()
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			t.Fatal("the demo revises nothing that is scraped")
		case <-ticker.C:
		}
		exist := families(ctx, t, "http://"+address+"/metrics")
		revised, indexed := exist["stet_revision_kinds_total"], exist["stet_index_batch_documents"]
		if len(revised) > 0 && len(indexed) > 0 {
			return exist
		}
	}
}

// families gives the labels of each metric by the name that it is asked for; nothing while nobody answers.
func families(ctx context.Context, t *testing.T, address string) map[string][]string {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil
	}
	defer func() { _ = answer.Body.Close() }()
	read := expfmt.NewTextParser(model.UTF8Validation)
	found, err := read.TextToMetricFamilies(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]string{}
	for name, family := range found {
		var names []string
		for _, m := range family.GetMetric() {
			for _, l := range m.GetLabel() {
				names = append(names, l.GetName())
			}
		}
		all[name] = names
		if family.GetMetric()[0].GetHistogram() != nil {
			all[name+"_bucket"], all[name+"_sum"], all[name+"_count"] = append(names, "le"), names, names
		}
	}
	return all
}
