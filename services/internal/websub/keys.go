package websub

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"path"
	"strings"
)

// Keys makes everything that is secret about subscriptions from one secret, so that none of it is stored and every
// process that knows that one knows all.
type Keys struct {
	root []byte
	base string
}

// NewKeys gives the keys of one secret. base is the address at which hubs reach us.
func NewKeys(secret, base string) Keys {
	return Keys{sum([]byte(secret), "stet websub"), strings.TrimRight(base, "/")}
}

// Callback is the address at which a hub tells news of a feed. Who does not know it cannot guess it.
func (k Keys) Callback(feed string) string {
	return k.base + "/websub/" + url.PathEscape(feed) + "/" + k.token(feed)
}

// Feed gives the feed that a path was made for, whatever a proxy has taken off its front. False says that we did not
// make it.
func (k Keys) Feed(asked string) (feed string, ours bool) {
	before, token := path.Split(asked)
	feed = path.Base(before)
	return feed, hmac.Equal([]byte(token), []byte(k.token(feed)))
}

func (k Keys) token(feed string) string {
	return hex.EncodeToString(sum(k.root, "callback", feed)[:16])
}

// Secret is what the hub signs its messages about a feed with. Another hub, or another topic, gets another.
func (k Keys) Secret(feed string, l Links) string {
	return hex.EncodeToString(sum(k.root, "secret", feed, l.Hub, l.Topic))
}

// Subscription stands for a callback, hub and topic: what was agreed on with others is not a subscription any more.
func (k Keys) Subscription(feed string, l Links) string {
	return hex.EncodeToString(sum(k.root, "subscription", k.Callback(feed), l.Hub, l.Topic)[:8])
}

func sum(key []byte, parts ...string) []byte {
	mac := hmac.New(sha256.New, key)
	for _, part := range parts {
		mac.Write([]byte(part))
		mac.Write([]byte{0}) // no address holds it
	}
	return mac.Sum(nil)
}
