#!/usr/bin/env bash
# The gate: everything that must hold before a change lands. It says what failed and stops there.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n== %s\n' "$1"; }
fail() { printf 'FAILED: %s\n' "$1" >&2; exit 1; }

modules="proto services scripts"

step "gofmt"
unformatted=$(git ls-files '*.go' | grep -v '\.pb\.go$' | xargs gofmt -l)
[ -z "$unformatted" ] || fail "not formatted, run gofmt -w on: $unformatted"

step "every module is in go.work"
for file in $(git ls-files '**/go.mod'); do
	grep -q "\./$(dirname "$file")\$" go.work || fail "$file is not used in go.work, so nothing would test it"
done

step "vet"
go vet work

step "staticcheck"
(cd scripts && GOWORK=off go build -o ../bin/staticcheck honnef.co/go/tools/cmd/staticcheck)
for module in $modules; do
	(cd "$module" && ../bin/staticcheck ./...)
done

step "generated code is up to date"
bash scripts/generate.sh
git diff --exit-code -- proto deploy || fail "the generated code differs: run scripts/generate.sh and commit the result"
[ -z "$(git ls-files --others --exclude-standard proto deploy/nats deploy/kibana deploy/grafana deploy/kubernetes)" ] || fail "generating makes new files: commit them"

step "each module builds without the workspace, and is tidy"
for module in $modules; do
	(cd "$module" && GOWORK=off go build ./... && GOWORK=off go mod tidy -diff) || fail "module $module"
done

step "race tests"
go test -race work
