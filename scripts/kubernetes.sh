#!/usr/bin/env bash
# Tries deploy/kubernetes on a real control plane of plain processes: dry runs on the API server, Pod Security, rolling update,
# drain and eviction on pretended nodes, and KEDA scaling each worker on a real backlog that real stet processes work off.
#
#   STET_KUBERNETES=DIR scripts/kubernetes.sh [--verbose]
#
# DIR holds etcd, kube-apiserver and kube-controller-manager; kube-scheduler and kwok for the nodes; keda-operator and
# keda-adapter for the scaling. What is not there is skipped with a word. kubectl must be on the PATH.
set -euo pipefail
cd "$(dirname "$0")/.."
skip() { printf 'kubernetes: SKIPPED: %s\n' "$1"; exit 0; }

[ -n "${STET_KUBERNETES:-}" ] || skip "STET_KUBERNETES names no folder with the binaries of a control plane"
for binary in etcd kube-apiserver kube-controller-manager; do
	[ -x "$STET_KUBERNETES/$binary" ] || skip "there is no $binary in $STET_KUBERNETES"
done
command -v kubectl >/dev/null || skip "kubectl is not on the PATH"

# The kinds that KEDA, ECK and Prometheus' operator add, and what kwok's nodes do, come with their sources.
sources() { (cd / && GOWORK=off GOFLAGS=-mod=mod go mod download -json "$1" | sed -n 's/^\t"Dir": "\(.*\)",*$/\1/p'); }
keda=$(sources github.com/kedacore/keda/v2@v2.21.0) || skip "the sources of KEDA cannot be had"
eck=$(sources github.com/elastic/cloud-on-k8s/v3@v3.5.0) || skip "the sources of ECK cannot be had"
prometheus=$(sources github.com/prometheus-operator/prometheus-operator@v0.92.1) || skip "the sources of Prometheus' operator cannot be had"
kwok=$(sources sigs.k8s.io/kwok@v0.8.0) || kwok=

mkdir -p bin
go build -C services -o ../bin/stet ./cmd/stet
go build -C services -o ../bin/nats-server github.com/nats-io/nats-server/v2
go build -C scripts -o ../bin/kubernetes ./kubernetes
exec bin/kubernetes --binaries "$STET_KUBERNETES" --keda "$keda" --eck "$eck" --kwok "$kwok" --prometheus "$prometheus" \
	--stet bin/stet --nats-server bin/nats-server "$@"
