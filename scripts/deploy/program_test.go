package deploy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// root is the top of the checkout.
const root = "../.."

// program builds stet once for all tests and gives its path.
func program(t *testing.T) string {
	t.Helper()
	built, err := buildOnce()
	if err != nil {
		t.Fatal(err)
	}
	return built
}

var buildOnce = sync.OnceValues(func() (string, error) {
	file := filepath.Join(folder, "stet")
	build := exec.Command("go", "build", "-o", file, "./cmd/stet")
	build.Dir = filepath.Join(root, "services")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building stet: %w\n%s", err, out)
	}
	return file, nil
})

// folder is where what the tests share is kept.
var folder string

func TestMain(m *testing.M) {
	var err error
	if folder, err = os.MkdirTemp("", "stet-deploy-"); err != nil {
		panic(err)
	}
	code := m.Run()
	if err := os.RemoveAll(folder); err != nil {
		panic(err)
	}
	os.Exit(code)
}

// knownCommand fails unless stet has the command that the arguments begin with.
func knownCommand(t *testing.T, where string, args []string) {
	t.Helper()
	for words := min(2, len(args)); words > 0; words-- {
		if exec.Command(program(t), append([]string{"help"}, args[:words]...)...).Run() == nil {
			return
		}
	}
	t.Errorf("%s: stet has no command %q", where, strings.Join(args, " "))
}

// elsewhere are variables that a command reads and that are no setting.
var elsewhere = map[string]string{"STET_KIBANA_PASSWORD": "kibana"}

// checkEnvironment fails unless stet takes every STET_ variable: its name is that of a setting, its value is in force.
func checkEnvironment(t *testing.T, where string, args []string, env map[string]string) {
	t.Helper()
	type effective struct{ Name, Value, From string }
	command := exec.Command(program(t), "check-config", "--json")
	command.Env = []string{"STET_DATA=/data"} // as the image says
	for name, value := range env {
		command.Env = append(command.Env, name+"="+value)
	}
	var complaints bytes.Buffer
	command.Stderr = &complaints
	answer, err := command.Output()
	if err != nil {
		t.Errorf("%s: stet refuses these settings: %s", where, complaints.String())
		return
	}
	var all []effective
	if err := json.Unmarshal(answer, &all); err != nil {
		t.Fatal(err)
	}
	taken := map[string]bool{}
	for _, e := range all {
		taken[e.From] = true
	}
	for name, value := range env {
		switch {
		case !strings.HasPrefix(name, "STET_") || value == "":
		case elsewhere[name] != "" && elsewhere[name] == args[0]:
		case name == "STET_CONFIG":
			file := filepath.Base(value)
			if !taken["file "+file+" line 1"] {
				t.Errorf("%s: nothing is taken from STET_CONFIG=%s", where, value)
			}
		case !taken["environment "+name]:
			t.Errorf("%s: %s is no setting of stet, or is overruled", where, name)
		}
	}
}

// secretsOf runs the script that makes secrets and gives the folder that they are in.
func secretsOf(t *testing.T) string {
	t.Helper()
	into := filepath.Join(t.TempDir(), "secrets")
	if out, err := exec.Command("sh", filepath.Join(root, "deploy/config/secrets.sh"), into).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return into
}
