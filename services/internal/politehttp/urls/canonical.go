package urls

import (
	"slices"
	"strings"

	"github.com/nlnwa/whatwg-url/url"
)

// tracking names the query parameters that say who sent the reader and never which page is shown. A name belongs here
// only if no publisher is known to choose content by it: "ref", "source", "mod" and "partner" do not.
var tracking = map[string]bool{
	"__twitter_impression": true, "_ga": true, "_gl": true, "_hsenc": true, "_hsmi": true, "_openstat": true,
	"at_campaign": true, "at_custom1": true, "at_custom2": true, "at_custom3": true, "at_custom4": true,
	"at_format": true, "at_link_id": true, "at_link_origin": true, "at_link_type": true, "at_medium": true,
	"at_campaign_type": true, "at_ptr_name": true, "at_bbc_team": true,
	"cmp": true, "cmpid": true, "dclid": true, "emc": true, "fb_action_ids": true, "fb_action_types": true,
	"fb_ref": true, "fb_source": true, "fbclid": true, "ftag": true, "gbraid": true, "gclid": true, "gclsrc": true,
	"guccounter": true, "guce_referrer": true, "guce_referrer_sig": true, "hsctatracking": true, "icid": true,
	"igsh": true, "igshid": true, "intcid": true, "ito": true, "mc_cid": true, "mc_eid": true, "mkt_tok": true,
	"msclkid": true, "ncid": true, "ocid": true, "oly_anon_id": true, "oly_enc_id": true, "ref_src": true,
	"ref_url": true, "s_cid": true, "smid": true, "smtyp": true, "srnd": true, "taid": true, "traffic_source": true,
	"twclid": true, "vero_conv": true, "vero_id": true, "wbraid": true, "wt.mc_id": true, "wt_mc": true,
	"xtor": true, "yclid": true, "ysclid": true,
}

// trackingPrefixes are families of such parameters.
var trackingPrefixes = []string{"utm_", "hsa_", "itm_", "mtm_", "pk_campaign", "pk_kwd", "pk_source", "pk_medium"}

func isTracking(name string) bool {
	name = strings.ToLower(name)
	if tracking[name] {
		return true
	}
	return slices.ContainsFunc(trackingPrefixes, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}

func canonical(u *url.Url) string {
	port := u.Port()
	if port == "80" || port == "443" {
		// The scheme is folded, so the default port of either is no part of the identity.
		port = ""
	}
	key := "https://" + undotted(u.Hostname()) + colon(port) + plainEscapes(u.Pathname())
	if query := canonicalQuery(u.Query()); query != "" {
		key += "?" + query
	}
	return key
}

// canonicalQuery drops tracking parameters and sorts the others by name. Values of one name keep their order, for it
// can matter.
func canonicalQuery(query string) string {
	var kept []string
	for pair := range strings.SplitSeq(plainEscapes(query), "&") {
		if name := nameOf(pair); pair != "" && !isTracking(name) {
			kept = append(kept, pair)
		}
	}
	slices.SortStableFunc(kept, func(a, b string) int { return strings.Compare(nameOf(a), nameOf(b)) })
	return strings.Join(kept, "&")
}

func nameOf(pair string) string {
	name, _, _ := strings.Cut(pair, "=")
	return name
}

// plainEscapes writes percent escapes in one way: upper-case digits, and no escape for what needs none. A text with a
// broken escape stays as it is, since decoding its neighbours could complete it to another one.
func plainEscapes(text string) string {
	if !strings.Contains(text, "%") {
		return text
	}
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '%' {
			out.WriteByte(text[i])
			continue
		}
		if i+2 >= len(text) || !isHex(text[i+1]) || !isHex(text[i+2]) {
			return text
		}
		if c := unhex(text[i+1])<<4 | unhex(text[i+2]); isUnreserved(c) {
			out.WriteByte(c)
		} else {
			out.WriteString(strings.ToUpper(text[i : i+3]))
		}
		i += 2
	}
	return out.String()
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func unhex(c byte) byte {
	switch {
	case c <= '9':
		return c - '0'
	case c <= 'F':
		return c - 'A' + 10
	default:
		return c - 'a' + 10
	}
}

func isUnreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0
}
