package websub

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"hash"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

const (
	hub  = "https://hub.example/"
	feed = "https://gazette.example/feed"
)

func TestLinkHeaders(t *testing.T) {
	for name, c := range map[string]struct {
		lines []string
		want  Links
	}{
		"one line":                {[]string{`<https://hub.example/>; rel="hub", <https://gazette.example/feed>; rel="self"`}, Links{hub, feed}},
		"two lines":               {[]string{`<https://hub.example/>; rel=hub`, `<https://gazette.example/feed>; rel=self`}, Links{hub, feed}},
		"relative":                {[]string{`</feed>; rel=self`}, Links{"", feed}},
		"two relations":           {[]string{`<https://hub.example/>; rel="HUB preload"`}, Links{hub, ""}},
		"other parameters":        {[]string{`<https://hub.example/>; title="a, b; rel=self <c>"; rel=hub; x`}, Links{hub, ""}},
		"escaped quotes":          {[]string{`<https://hub.example/>; title="a \", <b>; rel=self"; rel=hub`}, Links{hub, ""}},
		"the first rel counts":    {[]string{`<https://hub.example/>; rel=next; rel=hub`}, Links{}},
		"the first hub counts":    {[]string{`<https://hub.example/>; rel=hub, <https://second.example/>; rel=hub`}, Links{hub, ""}},
		"no relation":             {[]string{`<https://hub.example/>`, `<https://gazette.example/feed>;rel=self`}, Links{"", feed}},
		"not the web":             {[]string{`<mailto:a@hub.example>; rel=hub`}, Links{}},
		"never closed":            {[]string{`<https://hub.example/; rel=hub`}, Links{}},
		"quotes never closed":     {[]string{`<https://hub.example/>; rel="hub`}, Links{hub, ""}},
		"nothing":                 {nil, Links{}},
		"behind the bounds":       {[]string{strings.Repeat(`<https://next.example/>; rel=next, `, 51) + `<https://hub.example/>; rel=hub`}, Links{}},
		"behind a page of spaces": {[]string{strings.Repeat(" ", maxLinkHeader) + `<https://hub.example/>; rel=hub`}, Links{}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := FromHeader(http.Header{"Link": c.lines}, feed); got != c.want {
				t.Errorf("read %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestUsableLinks(t *testing.T) {
	long := hub + strings.Repeat("a", maxAddress)
	for _, c := range []struct{ given, want Links }{
		{Links{hub, feed}, Links{hub, feed}},
		{Links{hub, ""}, Links{hub, "https://gazette.example/here"}},
		{Links{"", feed}, Links{}},
		{Links{long, feed}, Links{}},
		{Links{hub, long}, Links{}},
		{Links{"ftp://hub.example/", feed}, Links{}},
	} {
		if got := c.given.Usable("https://gazette.example/here"); got != c.want {
			t.Errorf("of %.200v is usable %.200v, want %v", c.given, got, c.want)
		}
	}
	if got := (Links{hub, ""}).Or(Links{"https://second.example/", feed}); got != (Links{hub, feed}) {
		t.Errorf("the header and the feed together say %v", got)
	}
}

func TestIntents(t *testing.T) {
	for name, c := range map[string]struct {
		query string
		want  Intent
		wrong bool
	}{
		"granted":          {"hub.mode=subscribe&hub.topic=T&hub.challenge=C&hub.lease_seconds=86400", Intent{Topic: "T", Challenge: "C", Lease: 24 * time.Hour}, false},
		"without a lease":  {"hub.mode=subscribe&hub.topic=T&hub.challenge=C", Intent{Topic: "T", Challenge: "C", Lease: Lease}, false},
		"for ever":         {"hub.mode=subscribe&hub.topic=T&hub.challenge=C&hub.lease_seconds=9223372036854775807", Intent{Topic: "T", Challenge: "C", Lease: longestLease}, false},
		"for less":         {"hub.mode=subscribe&hub.topic=T&hub.challenge=C&hub.lease_seconds=-5", Intent{Topic: "T", Challenge: "C", Lease: Lease}, false},
		"denied":           {"hub.mode=denied&hub.topic=T&hub.reason=closed%0Afor+good", Intent{Topic: "T", Denied: true, Reason: "closed for good"}, false},
		"denied at length": {"hub.mode=denied&hub.topic=T&hub.reason=" + strings.Repeat("%C3%A9", 150), Intent{Topic: "T", Denied: true, Reason: strings.Repeat("é", 100)}, false},
		"unsubscribe":      {"hub.mode=unsubscribe&hub.topic=T&hub.challenge=C", Intent{}, true},
		"no mode":          {"hub.topic=T&hub.challenge=C", Intent{}, true},
		"no topic":         {"hub.mode=subscribe&hub.challenge=C", Intent{}, true},
		"no challenge":     {"hub.mode=subscribe&hub.topic=T", Intent{}, true},
		"a long challenge": {"hub.mode=subscribe&hub.topic=T&hub.challenge=" + strings.Repeat("c", maxChallenge+1), Intent{}, true},
		"a long topic":     {"hub.mode=denied&hub.topic=" + strings.Repeat("t", maxAddress+1), Intent{}, true},
	} {
		t.Run(name, func(t *testing.T) {
			query, err := url.ParseQuery(c.query)
			if err != nil {
				t.Fatal(err)
			}
			got, err := ReadIntent(query)
			if got != c.want || (err != nil) != c.wrong {
				t.Errorf("read %+v and %v, want %+v", got, err, c.want)
			}
		})
	}
}

func TestSignatures(t *testing.T) {
	const secret, message = "a secret of a test", "<feed/>"
	sign := func(name string, method func() hash.Hash, secret string) string {
		mac := hmac.New(method, []byte(secret))
		mac.Write([]byte(message))
		return name + "=" + hex.EncodeToString(mac.Sum(nil))
	}
	good := sign("sha256", sha256.New, secret)
	for name, c := range map[string]struct {
		signature string
		want      bool
	}{
		"sha1":            {sign("sha1", sha1.New, secret), true},
		"sha256":          {good, true},
		"sha384":          {sign("sha384", sha512.New384, secret), true},
		"sha512":          {sign("sha512", sha512.New, secret), true},
		"capitals":        {strings.ToUpper(good), true},
		"md5":             {sign("md5", md5.New, secret), false},
		"another secret":  {sign("sha256", sha256.New, "another"), false},
		"another name":    {"sha1" + strings.TrimPrefix(good, "sha256"), false},
		"cut":             {good[:len(good)-2], false},
		"nothing":         {"", false},
		"empty digest":    {"sha256=", false},
		"no hexadecimals": {"sha256=zz", false},
		"endless":         {"sha256=" + strings.Repeat("0", 1<<16), false},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := Signed(c.signature, secret, strings.NewReader(message)); err != nil || got != c.want {
				t.Errorf("%v and %v, want %v", got, err, c.want)
			}
		})
	}
	if got, err := Signed(good, secret, strings.NewReader(message+" ")); got || err != nil {
		t.Errorf("a message that was changed is signed: %v, %v", got, err)
	}
	broken := errors.New("the connection ended")
	if got, err := Signed(good, secret, iotest.ErrReader(broken)); got || !errors.Is(err, broken) {
		t.Errorf("a message that was cut off is signed: %v, %v", got, err)
	}
}

func TestKeys(t *testing.T) {
	k := NewKeys("a secret of a test", "https://stet.example/deep/")
	callback := k.Callback("f1")
	if !strings.HasPrefix(callback, "https://stet.example/deep/websub/f1/") {
		t.Errorf("the callback is %s", callback)
	}
	_, asked, _ := strings.Cut(callback, "stet.example")
	for _, c := range []struct {
		path string
		ours bool
	}{
		{asked, true}, {strings.TrimPrefix(asked, "/deep"), true}, {strings.Replace(asked, "f1", "f2", 1), false},
		{asked + "/", false}, {asked[:len(asked)-1], false}, {"/", false}, {"", false}, {"/websub/f1/", false},
	} {
		if feed, ours := k.Feed(c.path); ours != c.ours || ours && feed != "f1" {
			t.Errorf("%q is taken for the path of %q: %v", c.path, feed, ours)
		}
	}
	if _, ours := NewKeys("another secret", "https://stet.example/deep").Feed(asked); ours {
		t.Error("a path holds for another secret")
	}
	here, there := Links{hub, feed}, Links{hub, feed + "/sport"}
	for what, same := range map[string]bool{
		"secrets of two feeds":           k.Secret("f1", here) == k.Secret("f2", here),
		"secrets of two topics":          k.Secret("f1", here) == k.Secret("f1", there),
		"secret and subscription":        strings.HasPrefix(k.Secret("f1", here), k.Subscription("f1", here)),
		"subscriptions to two topics":    k.Subscription("f1", here) == k.Subscription("f1", there),
		"subscriptions of two addresses": k.Subscription("f1", here) == NewKeys("a secret of a test", "https://other.example").Subscription("f1", here),
	} {
		if same {
			t.Errorf("%s are the same", what)
		}
	}
	form := Request(callback, feed, k.Secret("f1", here))
	if form.Get("hub.mode") != "subscribe" || form.Get("hub.topic") != feed || form.Get("hub.callback") != callback ||
		len(form.Get("hub.secret")) >= 200 || form.Get("hub.lease_seconds") != "864000" {
		t.Errorf("the request is %v", form)
	}
}

func TestRenewal(t *testing.T) {
	granted := time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct{ lease, want time.Duration }{
		{Lease, 9*24*time.Hour + 6*time.Hour}, {24 * time.Hour, 12 * time.Hour}, {time.Minute, 30 * time.Second},
	} {
		if got := RenewAt(granted, c.lease).Sub(granted); got != c.want {
			t.Errorf("a lease of %v is renewed after %v, want %v", c.lease, got, c.want)
		}
	}
}

func FuzzLinks(f *testing.F) {
	f.Add(`<https://hub.example/>; rel="hub", </feed>; rel=self`)
	f.Add(`<https://hub.example/>; title="a \", <b>"; rel=hub;`)
	f.Fuzz(func(t *testing.T, header string) {
		found := FromHeader(http.Header{"Link": {header}}, feed)
		if used := found.Usable(feed); used.Hub != "" && (!strings.HasPrefix(used.Hub, "http") || len(used.Hub) > maxAddress) {
			t.Errorf("a hub at %q", used.Hub)
		}
	})
}

func FuzzIntent(f *testing.F) {
	f.Add("hub.mode=subscribe&hub.topic=T&hub.challenge=C&hub.lease_seconds=86400", "sha256=00", "/websub/f/t")
	f.Add("hub.mode=denied&hub.topic=T&hub.reason=%ff", "sha1", "//")
	k := NewKeys("a secret of a test", "https://stet.example")
	f.Fuzz(func(t *testing.T, raw, signature, path string) {
		query, _ := url.ParseQuery(raw) // what of it can be read, as a server does
		i, err := ReadIntent(query)
		if err == nil && !i.Denied && (i.Challenge == "" || i.Lease <= 0 || i.Lease > longestLease) {
			t.Errorf("read %+v", i)
		}
		if signed, _ := Signed(signature, k.Secret("f", Links{}), strings.NewReader(raw)); signed {
			t.Error("somebody guessed a signature")
		}
		if feed, ours := k.Feed(path); ours {
			t.Errorf("somebody guessed the path of %q", feed)
		}
	})
}
