package politehttp

import "net/http"

// Outcome is what an exchange with a stranger ended in.
type Outcome int

// The outcomes.
const (
	// OK: the answer is 200 or 203 and its body was read whole.
	OK Outcome = iota + 1
	// NotModified: what the validators stand for is still current (304).
	NotModified
	// Redirected: the site sends to another host, and the request was to stay on its own.
	Redirected
	// Gone: there is nothing any more, or nothing yet (404, 410).
	Gone
	// Refused: the site does not want to give it to us (401, 403, 407, 451).
	Refused
	// Busy: the site asks for a pause (429, 503); see Response.RetryAfter.
	Busy
	// ServerError: the site failed (other 5xx), or answered with a status that brings nothing asked for, such as 202, by
	// which walls against robots are shown, 204, or 206, which is a part of something.
	ServerError
	// ClientError: the site found fault with the request (other 4xx).
	ClientError
	// Unreachable: no answer, or not all of it (name, connection, certificate, deadline).
	Unreachable
	// Blocked: the address is one that must not be reached from here.
	Blocked
	// TooLarge: the body, its decompression or the headers exceed the bounds.
	TooLarge
	// BadRedirect: a loop, too many hops, a step from https to http, or a target that is no web address.
	BadRedirect
	// BadEncoding: the body cannot be decompressed.
	BadEncoding
)

var outcomeNames = [...]string{
	"unspecified", "ok", "not modified", "redirected", "gone", "refused", "busy", "server error", "client error",
	"unreachable", "blocked", "too large", "bad redirect", "bad encoding",
}

// String is the outcome as logs and metrics name it.
func (o Outcome) String() string {
	if o < 0 || int(o) >= len(outcomeNames) {
		return outcomeNames[0]
	}
	return outcomeNames[o]
}

// outcomeOf reads a status that is neither 304 nor a redirect.
func outcomeOf(status int) Outcome {
	switch {
	case status == http.StatusOK || status == http.StatusNonAuthoritativeInfo:
		return OK
	case status == 404 || status == 410:
		return Gone
	case status == 401 || status == 403 || status == 407 || status == 451:
		return Refused
	case status == 429 || status == 503:
		return Busy
	case status >= 400 && status < 500:
		return ClientError
	default:
		return ServerError
	}
}
