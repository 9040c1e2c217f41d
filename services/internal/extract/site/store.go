package site

import (
	"encoding/binary"
	"errors"
	"maps"
	"slices"
)

// form is the first byte of a stored memory; another form is read as nothing known.
const form = 3

// ErrSpoilt says that bytes are no stored memory; to go on with the zero value is right, as all of it is learned again.
var ErrSpoilt = errors.New("not a stored memory of a site")

// MarshalBinary writes a memory: equal memories give equal bytes.
func (m *Memory) MarshalBinary() ([]byte, error) {
	b := []byte{form}
	b = binary.LittleEndian.AppendUint32(b, m.readings)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(m.places)))
	for _, at := range slices.Sorted(maps.Keys(m.places)) {
		p := m.places[at]
		b = binary.LittleEndian.AppendUint32(b, at)
		for _, n := range []uint16{p.pairs, p.churned, p.kept, p.left} {
			b = binary.LittleEndian.AppendUint16(b, n)
		}
		b = binary.LittleEndian.AppendUint32(b, p.last)
	}
	b = binary.LittleEndian.AppendUint16(b, uint16(len(m.texts)))
	for _, at := range slices.Sorted(maps.Keys(m.texts)) {
		t := m.texts[at]
		b = binary.LittleEndian.AppendUint32(b, at)
		for _, a := range t.articles {
			b = binary.LittleEndian.AppendUint16(b, a)
		}
		b = binary.LittleEndian.AppendUint32(b, t.last)
		b = append(b, bit(t.sure))
	}
	b = append(b, byte(len(m.articles)))
	for _, past := range m.articles {
		b = binary.LittleEndian.AppendUint32(b, past.article)
		b = append(b, byte(len(past.passages)))
		for _, p := range past.passages {
			b = binary.LittleEndian.AppendUint32(b, p.place)
			b = binary.LittleEndian.AppendUint32(b, p.text)
		}
	}
	return b, nil
}

func bit(yes bool) byte {
	if yes {
		return 1
	}
	return 0
}

// reader takes numbers off the front of bytes, and remembers when there were too few.
type reader struct {
	b     []byte
	short bool
}

func (r *reader) take(n int) []byte {
	if len(r.b) < n {
		r.short = true
		return make([]byte, n)
	}
	taken := r.b[:n]
	r.b = r.b[n:]
	return taken
}

func (r *reader) byte() int       { return int(r.take(1)[0]) }
func (r *reader) short16() uint16 { return binary.LittleEndian.Uint16(r.take(2)) }
func (r *reader) long() uint32    { return binary.LittleEndian.Uint32(r.take(4)) }

// Parse reads what MarshalBinary wrote. No bytes give the zero value.
func Parse(b []byte) (*Memory, error) {
	m := (&Memory{}).clone()
	if len(b) == 0 {
		return m, nil
	}
	r := reader{b: b}
	if r.byte() != form {
		return nil, ErrSpoilt
	}
	m.readings = r.long()
	places := int(r.short16())
	for i := 0; i < places && !r.short; i++ {
		at := r.long()
		m.places[at] = place{r.short16(), r.short16(), r.short16(), r.short16(), r.long()}
	}
	texts := int(r.short16())
	for i := 0; i < texts && !r.short; i++ {
		at := r.long()
		var t text
		for j := range t.articles {
			t.articles[j] = r.short16()
		}
		t.last = r.long()
		t.sure = r.byte() == 1
		m.texts[at] = t
	}
	articles := r.byte()
	for i := 0; i < articles && !r.short; i++ {
		one := past{article: r.long()}
		passages := r.byte()
		for j := 0; j < passages && !r.short; j++ {
			one.passages = append(one.passages, passage{r.long(), r.long()})
		}
		m.articles = append(m.articles, one)
	}
	if r.short || len(r.b) > 0 || len(m.places) > MaxPlaces || len(m.texts) > MaxTexts || len(m.articles) > MaxArticles {
		return nil, ErrSpoilt
	}
	return m, nil
}
