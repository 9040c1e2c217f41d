package deploy

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
)

// loadCompose reads the file as `docker compose` does, with every profile. What it depends on must exist.
func loadCompose(t *testing.T) *types.Project {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{filepath.Join(root, "docker-compose.yml")},
		cli.WithInterpolation(true), cli.WithResolvedPaths(true), cli.WithConsistency(true), cli.WithProfiles([]string{"*"}),
		cli.WithoutEnvironmentResolution) // the files of variables are secrets, and not in the checkout
	if err != nil {
		t.Fatal(err)
	}
	project, err := options.LoadProject(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return project
}

// ours says whether a service is the image of stet.
func ours(s types.ServiceConfig) bool { return s.Build != nil }

func TestComposeHasEveryService(t *testing.T) {
	project := loadCompose(t)
	always := []string{"nats", "elasticsearch", "kibana", "provision", "feed-poller", "scraper", "differ", "indexer", "query", "web"}
	for _, name := range always {
		s, ok := project.Services[name]
		if !ok {
			t.Errorf("there is no service %s", name)
		}
		if len(s.Profiles) > 0 {
			t.Errorf("%s runs only with the profiles %v", name, s.Profiles)
		}
	}
}

func TestComposeGivesNoMoreThanNeeded(t *testing.T) {
	for name, s := range loadCompose(t).Services {
		if !slices.Contains(s.CapDrop, "ALL") || !slices.Contains(s.SecurityOpt, "no-new-privileges:true") || s.Privileged {
			t.Errorf("%s keeps privileges", name)
		}
		if s.MemLimit == 0 {
			t.Errorf("%s has no limit of memory", name)
		}
		if !s.ReadOnly && !slices.Contains([]string{"elasticsearch", "kibana"}, name) { // these write beside their data
			t.Errorf("%s can write to its image", name)
		}
		if !ours(s) && (!strings.Contains(s.Image, ":") || strings.HasSuffix(s.Image, ":latest")) {
			t.Errorf("%s has no pinned image: %s", name, s.Image)
		}
		if s.ContainerName != "" {
			t.Errorf("%s cannot be scaled: it has a name", name)
		}
		for _, p := range s.Ports {
			if p.HostIP != "127.0.0.1" {
				t.Errorf("%s publishes port %s beyond this machine", name, p.Published)
			}
		}
	}
}

func TestComposeServicesCanBeScaled(t *testing.T) {
	project := loadCompose(t)
	for _, name := range []string{"feed-poller", "scraper", "differ", "indexer"} {
		if len(project.Services[name].Ports) > 0 {
			t.Errorf("%s cannot be scaled: it publishes a port", name)
		}
	}
}

func TestComposeSettingsAreKnown(t *testing.T) {
	project, made := loadCompose(t), secretsOf(t)
	for name, s := range project.Services {
		if !ours(s) {
			continue
		}
		knownCommand(t, name, s.Command)
		env := map[string]string{}
		for variable, value := range s.Environment {
			if value == nil {
				t.Errorf("%s: %s comes from whoever starts it", name, variable)
				continue
			}
			env[variable] = *value
			if secret, ok := strings.CutPrefix(*value, "/run/secrets/"); ok {
				if !slices.ContainsFunc(s.Secrets, func(c types.ServiceSecretConfig) bool { return c.Source == secret }) {
					t.Errorf("%s: %s is a secret that it is not given", name, secret)
				}
				env[variable] = filepath.Join(made, filepath.Base(project.Secrets[secret].File))
			}
		}
		checkEnvironment(t, name, s.Command, env)
	}
}

func TestComposeHealthIsAskedFor(t *testing.T) {
	for name, s := range loadCompose(t).Services {
		switch {
		case s.Restart != "unless-stopped": // it ends by itself
			continue
		case s.HealthCheck == nil || s.HealthCheck.Disable:
			t.Errorf("%s is not asked whether it is well", name)
		case ours(s):
			test := s.HealthCheck.Test
			if len(test) != 4 || test[0] != "CMD" || test[1] != "/stet" {
				t.Errorf("%s: the image has nothing but /stet to ask with: %v", name, test)
				continue
			}
			knownCommand(t, name, test[2:])
			health := s.Environment["STET_HEALTH"]
			if health != nil && test[3] != "http://"+strings.Replace(*health, "0.0.0.0", "127.0.0.1", 1)+"/readyz" {
				t.Errorf("%s serves its health at %s and is asked at %s", name, *health, test[3])
			}
		}
	}
}

// TestComposeSecretsAreMade holds file and script together, both ways.
func TestComposeSecretsAreMade(t *testing.T) {
	project, made := loadCompose(t), secretsOf(t)
	wanted := map[string]bool{}
	for _, secret := range project.Secrets {
		wanted[filepath.Base(secret.File)] = true
	}
	for _, s := range project.Services {
		for _, file := range s.EnvFiles {
			wanted[filepath.Base(file.Path)] = true
		}
	}
	for name := range wanted {
		text, err := os.ReadFile(filepath.Join(made, name))
		if err != nil || len(text) == 0 {
			t.Errorf("deploy/config/secrets.sh makes no %s", name)
		}
	}
	for name := range project.Services {
		for _, given := range project.Services[name].Secrets {
			if name != given.Source && given.Source != "token" && (name != "provision" || given.Source != "provisioner") {
				t.Errorf("%s is given the secret of %s", name, given.Source)
			}
		}
	}
	entries, err := os.ReadDir(made)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !wanted[e.Name()] && !strings.HasSuffix(e.Name(), ".txt") { // for people
			t.Errorf("deploy/config/secrets.sh makes %s, which nobody uses", e.Name())
		}
	}
}

// TestComposeFlows says who can reach whom: two services meet only in a network that both are in.
func TestComposeFlows(t *testing.T) {
	project := loadCompose(t)
	reach := map[string][]string{
		"nats":          {"differ", "feed-poller", "indexer", "prometheus", "provision", "query", "scraper"},
		"elasticsearch": {"elasticsearch-setup", "indexer", "kibana", "provision", "query"},
		"web":           {"demo-feeds", "kibana", "kibana-import", "operator", "prometheus", "query"},
		"publishers":    {"feed-poller", "scraper"},
		"grafana":       {"prometheus"},
	}
	for engine, wanted := range reach {
		near := map[string]bool{}
		for _, network := range slices.Collect(maps.Keys(project.Services[engine].Networks)) {
			for name, s := range project.Services {
				if _, ok := s.Networks[network]; ok && name != engine {
					near[name] = true
				}
			}
		}
		// The indexer and query are in the network of both engines, which do not see each other.
		if got := slices.Sorted(maps.Keys(near)); !slices.Equal(without(got, "nats", "elasticsearch"), wanted) {
			t.Errorf("%s can be reached by %v, want %v", engine, got, wanted)
		}
	}
	for _, name := range []string{"bus", "index", "demo"} {
		if !project.Networks[name].Internal {
			t.Errorf("from the network %s there is a way out", name)
		}
	}
}

func without(all []string, some ...string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return slices.Contains(some, s) })
}
