package feed

import "bytes"

// scanner walks through JSON without copying any of it. It tells values apart and does not judge them; the parser does.
type scanner struct {
	text []byte
	at   int
	deep bool // something nests too deeply to be read
}

// peek gives the next byte that is no blank, 0 at the end.
func (s *scanner) peek() byte {
	for s.at < len(s.text) && isBlank(s.text[s.at]) {
		s.at++
	}
	if s.at == len(s.text) {
		return 0
	}
	return s.text[s.at]
}

func (s *scanner) take(c byte) bool {
	if s.peek() != c {
		return false
	}
	s.at++
	return true
}

// members visits the members of an object; visit passes the value. It says whether the object is whole.
func (s *scanner) members(visit func(key []byte) bool) bool {
	if !s.take('{') {
		return false
	}
	for s.peek() == '"' {
		from := s.at
		if !s.quoted() {
			return false
		}
		key := s.text[from+1 : s.at-1]
		if !s.take(':') {
			return false
		}
		s.peek()
		if !visit(key) {
			return false
		}
		if !s.take(',') {
			break
		}
	}
	return s.take('}')
}

// elements visits the elements of a list; visit passes each. It says whether the list is whole.
func (s *scanner) elements(visit func() bool) bool {
	if !s.take('[') {
		return false
	}
	for s.peek() != ']' {
		if s.peek() == 0 || !visit() {
			return false
		}
		if !s.take(',') {
			break
		}
	}
	return s.take(']')
}

// value passes a value and says whether it is whole.
func (s *scanner) value() bool {
	depth := 0
	for {
		switch c := s.peek(); c {
		case 0:
			return false
		case '{', '[':
			s.at++
			if depth++; depth > maxDepth {
				s.deep = true
				return false
			}
			continue
		case '}', ']':
			if depth == 0 {
				return false
			}
			s.at++
			depth--
		case ',', ':':
			if depth == 0 {
				return false
			}
			s.at++
			continue
		case '"':
			if !s.quoted() {
				return false
			}
		default:
			end := bytes.IndexAny(s.text[s.at:], " \t\r\n,:{}[]\"")
			if end < 0 {
				s.at = len(s.text)
				return false // nothing says that it is whole
			}
			s.at += end
		}
		if depth == 0 {
			return true
		}
	}
}

// quoted passes a text and says whether it is whole.
func (s *scanner) quoted() bool {
	for s.at++; s.at < len(s.text); s.at++ {
		switch s.text[s.at] {
		case '\\':
			s.at++
		case '"':
			s.at++
			return true
		}
	}
	s.at = len(s.text)
	return false
}
