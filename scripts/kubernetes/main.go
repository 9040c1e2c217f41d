// Command kubernetes tries the files of deploy/kubernetes on a real control plane: API server, controllers and KEDA as plain
// processes on loopback, without a kubelet and without containers. The workers are real stet processes outside of it, as
// many as KEDA asks for, at a real NATS server with a real backlog.
//
//	kubernetes --binaries DIR --keda DIR --eck DIR      DIR with etcd, kube-apiserver, …; the sources of KEDA and ECK
//
// scripts/kubernetes.sh finds or skips what it needs, and calls it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
)

type options struct {
	binaries, keda, eck, kwok, prometheus, deploy string
	stet, natsServer                              string
	papers, stories                               int
	verbose                                       bool
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var o options
	flag.StringVar(&o.binaries, "binaries", "", "folder with etcd, kube-apiserver, kube-controller-manager; for nodes kube-scheduler, kwok; for scaling keda-operator, keda-adapter")
	flag.StringVar(&o.keda, "keda", "", "folder of KEDA's sources, for its CRDs")
	flag.StringVar(&o.eck, "eck", "", "folder of ECK's sources, for its CRDs")
	flag.StringVar(&o.kwok, "kwok", "", "folder of kwok's sources, for what its nodes do")
	flag.StringVar(&o.prometheus, "prometheus", "", "folder of the sources of Prometheus' operator, for its CRDs")
	flag.StringVar(&o.deploy, "deploy", "deploy", "the folder deploy")
	flag.StringVar(&o.stet, "stet", "stet", "the stet binary")
	flag.StringVar(&o.natsServer, "nats-server", "nats-server", "the NATS server binary")
	flag.IntVar(&o.papers, "papers", 100, "simulated publishers: hosts")
	flag.IntVar(&o.stories, "stories", 1000, "stories that they have")
	flag.BoolVar(&o.verbose, "verbose", false, "show what the processes log")
	flag.Parse()
	if err := run(ctx, os.Stdout, o); err != nil {
		fmt.Fprintln(os.Stderr, "kubernetes:", err)
		os.Exit(1)
	}
}

// drill is one run.
type drill struct {
	options
	*cluster
	out    io.Writer
	failed bool
}

func run(ctx context.Context, out io.Writer, o options) error {
	folder, err := os.MkdirTemp("", "stet-kubernetes-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	d := &drill{options: o, out: out, cluster: &cluster{programs: o.binaries, folder: folder, loud: o.verbose}}
	defer d.cluster.stop()
	for _, step := range []func(context.Context) error{d.boot, d.prepare, d.dryRuns, d.podSecurity, d.nodes, d.scaling} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	if d.failed {
		return errors.New("a line above says FAILED")
	}
	return nil
}

// row prints a line of the report.
func (d *drill) row(name, format string, args ...any) {
	fmt.Fprintf(d.out, "%-66s%s\n", name, fmt.Sprintf(format, args...)) //nolint:errcheck // nobody is there to be told
}

// want prints a line and whether it is as it must be.
func (d *drill) want(good bool, name, format string, args ...any) {
	word := "ok"
	if !good {
		word, d.failed = "FAILED", true
	}
	d.row(name, "%s (%s)", fmt.Sprintf(format, args...), word)
}

// prepare brings the kinds of KEDA, ECK and Prometheus' operator, the namespace and the secrets.
func (d *drill) prepare(ctx context.Context) error {
	if _, err := d.kubectl(ctx, "", "apply", "--server-side", "-k", d.keda+"/config/crd"); err != nil {
		return err
	}
	if _, err := d.kubectl(ctx, "", "apply", "--server-side", "-f", d.eck+"/config/crds/v1/all-crds.yaml"); err != nil {
		return err
	}
	for _, kind := range []string{"podmonitors", "prometheusrules"} {
		crd := d.prometheus + "/example/prometheus-operator-crd/monitoring.coreos.com_" + kind + ".yaml"
		if _, err := d.kubectl(ctx, "", "apply", "--server-side", "-f", crd); err != nil {
			return err
		}
	}
	if _, err := d.kubectl(ctx, "", "apply", "--server-side", "-f", d.deploy+"/kubernetes/base/namespace.yaml"); err != nil {
		return err
	}
	// The key of the object store is the operator's; KEDA scales nothing whose secrets are missing.
	if _, err := d.kubectl(ctx, "", "-n", "stet", "create", "secret", "generic", "stet-archive", "--from-literal=AWS_ACCESS_KEY_ID=drill",
		"--from-literal=AWS_SECRET_ACCESS_KEY=drill"); err != nil {
		return err
	}
	for _, size := range []string{"small", "large"} {
		secrets, err := exec.CommandContext(ctx, "sh", d.deploy+"/kubernetes/secrets.sh", size, d.file("secrets-"+size)).Output()
		if err != nil {
			return fmt.Errorf("making the secrets of %s: %w", size, err)
		}
		said, err := d.kubectl(ctx, string(secrets), "apply", "--server-side", "-f", "-")
		if err != nil {
			return err
		}
		d.want(!strings.Contains(said, "Warning"), "secrets of "+size+" applied", "%d", strings.Count(said, "serverside-applied"))
	}
	return nil
}
