package dom

import "strings"

// thin takes out of a page what nobody reads, before it is parsed: the text of scripts (those with data for machines
// stay) and styles, and what is drawn in vectors. That is half of a usual news page, and parsing is half of the work of
// reading one. The elements themselves stay, so that the tree is the same but for what is in them. Where it is not sure
// how the parser will read the page, it leaves the rest as it is.
func thin(text string) string {
	t := thinner{text: text}
	at := 0
	for {
		next := strings.IndexByte(text[at:], '<')
		if next < 0 {
			break
		}
		if at = t.token(at + next); at < 0 {
			break
		}
	}
	if t.copied == 0 {
		return text
	}
	t.out.WriteString(text[t.copied:])
	return t.out.String()
}

type thinner struct {
	text   string
	out    strings.Builder
	copied int // up to where the text is written or left out
}

// leaveOut drops a part of the text.
func (t *thinner) leaveOut(from, to int) {
	if to == from {
		return
	}
	if t.copied == 0 {
		t.out.Grow(len(t.text) - (to - from))
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
		_, end := tag(t.text, at+2)
		return end
	case !letter(rest[0]):
		return at + 1
	}
	name, end := tag(t.text, at+1)
	if end < 0 {
		return -1
	}
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
		return t.drawing(at, end)
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

// script leaves out a script's text, unless it may be data for machines or hold what looks like a script to the parser.
func (t *thinner) script(at, end int) int {
	close := closing(t.text, end, "script")
	if close < 0 {
		return -1
	}
	body := t.text[end:close]
	if strings.Contains(body, "<!--") && strings.Contains(strings.ToLower(body), "<script") {
		return -1
	}
	if opening := strings.ToLower(t.text[at:end]); !strings.Contains(opening, "ld+json") && !strings.Contains(opening, "&") {
		t.leaveOut(end, close)
	}
	return close
}

// drawn are the elements of drawings that hold nothing but each other.
var drawn = map[string]bool{
	"svg": true, "g": true, "path": true, "circle": true, "ellipse": true, "rect": true, "line": true, "polygon": true, "polyline": true,
	"defs": true, "use": true, "symbol": true, "clippath": true, "mask": true, "lineargradient": true, "radialgradient": true, "stop": true,
	"pattern": true, "filter": true, "marker": true, "animate": true, "animatetransform": true, "fegaussianblur": true, "feoffset": true,
	"feblend": true, "feflood": true, "fecolormatrix": true, "fecomposite": true, "femerge": true, "femergenode": true,
}

// drawing leaves out what is in a drawing. Titles, links and styles in it are left to the parser, as is all that follows.
func (t *thinner) drawing(at, end int) int {
	if strings.HasSuffix(t.text[at:end], "/>") {
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
		name, behind := tag(t.text, at)
		if behind < 0 || !drawn[name] {
			return -1
		}
		if name == "svg" && closes {
			if depth--; depth == 0 {
				t.leaveOut(from, place+next)
				return behind
			}
		} else if name == "svg" && !strings.HasSuffix(t.text[at:behind], "/>") {
			depth++
		}
		place = behind
	}
}

// choice passes over a list to choose from, which reads some elements by rules of its own.
func (t *thinner) choice(at int) int {
	end := closing(t.text, at, "select")
	if end < 0 {
		return -1
	}
	for part := range strings.SplitSeq(t.text[at:end], "<") {
		if name, _ := tag(part, 0); name != "" && name != "option" && name != "optgroup" {
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

// tag reads the name of a tag, in lower case, from the place of its first letter, and the place behind the tag: -1 where
// the tag has no end, or attributes that parsers do not agree on.
func tag(text string, at int) (name string, end int) {
	from := at
	for at < len(text) && !space(text[at]) && text[at] != '/' && text[at] != '>' {
		at++
	}
	name = strings.ToLower(text[from:min(at, from+20)])
	named := false // an attribute's name stands before
	for at < len(text) {
		switch c := text[at]; {
		case c == '>':
			return name, at + 1
		case c == '=':
			if !named {
				return name, -1
			}
			if at = value(text, at+1); at < 0 {
				return name, -1
			}
			named = false
			continue
		case c == '/':
			named = false
		case !space(c):
			named = true
		}
		at++
	}
	return name, -1
}

// value gives the place behind an attribute's value, from behind its equals sign.
func value(text string, at int) int {
	for at < len(text) && space(text[at]) {
		at++
	}
	if at == len(text) {
		return -1
	}
	if quote := text[at]; quote == '"' || quote == '\'' {
		end := strings.IndexByte(text[at+1:], quote)
		if end < 0 {
			return -1
		}
		return at + 1 + end + 1
	}
	for at < len(text) && !space(text[at]) && text[at] != '>' {
		at++
	}
	return at
}
