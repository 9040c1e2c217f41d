package politehttp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// maxRetryAfter bounds a pause: longer ones have been seen, and were mistakes.
const maxRetryAfter = 24 * time.Hour

// explain turns a fault into an outcome and a sentence for people.
func explain(err error, host string) (Outcome, string) {
	switch {
	case errors.Is(err, errBlocked):
		return Blocked, fmt.Sprintf("%s leads to an address or port that must not be reached from here: networks of your own are named by --allow-network.", host)
	case errors.Is(err, errProxy):
		return Unreachable, "The proxy that is configured here could not be reached."
	case errors.Is(err, errTooLarge):
		return TooLarge, "The answer is larger than the limit."
	case errors.Is(err, errRatio):
		return TooLarge, "The answer expands to far more than was sent, as a decompression bomb does."
	case errors.Is(err, errEncoding):
		return BadEncoding, "The answer is damaged: it cannot be decompressed."
	case strings.Contains(err.Error(), "response headers exceeded"), strings.Contains(err.Error(), "header list larger"):
		// net/http has no error value for it, and one sentence for each version of the protocol.
		return TooLarge, "The headers of the answer are larger than the limit."
	}
	if reason := certificateReason(err, host); reason != "" {
		return Unreachable, reason
	}
	return Unreachable, networkReason(err, host)
}

func certificateReason(err error, host string) string {
	var invalid x509.CertificateInvalidError
	if errors.As(err, &invalid) {
		return invalidReason(invalid)
	}
	if _, is := errors.AsType[x509.HostnameError](err); is {
		return fmt.Sprintf("The site's certificate is for other names than %s.", host)
	}
	if _, is := errors.AsType[x509.UnknownAuthorityError](err); is {
		return "The site's certificate is signed by an authority that is not known here."
	}
	if _, is := errors.AsType[*tls.CertificateVerificationError](err); is {
		return "The site's certificate cannot be verified."
	}
	if _, is := errors.AsType[tls.RecordHeaderError](err); is {
		return "The site does not answer securely at its https address."
	}
	// What went wrong in agreeing on a secure connection has no exported type. The words are the library's own.
	if _, problem, found := strings.Cut(err.Error(), "tls: "); found {
		return fmt.Sprintf("The secure connection to %s failed (%.100s).", host, problem)
	}
	return ""
}

func invalidReason(invalid x509.CertificateInvalidError) string {
	if invalid.Reason != x509.Expired || invalid.Cert == nil {
		return "The site's certificate is not valid for a web site."
	}
	const day = "2 January 2006"
	// The library says Expired for both ends of the period, and keeps to itself which clock it read.
	if invalid.Cert.NotBefore.After(invalid.Cert.NotAfter) || strings.Contains(invalid.Detail, "is before") {
		return fmt.Sprintf("The site's certificate is not valid before %s.", invalid.Cert.NotBefore.UTC().Format(day))
	}
	return fmt.Sprintf("The site's certificate expired on %s.", invalid.Cert.NotAfter.UTC().Format(day))
}

func networkReason(err error, host string) string {
	if timeout(err) {
		return fmt.Sprintf("%s did not answer completely in time.", host)
	}
	if name, is := errors.AsType[*net.DNSError](err); is {
		if name.IsNotFound {
			return fmt.Sprintf("There is no site named %s.", host)
		}
		return fmt.Sprintf("The address of %s could not be looked up.", host)
	}
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Sprintf("%s refuses connections.", host)
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return fmt.Sprintf("There is no way to %s from here.", host)
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Sprintf("%s broke the connection off.", host)
	}
	return fmt.Sprintf("%s could not be reached, or did not answer in a way that can be understood.", host)
}

func timeout(err error) bool {
	if errors.Is(err, context.DeadlineExceeded) {
		return true
	}
	network, is := errors.AsType[net.Error](err)
	return is && network.Timeout()
}

func statusReason(outcome Outcome, status int) string {
	switch outcome {
	case Gone:
		if status == http.StatusGone {
			return "The page was removed for good (410)."
		}
		return "There is no such page (404)."
	case Refused:
		return fmt.Sprintf("The site refuses to show the page (%d).", status)
	case Busy:
		return fmt.Sprintf("The site asks to come back later (%d).", status)
	case ClientError:
		return fmt.Sprintf("The site did not accept the request (%d).", status)
	default:
		if status < http.StatusInternalServerError {
			return fmt.Sprintf("The site answered, but not with what was asked for (%d).", status)
		}
		return fmt.Sprintf("The site failed (%d).", status)
	}
}

// retryAfter reads the header's seconds or date; what cannot be read, or has passed, is no pause.
func retryAfter(value string, now time.Time) time.Duration {
	value = strings.TrimSpace(value)
	if value == "" {
		return 0
	}
	if seconds, err := strconv.ParseFloat(value, 64); err == nil {
		if !(seconds > 0) {
			return 0
		}
		return time.Duration(min(seconds, maxRetryAfter.Seconds()) * float64(time.Second))
	}
	if date, err := http.ParseTime(value); err == nil {
		return min(max(0, date.Sub(now)), maxRetryAfter)
	}
	return 0
}
