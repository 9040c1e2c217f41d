package query

import (
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
)

// A page token is base64url of a checksum and the position after it. The checksum is of the position and of the
// request that it was made for, so that a token of another search is refused instead of answered with nonsense.

// checksumSize makes a mistaken token pass once in 2^64; it is no secret and keeps nobody out.
const checksumSize = 8

// maxToken bounds what is decoded at all.
const maxToken = 4 << 10

// pageToken gives the token of a position; the request is named by all that decides what it lists. An empty position
// is the end and has no token.
func pageToken(position string, request ...string) string {
	if position == "" {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString([]byte(checksum(position, request) + position))
}

// position reads a token back. The empty token is the beginning.
func position(field, token string, request ...string) (string, error) {
	if token == "" {
		return "", nil
	}
	if len(token) <= maxToken {
		data, err := base64.RawURLEncoding.DecodeString(token)
		if err == nil && len(data) > checksumSize {
			at := string(data[checksumSize:])
			if string(data[:checksumSize]) == checksum(at, request) {
				return at, nil
			}
		}
	}
	return "", invalid(field, "it does not belong to this request: start again without it")
}

func checksum(position string, request []string) string {
	var b strings.Builder
	for _, part := range append([]string{position}, request...) {
		b.WriteString(strconv.Itoa(len(part)) + ":" + part)
	}
	sum := sha256.Sum256([]byte(b.String()))
	return string(sum[:checksumSize])
}

// pageSize is the size of a page: the usual one for 0, never above the limit.
func pageSize(wanted int32, usual, limit int) (int, error) {
	switch {
	case wanted < 0:
		return 0, invalid("page_size", "it must be from 1 to %d, or 0 for %d", limit, usual)
	case wanted == 0:
		return usual, nil
	}
	return min(int(wanted), limit), nil
}
