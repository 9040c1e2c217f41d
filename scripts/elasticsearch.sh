#!/usr/bin/env bash
# A real Elasticsearch 8 for the tests, on loopback and without security:
#
#   eval "$(scripts/elasticsearch.sh start)"    starts it, or finds the one that runs
#   scripts/elasticsearch.sh status             says where it runs
#   scripts/elasticsearch.sh stop               stops what start started
#
# start takes the first of these that works: the server that STET_TEST_ELASTICSEARCH names; a container, where a Docker
# engine answers; Elastic's own distribution for integration tests, fetched by its Maven coordinates (needs mvn and
# Java 17 or newer). On standard output comes nothing but the line to evaluate.
#
# STET_ELASTICSEARCH_VERSION  which one (8.19.16)
# STET_ELASTICSEARCH_HEAP     its heap (512m)
# STET_ELASTICSEARCH_USER     who runs it when root calls, for Elasticsearch refuses root (nobody)
# STET_ELASTICSEARCH_CACHE    where it is kept (stet in the user's cache folder)
set -euo pipefail

version=${STET_ELASTICSEARCH_VERSION:-8.19.16}
heap=${STET_ELASTICSEARCH_HEAP:-512m}
user=${STET_ELASTICSEARCH_USER:-nobody}
container=stet-elasticsearch
patience=120 # seconds until it must answer

if [ -n "${STET_ELASTICSEARCH_CACHE:-}" ]; then
	cache=$STET_ELASTICSEARCH_CACHE
elif [ "$(id -u)" = 0 ]; then
	cache=/var/cache/stet # the home of root is closed to the user that runs it
else
	cache=${XDG_CACHE_HOME:-$HOME/.cache}/stet
fi
run=$cache/elasticsearch-$version

say() { printf 'elasticsearch: %s\n' "$1" >&2; }
fail() { say "$1"; exit 1; }

answers() { curl -sf -m 5 "$1/_cluster/health?filter_path=status" 2>/dev/null | grep -Eq 'green|yellow'; }

found() { printf 'export STET_TEST_ELASTICSEARCH=%s\n' "$1"; }

# wait_for URL: until it answers; alive is a command that says whether there is any hope.
wait_for() {
	local deadline=$((SECONDS + patience))
	until answers "$1"; do
		"${@:2}" || return 1
		[ $SECONDS -lt $deadline ] || { say "no answer at $1 after $patience s"; return 1; }
		sleep 0.5
	done
}

docker_engine() { command -v docker >/dev/null && timeout 5 docker info >/dev/null 2>&1; }

docker_url() {
	local address
	address=$(docker port "$container" 9200/tcp 2>/dev/null | head -n 1) && [ -n "$address" ] && printf 'http://%s' "$address"
}

docker_alive() { [ "$(docker inspect -f '{{.State.Running}}' "$container" 2>/dev/null)" = true ]; }

start_docker() {
	if ! docker_alive; then
		docker rm -f "$container" >/dev/null 2>&1 || true
		say "starting a container of $version"
		docker run -d --name "$container" -p 127.0.0.1::9200 -e discovery.type=single-node \
			-e xpack.security.enabled=false -e cluster.routing.allocation.disk.threshold_enabled=false \
			-e ES_JAVA_OPTS="-Xms$heap -Xmx$heap" "elasticsearch:$version" >/dev/null || return 1
	fi
	local url
	url=$(docker_url) || return 1
	wait_for "$url" docker_alive || { docker logs --tail 20 "$container" >&2; return 1; }
	found "$url"
}

# java_home prints the home of a Java that is new enough.
java_home() {
	local home java major
	for home in "${ES_JAVA_HOME:-}" "${JAVA_HOME:-}" "$(path_java)" /usr/lib/jvm/*; do
		java=$home/bin/java
		[ -n "$home" ] && [ -x "$java" ] || continue
		major=$("$java" -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p' | head -n 1)
		[ "${major:-0}" -ge 17 ] || continue
		printf '%s' "$home"
		return
	done
	return 1
}

path_java() { command -v java >/dev/null && dirname "$(dirname "$(readlink -f "$(command -v java)")")"; }

# unpack puts the distribution into the cache, whole or not at all.
unpack() {
	[ -d "$run/home" ] && return
	command -v mvn >/dev/null || fail "there is no Docker engine and no mvn: install one, or name a server in STET_TEST_ELASTICSEARCH"
	say "fetching $version by its Maven coordinates"
	local name=org.elasticsearch.distribution.integ-test-zip:elasticsearch:$version:zip
	local staging=$run/staging.$$
	mkdir -p "$staging"
	mvn -q -B dependency:copy -Dartifact="$name" -DoutputDirectory="$staging" -Dmdep.overWriteReleases=true >&2 ||
		fail "Maven could not fetch $name"
	(cd "$staging" && if command -v unzip >/dev/null; then unzip -q ./*.zip; else jar xf ./*.zip; fi)
	chmod +x "$staging/elasticsearch-$version/bin/"*
	mv "$staging/elasticsearch-$version" "$run/home"
	rm -rf "$staging"
}

alive() { [ -f "$run/pid" ] && kill -0 "$(cat "$run/pid")" 2>/dev/null; }

# free_port finds one that nobody listens on.
free_port() {
	local port
	for port in $(seq 9250 9349); do
		(exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { printf '%s' "$port"; return; }
	done
	return 1
}

launch() {
	local java port transport
	java=$(java_home) || fail "no Java 17 or newer: set JAVA_HOME"
	port=$(free_port) || fail "no free port from 9250 to 9349"
	transport=$((port + 100))
	rm -rf "$run/data" "$run/logs"
	mkdir -p "$run/data" "$run/logs" "$run/tmp"
	cat >"$run/home/config/elasticsearch.yml" <<-END
		cluster.name: stet-tests
		discovery.type: single-node
		http.host: 127.0.0.1
		http.port: $port
		transport.host: 127.0.0.1
		transport.port: $transport
		path.data: $run/data
		path.logs: $run/logs
		xpack.security.enabled: false
		cluster.routing.allocation.disk.threshold_enabled: false
	END
	local as=()
	if [ "$(id -u)" = 0 ]; then
		id "$user" >/dev/null 2>&1 || fail "there is no user $user to run it: name one in STET_ELASTICSEARCH_USER"
		chown -R "$user" "$run"
		command -v setpriv >/dev/null || fail "setpriv is missing, which gives up the rights of root"
		as=(setpriv "--reuid=$user" "--regid=$(id -g "$user")" --clear-groups)
	fi
	say "starting $version on port $port"
	# Nothing of the caller's is kept open, so that a pipe this writes to can end.
	ES_JAVA_HOME=$java ES_JAVA_OPTS="-Xms$heap -Xmx$heap" ES_TMPDIR=$run/tmp HOME=$run \
		setsid "${as[@]}" "$run/home/bin/elasticsearch" </dev/null >"$run/output" 2>&1 &
	echo $! >"$run/pid"
	echo "http://127.0.0.1:$port" >"$run/url"
}

start_distribution() {
	mkdir -p "$run"
	exec 9>"$run/lock"
	flock 9 # two that start at once get the same server
	# The second time is for a server that was found and was just ending.
	for _ in 1 2; do
		if ! alive; then
			unpack
			launch 9>&-
		fi
		if wait_for "$(cat "$run/url")" alive; then
			found "$(cat "$run/url")"
			return
		fi
	done
	say "it did not start; the end of $run/output:"
	tail -n 20 "$run/output" >&2
	exit 1
}

start() {
	if [ -n "${STET_TEST_ELASTICSEARCH:-}" ]; then
		if answers "$STET_TEST_ELASTICSEARCH"; then
			found "$STET_TEST_ELASTICSEARCH"
			return
		fi
		say "nothing answers at STET_TEST_ELASTICSEARCH=$STET_TEST_ELASTICSEARCH; starting one"
	fi
	if docker_engine && start_docker; then
		return
	fi
	start_distribution
}

stop() {
	if docker_engine && docker inspect "$container" >/dev/null 2>&1; then
		docker rm -f "$container" >/dev/null
		say "the container is gone"
	fi
	alive || { rm -f "$run/pid" "$run/url"; return 0; }
	local pid deadline=$((SECONDS + 30))
	pid=$(cat "$run/pid")
	# The start script replaces itself by Java, or waits for it: its group is both.
	kill -- "-$pid" 2>/dev/null || kill "$pid"
	while kill -0 "$pid" 2>/dev/null; do
		[ $SECONDS -lt $deadline ] || { kill -9 -- "-$pid" 2>/dev/null || true; break; }
		sleep 0.2
	done
	rm -rf "$run/pid" "$run/url" "$run/data"
	say "stopped"
}

status() {
	local url=
	if [ -n "${STET_TEST_ELASTICSEARCH:-}" ] && answers "$STET_TEST_ELASTICSEARCH"; then
		url=$STET_TEST_ELASTICSEARCH
	elif docker_engine && docker_alive; then
		url=$(docker_url)
	elif alive; then
		url=$(cat "$run/url")
	fi
	[ -n "$url" ] && answers "$url" || { say "none runs"; return 1; }
	say "answers at $url"
	found "$url"
}

case "${1:-}" in
start | stop | status) "$1" ;;
*) fail "say start, stop or status" ;;
esac
