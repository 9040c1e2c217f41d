package newssite

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

// topic is what generated stories are made of. Every text may hold slots: {place}, {street}, {name}, {other}, {n},
// {m}, {sum}. A line of body holds alternatives; one of each is drawn.
type topic struct {
	section     string
	titles      []string
	standfirsts []string
	body        [][]string
	added       []string // paragraphs that an edit may add
}

// phrases are a language's topics and the words for its slots.
type phrases struct {
	topics      []topic
	places      []string
	streets     []string
	names       []string
	sum         string // format of a sum of money, in millions
	decimal     string
	correction  string // format with the wrong and the right number
	attribution string // added to a title to soften it
}

// generate makes a story and its script. It draws from the site's random numbers, in planned order.
func (s *Site) generate() script {
	s.generated++
	index := s.random.IntN(len(s.publishers))
	p := s.publishers[index]
	language := &english
	if p.house.language == "de" {
		language = &german
	}
	g := generator{random: s.random, phrases: language}
	sc := g.script()
	sc.publisher = index
	sc.story.ID = "g" + strconv.Itoa(s.generated)
	sc.story.Language = p.house.language
	sc.story.Slug = slugOf(sc.story.Title) + "-" + strconv.Itoa(s.generated)
	return sc
}

type generator struct {
	random  *rand.Rand
	phrases *phrases
	fill    *strings.Replacer
	n, sum  string // the numbers that the story holds
}

func draw[T any](g *generator, from []T) T { return from[g.random.IntN(len(from))] }

func (g *generator) money() string {
	return fmt.Sprintf(g.phrases.sum, fmt.Sprint(1+g.random.IntN(40))+g.phrases.decimal+fmt.Sprint(1+g.random.IntN(9)))
}

func (g *generator) script() script {
	t := draw(g, g.phrases.topics)
	people := g.random.Perm(len(g.phrases.names))
	g.n, g.sum = strconv.Itoa(120+g.random.IntN(300)), g.money()
	g.fill = strings.NewReplacer("{place}", draw(g, g.phrases.places), "{street}", draw(g, g.phrases.streets),
		"{name}", g.phrases.names[people[0]], "{other}", g.phrases.names[people[1]],
		"{n}", g.n, "{m}", strconv.Itoa(2+g.random.IntN(17)), "{sum}", g.sum)
	sc := script{story: Story{
		Section: t.section, Byline: g.phrases.names[people[2]],
		Title: g.fill.Replace(draw(g, t.titles)), Standfirst: g.fill.Replace(draw(g, t.standfirsts)),
	}}
	for _, line := range t.body {
		sc.story.Paragraphs = append(sc.story.Paragraphs, g.fill.Replace(draw(g, line)))
	}
	sc.edits = g.edits(t, &sc.story)
	return sc
}

// edits plans what happens to a story: nothing for one in five, else two to five edits that are sure to apply. It
// works them out on a copy, one after another.
func (g *generator) edits(t topic, story *Story) []edit {
	if g.random.IntN(5) == 0 {
		return nil
	}
	draft := story.clone()
	var edits []edit
	var after time.Duration
	for _, kind := range g.random.Perm(len(planners))[:2+g.random.IntN(4)] {
		after += time.Duration(12+g.random.IntN(50)) * time.Hour
		for _, e := range planners[kind](g, t, &draft) {
			if !draft.try(e.ops) {
				break
			}
			e.after += after
			after = e.after
			edits = append(edits, e)
		}
	}
	return edits
}

// try does all steps that touch the text, or none where one of them cannot be done.
func (s *Story) try(ops []op) bool {
	next := s.clone()
	for _, o := range ops {
		if o.verb == "delete:" || o.verb == "undelete" || o.verb == "move:" {
			continue
		}
		if _, _, err := next.apply(o); err != nil {
			return false
		}
	}
	*s = next
	return true
}

// later is the gap between the two halves of a planned pair, such as deleted and restored.
const later = 25 * time.Hour

// planners each plan one edit, or a pair, of the story as it will then stand.
var planners = [...]func(g *generator, t topic, s *Story) []edit{
	func(g *generator, t topic, s *Story) []edit {
		title := g.fill.Replace(draw(g, t.titles))
		if title == s.Title {
			title += g.phrases.attribution
		}
		return one(Headline, op{verb: "title:", a: title})
	},
	func(g *generator, t topic, s *Story) []edit {
		for _, text := range t.standfirsts {
			if text = g.fill.Replace(text); text != s.Standfirst {
				return one(Standfirst, op{verb: "standfirst:", a: text})
			}
		}
		return nil
	},
	func(g *generator, _ topic, _ *Story) []edit { return g.newSum() },
	func(g *generator, _ topic, s *Story) []edit {
		text := prefixOf(s.Paragraphs[1+g.random.IntN(len(s.Paragraphs)-2)])
		cut := edit{kind: ParagraphCut, ops: []op{{verb: "-", a: text}}}
		back := edit{kind: ParagraphRestored, after: later, ops: []op{{verb: "<", a: text}}}
		return []edit{cut, back}[:1+g.random.IntN(2)]
	},
	func(g *generator, t topic, s *Story) []edit {
		at := prefixOf(s.Paragraphs[g.random.IntN(len(s.Paragraphs))])
		return one(ParagraphAdded, op{verb: "+", a: at, b: g.fill.Replace(draw(g, t.added))})
	},
	func(g *generator, _ topic, s *Story) []edit {
		last := len(s.Paragraphs) - 1
		return one(ParagraphMoved, op{verb: ">", a: prefixOf(s.Paragraphs[last]), b: prefixOf(s.Paragraphs[0])})
	},
	func(g *generator, _ topic, s *Story) []edit {
		wrong, right := g.n, strconv.Itoa(120+g.random.IntN(300))
		g.n = right
		return one(Correction, op{verb: "~", a: wrong, b: right},
			op{verb: "correction:", a: fmt.Sprintf(g.phrases.correction, wrong, right)})
	},
	func(g *generator, _ topic, _ *Story) []edit {
		gone := edit{kind: Deleted, ops: []op{{verb: "delete:", a: draw(g, []string{"404", "410"})}}}
		back := edit{kind: Undeleted, after: later, ops: []op{{verb: "undelete"}}}
		return []edit{gone, back}
	},
	func(g *generator, _ topic, s *Story) []edit {
		return one(Moved, op{verb: "move:", a: slugOf(s.Title) + "-" + strconv.Itoa(1000+g.random.IntN(9000))})
	},
	func(g *generator, _ topic, s *Story) []edit { return quoteCut(s) },
}

func one(kind Kind, ops ...op) []edit { return []edit{{kind: kind, ops: ops}} }

func (g *generator) newSum() []edit {
	sum := g.money()
	old := g.sum
	g.sum = sum
	return one(Number, op{verb: "~", a: old, b: sum})
}

// quoteCut drops the second sentence inside the first quotation that has two.
func quoteCut(s *Story) []edit {
	for _, text := range s.Paragraphs {
		for _, marks := range [][2]string{{"“", "”"}, {"„", "“"}} {
			start := strings.Index(text, marks[0])
			end := strings.LastIndex(text, marks[1])
			if start < 0 || end <= start {
				continue
			}
			if stop := strings.Index(text[start:end], ". "); stop > 0 {
				return one(Quote, op{verb: "~", a: text[start+stop+1 : end], b: ""})
			}
		}
	}
	return nil
}

// prefixOf is enough of a paragraph's beginning to find it again.
func prefixOf(text string) string {
	runes := []rune(text)
	return string(runes[:min(len(runes), 40)])
}

// slugOf is a title as a path segment.
func slugOf(title string) string {
	var b strings.Builder
	plain := strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss").Replace(strings.ToLower(title))
	for _, r := range plain {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() >= 48 {
			break
		}
	}
	return strings.Trim(b.String(), "-")
}
