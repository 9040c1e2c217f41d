package dom

import "strings"

// thin takes out of a page what nobody reads, before it is parsed: the text of scripts (those with data for machines
// stay) and styles, and what is drawn in vectors. That is half of a usual news page, and parsing is half of the work of
// reading one. The elements themselves stay, so that the tree is the same but for what is in them. Unless the page is
// wanted whole, the attributes and the elements of the head that no reader asks for go too (see attributes.go and
// head.go): each costs the parser more than its bytes. Where it is not sure how the parser will read the page, it leaves the rest as it is.
//
// It counts what the tree will hold as it goes, and errs where that is too much: some short pages make the parser build
// trees of any size.
func thin(text string, whole bool) (string, error) {
	t := thinner{text: text, whole: whole}
	at := 0
	for t.load.err() == nil {
		next := strings.IndexByte(text[at:], '<')
		if next < 0 {
			break
		}
		from := at + next
		t.between(at, from)
		if at = t.token(from); at < 0 {
			t.load.rest(text[from:])
			break
		}
	}
	if err := t.load.err(); err != nil {
		return "", err
	}
	if t.copied == 0 {
		return text, nil
	}
	t.out.WriteString(text[t.copied:])
	return t.out.String(), nil
}

type thinner struct {
	text   string
	out    strings.Builder
	copied int // up to where the text is written or left out
	whole  bool
	load   load
	attrs  []attribute // of the tag that was read last
	head   headPart
	// scripted is whether the head has had a script.
	scripted bool
}

// leaveOut drops a part of the text.
func (t *thinner) leaveOut(from, to int) {
	if to == from {
		return
	}
	if t.copied == 0 {
		t.out.Grow(len(t.text) / 2) // a third of most pages is left
	}
	t.out.WriteString(t.text[t.copied:from])
	t.copied = to
}

// token reads what begins with the sign at a place and gives the place behind it, or -1 to leave the rest as it is.
func (t *thinner) token(at int) int {
	rest := t.text[at+1:]
	switch {
	case rest == "":
		return -1
	case strings.HasPrefix(rest, "!--"):
		return t.comment(at + 4)
	case rest[0] == '!' || rest[0] == '?':
		return t.after(at, ">")
	case rest[0] == '/':
		if len(rest) < 2 || !letter(rest[1]) {
			return t.after(at, ">")
		}
		name, _, end := tag(t.text, at+2, nil)
		if end >= 0 {
			t.load.end(name)
			t.closed(name)
		}
		return end
	case !letter(rest[0]):
		t.head = behindHead // the sign is text
		return at + 1
	}
	name, attrs, end := tag(t.text, at+1, t.attrs[:0])
	t.attrs = attrs
	if end < 0 || name == "svg" && t.unclear(end) {
		return -1
	}
	count := len(attrs)
	t.open(name)
	behind := t.spare(name, at, end)
	if behind < 0 {
		t.undress(name)
		behind = t.element(name, at, end)
	}
	if behind >= 0 {
		t.load.start(name, count)
	}
	return behind
}

// element passes over an element whose content is read by rules of its own, any other one's tag alone.
func (t *thinner) element(name string, at, end int) int {
	switch name {
	case "script":
		return t.script(at, end)
	case "style":
		close := closing(t.text, end, name)
		if close >= 0 {
			t.leaveOut(end, close)
		}
		return close
	case "svg":
		return t.drawing(end)
	case "select":
		return t.choice(end)
	case "iframe", "noembed", "noframes", "textarea", "title", "xmp":
		return closing(t.text, end, name)
	case "math", "plaintext", "frameset":
		return -1 // what is in them is read by other rules
	}
	return end
}

func (t *thinner) after(at int, sign string) int {
	if end := strings.Index(t.text[at:], sign); end >= 0 {
		return at + end + len(sign)
	}
	return -1
}

// comment finds a comment's end from the place behind its beginning.
func (t *thinner) comment(at int) int {
	if rest := t.text[at:]; strings.HasPrefix(rest, ">") || strings.HasPrefix(rest, "->") {
		return t.after(at, ">")
	}
	end := t.after(at, "-->")
	if end >= 0 && strings.Contains(t.text[at:end], "--!>") {
		return -1
	}
	return end
}

// script leaves out a script's text, unless it may be data for machines.
func (t *thinner) script(at, end int) int {
	close, needed := t.code(at, end)
	if close >= 0 && !needed {
		t.leaveOut(end, close)
	}
	return close
}

// code finds where the end tag of a script begins, -1 where its text looks like a script to the parser, and says whether
// it may be data for machines.
func (t *thinner) code(at, end int) (close int, needed bool) {
	close = closing(t.text, end, "script")
	if close < 0 {
		return -1, false
	}
	body := t.text[end:close]
	if strings.Contains(body, "<!--") && strings.Contains(strings.ToLower(body), "<script") {
		return -1, false
	}
	opening := strings.ToLower(t.text[at:end])
	return close, strings.Contains(opening, "ld+json") || strings.Contains(opening, "&")
}

// drawn are the elements of drawings that hold nothing but each other.
var drawn = map[string]bool{
	"svg": true, "g": true, "path": true, "circle": true, "ellipse": true, "rect": true, "line": true, "polygon": true, "polyline": true,
	"defs": true, "use": true, "symbol": true, "clippath": true, "mask": true, "lineargradient": true, "radialgradient": true, "stop": true,
	"pattern": true, "filter": true, "marker": true, "animate": true, "animatetransform": true, "image": true, "text": true, "tspan": true,
}

// labels are the elements of drawings that hold text, to which other rules apply than to the drawing.
var labels = map[string]bool{"title": true, "desc": true, "style": true}

// drawing leaves out what is in a drawing. If it holds anything that drawings usually do not, it is left to the parser,
// as is all that follows.
func (t *thinner) drawing(end int) int {
	if t.empty(end) {
		return end
	}
	from, depth := end, 1
	for place := end; ; {
		next := strings.IndexByte(t.text[place:], '<')
		if next < 0 {
			return -1
		}
		at := place + next + 1
		closes := at < len(t.text) && t.text[at] == '/'
		if closes {
			at++
		}
		name, attrs, behind := tag(t.text, at, t.attrs[:0])
		t.attrs = attrs
		if behind >= 0 && labels[name] && !closes {
			if behind = labelled(t.text, behind, name); behind >= 0 {
				place = behind
				continue
			}
		}
		if behind < 0 || t.unclear(behind) || !drawn[name] && !strings.HasPrefix(name, "fe") {
			return -1
		}
		if name == "svg" && closes {
			if depth--; depth == 0 {
				t.leaveOut(from, place+next)
				return behind
			}
		} else if name == "svg" && !t.empty(behind) {
			depth++
		}
		place = behind
	}
}

// empty says whether the tag read last, which ends before a place, closes itself.
func (t *thinner) empty(end int) bool { return t.text[end-2] == '/' }

// unclear says whether the slash at the end of the tag read last is a value's, as parsers do not agree on what it means.
func (t *thinner) unclear(end int) bool {
	return len(t.attrs) > 0 && t.text[end-2] == '/' && t.attrs[len(t.attrs)-1].end == end-1
}

// labelled gives the place behind a label that holds nothing but text, -1 behind another.
func labelled(text string, at int, name string) int {
	next := strings.IndexByte(text[at:], '<')
	if next < 0 || next != strings.Index(text[at:], "</") {
		return -1
	}
	if closed, _, behind := tag(text, at+next+2, nil); closed == name {
		return behind
	}
	return -1
}

// choice passes over a list to choose from, which reads some elements by rules of its own.
func (t *thinner) choice(at int) int {
	end := closing(t.text, at, "select")
	if end < 0 {
		return -1
	}
	for part := range strings.SplitSeq(t.text[at:end], "<") {
		name, attrs, _ := tag(part, 0, t.attrs[:0])
		t.attrs = attrs
		if name != "" && name != "option" && name != "optgroup" {
			return -1
		}
	}
	return end
}

// closing finds where the next end tag of a name begins.
func closing(text string, at int, name string) int {
	for {
		next := strings.Index(text[at:], "</")
		if next < 0 {
			return -1
		}
		at += next + 2
		if len(text) > at+len(name) && strings.EqualFold(text[at:at+len(name)], name) && strings.IndexByte(" \n\r\t\f/>", text[at+len(name)]) >= 0 {
			return at - 2
		}
	}
}

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func space(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' }

// attribute is where an attribute stands in a text: its name and value, the value without quotes, and what ends it.
type attribute struct{ at, named, from, to, end int }

// tag reads a tag from the place of its name's first letter: the name in lower case, its attributes behind those given,
// and the place behind it, -1 where the tag has no end or attributes that parsers do not agree on.
func tag(text string, at int, attrs []attribute) (name string, all []attribute, end int) {
	from := at
	for at < len(text) && !space(text[at]) && text[at] != '/' && text[at] != '>' {
		at++
	}
	name = strings.ToLower(text[from:min(at, from+20)])
	named := false // an attribute's name stands before, maybe with space behind it
	for at < len(text) {
		switch c := text[at]; {
		case c == '>':
			return name, attrs, at + 1
		case c == '=':
			if !named {
				return name, attrs, -1
			}
			a := &attrs[len(attrs)-1]
			if a.from, a.to, a.end = value(text, at+1); a.end < 0 {
				return name, attrs, -1
			}
			at, named = a.end, false
		case c == '/':
			named = false
			at++
		case space(c):
			at++
		default:
			a := attribute{at: at}
			for at < len(text) && !space(text[at]) && text[at] != '/' && text[at] != '=' && text[at] != '>' {
				at++
			}
			a.named, a.from, a.to, a.end = at, at, at, at
			attrs, named = append(attrs, a), true
		}
	}
	return name, attrs, -1
}

// value gives the places of an attribute's value and behind it, from behind its equals sign; -1 where it has no end.
func value(text string, at int) (from, to, end int) {
	for at < len(text) && space(text[at]) {
		at++
	}
	if at == len(text) {
		return 0, 0, -1
	}
	if quote := text[at]; quote == '"' || quote == '\'' {
		size := strings.IndexByte(text[at+1:], quote)
		if size < 0 {
			return 0, 0, -1
		}
		return at + 1, at + 1 + size, at + 1 + size + 1
	}
	from = at
	for at < len(text) && !space(text[at]) && text[at] != '>' {
		at++
	}
	return from, at, at
}
