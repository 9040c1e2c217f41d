package sqlite

import (
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"

	"github.com/stetnews/stet/services/internal/search"
)

// cursor is where the next page begins. For the newest it is below the key; for relevance the first page's newest
// match is the key, and offset hits were shown.
type cursor struct {
	key    int64
	offset int64
}

// cursorSum ties a cursor to what was searched, so that one of another search is refused.
func cursorSum(kind, text string) uint32 { return crc32.ChecksumIEEE([]byte(kind + "\x00" + text)) }

func (c cursor) encode(sum uint32) string {
	b := binary.BigEndian.AppendUint32(nil, sum)
	b = binary.AppendVarint(b, c.key)
	b = binary.AppendVarint(b, c.offset)
	return base64.RawURLEncoding.EncodeToString(b)
}

func decodeCursor(text string, sum uint32) (c cursor, err error) {
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(b) < 4 || binary.BigEndian.Uint32(b) != sum {
		return c, search.ErrBadCursor
	}
	key, n := binary.Varint(b[4:])
	if n <= 0 {
		return c, search.ErrBadCursor
	}
	offset, m := binary.Varint(b[4+n:])
	if m <= 0 || 4+n+m != len(b) || offset < 0 || offset > search.RelevanceWindow {
		return c, search.ErrBadCursor
	}
	return cursor{key, offset}, nil
}

func requestSum(r search.Request) uint32 {
	kind := "newest"
	if r.Order == search.Relevance {
		kind = "relevance"
	}
	if r.Query == nil {
		return cursorSum(kind, "")
	}
	return cursorSum(kind, r.Query.String())
}
