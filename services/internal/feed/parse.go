package feed

import (
	"bytes"
	"fmt"

	"github.com/mmcdole/gofeed"
	"github.com/mmcdole/gofeed/atom"
	"github.com/mmcdole/gofeed/rss"
)

// The parser is given a few items at a time, as a small feed of their own: it keeps all that it reads at some hundred
// times its size, and what is wrong with one item must not cost the others.
const (
	batchBytes = 256 << 10
	batchItems = 50
)

// maxWork bounds what the parser is given of one document, in elements; it takes about two microseconds for one.
// Fifteen megabytes of honest feed have some 300,000, nearly all of them paragraphs of articles.
const maxWork = 400_000

// reader reads an XML feed by its outline.
type reader struct {
	outline
	url      string
	document *Document
	trim     trimmer
	frame    []byte // the start tags around every batch
	batch    []byte
	hints    []hint
	starts   []int // where the items of the batch start
	work     int
	kept     int
	lost     int // items that could not be read
	mended   bool
	full     bool
}

// parseFeed reads an XML feed: whole if it can be, else what is intact in it.
func parseFeed(o outline, url string) (*Document, error) {
	r := &reader{outline: o, url: url, trim: trimmer{own: o.own}}
	if err := r.head(); err != nil {
		return nil, err
	}
	r.enclose()
	for _, item := range o.items {
		if r.full {
			break
		}
		r.add(item)
	}
	r.flush()
	d := r.document
	d.Salvaged = o.broken || r.lost > 0 || r.mended
	d.limit(o.more || r.full)
	if d.Salvaged {
		d.warn("The feed is damaged; %d intact items were read.", len(d.Items))
	}
	return d, nil
}

// limit says that not all was read.
func (d *Document) limit(more bool) {
	switch {
	case more && len(d.Items) >= MaxItems:
		d.warn("The feed has more than %d items; the rest was left out.", MaxItems)
	case more:
		d.warn("The feed holds more than is read of one; what comes after its first %d items was left out.", len(d.Items))
	}
}

// head reads what the feed says of itself, which may stand between its items and behind them too.
func (r *reader) head() error {
	var own hint
	r.trim.reset(&own, true)
	from := 0
	for _, item := range r.items {
		r.trim.add(r.text[from:item.from])
		from = item.to
	}
	r.trim.add(r.text[from:max(from, r.tail)])
	parsed, err := r.library(atomic(r.trim.close()))
	if err != nil {
		return fmt.Errorf("the feed is damaged and nothing of it can be read: %w", err)
	}
	r.document = translate(parsed, own, r.url)
	r.document.Items = make([]Item, 0, len(r.items))
	return nil
}

// enclose makes the frame.
func (r *reader) enclose() {
	for _, tag := range r.open {
		r.frame = appendTag(r.frame, tag, false, r.own)
	}
	r.frame = atomic(r.frame)
}

// add puts an item into the batch.
func (r *reader) add(item span) {
	r.hints = append(r.hints, hint{})
	r.trim.reset(&r.hints[len(r.hints)-1], false)
	r.trim.add(r.text[item.from:item.to])
	if r.work += r.trim.elements; r.work > maxWork {
		r.hints, r.full = r.hints[:len(r.hints)-1], true
		return
	}
	r.starts = append(r.starts, len(r.batch))
	r.batch = append(r.batch, r.trim.close()...)
	r.mended = r.mended || r.trim.mended
	if len(r.batch) >= batchBytes || len(r.starts) >= batchItems {
		r.flush()
	}
}

// flush reads the batch: at once if that gives as many items as it should, else each alone.
func (r *reader) flush() {
	if parsed, err := r.parse(r.batch); err == nil && len(parsed.Items) == len(r.starts) {
		r.take(parsed, r.hints)
	} else {
		for i, from := range r.starts {
			to := len(r.batch)
			if i+1 < len(r.starts) {
				to = r.starts[i+1]
			}
			if parsed, err := r.parse(r.batch[from:to]); err == nil && len(parsed.Items) == 1 {
				r.take(parsed, r.hints[i:i+1])
			} else {
				r.lost++
			}
		}
	}
	r.batch, r.hints, r.starts = r.batch[:0], r.hints[:0], r.starts[:0]
}

func (r *reader) parse(items []byte) (parsed, error) {
	text := append(append([]byte(nil), r.frame...), items...)
	for i := len(r.open) - 1; i >= 0; i-- {
		text = append(append(append(text, "</"...), r.open[i].name...), '>')
	}
	return r.library(text)
}

func (r *reader) take(parsed parsed, hints []hint) {
	for i, item := range parsed.Items {
		if item == nil {
			r.lost++
			continue
		}
		hints[i].complete(parsed, i)
		read := translateItem(item, hints[i], r.url)
		if r.kept += read.size(); r.kept > maxKept {
			r.full = true
			return
		}
		r.document.Items = append(r.document.Items, read)
	}
}

// parsed is a feed as the library reads it: in its common form, and in that of the feed's format.
type parsed struct {
	*gofeed.Feed
	original any
}

// library calls the library. Its way to tell the formats apart sees no root element with many attributes, so the one
// that is needed is called by name. A panic of it is a fault of this one document.
func (r *reader) library(text []byte) (out parsed, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			out, err = parsed{}, fmt.Errorf("the parser gave up: %v", fault)
		}
	}()
	in := bytes.NewReader(text)
	if r.isAtom {
		read, err := (&atom.Parser{}).Parse(in)
		if err != nil {
			return parsed{}, err
		}
		common, err := (&gofeed.DefaultAtomTranslator{}).Translate(read)
		return parsed{common, read}, err
	}
	read, err := (&rss.Parser{}).Parse(in)
	if err != nil {
		return parsed{}, err
	}
	// Looking for images would parse every item's HTML.
	common, err := (&gofeed.DefaultRSSTranslator{DisableContentImageScan: true}).Translate(read)
	return parsed{common, read}, err
}
