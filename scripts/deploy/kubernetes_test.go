package deploy

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

const kubernetes = root + "/deploy/kubernetes"

// overlays are what people apply.
func overlays(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob(kubernetes + "/overlays/*/kustomization.yaml")
	if err != nil || len(found) < 2 {
		t.Fatalf("overlays: %v, %v", found, err)
	}
	var names []string
	for _, file := range found {
		names = append(names, filepath.Base(filepath.Dir(file)))
	}
	return names
}

// cluster is what an overlay makes, by kinds.
type cluster struct {
	deployments []appsv1.Deployment
	sets        []appsv1.StatefulSet
	jobs        []batchv1.Job
	services    []corev1.Service
	accounts    []corev1.ServiceAccount
	settings    []corev1.ConfigMap
	secrets     []corev1.Secret
	claims      []corev1.PersistentVolumeClaim
	namespaces  []corev1.Namespace
	policies    []networkingv1.NetworkPolicy
	budgets     []policyv1.PodDisruptionBudget
	scaled      []scaledObject
	monitors    []podMonitor
	rules       []prometheusRule
	other       []string // kinds of operators, checked by a real API server only
}

// scaledObject is what the tests look at of KEDA's; the API server checks the rest.
type scaledObject struct {
	Metadata struct{ Name string }
	Spec     struct {
		ScaleTargetRef                   struct{ Name string }
		MinReplicaCount, MaxReplicaCount int
		Fallback                         struct{ FailureThreshold, Replicas int }
		Triggers                         []struct {
			Type     string
			Metadata map[string]string
		}
	}
}

// build builds an overlay, and decodes every object into its type: a field that is not there is an error.
func build(t *testing.T, overlay string) *cluster {
	t.Helper()
	made, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), filepath.Join(kubernetes, "overlays", overlay))
	if err != nil {
		t.Fatal(err)
	}
	c := &cluster{}
	for _, object := range made.Resources() {
		text, err := object.AsYAML()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.add(object.GetKind(), text); err != nil {
			t.Errorf("%s: %s %s: %v", overlay, object.GetKind(), object.GetName(), err)
		}
		if kind := object.GetKind(); kind != "Namespace" && object.GetNamespace() != "stet" {
			t.Errorf("%s: %s %s is in the namespace %q", overlay, kind, object.GetName(), object.GetNamespace())
		}
	}
	return c
}

func (c *cluster) add(kind string, text []byte) error {
	switch kind {
	case "Deployment":
		return decode(text, &c.deployments)
	case "StatefulSet":
		return decode(text, &c.sets)
	case "Job":
		return decode(text, &c.jobs)
	case "Service":
		return decode(text, &c.services)
	case "ServiceAccount":
		return decode(text, &c.accounts)
	case "ConfigMap":
		return decode(text, &c.settings)
	case "Secret":
		return decode(text, &c.secrets)
	case "PersistentVolumeClaim":
		return decode(text, &c.claims)
	case "Namespace":
		return decode(text, &c.namespaces)
	case "NetworkPolicy":
		return decode(text, &c.policies)
	case "PodDisruptionBudget":
		return decode(text, &c.budgets)
	case "ScaledObject":
		var one scaledObject
		err := yaml.Unmarshal(text, &one)
		c.scaled = append(c.scaled, one)
		return err
	case "PodMonitor":
		return decode(text, &c.monitors)
	case "PrometheusRule":
		return decode(text, &c.rules)
	case "Elasticsearch", "Kibana":
		c.other = append(c.other, kind)
		return nil
	}
	return fmt.Errorf("this kind is new: add it here")
}

func decode[T any](text []byte, into *[]T) error {
	var one T
	err := yaml.UnmarshalStrict(text, &one)
	*into = append(*into, one)
	return err
}

// pod is a template with the name of what it belongs to.
type pod struct {
	name  string
	runs  bool // on and on
	stet  bool
	spec  corev1.PodSpec
	label map[string]string
}

func (c *cluster) pods() []pod {
	var all []pod
	add := func(name string, runs bool, template corev1.PodTemplateSpec) {
		all = append(all, pod{name, runs, template.Labels["stet.news/service"] == "true", template.Spec, template.Labels})
	}
	for _, d := range c.deployments {
		add(d.Name, true, d.Spec.Template)
	}
	for _, s := range c.sets {
		add(s.Name, true, s.Spec.Template)
	}
	for _, j := range c.jobs {
		add(j.Name, false, j.Spec.Template)
	}
	return all
}

func each(t *testing.T, check func(t *testing.T, c *cluster)) {
	t.Helper()
	for _, overlay := range overlays(t) {
		t.Run(overlay, func(t *testing.T) { check(t, build(t, overlay)) })
	}
}

func TestEveryServiceIsDeployed(t *testing.T) {
	each(t, func(t *testing.T, c *cluster) {
		var names []string
		for _, d := range c.deployments {
			names = append(names, d.Name)
		}
		slices.Sort(names)
		if want := []string{"differ", "feed-poller", "indexer", "query", "scraper", "web"}; !slices.Equal(names, want) {
			t.Errorf("Deployments: %v, want %v", names, want)
		}
	})
}

// drain is how long a service takes to stop, and the pause of those that are still sent requests.
const drain = 5 + 5

func TestPodsMayDoNoMoreThanTheyNeed(t *testing.T) {
	each(t, func(t *testing.T, c *cluster) {
		for _, account := range c.accounts {
			if account.AutomountServiceAccountToken == nil || *account.AutomountServiceAccountToken {
				t.Errorf("the account %s gives its pods a token", account.Name)
			}
		}
		for _, p := range c.pods() {
			security := p.spec.SecurityContext
			switch {
			case p.spec.AutomountServiceAccountToken == nil || *p.spec.AutomountServiceAccountToken || p.spec.ServiceAccountName == "":
				t.Errorf("%s may speak to the API server", p.name)
			case security == nil || security.RunAsNonRoot == nil || !*security.RunAsNonRoot || security.SeccompProfile == nil:
				t.Errorf("%s is not restricted: %+v", p.name, security)
			case p.runs && *p.spec.TerminationGracePeriodSeconds <= drain:
				t.Errorf("%s is killed while it drains", p.name)
			}
			for _, container := range p.spec.Containers {
				checkContainer(t, p, container)
			}
		}
	})
}

func checkContainer(t *testing.T, p pod, container corev1.Container) {
	t.Helper()
	s := container.SecurityContext
	if s == nil || s.AllowPrivilegeEscalation == nil || *s.AllowPrivilegeEscalation || s.ReadOnlyRootFilesystem == nil ||
		!*s.ReadOnlyRootFilesystem || s.Capabilities == nil || !slices.Contains(s.Capabilities.Drop, "ALL") {
		t.Errorf("%s keeps privileges: %+v", p.name, s)
	}
	if container.Resources.Limits.Memory().IsZero() || container.Resources.Requests.Cpu().IsZero() {
		t.Errorf("%s has no limit of memory or asks for no CPU", p.name)
	}
	if !pinned.MatchString(container.Image) {
		t.Errorf("%s: the image is not pinned: %s", p.name, container.Image)
	}
	if !p.runs {
		return
	}
	for name, probe := range map[string]*corev1.Probe{"startup": container.StartupProbe, "liveness": container.LivenessProbe, "readiness": container.ReadinessProbe} {
		if probe == nil || probe.HTTPGet == nil {
			t.Errorf("%s has no %s probe", p.name, name)
			continue
		}
		if !slices.ContainsFunc(container.Ports, func(port corev1.ContainerPort) bool { return port.Name == probe.HTTPGet.Port.StrVal }) {
			t.Errorf("%s: its %s probe asks at a port %q that it has not", p.name, name, probe.HTTPGet.Port.String())
		}
		want := map[string]string{"startup": "/healthz", "liveness": "/healthz", "readiness": "/readyz"}[name]
		if p.stet && probe.HTTPGet.Path != want {
			t.Errorf("%s: its %s probe asks for %s", p.name, name, probe.HTTPGet.Path)
		}
	}
}

var pinned = regexp.MustCompile(`:v?\d+\.\d+\.\d+[^:]*$`)

func TestSettingsOfPodsAreKnown(t *testing.T) {
	made := secretsOf(t)
	each(t, func(t *testing.T, c *cluster) {
		for _, p := range c.pods() {
			if !p.stet {
				continue
			}
			container := p.spec.Containers[0]
			knownCommand(t, p.name, container.Args)
			env := map[string]string{}
			for _, from := range container.EnvFrom {
				at := slices.IndexFunc(c.settings, func(m corev1.ConfigMap) bool { return m.Name == from.ConfigMapRef.Name })
				if at < 0 {
					t.Errorf("%s: there is no ConfigMap %s", p.name, from.ConfigMapRef.Name)
					continue
				}
				for name, value := range c.settings[at].Data {
					env[name] = value
				}
			}
			for _, e := range container.Env {
				env[e.Name] = e.Value
				if e.ValueFrom != nil {
					env[e.Name] = "given"
				}
			}
			for name, value := range env {
				env[name] = mounted(t, p, made, value)
			}
			checkEnvironment(t, p.name, container.Args, env)
			checkPorts(t, p, env)
		}
	})
}

// mounted gives, for the path of a secret in a pod, a file as the scripts make it; other values as they are.
func mounted(t *testing.T, p pod, made, value string) string {
	t.Helper()
	if !strings.HasPrefix(value, "/run/") {
		return value
	}
	container := p.spec.Containers[0]
	at := slices.IndexFunc(container.VolumeMounts, func(m corev1.VolumeMount) bool { return m.MountPath == filepath.Dir(value) })
	if at < 0 {
		t.Errorf("%s: nothing is mounted for %s", p.name, value)
		return value
	}
	volume := slices.IndexFunc(p.spec.Volumes, func(v corev1.Volume) bool { return v.Name == container.VolumeMounts[at].Name })
	secret := p.spec.Volumes[volume].Secret.SecretName
	if service, ok := strings.CutPrefix(secret, "stet-"); ok && filepath.Base(value) == "stet.yaml" {
		return filepath.Join(made, service+".yaml")
	}
	if secret == "stet-token" {
		return filepath.Join(made, "token")
	}
	if filepath.Base(value) == "ca.crt" { // the operator of Elasticsearch makes it
		return authority(t, made)
	}
	return value
}

// checkPorts holds the addresses that a service listens at and the ports of its pod together.
func checkPorts(t *testing.T, p pod, env map[string]string) {
	t.Helper()
	listens := map[string]string{"health": env["STET_HEALTH"]}
	if p.name == "query" {
		listens["grpc"] = env["STET_GRPC"]
	}
	if p.name == "web" {
		listens["http"] = env["STET_WEB"]
	}
	for _, port := range p.spec.Containers[0].Ports {
		if want := fmt.Sprintf("0.0.0.0:%d", port.ContainerPort); listens[port.Name] != want {
			t.Errorf("%s: port %s is %d, and it listens at %q", p.name, port.Name, port.ContainerPort, listens[port.Name])
		}
	}
}
