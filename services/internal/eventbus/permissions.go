package eventbus

import (
	"slices"
	"strings"
)

// Permissions are the subjects that a user may use on a server outside; Deny wins over Publish.
type Permissions struct {
	Publish   []string
	Deny      []string
	Subscribe []string
}

// Roles are all roles that have a user of their own in a server's configuration.
func Roles() []Role {
	return []Role{FeedPoller, Scraper, Differ, Indexer, Query, Operator, Reader, Provisioner}
}

// Permissions are what the role's user needs, and no more.
func (r Role) Permissions() Permissions {
	p := Permissions{Subscribe: []string{inboxPrefix(r.name) + ".>"}}
	for _, use := range r.streams {
		p.stream(use, r.observes)
	}
	for _, use := range r.buckets {
		p.bucket(use)
	}
	if r.observes {
		p.Publish = append(p.Publish, "$JS.API.STREAM.INFO.*", "$JS.API.CONSUMER.INFO.*.*")
	}
	if r.provisions {
		p.Publish = append(p.Publish,
			"$JS.API.STREAM.INFO.*", "$JS.API.STREAM.CREATE.*", "$JS.API.STREAM.UPDATE.*",
			"$JS.API.CONSUMER.INFO.*.*", "$JS.API.CONSUMER.CREATE.>")
	}
	return p
}

func (p *Permissions) stream(use streamUse, observes bool) {
	p.Publish = append(p.Publish, "$JS.API.STREAM.INFO."+use.stream)
	p.Publish = append(p.Publish, use.publish...)
	for _, c := range use.consume {
		p.Publish = append(p.Publish, "$JS.API.CONSUMER.INFO."+c.stream+"."+c.name,
			"$JS.API.CONSUMER.MSG.NEXT."+c.stream+"."+c.name, "$JS.ACK."+c.stream+"."+c.name+".>")
	}
	if use.read {
		p.Publish = append(p.Publish, "$JS.API.STREAM.MSG.GET."+use.stream)
	}
	if use.remove {
		p.Publish = append(p.Publish, "$JS.API.STREAM.MSG.DELETE."+use.stream)
	}
	if use.watch {
		p.watch(use, observes, "CREATE."+use.stream+".*")
	}
	if use.pick {
		p.watch(use, observes, "CREATE."+use.stream+".*.>")
	}
	p.Subscribe = append(p.Subscribe, use.subscribe...)
}

// watch lets a role make consumers of its own on a stream, by the one form of the request that it uses. The server cannot tell those by name from the durable ones,
// so that these are denied one by one: nobody but their service may take from them, change or delete them.
func (p *Permissions) watch(use streamUse, observes bool, create string) {
	stream := use.stream
	p.Publish = append(p.Publish, "$JS.API.CONSUMER."+create)
	for _, action := range []string{"INFO", "MSG.NEXT", "DELETE"} {
		p.Publish = append(p.Publish, "$JS.API.CONSUMER."+action+"."+stream+".*")
	}
	for _, c := range consumers() {
		if c.stream != stream {
			continue
		}
		denied := []string{"CREATE", "DELETE"}
		if !slices.Contains(use.consume, c) {
			denied = append(denied, "MSG.NEXT")
			if !observes {
				denied = append(denied, "INFO")
			}
		}
		for _, action := range denied {
			p.Deny = append(p.Deny, "$JS.API.CONSUMER."+action+"."+stream+"."+c.name)
		}
		p.Deny = append(p.Deny, "$JS.API.CONSUMER.CREATE."+stream+"."+c.name+".>")
	}
}

func (p *Permissions) bucket(use bucketUse) {
	stream, keys := bucketPrefix+use.bucket, "$KV."+use.bucket+".>"
	p.Publish = append(p.Publish, "$JS.API.STREAM.INFO."+stream, "$JS.API.DIRECT.GET."+stream+"."+keys)
	if use.write {
		p.Publish = append(p.Publish, keys)
	}
	if use.list {
		p.Publish = append(p.Publish, "$JS.API.CONSUMER.CREATE."+stream+".*."+keys, "$JS.API.CONSUMER.DELETE."+stream+".*",
			"$JS.API.CONSUMER.CREATE."+stream, // how the client begins again when the connection was lost in a listing
			"$JS.FC."+stream+".>")             // the flow control of the listing
	}
}

// PasswordVariable names the environment variable that holds the password of a role's user:
// STET_NATS_FEED_POLLER_PASSWORD.
func (r Role) PasswordVariable() string { return passwordVariable(r.name) }

func passwordVariable(user string) string {
	return "STET_NATS_" + strings.ToUpper(strings.ReplaceAll(user, "-", "_")) + "_PASSWORD"
}
