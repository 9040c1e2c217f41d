package elastic

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"hash/crc32"

	"github.com/stetnews/stet/services/internal/search"
)

// place is where a version stands among the newest: its time and its key.
type place struct {
	Time int64  `json:"t"` // nanoseconds since 1970
	Key  string `json:"k"`
}

// cursor is where the next page begins. For the newest it is after Last. For relevance what is ranked goes from Newest
// to Oldest, and Offset hits were shown. For versions it is below Version.
type cursor struct {
	Last    *place `json:"l,omitempty"`
	Newest  *place `json:"n,omitempty"`
	Oldest  *place `json:"o,omitempty"` // nil if everything was ranked
	Offset  int    `json:"f,omitempty"`
	Version int    `json:"v,omitempty"`
}

// What cursors belong to.
const (
	ofNewest    = "newest"
	ofRelevance = "relevance"
	ofVersions  = "versions"
)

// encode ties a cursor to what was asked for by a checksum of both.
func (c cursor) encode(of, query string) string {
	text, err := json.Marshal(c)
	if err != nil {
		return "" // numbers and strings always have a JSON
	}
	return base64.RawURLEncoding.EncodeToString(append(binary.BigEndian.AppendUint32(nil, cursorSum(of, query, text)), text...))
}

func cursorSum(of, query string, text []byte) uint32 {
	return crc32.Update(crc32.ChecksumIEEE([]byte(of+"\x00"+query+"\x00")), crc32.IEEETable, text)
}

func decodeCursor(encoded, of, query string) (c cursor, err error) {
	b, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil || len(b) < 4 || binary.BigEndian.Uint32(b) != cursorSum(of, query, b[4:]) || json.Unmarshal(b[4:], &c) != nil {
		return cursor{}, search.ErrBadCursor
	}
	whole := map[string]bool{
		ofNewest:    c.Last != nil,
		ofRelevance: c.Newest != nil && c.Offset >= 0 && c.Offset <= search.RelevanceWindow,
		ofVersions:  c.Version > 0,
	}
	if !whole[of] {
		return cursor{}, search.ErrBadCursor
	}
	return c, nil
}

func orderName(order search.Order) string {
	if order == search.Relevance {
		return ofRelevance
	}
	return ofNewest
}

func queryText(q search.Query) string {
	if q == nil {
		return ""
	}
	return q.String()
}
