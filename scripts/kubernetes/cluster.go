package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/stetnews/stet/scripts/process"
)

// cluster is a Kubernetes control plane of plain processes on loopback. There is no kubelet: where nodes are wanted, kwok
// says of every pod that it runs.
type cluster struct {
	programs, folder string // of its binaries, and of what is made here
	loud             bool
	api              string // host:port
	config           string // file for kubectl
	running          []*process.Process
}

// boot starts etcd, the API server and the controllers.
func (c *cluster) boot(ctx context.Context) error {
	if err := c.makeKeys(); err != nil {
		return err
	}
	ports, err := freePorts(4)
	if err != nil {
		return err
	}
	client, peer, api, controllers := ports[0], ports[1], ports[2], ports[3]
	c.api, c.config = local(api), c.file("kubeconfig")
	if err := os.WriteFile(c.config, []byte(c.kubeconfig()), 0o600); err != nil {
		return err
	}
	store := "http://" + local(client)
	if err := c.run("etcd", "--data-dir", c.file("etcd"), "--unsafe-no-fsync", "--log-level", "error",
		"--listen-client-urls", store, "--advertise-client-urls", store, "--listen-peer-urls", "http://"+local(peer),
		"--initial-advertise-peer-urls", "http://"+local(peer), "--initial-cluster", "default=http://"+local(peer)); err != nil {
		return err
	}
	if err := c.run("kube-apiserver", "--etcd-servers", store, "--bind-address", "127.0.0.1", "--secure-port", api,
		"--endpoint-reconciler-type", "none", "--allow-privileged=true", "--service-cluster-ip-range", "10.96.0.0/24", "--authorization-mode", "Node,RBAC",
		"--tls-cert-file", c.file("server.crt"), "--tls-private-key-file", c.file("server.key"), "--client-ca-file", c.file("ca.crt"),
		"--service-account-issuer", "https://kubernetes.default.svc", "--service-account-key-file", c.file("server.key"),
		"--service-account-signing-key-file", c.file("server.key"),
		"--requestheader-client-ca-file", c.file("ca.crt"), "--requestheader-allowed-names", "stet",
		"--requestheader-username-headers", "X-Remote-User", "--requestheader-group-headers", "X-Remote-Group",
		"--requestheader-extra-headers-prefix", "X-Remote-Extra-",
		"--proxy-client-cert-file", c.file("server.crt"), "--proxy-client-key-file", c.file("server.key")); err != nil {
		return err
	}
	if err := c.answers(ctx); err != nil {
		return err
	}
	return c.run("kube-controller-manager", "--kubeconfig", c.config, "--authentication-kubeconfig", c.config,
		"--authorization-kubeconfig", c.config, "--leader-elect=false", "--bind-address", "127.0.0.1", "--secure-port", controllers,
		"--service-account-private-key-file", c.file("server.key"), "--root-ca-file", c.file("ca.crt"),
		"--use-service-account-credentials=true", "--horizontal-pod-autoscaler-sync-period", "3s",
		"--controllers", "*,-nodeipam,-cloud-node-lifecycle")
}

func (c *cluster) answers(ctx context.Context) error {
	pool := x509.NewCertPool()
	authority, err := os.ReadFile(c.file("ca.crt"))
	if err != nil {
		return err
	}
	pool.AppendCertsFromPEM(authority)
	pair, err := tls.LoadX509KeyPair(c.file("server.crt"), c.file("server.key"))
	if err != nil {
		return err
	}
	asker := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, Certificates: []tls.Certificate{pair}}}}
	defer asker.CloseIdleConnections()
	return process.Until(ctx, time.Minute, "the API server", 200*time.Millisecond, func() (bool, error) {
		answer, err := asker.Get("https://" + c.api + "/readyz")
		if err != nil {
			return false, nil
		}
		return answer.StatusCode == http.StatusOK, answer.Body.Close()
	})
}

// has says whether a program of the cluster was built.
func (c *cluster) has(names ...string) bool {
	for _, name := range names {
		if info, err := os.Stat(filepath.Join(c.programs, name)); err != nil || info.IsDir() {
			return false
		}
	}
	return true
}

func (c *cluster) run(name string, args ...string) error { return c.runWith(nil, name, args...) }

func (c *cluster) runWith(env []string, name string, args ...string) error {
	p := &process.Process{Name: name, Binary: filepath.Join(c.programs, name), Args: args, Env: env}
	if c.loud {
		p.Log = os.Stderr
	}
	c.running = append(c.running, p)
	return p.Start()
}

// stop ends the processes, the last first.
func (c *cluster) stop() {
	for i := len(c.running) - 1; i >= 0; i-- {
		if c.running[i].Started() {
			c.running[i].Kill()
		}
	}
}

// kubectl gives what the command says; standard error comes too, for there stand warnings.
func (c *cluster) kubectl(ctx context.Context, stdin string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, "kubectl", append([]string{"--kubeconfig", c.config}, args...)...)
	command.Stdin = strings.NewReader(stdin)
	out, err := command.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("kubectl %s: %w: %s", strings.Join(args, " "), err, last(string(out), 600))
	}
	return string(out), err
}

func last(text string, most int) string { return text[max(0, len(text)-most):] }

func (c *cluster) file(name string) string { return filepath.Join(c.folder, name) }

func (c *cluster) kubeconfig() string {
	return fmt.Sprintf(`apiVersion: v1
kind: Config
clusters: [{name: drill, cluster: {server: "https://%s", certificate-authority: %q}}]
users: [{name: drill, user: {client-certificate: %q, client-key: %q}}]
contexts: [{name: drill, context: {cluster: drill, user: drill}}]
current-context: drill
`, c.api, c.file("ca.crt"), c.file("server.crt"), c.file("server.key"))
}

// makeKeys makes an authority and one certificate that serves everybody here: the cluster lives for minutes, on loopback.
func (c *cluster) makeKeys() error {
	authority := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "drill"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	own := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "stet", Organization: []string{"system:masters"}},
		NotBefore: authority.NotBefore, NotAfter: authority.NotAfter, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		DNSNames:    []string{"localhost", "keda-operator.keda.svc", "keda-metrics-apiserver.keda.svc"},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	signer, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	root, err := x509.CreateCertificate(rand.Reader, authority, authority, signer.Public(), signer)
	if err != nil {
		return err
	}
	leaf, err := x509.CreateCertificate(rand.Reader, own, authority, key.Public(), signer)
	if err != nil {
		return err
	}
	private, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return err
	}
	for name, block := range map[string]*pem.Block{
		"ca.crt": {Type: "CERTIFICATE", Bytes: root}, "server.crt": {Type: "CERTIFICATE", Bytes: leaf},
		"server.key": {Type: "EC PRIVATE KEY", Bytes: private},
	} {
		if err := os.WriteFile(c.file(name), pem.EncodeToMemory(block), 0o600); err != nil {
			return err
		}
	}
	return nil
}

func local(port string) string { return net.JoinHostPort("127.0.0.1", port) }

// freePorts gives ports that nobody listens at.
func freePorts(n int) ([]string, error) {
	var ports []string
	for range n {
		listener, err := net.Listen("tcp", local("0"))
		if err != nil {
			return nil, err
		}
		defer listener.Close()
		_, port, err := net.SplitHostPort(listener.Addr().String())
		if err != nil {
			return nil, err
		}
		ports = append(ports, port)
	}
	return ports, nil
}
