#!/bin/sh
# Prints the Secrets that an overlay refers to, made new or from a folder of before:
#
#   deploy/kubernetes/secrets.sh small FOLDER | kubectl apply -f -
#   deploy/kubernetes/secrets.sh large FOLDER | kubectl apply -f -
#
# Keep the folder closed, or remove it: it is needed to print the same again. With an operator for secrets, let that one make
# Secrets of these names and keys instead. Needs kubectl, and no cluster. The key of the object store, stet-archive, is yours.
set -eu
size=${1:-} folder=${2:-}
case $size in
small) export STET_SECRETS_ELASTICSEARCH=none ;;
large | observed) size=large && export STET_SECRETS_ELASTICSEARCH=https://stet-es-http:9200 ;;
*) size= ;;
esac
[ -n "$size" ] && [ -n "$folder" ] || {
	echo "say small or large, and the folder that the secrets are kept in" >&2
	exit 2
}
sh "$(dirname "$0")/../config/secrets.sh" "$folder" >&2

secret() {
	name=$1
	shift
	kubectl create secret generic "$name" --namespace stet --dry-run=client --output yaml "$@"
	echo "---"
}

for service in feed-poller scraper differ indexer query provisioner; do
	secret "stet-$service" --from-file="stet.yaml=$folder/$service.yaml"
done
secret stet-token --from-file="token=$folder/token"

# The servers know each other by a password too. kubectl takes the value of a variable as it stands: without the quotation
# marks of a shell, with those that NATS wants.
if [ ! -e "$folder/route.txt" ]; then
	od -An -N20 -tx1 /dev/urandom | tr -d ' \n' >"$folder/route.txt"
fi
route=$(cat "$folder/route.txt")
{
	tr -d "'" <"$folder/nats.env"
	printf 'STET_NATS_ROUTE_PASSWORD="%s"\n' "$route"
	for n in 1 2 3; do
		printf 'STET_NATS_ROUTE_%d="nats://route:%s@nats-%d.nats-peers:6222"\n' "$n" "$route" "$((n - 1))"
	done
} >"$folder/nats-pods.env"
secret nats --from-env-file="$folder/nats-pods.env"

[ "$size" = large ] || exit 0
value() { sed -n "s/^$1=//p" "$folder/elasticsearch-setup.env"; }
secret stet-elasticsearch-user --type=kubernetes.io/basic-auth --from-literal=username=stet \
	--from-literal="password=$(value STET_PASSWORD)" --from-literal=roles=stet
secret stet-kibana-importer --type=kubernetes.io/basic-auth --from-literal=username=stet-import \
	--from-literal="password=$(value IMPORT_PASSWORD)" --from-literal=roles=kibana_admin
