package feed

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/mmcdole/gofeed"
)

// parseFeed reads an XML feed: whole if it can be, else what is intact in it.
func parseFeed(o outline, url string) (*Document, error) {
	var warnings []string
	text, items := o.text, o.items
	if len(items) > MaxItems {
		items = items[:MaxItems]
		text = o.first(MaxItems)
		o.items = items
		warnings = append(warnings, fmt.Sprintf("The feed has more than %d items; the rest was left out.", MaxItems))
	}
	parsed, err := parse(text)
	salvaged := o.broken
	if err != nil && len(items) > 0 {
		salvaged = true
		parsed, err = parse(o.first(len(items)))
	}
	if len(items) > 0 && (err != nil || len(parsed.Items) < len(items)) {
		// A wrong tag inside an item can end the reading, or make it swallow the items that follow.
		tidy, kept := o.intact()
		if again, problem := parse(tidy); problem == nil && (err != nil || len(again.Items) > len(parsed.Items)) {
			parsed, err, items, salvaged = again, nil, kept, true
		}
	}
	if err != nil && len(items) == 0 {
		// No item arrived whole; what the feed says of itself may have.
		head, _ := balanced(o.text[:o.head])
		parsed, err = parse(head)
		salvaged = true
	}
	if err != nil {
		return nil, fmt.Errorf("the feed is damaged and nothing of it can be read: %w", err)
	}
	document := translate(parsed, source{url: url, about: o.about, items: items, base64: o.base64})
	document.Salvaged, document.Warnings = salvaged, append(document.Warnings, warnings...)
	if salvaged {
		document.warn("The feed is damaged; %d intact items were read.", len(document.Items))
	}
	return document, nil
}

func parseJSON(text []byte, url string) (*Document, error) {
	if depth(text) > maxDepth {
		return nil, errDepth
	}
	if bytes.Count(text, []byte("{")) > MaxItems {
		// There may be more items than are read; the parser would keep them all.
		if start, found := intactJSON(text); found {
			text = start
		}
	}
	parsed, err := parseRaw(text)
	salvaged := false
	if intact, found := intactJSON(text); err != nil && found {
		if again, problem := parseRaw(intact); problem == nil {
			parsed, err, salvaged = again, nil, true
		}
	}
	if err != nil {
		return nil, fmt.Errorf("reading the JSON feed: %w", err)
	}
	if parsed.FeedVersion == "" && parsed.Title == "" && len(parsed.Items) == 0 {
		return nil, &NotAFeed{Reason: "This is JSON, but not a JSON Feed."}
	}
	document := translate(parsed, source{url: url})
	if salvaged {
		document.Salvaged = true
		document.warn("The feed is damaged; %d intact items were read.", len(document.Items))
	}
	if len(document.Items) > MaxItems {
		document.Items = document.Items[:MaxItems]
		document.warn("The feed has more than %d items; the rest was left out.", MaxItems)
	}
	return document, nil
}

// intactJSON is a JSON Feed up to the last of its items that arrived whole, or to one more than are read.
func intactJSON(text []byte) (intact []byte, found bool) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return nil, false
	}
	var skipped json.RawMessage
	for {
		key, err := decoder.Token()
		if err != nil {
			return nil, false
		}
		if key == "items" {
			break
		}
		if decoder.Decode(&skipped) != nil {
			return nil, false
		}
	}
	if list, err := decoder.Token(); err != nil || list != json.Delim('[') {
		return nil, false
	}
	end := decoder.InputOffset()
	for count := 0; count <= MaxItems && decoder.More() && decoder.Decode(&skipped) == nil; count++ {
		end = decoder.InputOffset()
	}
	return append(bytes.Clone(text[:end]), "]}"...), true
}

// depth is how deeply brackets nest; those inside strings count too, which honest text does not bring near the bound.
func depth(text []byte) int {
	deepest, now := 0, 0
	for _, c := range text {
		switch c {
		case '{', '[':
			now++
			deepest = max(deepest, now)
		case '}', ']':
			now = max(0, now-1)
		}
	}
	return deepest
}

// parse reads a document that starts with its root element.
func parse(text []byte) (*gofeed.Feed, error) {
	const declaration = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"
	return parseRaw(append([]byte(declaration), text...))
}

// parseRaw calls the library. A panic of it is a fault of this one document.
func parseRaw(text []byte) (parsed *gofeed.Feed, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			parsed, err = nil, fmt.Errorf("the parser gave up: %v", fault)
		}
	}()
	parser := gofeed.NewParser()
	parser.KeepOriginalFeed = true
	// Looking for images would parse every item's HTML.
	parser.RSSTranslator = &gofeed.DefaultRSSTranslator{DisableContentImageScan: true}
	parsed, err = parser.Parse(bytes.NewReader(text))
	if err == nil && parsed == nil {
		err = errors.New("the parser found nothing")
	}
	return parsed, err
}
