#!/usr/bin/env bash
# Runs stet as services apart, with a cluster of NATS servers and simulated publishers, and holds what stet has against what
# the publishers did. The flags are those of scripts/fleet; without --elasticsearch the index is SQLite.
#
#   scripts/fleet.sh                                           two minutes of edits: latencies, then the comparison
#   scripts/fleet.sh --kills 20 --for 15m                      kill -9 every process 20 times in random order
#   scripts/fleet.sh --elasticsearch "$STET_TEST_ELASTICSEARCH"
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p bin
go build -C services -o ../bin/stet ./cmd/stet
go build -C services -o ../bin/nats-server github.com/nats-io/nats-server/v2
go build -C scripts -o ../bin/fleet ./fleet
exec bin/fleet --stet bin/stet --nats-server bin/nats-server "$@"
