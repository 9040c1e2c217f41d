#!/bin/sh
# Gives Elasticsearch the users of stet and Kibana, with what they need and no more. Repeated without harm: it says what
# it set, and fails with the answer of Elasticsearch.
#
# From the environment: ELASTICSEARCH (address), ELASTIC_PASSWORD (of the user elastic), KIBANA_PASSWORD, STET_PASSWORD and
# IMPORT_PASSWORD (to be set).
set -eu

# put METHOD PATH BODY. The password comes over standard input, where no list of processes shows it.
put() {
	answer=$(printf 'user = "elastic:%s"\n' "$ELASTIC_PASSWORD" |
		curl -sS -K - --max-time 30 -X "$1" -H 'Content-Type: application/json' -w '\n%{http_code}' -d "$3" "$ELASTICSEARCH$2")
	case $(echo "$answer" | tail -n 1) in
	200 | 201) echo "set $2" ;;
	*)
		echo "Elasticsearch refuses $2: $answer" >&2
		exit 1
		;;
	esac
}

put POST /_security/user/kibana_system/_password "{\"password\":\"$KIBANA_PASSWORD\"}"
put PUT /_security/role/stet '{
	"cluster": ["monitor", "manage_index_templates", "manage_ilm"],
	"indices": [{"names": ["stet-*"], "privileges": ["all"]}]
}'
put PUT /_security/user/stet "{\"password\":\"$STET_PASSWORD\",\"roles\":[\"stet\"],\"full_name\":\"stet: provision, indexer, query\"}"
put PUT /_security/user/stet-import "{\"password\":\"$IMPORT_PASSWORD\",\"roles\":[\"kibana_admin\"],\"full_name\":\"stet kibana import\"}"
