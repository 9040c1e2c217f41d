#!/usr/bin/env bash
# Generates the Go code of the protos. The generators are pinned in scripts/go.mod; the result is committed, and
# check.sh fails if it is not what this makes.
set -euo pipefail
cd "$(dirname "$0")/.."
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
(cd scripts && GOWORK=off go build -o "$tools/" \
	github.com/bufbuild/buf/cmd/buf \
	google.golang.org/protobuf/cmd/protoc-gen-go \
	google.golang.org/grpc/cmd/protoc-gen-go-grpc)
cd proto
PATH="$tools:$PATH" buf lint
PATH="$tools:$PATH" buf generate
