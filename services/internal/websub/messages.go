package websub

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // hubs of the protocol before WebSub know no other; it signs hints
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	// Lease is how long we ask hubs to tell us news, which is what most of them grant.
	Lease = 10 * 24 * time.Hour
	// longestLease bounds what is believed of a hub that promises more.
	longestLease = 30 * 24 * time.Hour
	// renewBefore is how long before its end a lease is renewed: time for three tries. Of a short one it is half.
	renewBefore = 18 * time.Hour

	maxChallenge = 1 << 10
	maxReason    = 200
	// maxSignature is above the longest signature, of SHA-512.
	maxSignature = 160
)

// Request is the form that asks a hub for news of a topic.
func Request(callback, topic, secret string) url.Values {
	return url.Values{
		"hub.mode": {"subscribe"}, "hub.topic": {topic}, "hub.callback": {callback}, "hub.secret": {secret},
		"hub.lease_seconds": {strconv.Itoa(int(Lease / time.Second))},
	}
}

// Intent is what a hub says of a subscription: that it will tell news for a time if we repeat its challenge, or that it
// will not.
type Intent struct {
	Topic     string
	Denied    bool
	Reason    string        // of a denial, for people; may be empty
	Challenge string        // not of a denial
	Lease     time.Duration // not of a denial
}

// ReadIntent reads the query of a hub's request. The error says what is wrong with it; among others, that it is about
// the end of a subscription, for which we never ask.
func ReadIntent(query url.Values) (Intent, error) {
	i := Intent{Topic: query.Get("hub.topic"), Challenge: query.Get("hub.challenge")}
	if i.Topic == "" || len(i.Topic) > maxAddress {
		return Intent{}, errors.New("there is no topic")
	}
	switch query.Get("hub.mode") {
	case "denied":
		reason := strings.Map(printable, query.Get("hub.reason"))
		return Intent{Topic: i.Topic, Denied: true, Reason: strings.ToValidUTF8(reason[:min(len(reason), maxReason)], "")}, nil
	case "subscribe":
	default:
		return Intent{}, errors.New("nothing but a subscription was asked for")
	}
	if i.Challenge == "" || len(i.Challenge) > maxChallenge {
		return Intent{}, errors.New("there is no challenge")
	}
	i.Lease = lease(query.Get("hub.lease_seconds"))
	return i, nil
}

func printable(r rune) rune {
	if r < ' ' || r >= 0x7f && r <= 0x9f {
		return ' '
	}
	return r
}

// lease is how long a subscription is believed to last. Hubs of the protocol before WebSub need not say it.
func lease(seconds string) time.Duration {
	count, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil || count <= 0 {
		return Lease
	}
	return time.Duration(min(count, int64(longestLease/time.Second))) * time.Second
}

// RenewAt is when a lease that was granted at a time is to be renewed.
func RenewAt(granted time.Time, lease time.Duration) time.Time {
	return granted.Add(lease - min(renewBefore, lease/2))
}

// hashes are those that a hub may sign with.
func hashes(name string) func() hash.Hash {
	switch strings.ToLower(name) {
	case "sha1":
		return sha1.New
	case "sha256":
		return sha256.New
	case "sha384":
		return sha512.New384
	case "sha512":
		return sha512.New
	}
	return nil
}

// Signed says whether a message was signed with the secret, by the value of its X-Hub-Signature header. It reads the
// message to its end and keeps nothing of it; the error is that of reading.
func Signed(signature, secret string, message io.Reader) (bool, error) {
	if len(signature) > maxSignature {
		return false, nil
	}
	name, digest, _ := strings.Cut(strings.TrimSpace(signature), "=")
	method := hashes(name)
	given, err := hex.DecodeString(digest)
	if method == nil || err != nil {
		return false, nil
	}
	mac := hmac.New(method, []byte(secret))
	if _, err := io.Copy(mac, message); err != nil {
		return false, err
	}
	return hmac.Equal(given, mac.Sum(nil)), nil
}
