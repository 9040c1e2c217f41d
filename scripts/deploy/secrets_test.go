package deploy

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

func TestSecretsAreMadeOnce(t *testing.T) {
	made := secretsOf(t)
	before := contents(t, made)
	if out, err := exec.Command("sh", filepath.Join(root, "deploy/config/secrets.sh"), made).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if !maps.Equal(before, contents(t, made)) {
		t.Error("the second run changed secrets")
	}
	if info, err := os.Stat(made); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder is open to others: %v, %v", info.Mode(), err)
	}
	passwords := regexp.MustCompile(`[0-9a-f]{40}`)
	for name, other := range contents(t, secretsOf(t)) {
		for _, password := range passwords.FindAllString(other, -1) {
			if strings.Contains(before[name], password) {
				t.Errorf("%s: two installations have the same password", name)
			}
		}
	}
}

// TestEveryUserOfNATSHasItsPassword: the server's file has every variable of the accounts, each service's file the same.
func TestEveryUserOfNATSHasItsPassword(t *testing.T) {
	accounts, err := os.ReadFile(filepath.Join(root, "deploy/nats/accounts.conf"))
	if err != nil {
		t.Fatal(err)
	}
	made := contents(t, secretsOf(t))
	users := regexp.MustCompile(`user: "([a-z-]+)", password: \$(\w+)`).FindAllStringSubmatch(string(accounts), -1)
	if len(users) < 9 {
		t.Fatalf("found %d users", len(users))
	}
	for _, user := range users {
		password := regexp.MustCompile(`(?m)^` + user[2] + `='"([0-9a-f]{40})"'$`).FindStringSubmatch(made["nats.env"])
		if password == nil {
			t.Errorf("nats.env has no %s", user[2])
			continue
		}
		if own, ok := made[user[1]+".yaml"]; ok && !strings.Contains(own, "nats://"+user[1]+":"+password[1]+"@nats:4222") {
			t.Errorf("%s.yaml has another password than the server", user[1])
		}
	}
}

func contents(t *testing.T, folder string) map[string]string {
	t.Helper()
	all := map[string]string{}
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all[e.Name()] = string(text)
	}
	return all
}

// byOthers are Secrets that the scripts do not print: made by ECK, or by whoever has the object store.
var byOthers = []string{"stet-es-http-certs-public", "stet-kb-http-certs-public", "stet-archive"}

func TestSecretsOfPodsArePrinted(t *testing.T) {
	if _, err := exec.LookPath("kubectl"); err != nil {
		t.Skip("kubectl is not installed, which the script prints Secrets with")
	}
	each(t, func(t *testing.T, c *cluster) {
		overlay := filepath.Base(t.Name())
		printed := printedSecrets(t, overlay)
		for _, s := range c.secrets {
			printed[s.Name] = s
		}
		for _, p := range c.pods() {
			for name, keys := range wantedSecrets(p.spec) {
				secret, ok := printed[name]
				if !ok && !slices.Contains(byOthers, name) {
					t.Errorf("%s wants the Secret %s, which nobody prints", p.name, name)
				}
				for _, key := range keys {
					if ok && len(secret.Data[key]) == 0 {
						t.Errorf("%s wants %s of the Secret %s, which has it not", p.name, key, name)
					}
				}
			}
		}
		nats := printed["nats"].Data
		if password := string(nats["STET_NATS_SCRAPER_PASSWORD"]); !regexp.MustCompile(`^"[0-9a-f]{40}"$`).MatchString(password) {
			t.Error("the password of the scraper at NATS is not a text in quotation marks")
		}
		if !strings.Contains(string(printed["stet-scraper"].Data["stet.yaml"]), strings.Trim(string(nats["STET_NATS_SCRAPER_PASSWORD"]), `"`)) {
			t.Error("the scraper has another password than NATS")
		}
	})
}

func printedSecrets(t *testing.T, overlay string) map[string]corev1.Secret {
	t.Helper()
	out, err := exec.Command("sh", filepath.Join(kubernetes, "secrets.sh"), overlay, filepath.Join(t.TempDir(), "s")).Output()
	if err != nil {
		t.Fatal(err)
	}
	printed := map[string]corev1.Secret{}
	for document := range strings.SplitSeq(string(out), "---\n") {
		var s corev1.Secret
		if err := yaml.UnmarshalStrict([]byte(document), &s); err != nil {
			t.Fatal(err)
		}
		printed[s.Name] = s
	}
	return printed
}

// wantedSecrets are the Secrets that a pod cannot start without, with the keys that it names.
func wantedSecrets(spec corev1.PodSpec) map[string][]string {
	wanted := map[string][]string{}
	for _, v := range spec.Volumes {
		if v.Secret != nil {
			wanted[v.Secret.SecretName] = nil
			for _, item := range v.Secret.Items {
				wanted[v.Secret.SecretName] = append(wanted[v.Secret.SecretName], item.Key)
			}
		}
	}
	for _, container := range spec.Containers {
		for _, from := range container.EnvFrom {
			if from.SecretRef != nil {
				wanted[from.SecretRef.Name] = nil
			}
		}
		for _, e := range container.Env {
			if e.ValueFrom != nil && e.ValueFrom.SecretKeyRef != nil {
				ref := e.ValueFrom.SecretKeyRef
				wanted[ref.Name] = append(wanted[ref.Name], ref.Key)
			}
		}
	}
	return wanted
}

// TestElasticsearchSetup runs the script against a server that writes down what it is asked.
func TestElasticsearchSetup(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("curl is not installed, which the script asks Elasticsearch with")
	}
	var mu sync.Mutex // the script's end is not seen by the race detector
	asked, refuse := map[string]map[string]any{}, ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, password, _ := r.BasicAuth()
		text, err := io.ReadAll(r.Body)
		var body map[string]any
		if err != nil || json.Unmarshal(text, &body) != nil || name != "elastic" || password != "of-elastic" {
			t.Errorf("%s %s: %q by %s", r.Method, r.URL.Path, text, name)
		}
		mu.Lock()
		defer mu.Unlock()
		asked[r.Method+" "+r.URL.Path] = body
		if r.URL.Path == refuse {
			w.WriteHeader(http.StatusBadRequest)
		}
	}))
	defer server.Close()
	run := func() (string, error) {
		script := exec.Command("sh", filepath.Join(root, "deploy/config/elasticsearch-setup.sh"))
		script.Env = append(os.Environ(), "ELASTICSEARCH="+server.URL, "ELASTIC_PASSWORD=of-elastic", "KIBANA_PASSWORD=of-kibana",
			"STET_PASSWORD=of-stet", "IMPORT_PASSWORD=of-import", "no_proxy=127.0.0.1")
		out, err := script.CombinedOutput()
		return string(out), err
	}
	if out, err := run(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	mu.Lock()
	for path, password := range map[string]string{
		"POST /_security/user/kibana_system/_password": "of-kibana", "PUT /_security/user/stet": "of-stet",
		"PUT /_security/user/stet-import": "of-import",
	} {
		if asked[path]["password"] != password {
			t.Errorf("%s: %v", path, asked[path])
		}
	}
	if !sameRole(t, asked["PUT /_security/role/stet"]) {
		t.Error("the role stet is another in Kubernetes: see components/elastic/elasticsearch.yaml")
	}
	refuse = "/_security/role/stet"
	mu.Unlock()
	if out, err := run(); err == nil || !strings.Contains(out, refuse) {
		t.Errorf("a refusal is taken for success: %v\n%s", err, out)
	}
}

// sameRole compares the role with that of the pods.
func sameRole(t *testing.T, role map[string]any) bool {
	t.Helper()
	for _, s := range build(t, "large").secrets {
		if text, ok := s.StringData["roles.yml"]; ok {
			var roles map[string]map[string]any
			if err := yaml.UnmarshalStrict([]byte(text), &roles); err != nil {
				t.Fatal(err)
			}
			ours, err := json.Marshal(roles["stet"])
			theirs, failed := json.Marshal(role)
			if err != nil || failed != nil {
				t.Fatal(err, failed)
			}
			return string(ours) == string(theirs)
		}
	}
	return false
}
