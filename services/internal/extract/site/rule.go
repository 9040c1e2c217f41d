package site

import (
	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/extract/blocks"
)

// The reasons for which a passage is left out because of what is known of its site.
const (
	ReasonRepeated = "stands on other articles of the site too"
	ReasonOrder    = "the same authors in another order"
	ReasonItems    = "the same items of a list in another order"
	ReasonChurns   = "its place changes from reading to reading while the article stands still"
	ReasonLeft     = "what stands in its place is left out on the site's other pages"
	ReasonBefore   = "was left out at the reading before"
	ReasonStands   = "a caption that still stands on the page"
)

const (
	// sureAt is from which probability on a passage is never left out because of its site: on pages developed on, one
	// paragraph of an article in fifty is below, and no furniture that was kept is above .56.
	sureAt = .7
	// storyAt is the same for a passage that reads like a story. When in doubt it is kept, as a false revision costs less
	// than an edit that nobody sees.
	storyAt = .5
	// margin is how much a probability must move before a passage of the reading before is decided anew.
	margin = .2
	// sightings is how often a place must have been seen before its history counts.
	sightings = 8
)

// Rule judges the passages of one reading by what is known of the site and of the article. Notices of corrections and
// what reads like the story are never touched.
func (m *Memory) Rule(key string) blocks.Ruling {
	var before map[uint32]bool
	id := name(key)
	for _, past := range m.articles {
		if past.article != id {
			continue
		}
		before = make(map[uint32]bool, len(past.passages))
		for _, p := range past.passages {
			before[p.text] = before[p.text] || p.kept()
		}
	}
	return func(p *blocks.Passage) (bool, string) {
		kept := p.Reason == ""
		if !worth(p) || p.Kind == article.Note || blocks.Notice(p.Text) {
			return kept, p.Reason
		}
		if kept {
			return m.out(key, p, before)
		}
		return m.in(p, before)
	}
}

// out looks for a reason to leave out a passage that the model keeps.
func (m *Memory) out(key string, p *blocks.Passage, before map[uint32]bool) (bool, string) {
	if certain(p) {
		return true, ""
	}
	at := placeOf(p)
	known := m.places[at]
	was, met := before[digest(p.Text)]
	switch {
	case m.shared(p.Text, key):
		return false, ReasonRepeated
	case known.churns() || m.places[layoutOf(at)].churns():
		return false, ReasonChurns
	case met && !was && p.Score < .45+margin:
		return false, ReasonBefore
	case !met && known.kept+known.left >= sightings && known.kept*6 < known.left:
		return false, ReasonLeft
	}
	return true, ""
}

// in looks for a reason to keep a passage that the model leaves out: the reading before did, and the model hardly
// changed its mind.
func (m *Memory) in(p *blocks.Passage, before map[uint32]bool) (bool, string) {
	if p.Score > .45-margin && before[digest(p.Text)] {
		return true, ""
	}
	return false, p.Reason
}

// churns says whether what stands in a place is exchanged at half of the readings or more.
func (p place) churns() bool { return p.churned >= 2 && p.churned*2 >= p.pairs }

// certain says whether the page alone says enough for a passage: nothing that is known of the site leaves it out.
func certain(p *blocks.Passage) bool {
	return p.Score >= sureAt || p.Score >= storyAt && blocks.Story(p.Text)
}

// shared says whether a text stands on enough other articles to be furniture. What reads like a story must stand on more
// of them, and what the model was sure of on any is a text that articles share: a background, a copy of an agency's.
func (m *Memory) shared(text, key string) bool {
	count, sure := m.repeated(text, key)
	return !sure && (count >= textArticles || count >= textArticles-1 && !blocks.Story(text))
}
