package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/stetnews/stet/scripts/process"
)

const nodeCount = 3

// nodes brings three nodes that only say that their pods run, and rolls, drains and evicts on them.
func (d *drill) nodes(ctx context.Context) error {
	if !d.has("kube-scheduler", "kwok") || d.kwok == "" {
		d.row("rolling update, drain, eviction", "SKIPPED: no kube-scheduler or kwok among the binaries")
		return nil
	}
	if err := d.bringNodes(ctx); err != nil {
		return err
	}
	objects, err := d.kubectl(ctx, "", "kustomize", d.deploy+"/kubernetes/overlays/large")
	if err != nil {
		return err
	}
	if _, err := d.kubectl(ctx, objects, "apply", "--server-side", "-f", "-"); err != nil {
		return err
	}
	if _, err := d.kubectl(ctx, "", "-n", "stet", "wait", "--for=condition=Available", "deployment", "--all", "--timeout=90s"); err != nil {
		return err
	}
	if err := d.roll(ctx); err != nil {
		return err
	}
	if err := d.drain(ctx); err != nil {
		return err
	}
	return d.evict(ctx)
}

func (d *drill) bringNodes(ctx context.Context) error {
	ports, err := freePorts(2)
	if err != nil {
		return err
	}
	if err := d.cluster.run("kube-scheduler", "--kubeconfig", d.config, "--authentication-kubeconfig", d.config,
		"--authorization-kubeconfig", d.config, "--leader-elect=false", "--bind-address", "127.0.0.1", "--secure-port", ports[0]); err != nil {
		return err
	}
	stages, err := d.kubectl(ctx, "", "kustomize", d.kwok+"/kustomize/stage/fast", "--load-restrictor", "LoadRestrictionsNone")
	if err != nil {
		return err
	}
	if err := os.WriteFile(d.file("stages.yaml"), []byte(stages), 0o600); err != nil {
		return err
	}
	if err := d.cluster.run("kwok", "--config", d.file("stages.yaml"), "--kubeconfig", d.config, "--manage-all-nodes",
		"--server-address", local(ports[1]), "--node-ip", "127.0.0.1"); err != nil {
		return err
	}
	var nodes strings.Builder
	for n := range nodeCount {
		fmt.Fprintf(&nodes, `---
apiVersion: v1
kind: Node
metadata: {name: node-%[1]d, labels: {kubernetes.io/hostname: node-%[1]d, kubernetes.io/os: linux, topology.kubernetes.io/zone: zone-%[1]d}}
status: {capacity: {cpu: "16", memory: 64Gi, pods: "110"}, allocatable: {cpu: "16", memory: 64Gi, pods: "110"}}
`, n)
	}
	if _, err := d.kubectl(ctx, nodes.String(), "apply", "-f", "-"); err != nil {
		return err
	}
	_, err = d.kubectl(ctx, "", "wait", "--for=condition=Ready", "node", "--all", "--timeout=60s")
	return err
}

// deployment is the state of one.
type deployment struct {
	Metadata struct {
		Name       string `json:"name"`
		Generation int64  `json:"generation"`
	} `json:"metadata"`
	Spec struct {
		Replicas int `json:"replicas"`
	} `json:"spec"`
	Status struct {
		ObservedGeneration int64 `json:"observedGeneration"`
		Updated            int   `json:"updatedReplicas"`
		Available          int   `json:"availableReplicas"`
		Replicas           int   `json:"replicas"`
	} `json:"status"`
}

func (d *drill) deployments(ctx context.Context) (map[string]deployment, error) {
	text, err := d.kubectl(ctx, "", "-n", "stet", "get", "deployments", "-o", "json")
	if err != nil {
		return nil, err
	}
	var list struct {
		Items []deployment `json:"items"`
	}
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return nil, err
	}
	all := map[string]deployment{}
	for _, item := range list.Items {
		all[item.Metadata.Name] = item
	}
	return all, nil
}

// least watches until something is so, and gives the fewest pods that each Deployment had available meanwhile.
func (d *drill) least(ctx context.Context, what string, so func(map[string]deployment) bool) (map[string]int, error) {
	fewest := map[string]int{}
	err := process.Until(ctx, 2*time.Minute, what, 50*time.Millisecond, func() (bool, error) {
		all, err := d.deployments(ctx)
		if err != nil {
			return false, err
		}
		for name, item := range all {
			if before, seen := fewest[name]; !seen || item.Status.Available < before {
				fewest[name] = item.Status.Available
			}
		}
		return so(all), nil
	})
	return fewest, err
}

// served are the services that somebody asks: they must never be without a pod.
var served = []string{"query", "web"}

// roll changes the image of everything.
func (d *drill) roll(ctx context.Context) error {
	before, err := d.deployments(ctx)
	if err != nil {
		return err
	}
	args := []string{"-n", "stet", "set", "image", "deployment", "--all", "stet=stet:another"}
	if _, err := d.kubectl(ctx, "", args...); err != nil {
		return err
	}
	start := time.Now()
	fewest, err := d.least(ctx, "the new version", func(all map[string]deployment) bool {
		for name, item := range all {
			s := item.Status
			if item.Metadata.Generation == before[name].Metadata.Generation || s.ObservedGeneration < item.Metadata.Generation ||
				s.Updated != item.Spec.Replicas || s.Available != item.Spec.Replicas || s.Replicas != item.Spec.Replicas {
				return false
			}
		}
		return true
	})
	if err != nil {
		return err
	}
	for _, name := range served {
		d.want(fewest[name] >= before[name].Spec.Replicas, "rolling update: pods of "+name+" wanted, fewest available", "%d, %d",
			before[name].Spec.Replicas, fewest[name])
	}
	d.row("  all "+fmt.Sprint(len(before))+" Deployments rolled in", "%s", time.Since(start).Round(100*time.Millisecond))
	return nil
}

// drain empties each node in turn, as an upgrade of the machines does.
func (d *drill) drain(ctx context.Context) error {
	done := make(chan error, 1)
	go func() {
		for n := range nodeCount {
			name := fmt.Sprintf("node-%d", n)
			for _, args := range [][]string{
				{"drain", name, "--ignore-daemonsets", "--delete-emptydir-data", "--force", "--timeout=60s"}, {"uncordon", name},
			} {
				if _, err := d.kubectl(ctx, "", args...); err != nil {
					done <- err
					return
				}
			}
		}
		done <- nil
	}()
	var failed error
	ended := false
	fewest, err := d.least(ctx, "the drained nodes", func(map[string]deployment) bool {
		select {
		case failed = <-done:
			ended = true
		default:
		}
		return ended
	})
	if err != nil {
		return err
	}
	d.want(failed == nil, "drain of each of three nodes", "%v", says(failed))
	for _, name := range served {
		d.want(fewest[name] >= 1, "  fewest pods of "+name+" meanwhile", "%d", fewest[name])
	}
	return nil
}

func says(err error) string {
	if err == nil {
		return "done"
	}
	return err.Error()
}

// evict asks for both pods of a service while no node takes new ones: the budget gives one and keeps the other.
func (d *drill) evict(ctx context.Context) error {
	for n := range nodeCount {
		if _, err := d.kubectl(ctx, "", "cordon", fmt.Sprintf("node-%d", n)); err != nil {
			return err
		}
	}
	for _, service := range served {
		names, err := d.kubectl(ctx, "", "-n", "stet", "get", "pods", "-l", "app.kubernetes.io/name="+service, "-o", "jsonpath={.items[*].metadata.name}")
		if err != nil {
			return err
		}
		var answers []string
		for pod := range strings.FieldsSeq(names) {
			eviction := fmt.Sprintf(`{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":%q,"namespace":"stet"}}`, pod)
			_, err := d.kubectl(ctx, eviction, "create", "--raw", "/api/v1/namespaces/stet/pods/"+pod+"/eviction", "-f", "-")
			switch {
			case err == nil:
				answers = append(answers, "taken")
			case strings.Contains(err.Error(), "disruption budget"):
				answers = append(answers, "refused")
			default:
				return err
			}
		}
		d.want(slices.Equal(answers, []string{"taken", "refused"}), "eviction of both pods of "+service+" at once", "%s", strings.Join(answers, ", "))
	}
	for n := range nodeCount {
		if _, err := d.kubectl(ctx, "", "uncordon", fmt.Sprintf("node-%d", n)); err != nil {
			return err
		}
	}
	return nil
}
