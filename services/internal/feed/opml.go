package feed

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/stetnews/stet/services/internal/politehttp/charset"
)

const (
	maxOutlineDepth  = 50
	maxSubscriptions = 50_000
)

// Subscription is an entry of an OPML list.
type Subscription struct {
	URL    string
	Title  string
	Folder string // the names of the enclosing outlines, joined by "/"; empty at the top
}

// ReadOPML reads a list of subscriptions in its order. It reads at most MaxBytes. Addresses of the scheme feed: become
// ones that can be fetched; others stay as written, for the caller to accept or refuse by name.
func ReadOPML(r io.Reader) ([]Subscription, error) {
	body, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("reading the OPML list: %w", err)
	}
	if len(body) > MaxBytes {
		return nil, errors.New("reading the OPML list: it is larger than 15 MB")
	}
	decoded, _ := charset.Decode(body, "")
	reader := opmlReader{}
	decoder := newDecoder(xmlStart.ReplaceAll(appendText(nil, decoded, true, nil), nil))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("reading the OPML list: %w", err)
		}
		if err := reader.take(token); err != nil {
			return nil, fmt.Errorf("reading the OPML list: %w", err)
		}
	}
	if !reader.isOPML {
		return nil, errors.New("reading the OPML list: this is not OPML (there is no <opml> element)")
	}
	return reader.list, nil
}

type opmlReader struct {
	list    []Subscription
	folders []string // one for each open outline, "" for those that are no folder
	isOPML  bool
}

func (o *opmlReader) take(token xml.Token) error {
	switch token := token.(type) {
	case xml.StartElement:
		switch strings.ToLower(token.Name.Local) {
		case "opml":
			o.isOPML = true
		case "outline":
			return o.open(token)
		}
	case xml.EndElement:
		if strings.EqualFold(token.Name.Local, "outline") && len(o.folders) > 0 {
			o.folders = o.folders[:len(o.folders)-1]
		}
	}
	return nil
}

func (o *opmlReader) open(tag xml.StartElement) error {
	attributes := map[string]string{}
	for _, a := range tag.Attr {
		attributes[strings.ToLower(a.Name.Local)] = strings.TrimSpace(a.Value)
	}
	title := attributes["title"]
	if title == "" {
		title = attributes["text"]
	}
	if address := attributes["xmlurl"]; address != "" {
		if len(o.list) == maxSubscriptions {
			return fmt.Errorf("it has more than %d subscriptions", maxSubscriptions)
		}
		o.list = append(o.list, Subscription{URL: fetchable(address), Title: title, Folder: o.folder()})
		title = "" // a feed is no folder, whatever stands inside it
	}
	if len(o.folders) == maxOutlineDepth {
		return fmt.Errorf("its outlines nest more than %d deep", maxOutlineDepth)
	}
	o.folders = append(o.folders, clipTo(title, 200))
	return nil
}

func (o *opmlReader) folder() string {
	var names []string
	for _, name := range o.folders {
		if name != "" {
			names = append(names, name)
		}
	}
	return strings.Join(names, "/")
}

// fetchable undoes the scheme that made browsers hand a link to a feed reader: feed://x and feed:https://x.
func fetchable(address string) string {
	if len(address) < 5 || !strings.EqualFold(address[:5], "feed:") {
		return address
	}
	rest := address[5:]
	if strings.HasPrefix(rest, "//") {
		return "http:" + rest
	}
	return rest
}

// outlineXML is an outline as it is written.
type outlineXML struct {
	XMLName  xml.Name     `xml:"outline"`
	Type     string       `xml:"type,attr,omitempty"`
	Text     string       `xml:"text,attr"`
	Title    string       `xml:"title,attr,omitempty"`
	URL      string       `xml:"xmlUrl,attr,omitempty"`
	Outlines []outlineXML `xml:"outline"`
}

// WriteOPML writes a list of subscriptions as OPML 2.0, those of one folder together.
func WriteOPML(w io.Writer, subscriptions []Subscription) error {
	var top []outlineXML
	places := map[string]int{}
	for _, s := range subscriptions {
		name := s.Title
		if name == "" {
			name = s.URL // OPML requires a text
		}
		written := outlineXML{Type: "rss", Text: name, Title: s.Title, URL: s.URL}
		if s.Folder == "" {
			top = append(top, written)
			continue
		}
		place, known := places[s.Folder]
		if !known {
			place = len(top)
			places[s.Folder] = place
			top = append(top, outlineXML{Text: s.Folder})
		}
		top[place].Outlines = append(top[place].Outlines, written)
	}
	document := struct {
		XMLName  xml.Name     `xml:"opml"`
		Version  string       `xml:"version,attr"`
		Title    string       `xml:"head>title"`
		Outlines []outlineXML `xml:"body>outline"`
	}{Version: "2.0", Title: "Feeds watched by stet", Outlines: top}
	encoded, err := xml.MarshalIndent(document, "", "  ")
	if err != nil {
		return fmt.Errorf("writing the OPML list: %w", err)
	}
	if _, err := io.WriteString(w, xml.Header+string(encoded)+"\n"); err != nil {
		return fmt.Errorf("writing the OPML list: %w", err)
	}
	return nil
}
