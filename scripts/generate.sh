#!/usr/bin/env bash
# Generates the Go code of the protos, the configurations of NATS, Kibana's saved objects, Grafana's dashboards and the
# alerts of Kubernetes. The compiler and the generators are pinned in scripts/go.mod; the result is committed, and check.sh
# fails if it is not what this makes.
set -euo pipefail
cd "$(dirname "$0")/.."
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
(cd scripts && GOWORK=off go build -o "$tools/" ./protogen \
	google.golang.org/protobuf/cmd/protoc-gen-go \
	google.golang.org/grpc/cmd/protoc-gen-go-grpc)
"$tools/protogen" -root proto -plugin "$tools/protoc-gen-go" -plugin "$tools/protoc-gen-go-grpc"
(cd services && GOWORK=off go run ./internal/eventbus/natsconf -out ../deploy/nats &&
	GOWORK=off go run ./cmd/stet kibana export --index-prefix stet ../deploy/kibana/stet.ndjson)
(cd scripts && GOWORK=off go run ./dashboards -deploy ../deploy)
