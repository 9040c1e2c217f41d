package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/stetnews/stet/scripts/process"
)

// scaled are the workers that KEDA scales, each on its own consumer.
var scaled = []string{"feed-poller", "scraper", "differ", "indexer"}

// scaling lets one backlog after the other grow at a real server, looks whether KEDA scales that worker and no other, and
// works the backlog off with as many real processes as it asked for.
func (d *drill) scaling(ctx context.Context) error {
	if !d.has("keda-operator", "keda-adapter") {
		d.row("scaling on backlogs", "SKIPPED: no keda-operator or keda-adapter among the binaries")
		return nil
	}
	w := &workers{drill: d, running: map[string][]*process.Process{}}
	if err := w.start(ctx); err != nil {
		return err
	}
	if err := d.applyQuick(ctx, w.monitor); err != nil {
		return err
	}
	if err := d.startKEDA(ctx); err != nil {
		return err
	}
	if err := d.rest(ctx, "at rest"); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{w.hostsWait, w.readingsWait, w.revisionsWait} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// hostsWait: every host hangs, so that a scraper's places are all taken and the other hosts wait for more scrapers.
func (w *workers) hostsWait(ctx context.Context) error {
	if err := w.have(ctx, "feed-poller", 1, w.feeds...); err != nil {
		return err
	}
	if err := w.have(ctx, "scraper", 1); err != nil {
		return err
	}
	if err := w.lag(ctx, "SNAPSHOTS", "differ", w.stories/10); err != nil { // items have come, and are being read
		return err
	}
	if err := w.publishers.Signal(syscall.SIGSTOP); err != nil {
		return err
	}
	err := w.scaleUp(ctx, "scraper", fmt.Sprintf("%d hosts hang", w.papers), 2)
	if err := w.publishers.Signal(syscall.SIGCONT); err != nil {
		return err
	}
	return err
}

// readingsWait: the pages are read by as many scrapers as were asked for, one of which ends in the middle, and nobody
// compares them.
func (w *workers) readingsWait(ctx context.Context) error {
	if err := w.lag(ctx, "SNAPSHOTS", "differ", w.stories/2); err != nil {
		return err
	}
	if err := w.less("scraper"); err != nil {
		return err
	}
	w.row("  one of the scrapers was ended by SIGTERM in the middle", "in good order")
	if err := w.lag(ctx, "SNAPSHOTS", "differ", w.stories); err != nil {
		return err
	}
	return w.scaleUp(ctx, "differ", fmt.Sprintf("%d readings wait", w.stories), 3)
}

// revisionsWait: the readings are compared, and nobody makes the versions searchable; then somebody does.
func (w *workers) revisionsWait(ctx context.Context) error {
	if err := w.lag(ctx, "REVISIONS", "indexer", w.stories); err != nil {
		return err
	}
	if err := w.scaleUp(ctx, "indexer", fmt.Sprintf("%d revisions wait", w.stories), 2); err != nil {
		return err
	}
	if err := w.ask(ctx); err != nil {
		return err
	}
	found, err := w.searchable(ctx, w.stories)
	w.want(err == nil && found == int64(w.stories), "  stories published, versions searchable in the end", "%d, %d", w.stories, found)
	return w.rest(ctx, "all worked off")
}

// scaleUp waits until KEDA asks for more of a service and none of the others, and starts what it asks for.
func (w *workers) scaleUp(ctx context.Context, service, when string, least int) error {
	start := time.Now()
	var asked int
	err := process.Until(ctx, 2*time.Minute, "KEDA to scale "+service, 200*time.Millisecond, func() (bool, error) {
		all, err := w.deployments(ctx)
		asked = all[service].Spec.Replicas
		return asked >= least, err
	})
	if err != nil {
		return err
	}
	took := time.Since(start)
	if err := w.others(ctx, service); err != nil {
		return err
	}
	w.row(when+": pods of "+service+", after", "1 → %d, %s", asked, took.Round(100*time.Millisecond))
	return w.have(ctx, service, asked)
}

// others must be at their minimum.
func (w *workers) others(ctx context.Context, but string) error {
	all, err := w.deployments(ctx)
	if err != nil {
		return err
	}
	var more []string
	for _, service := range scaled {
		if n := all[service].Spec.Replicas; service != but && n != 1 && len(w.running[service]) == 0 {
			more = append(more, fmt.Sprintf("%s %d", service, n))
		}
	}
	w.want(len(more) == 0, "  others that grew with it", "%d %s", len(more), strings.Join(more, ", "))
	return nil
}

// rest waits until every worker has its minimum.
func (d *drill) rest(ctx context.Context, when string) error {
	start, now := time.Now(), map[string]int{}
	err := process.Until(ctx, 3*time.Minute, "every worker to have its minimum", 300*time.Millisecond, func() (bool, error) {
		all, err := d.deployments(ctx)
		if err != nil {
			return false, err
		}
		for _, service := range scaled {
			now[service] = all[service].Spec.Replicas
			if now[service] != 1 {
				return false, nil
			}
		}
		return true, nil
	})
	d.want(err == nil, when+": pods of each worker, after", "%v, %s", now, time.Since(start).Round(100*time.Millisecond))
	return ctx.Err()
}

// applyQuick applies the large overlay with the server's address and the times of a test: what is asked every 15 seconds
// is asked every 2, and nobody waits five minutes to scale down.
func (d *drill) applyQuick(ctx context.Context, monitor string) error {
	objects, err := d.kubectl(ctx, "", "kustomize", d.deploy+"/kubernetes/overlays/large")
	if err != nil {
		return err
	}
	objects = strings.NewReplacer("nats.stet.svc.cluster.local:8222", monitor, "pollingInterval: 15", "pollingInterval: 2",
		"cooldownPeriod: 300", "cooldownPeriod: 5", "stabilizationWindowSeconds: 300", "stabilizationWindowSeconds: 0").Replace(objects)
	_, err = d.kubectl(ctx, objects, "apply", "--server-side", "--force-conflicts", "-f", "-")
	return err
}

// startKEDA runs the operator and its adapter, which the API server finds by an address outside the cluster.
func (d *drill) startKEDA(ctx context.Context) error {
	ports, err := freePorts(5)
	if err != nil {
		return err
	}
	service, adapter := ports[0], ports[1]
	authority, err := os.ReadFile(d.file("ca.crt"))
	if err != nil {
		return err
	}
	certificates := d.file("keda")
	if err := os.MkdirAll(certificates, 0o700); err != nil {
		return err
	}
	for from, to := range map[string]string{"ca.crt": "ca.crt", "server.crt": "tls.crt", "server.key": "tls.key"} {
		text, err := os.ReadFile(d.file(from))
		if err != nil {
			return err
		}
		if err := os.WriteFile(certificates+"/"+to, text, 0o600); err != nil {
			return err
		}
	}
	objects := fmt.Sprintf(`apiVersion: v1
kind: Namespace
metadata: {name: keda}
---
apiVersion: v1
kind: Service
metadata: {name: keda-metrics-apiserver, namespace: keda}
spec: {type: ExternalName, externalName: localhost, ports: [{port: %[1]s}]}
---
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1beta1.external.metrics.k8s.io}
spec:
  service: {name: keda-metrics-apiserver, namespace: keda, port: %[1]s}
  group: external.metrics.k8s.io
  version: v1beta1
  groupPriorityMinimum: 100
  versionPriority: 100
  caBundle: %[2]s
`, adapter, base64.StdEncoding.EncodeToString(authority))
	if _, err := d.kubectl(ctx, objects, "apply", "--server-side", "-f", "-"); err != nil {
		return err
	}
	if _, err := d.kubectl(ctx, "", "apply", "--server-side", "-f", d.keda+"/config/metrics-server/role.yaml",
		"-f", d.keda+"/config/metrics-server/role_binding.yaml"); err != nil {
		return err
	}
	env := []string{"KEDA_CLUSTER_OBJECT_NAMESPACE=keda", "POD_NAMESPACE=keda", "POD_NAME=keda-0", "WATCH_NAMESPACE="}
	if err := d.runWith(env, "keda-operator", "--kubeconfig", d.config, "--cert-dir", certificates, "--metrics-bind-address", local(ports[2]),
		"--health-probe-bind-address", local(ports[3]), "--metrics-service-bind-address", local(service)); err != nil {
		return err
	}
	if err := d.runWith(env, "keda-adapter", "--kubeconfig", d.config, "--lister-kubeconfig", d.config, "--authentication-kubeconfig", d.config,
		"--authorization-kubeconfig", d.config, "--bind-address", "127.0.0.1", "--secure-port", adapter, "--port", ports[4],
		"--cert-dir", certificates, "--tls-cert-file", certificates+"/tls.crt", "--tls-private-key-file", certificates+"/tls.key",
		"--client-ca-file", certificates+"/ca.crt", "--metrics-service-address", local(service)); err != nil {
		return err
	}
	return process.Until(ctx, time.Minute, "KEDA's metrics", 500*time.Millisecond, func() (bool, error) {
		_, err := d.kubectl(ctx, "", "get", "--raw", "/apis/external.metrics.k8s.io/v1beta1")
		return err == nil, nil
	})
}
