package blocks

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"
)

// row collects the values that the model is asked with. Names are collected beside them when the model is grown.
type row struct {
	values []float32
	names  []string
	naming bool
}

func (r *row) put(name string, value float32) {
	r.values = append(r.values, value)
	if r.naming {
		r.names = append(r.names, name)
	}
}

// part is put with a name of two parts, which are joined only where names are wanted.
func (r *row) part(group, name string, value float32) {
	r.values = append(r.values, value)
	if r.naming {
		r.names = append(r.names, group+name)
	}
}

func (r *row) is(name string, yes bool) { r.put(name, oneIf(yes)) }

func oneIf(yes bool) float32 {
	if yes {
		return 1
	}
	return 0
}

func log2(x float32) float32 { return float32(math.Log2(float64(1 + max(x, 0)))) }

// bucket is a count that small changes do not move.
func bucket(n int32) float32 { return float32(math.Floor(math.Log2(float64(1 + n)))) }

func ratio(part, whole float32) float32 {
	if whole <= 0 {
		return 0
	}
	return part / whole
}

// features writes the values for the candidate at an index.
func (v *survey) features(r *row, at int) {
	s := &v.segments[v.candidates[at]]
	v.textFeatures(r, s)
	v.hintFeatures(r, s)
	v.placeFeatures(r, at, s)
	v.elementFeatures(r, at, s)
	v.groupFeatures(r, at, s)
	for _, step := range []int{-2, -1, 1, 2} {
		v.neighbour(r, at, at+step)
	}
}

type shape struct {
	upper, digits, letters, punct, capitals, shorts, quotes, commas float32
	sentences                                                       float32
}

func shapeOf(text string) shape {
	var sh shape
	runes, inside, length := float32(0), false, 0
	if len(text) > 1200 {
		text = text[:1200]
	}
	for _, r := range text {
		runes++
		letter := false
		switch {
		case r < utf8.RuneSelf:
			switch {
			case r >= 'a' && r <= 'z':
				letter = true
			case r >= 'A' && r <= 'Z':
				letter = true
				sh.upper++
				if !inside {
					sh.capitals++
				}
			case r >= '0' && r <= '9':
				sh.digits++
				letter = true
			case r == '.' || r == '!' || r == '?':
				sh.sentences++
				sh.punct++
			case r == '"':
				sh.quotes++
			case r == ',':
				sh.commas++
				sh.punct++
			case r > ' ':
				sh.punct++
			}
		case unicode.IsLetter(r) || unicode.IsMark(r):
			letter = true
			if unicode.IsUpper(r) {
				sh.upper++
				if !inside {
					sh.capitals++
				}
			}
		case r == '“' || r == '”' || r == '„' || r == '«' || r == '»' || r == '「' || r == '」':
			sh.quotes++
		case r == '。' || r == '।' || r == '！' || r == '？':
			sh.sentences++
			sh.punct++
		case r == '，' || r == '、' || r == '،':
			sh.commas++
		default:
			sh.punct++
		}
		if letter {
			sh.letters++
			length++
		} else if inside {
			if length <= 3 {
				sh.shorts++
			}
			length = 0
		}
		inside = letter
	}
	if runes > 0 {
		sh.upper, sh.digits, sh.letters = sh.upper/runes, sh.digits/runes, sh.letters/runes
	}
	return sh
}

func (v *survey) textFeatures(r *row, s *segment) {
	w := s.weight()
	sh := shapeOf(s.text)
	r.put("log words", log2(w))
	r.put("words", min(w, 60))
	r.put("link share", s.linkShare())
	r.put("links", float32(min(s.links, 4)))
	r.is("ends", endsSentence(s.text))
	r.is("colon", strings.HasSuffix(s.text, ":") || strings.HasSuffix(s.text, "："))
	r.is("question", strings.HasSuffix(s.text, "?"))
	r.is("ellipsis", strings.HasSuffix(s.text, "...") || strings.HasSuffix(s.text, "…"))
	r.put("upper", sh.upper)
	r.put("digits", sh.digits)
	r.put("letters", sh.letters)
	r.put("punctuation", ratio(sh.punct, w))
	r.put("commas", min(sh.commas, 4))
	r.put("sentences", min(sh.sentences, 5))
	r.put("quotes", min(sh.quotes, 4))
	r.put("capitals", ratio(sh.capitals, max(float32(s.words), 1)))
	r.put("short words", ratio(sh.shorts, max(float32(s.words), 1)))
	r.put("word length", ratio(float32(len(s.text)), max(float32(s.words), 1)))
	r.put("bold", ratio(float32(s.strong), float32(s.runs)))
	r.put("italic", ratio(float32(s.slanted), float32(s.runs)))
	first, _ := utf8.DecodeRuneInString(s.text)
	r.is("starts lower", unicode.IsLower(first))
	r.is("starts digit", unicode.IsDigit(first))
	r.is("starts quote", strings.ContainsRune(`"“„«'‘「`, first))
	r.is("starts mark", !unicode.IsLetter(first) && !unicode.IsDigit(first) && !strings.ContainsRune(`"“„«'‘「`, first))
	r.is("dash start", first == '-' || first == '–' || first == '—' || first == '•' || first == '>' || first == '*')
	r.is("address", strings.Contains(s.text, "@") || strings.Contains(s.text, "www.") || strings.Contains(s.text, "http"))
	r.is("bar", strings.Contains(s.text, " | ") || strings.Contains(s.text, " / "))
	r.is("bracketed", strings.HasPrefix(s.text, "(") || strings.HasPrefix(s.text, "["))
	r.is("good", s.good)
	r.is("broken", s.broken)
	r.is("after picture", s.pictured)
	says := s.says()
	for i := range phrases {
		r.part("says ", phraseNames[i], oneIf(says>>i&1 == 1))
	}
}

var phraseNames = [...]string{"more", "sign up", "copyright", "photo", "byline", "comment", "consent", "time", "share", "correction", "tags", "you", "ad", "agency", "about", "contact", "translated", "view", "life"}

func (v *survey) hintFeatures(r *row, s *segment) {
	title, desc, total := float32(0), float32(0), float32(0)
	if s.words <= 80 {
		total, title, desc = v.retold(s.text)
	}
	r.put("title overlap", ratio(title, total))
	r.put("title cover", ratio(title, float32(v.titleWords)))
	r.put("description overlap", ratio(desc, total))
	r.put("description cover", ratio(desc, float32(v.descWords)))
	plain := s.plainText()
	grade := float32(0)
	for _, description := range v.descriptions {
		grade = max(grade, likeness(plain, description))
	}
	r.put("description grade", grade)
	author, begins := float32(0), false
	for _, name := range v.authors {
		if strings.Contains(plain, name) {
			author = max(author, ratio(float32(len(name)), float32(len(plain))))
			begins = begins || strings.HasPrefix(plain, name)
		}
	}
	r.put("author share", author)
	r.is("author begins", begins)
	cover := float32(-1)
	if len(v.body) > 400 && plain != "" {
		cover = 0
		if len(plain) < longPlain && strings.Contains(v.body, plain) {
			cover = 1
		} else if len(plain) > 60 && strings.Contains(v.body, plain[10:40]) {
			cover = .5
		}
	}
	r.put("machine body", cover)
	r.put("stands", float32(min(v.texts[s.text], 3)))
}

// likeness says how much a text is what a description says: 3 the same, 2 begins alike, 1 a part of it.
func likeness(plain, description string) float32 {
	switch {
	case description == "" || plain == "":
		return 0
	case plain == description:
		return 3
	case len(plain) > 30 && strings.HasPrefix(description, plain[:30]) || len(description) > 30 && strings.HasPrefix(plain, description[:30]):
		return 2
	case len(plain) > 20 && strings.Contains(description, plain):
		return 1
	}
	return 0
}
