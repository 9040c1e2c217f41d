#!/usr/bin/env bash
# Runs stet as services apart against hosts that judge their visitor, and kills scrapers and feed-pollers meanwhile. The flags
# are those of scripts/load/politeness.
#
#   scripts/politeness.sh                       200 hosts, 4 scrapers, 2 feed-pollers, 5 minutes
#   scripts/politeness.sh --for 1m --hosts 50   a short one
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p bin
go build -C services -o ../bin/stet ./cmd/stet
go build -C services -o ../bin/nats-server github.com/nats-io/nats-server/v2
go build -C scripts -o ../bin/politeness ./load/politeness
exec bin/politeness --stet bin/stet --nats-server bin/nats-server "$@"
