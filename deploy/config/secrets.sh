#!/bin/sh
# Makes the secrets that docker-compose.yml uses, once: passwords that nobody chose, each only where it is needed. What is
# there already stays, so that it may be run again.
#
#   deploy/config/secrets.sh [FOLDER]      default: the folder secrets beside this script
#
# STET_SECRETS_ELASTICSEARCH in the environment is another address of Elasticsearch, or "none" where SQLite is the index.
#
# The folder is closed to others. The files in it can be read by all, for the services in the containers are other users
# than you and see single files only.
set -eu
folder=${1:-$(dirname "$0")/secrets}
umask 022
mkdir -p "$folder"
chmod 700 "$folder"

# random prints 160 bits in hexadecimal: no character that any of the readers takes for something else.
random() { od -An -N20 -tx1 /dev/urandom | tr -d ' \n'; }

# put writes what it reads to a file, whole or not at all.
put() {
	cat >"$folder/.new"
	mv "$folder/.new" "$folder/$1"
}

if [ -e "$folder/token" ]; then
	[ -e "$folder/grafana" ] || random | put grafana # which folders of before have not
	echo "the secrets are in $folder already; to change them, remove all of them and the volumes of NATS and Elasticsearch"
	exit 0
fi

engine=${STET_SECRETS_ELASTICSEARCH:-http://elasticsearch:9200}
elastic=$(random)
kibana=$(random)
importer=$(random)
index=$(random)

# Each service knows its own user at NATS and no other. The server knows all of them; it wants them with quotation marks
# inside the value, so that it takes them for text.
nats=
for service in feed-poller scraper differ indexer query provisioner operator reader sys; do
	password=$(random)
	variable=STET_NATS_$(echo "$service" | tr 'a-z-' 'A-Z_')_PASSWORD
	nats="$nats$variable='\"$password\"'
"
	case $service in
	operator | reader | sys) put "$service.txt" <<-END ;;
		$password
	END
	*)
		{
			echo "nats: nats://$service:$password@nats:4222"
			case $service in
			indexer | query | provisioner)
				[ "$engine" = none ] || echo "elasticsearch: ${engine%%://*}://stet:$index@${engine#*://}"
				;;
			esac
		} | put "$service.yaml"
		;;
	esac
done
printf '%s' "$nats" | put nats.env

put elasticsearch.env <<END
ELASTIC_PASSWORD=$elastic
END
put elasticsearch-setup.env <<END
ELASTIC_PASSWORD=$elastic
KIBANA_PASSWORD=$kibana
STET_PASSWORD=$index
IMPORT_PASSWORD=$importer
END
put kibana.env <<END
ELASTICSEARCH_PASSWORD=$kibana
XPACK_ENCRYPTEDSAVEDOBJECTS_ENCRYPTIONKEY=$(random)
XPACK_REPORTING_ENCRYPTIONKEY=$(random)
XPACK_SECURITY_ENCRYPTIONKEY=$(random)
END
put kibana-import.env <<END
STET_KIBANA_PASSWORD=$importer
END
random | put grafana
random | put token # the last one: it says that all the others are there
echo "the secrets are in $folder; log in to Kibana as elastic with the password in elasticsearch.env"
