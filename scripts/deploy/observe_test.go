package deploy

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/yaml"
)

// podMonitor is what we use of the Prometheus Operator's, and no more: another field is an error.
type podMonitor struct {
	metav1.TypeMeta
	Metadata metav1.ObjectMeta `json:"metadata"`
	Spec     struct {
		Selector            metav1.LabelSelector `json:"selector"`
		JobLabel            string               `json:"jobLabel"`
		PodMetricsEndpoints []struct {
			Port        string `json:"port"`
			Path        string `json:"path"`
			Interval    string `json:"interval"`
			Relabelings []struct {
				Action       string   `json:"action"`
				SourceLabels []string `json:"sourceLabels"`
				TargetLabel  string   `json:"targetLabel"`
			} `json:"relabelings"`
		} `json:"podMetricsEndpoints"`
	} `json:"spec"`
}

// prometheusRule is the same of its rules.
type prometheusRule struct {
	metav1.TypeMeta
	Metadata metav1.ObjectMeta `json:"metadata"`
	Spec     struct {
		Groups []ruleGroup `json:"groups"`
	} `json:"spec"`
}

type ruleGroup struct {
	Name  string `json:"name"`
	Rules []rule `json:"rules"`
}

type rule struct {
	Alert       string            `json:"alert"`
	Expr        string            `json:"expr"`
	For         string            `json:"for"`
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
}

func ruleFile(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "deploy/prometheus/rules.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// alerts are the rules, strictly decoded.
func alerts(t *testing.T) []rule {
	t.Helper()
	var file struct {
		Groups []ruleGroup `json:"groups"`
	}
	if err := yaml.UnmarshalStrict(ruleFile(t), &file); err != nil {
		t.Fatal(err)
	}
	var all []rule
	for _, g := range file.Groups {
		all = append(all, g.Rules...)
	}
	if len(all) < 10 {
		t.Fatalf("only %d alerts are seen", len(all))
	}
	return all
}

// board is what the tests look at of a dashboard.
type board struct {
	UID, Title string
	Panels     []struct {
		ID                 int
		Title, Description string
		Datasource         struct{ UID string }
		GridPos            struct{ X, Y, W, H int }
		FieldConfig        struct{ Defaults struct{ Unit string } }
		Targets            []struct{ Expr, LegendFormat string }
	}
	Templating struct{ List []struct{ Name, Type string } }
}

func boards(t *testing.T) map[string]board {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "deploy/grafana/*.json"))
	if err != nil || len(files) != 3 {
		t.Fatalf("%d dashboards: %v", len(files), err)
	}
	all := map[string]board{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var b board
		if err := json.Unmarshal(text, &b); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all[filepath.Base(file)] = b
	}
	return all
}

func TestDashboardsAreWhole(t *testing.T) {
	uids := map[string]bool{}
	for name, b := range boards(t) {
		if uids[b.UID] || b.UID == "" || !strings.HasPrefix(b.Title, "stet: ") {
			t.Errorf("%s: uid %q, title %q", name, b.UID, b.Title)
		}
		uids[b.UID] = true
		if len(b.Templating.List) != 1 || b.Templating.List[0].Type != "datasource" {
			t.Errorf("%s does not ask which Prometheus: %+v", name, b.Templating)
		}
		ids, places := map[int]bool{}, map[[2]int]bool{}
		for _, p := range b.Panels {
			place := [2]int{p.GridPos.X, p.GridPos.Y}
			if ids[p.ID] || places[place] || p.GridPos.X+p.GridPos.W > 24 {
				t.Errorf("%s: the panel %q has the id %d and the place %v of another", name, p.Title, p.ID, place)
			}
			ids[p.ID], places[place] = true, true
			if p.Title == "" || len(p.Description) < 20 || p.FieldConfig.Defaults.Unit == "" || p.Datasource.UID != "${source}" || len(p.Targets) == 0 {
				t.Errorf("%s: the panel %q lacks title, description, unit, source or queries", name, p.Title)
			}
		}
	}
}

// TestEveryAlertHasItsPage, and every page its alert: what it means, what to look at, what to do, how to see that it is over.
func TestEveryAlertHasItsPage(t *testing.T) {
	const address = "https://github.com/stetnews/stet/blob/main/docs/runbooks/"
	pages := map[string]bool{}
	for _, a := range alerts(t) {
		page, ok := strings.CutPrefix(a.Annotations["runbook_url"], address)
		if !ok || pages[page] || a.Annotations["summary"] == "" || a.Annotations["description"] == "" || a.Labels["severity"] == "" {
			t.Errorf("%s: %v, %v", a.Alert, a.Labels, a.Annotations)
		}
		pages[page] = true
		text, err := os.ReadFile(filepath.Join(root, "docs/runbooks", page))
		if err != nil {
			t.Error(err)
			continue
		}
		for _, wanted := range []string{"`" + a.Alert + "`", "## What it means", "## What to look at", "## What to do", "## How to see that it is over"} {
			if !bytes.Contains(text, []byte(wanted)) {
				t.Errorf("%s does not have %q", page, wanted)
			}
		}
	}
	entries, err := os.ReadDir(filepath.Join(root, "docs/runbooks"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !pages[e.Name()] && e.Name() != "README.md" {
			t.Errorf("docs/runbooks/%s is the page of no alert", e.Name())
		}
	}
}

func TestTheRulesOfKubernetesAreTheSame(t *testing.T) {
	c := build(t, "observed")
	if len(c.rules) != 1 {
		t.Fatalf("%d PrometheusRules", len(c.rules))
	}
	var all []rule
	for _, g := range c.rules[0].Spec.Groups {
		all = append(all, g.Rules...)
	}
	if !reflect.DeepEqual(all, alerts(t)) {
		t.Error("the PrometheusRule is stale: run scripts/generate.sh")
	}
}

// TestEveryPodIsScraped: the monitor selects each service, at a port that it has, under the job that the rules name.
func TestEveryPodIsScraped(t *testing.T) {
	c := build(t, "observed")
	if len(c.monitors) != 1 {
		t.Fatalf("%d PodMonitors", len(c.monitors))
	}
	m := c.monitors[0].Spec
	found := 0
	for _, p := range c.pods() {
		selected := selects(t, m.Selector, labels.Set(p.label))
		if selected != p.stet {
			t.Errorf("%s is scraped: %v", p.name, selected)
		}
		if !selected || !p.runs {
			continue
		}
		found++
		port := m.PodMetricsEndpoints[0].Port
		if !slices.ContainsFunc(p.spec.Containers[0].Ports, func(x corev1.ContainerPort) bool { return x.Name == port }) {
			t.Errorf("%s has no port %q", p.name, port)
		}
		if p.label[m.JobLabel] != "stet" {
			t.Errorf("the job of %s is %q; the rules say stet", p.name, p.label[m.JobLabel])
		}
	}
	if found != 6 || m.PodMetricsEndpoints[0].Path != "/metrics" {
		t.Errorf("%d services are scraped at %s", found, m.PodMetricsEndpoints[0].Path)
	}
}

// TestDashboardsAreInKubernetes, whole and where Grafana's sidecar finds them.
func TestDashboardsAreInKubernetes(t *testing.T) {
	at := slices.IndexFunc(build(t, "observed").settings, func(m corev1.ConfigMap) bool { return m.Name == "stet-dashboards" })
	if at < 0 {
		t.Fatal("there is no ConfigMap of dashboards")
	}
	m := build(t, "observed").settings[at]
	if len(m.Data) != len(boards(t)) || m.Labels["grafana_dashboard"] != "1" {
		t.Errorf("%d dashboards, labels %v", len(m.Data), m.Labels)
	}
}

// TestComposeScrapesEveryService: the names in Prometheus' configuration are those of the services, the port is their
// health's, and Grafana asks that Prometheus.
func TestComposeScrapesEveryService(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "deploy/prometheus/prometheus.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var config struct {
		RuleFiles     []string `json:"rule_files"`
		ScrapeConfigs []struct {
			JobName      string `json:"job_name"`
			DNSSDConfigs []struct {
				Names []string
				Port  int
			} `json:"dns_sd_configs"`
		} `json:"scrape_configs"`
	}
	if err := yaml.Unmarshal(text, &config); err != nil {
		t.Fatal(err)
	}
	project := loadCompose(t)
	stet := config.ScrapeConfigs[0]
	var wanted []string
	for name, s := range project.Services {
		if ours(s) && s.Environment["STET_HEALTH"] != nil && s.Restart == "unless-stopped" && len(s.Profiles) == 0 {
			wanted = append(wanted, name)
			if *s.Environment["STET_HEALTH"] != "0.0.0.0:8081" || stet.DNSSDConfigs[0].Port != 8081 {
				t.Errorf("%s is asked at port %d and listens at %s", name, stet.DNSSDConfigs[0].Port, *s.Environment["STET_HEALTH"])
			}
		}
	}
	slices.Sort(wanted)
	if got := slices.Sorted(slices.Values(stet.DNSSDConfigs[0].Names)); stet.JobName != "stet" || !slices.Equal(got, wanted) {
		t.Errorf("the job %s scrapes %v, want %v", stet.JobName, got, wanted)
	}
	if !slices.Equal(config.RuleFiles, []string{"/etc/prometheus/rules.yaml"}) {
		t.Errorf("the rules are %v", config.RuleFiles)
	}
	for _, name := range []string{"prometheus", "grafana"} {
		for _, v := range project.Services[name].Volumes {
			if v.Type != "bind" {
				continue
			}
			if _, err := os.Stat(v.Source); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if !slices.Equal(project.Services[name].Profiles, []string{"observe"}) {
			t.Errorf("%s runs with the profiles %v", name, project.Services[name].Profiles)
		}
	}
}
