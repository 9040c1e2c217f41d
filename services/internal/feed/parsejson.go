package feed

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/mmcdole/gofeed"
	jsonfeed "github.com/mmcdole/gofeed/json"
)

// The members of a JSON Feed and of its items that are read.
var (
	feedMembers = []string{"version", "title", "home_page_url", "feed_url", "description"}
	itemMembers = []string{"id", "url", "external_url", "title", "content_html", "content_text", "summary", "date_published", "date_modified"}
)

// jsonOutline is what a first pass over a JSON Feed found.
type jsonOutline struct {
	head  []byte // the object without its items, as far as it is read
	items []span
	whole bool
	more  bool
}

// parseJSON reads a JSON Feed: whole if it can be, else the items that arrived whole.
func parseJSON(text []byte, url string) (*Document, error) {
	o, err := sketchJSON(text)
	if err != nil {
		return nil, err
	}
	head, err := libraryJSON(o.head)
	if err != nil {
		return nil, fmt.Errorf("reading the JSON feed: %w", err)
	}
	if head.FeedVersion == "" && head.Title == "" && len(o.items) == 0 {
		return nil, &NotAFeed{Reason: "This is JSON, but not a JSON Feed."}
	}
	r := &jsonReader{text: text, url: url, document: translate(head, hint{}, url)}
	r.document.Items = make([]Item, 0, len(o.items))
	for _, item := range o.items {
		if r.full {
			break
		}
		r.add(item)
	}
	r.flush()
	d := r.document
	d.Salvaged = !o.whole || r.lost > 0
	d.limit(o.more || r.full)
	if d.Salvaged {
		d.warn("The feed is damaged; %d intact items were read.", len(d.Items))
	}
	return d, nil
}

// jsonReader reads the items of a JSON Feed, a few at a time.
type jsonReader struct {
	text     []byte
	url      string
	document *Document
	batch    [][]byte
	size     int
	kept     int
	lost     int
	full     bool
}

func (r *jsonReader) add(item span) {
	members, ok := appendMembers(nil, r.text[item.from:item.to], itemMembers)
	if !ok {
		r.lost++
		return
	}
	r.batch = append(r.batch, members)
	if r.size += len(members); r.size >= batchBytes || len(r.batch) >= batchItems {
		r.flush()
	}
}

func (r *jsonReader) flush() {
	if parsed, err := parseItems(r.batch); err == nil && len(parsed.Items) == len(r.batch) {
		r.take(parsed)
	} else {
		for _, item := range r.batch {
			if parsed, err := parseItems([][]byte{item}); err == nil && len(parsed.Items) == 1 {
				r.take(parsed)
			} else {
				r.lost++
			}
		}
	}
	r.batch, r.size = r.batch[:0], 0
}

func parseItems(items [][]byte) (parsed, error) {
	text := []byte(`{"version":"https://jsonfeed.org/version/1.1","items":[`)
	text = append(text, bytes.Join(items, []byte(","))...)
	return libraryJSON(append(text, "]}"...))
}

// libraryJSON calls the library. A panic of it is a fault of this one document.
func libraryJSON(text []byte) (out parsed, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			out, err = parsed{}, fmt.Errorf("the parser gave up: %v", fault)
		}
	}()
	read, err := (&jsonfeed.Parser{}).Parse(bytes.NewReader(text))
	if err != nil {
		return parsed{}, err
	}
	common, err := (&gofeed.DefaultJSONTranslator{}).Translate(read)
	return parsed{common, read}, err
}

func (r *jsonReader) take(parsed parsed) {
	for _, item := range parsed.Items {
		read := translateItem(item, hint{hasPublished: true}, r.url)
		if r.kept += read.size(); r.kept > maxKept {
			r.full = true
			return
		}
		r.document.Items = append(r.document.Items, read)
	}
}

var errNotJSON = errors.New("reading the JSON feed: it is not JSON")

// sketchJSON finds the items.
func sketchJSON(text []byte) (jsonOutline, error) {
	var o jsonOutline
	o.head, _ = appendMembers(nil, text, feedMembers)
	s := scanner{text: text}
	o.whole = s.members(func(key []byte) bool {
		if string(key) != "items" || s.peek() != '[' {
			return s.value()
		}
		return s.elements(func() bool {
			from := s.at
			if !s.value() {
				return false
			}
			switch {
			case len(o.items) >= MaxItems:
				o.more = true
				return false
			case text[from] == '{':
				o.items = append(o.items, span{from, s.at})
			}
			return true
		})
	})
	o.whole = o.whole || o.more
	if s.deep {
		return o, errDepth
	}
	if len(o.head) == 0 {
		return o, errNotJSON
	}
	return o, nil
}

// appendMembers writes those members of an object that are named and hold a text or a number, cut to what is read of a
// field. ok says that the object is whole.
func appendMembers(out, object []byte, names []string) (written []byte, ok bool) {
	s := scanner{text: object}
	out = append(out, '{')
	var taken [16]bool // names come once; a thousand of the same would be read a thousand times
	ok = s.members(func(key []byte) bool {
		from := s.at
		whole := s.value()
		value := object[from:s.at]
		which := slices.Index(names, string(key))
		if !whole || which < 0 || len(value) == 0 || taken[which] {
			return whole
		}
		switch c := value[0]; {
		case c == '"':
			value = clipJSON(value)
		case c != '-' && (c < '0' || c > '9') || len(value) > 100:
			return true
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		taken[which] = true
		out = append(strconv.AppendQuote(out, string(key)), ':')
		out = append(out, value...)
		return true
	})
	return append(out, '}'), ok
}

// clipJSON is a text in quotes without what JSON forbids, and not longer than is read of a field.
func clipJSON(quoted []byte) []byte {
	inner := quoted[1 : len(quoted)-1]
	if len(inner) > maxField {
		size := maxField
		for size > 0 && inner[size]&0xc0 == 0x80 {
			size--
		}
		inner = inner[:size]
		// An escape takes six bytes at most, and a pair of them twelve.
		const longest = 12
		if at := bytes.LastIndexByte(inner[size-longest:], '\\'); at >= 0 {
			inner = inner[:size-longest+at]
			for len(inner) > 0 && inner[len(inner)-1] == '\\' {
				inner = inner[:len(inner)-1]
			}
		}
	}
	out := make([]byte, 0, len(inner)+2)
	out = append(out, '"')
	for _, c := range inner {
		switch {
		case c == '\n':
			out = append(out, `\n`...)
		case c == '\t':
			out = append(out, `\t`...)
		case c >= ' ':
			out = append(out, c)
		}
	}
	return append(out, '"')
}
