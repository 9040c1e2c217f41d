package align

import (
	"cmp"
	"math"
	"slices"
	"unicode"
	"unicode/utf8"
)

// What makes a pair. The figures were set once by hand and then varied: the result moved by less than two points.
const (
	threshold      = .42 // least score of a one-to-one pair
	containment    = .8  // a sentence inside a longer one counts a little less than two alike
	leastContained = 6   // features on both sides before containment says anything
	orderPrior     = .16
	numberWeight   = 1.5 // numbers tell statements apart better than words
	bigramWeight   = .5
	leastShare     = .10 // of the smaller sum, before a pair is looked at
	candidatesEach = 24  // pairs looked at for one unit
	postingsEach   = 4000
	fewestPostings = 400
	mostPostings   = 16_000_000 // for all units together: a fraction of a second
)

// feature is a content word or two words in a row, with its weight in one unit.
type feature struct {
	id     int32
	weight float64
}

// candidate is a pair of units that share enough to be looked at.
type candidate struct {
	i, j  int
	score float64
}

// index numbers the features of the open units. Words keep their token id; pairs of words come after them.
type index struct {
	m       *matcher
	bigrams map[uint64]int32
	holders []int32 // by feature: the units of both sides that hold it
	seen    []int32 // by feature: the newest unit counted
}

// candidates finds the pairs of open units that share rare words, by old then new index.
func (m *matcher) candidates() []candidate {
	m.weigh()
	postings := m.postings()
	common := len(m.b)/8 + 24 // what stands in more units than this tells none of them apart
	budget := min(postingsEach, max(fewestPostings, mostPostings/max(1, len(m.a))))
	found := make([]float64, len(m.b))
	var list []candidate
	for i := range m.a {
		for _, j := range m.sharing(i, postings, common, budget, found) {
			list = append(list, candidate{i, int(j), m.score(i, int(j))})
		}
	}
	return list
}

// postings are the second side's units by the features they hold.
func (m *matcher) postings() [][]int32 {
	sizes := make([]int32, m.shared)
	total := 0
	for j := range m.b {
		for _, f := range m.b[j].features {
			sizes[f.id]++
		}
		total += len(m.b[j].features)
	}
	store := make([]int32, 0, total)
	postings := make([][]int32, m.shared)
	for id, size := range sizes {
		at := len(store)
		store = store[:at+int(size)]
		postings[id] = store[at:at:len(store)]
	}
	for j := range m.b {
		for _, f := range m.b[j].features {
			postings[f.id] = append(postings[f.id], int32(j))
		}
	}
	return postings
}

// sharing are the units of the second side that share most with one of the first, the rarest features looked at
// first. found is zero everywhere, before and after.
func (m *matcher) sharing(i int, postings [][]int32, common, budget int, found []float64) []int32 {
	rare := slices.Clone(m.a[i].features)
	slices.SortFunc(rare, func(x, y feature) int {
		return cmp.Or(len(postings[x.id])-len(postings[y.id]), int(x.id-y.id))
	})
	var touched []int32
	for _, f := range rare {
		holders := postings[f.id]
		if budget -= len(holders); budget < 0 || len(holders) > common {
			break
		}
		for _, j := range holders {
			if found[j] == 0 {
				touched = append(touched, j)
			}
			found[j] += f.weight
		}
	}
	best := make([]int32, 0, candidatesEach+1)
	for _, j := range touched {
		if found[j] < leastShare*min(m.a[i].sum, m.b[j].sum) {
			continue
		}
		if len(best) == candidatesEach && !before(j, best[len(best)-1], found) {
			continue
		}
		at, _ := slices.BinarySearchFunc(best, j, func(x, y int32) int {
			if before(x, y, found) {
				return -1
			}
			return 1
		})
		best = slices.Insert(best, at, j)
		best = best[:min(len(best), candidatesEach)]
	}
	for _, j := range touched {
		found[j] = 0
	}
	return best
}

// before says whether a unit shares more than another; the first of equals comes first.
func before(x, y int32, found []float64) bool {
	return found[x] > found[y] || (found[x] == found[y] && x < y)
}

// weigh gives every open unit its features, their weights and sum.
func (m *matcher) weigh() {
	x := &index{m: m, bigrams: map[uint64]int32{}, holders: make([]int32, len(m.words))}
	for _, side := range [][]unit{m.a, m.b} {
		for u := range side {
			if side[u].role == body && !side[u].anchored {
				x.number(&side[u])
			}
		}
	}
	m.shared = len(x.holders)
	x.seen = make([]int32, m.shared)
	x.count()
	total := float64(len(m.a) + len(m.b))
	for _, side := range [][]unit{m.a, m.b} {
		for u := range side {
			for f := range side[u].features {
				feature := &side[u].features[f]
				feature.weight *= math.Log(1 + total/float64(max(1, x.holders[feature.id])))
				side[u].sum += feature.weight
			}
		}
	}
}

// number lists the features of a unit by id; the weight is how often it holds one, times the weight of its kind.
func (x *index) number(u *unit) {
	content := slices.ContainsFunc(u.tokens, func(t int32) bool { return !x.m.stop[t] })
	list := make([]feature, 0, 2*len(u.tokens))
	for n, token := range u.tokens {
		if !content || !x.m.stop[token] {
			weight := 1.0
			if first, _ := utf8.DecodeRuneInString(x.m.words[token]); unicode.IsDigit(first) {
				weight = numberWeight
			}
			list = append(list, feature{token, weight})
		}
		if name, ok := x.m.alias(u.tokens, n); ok {
			list = append(list, feature{name, aliasWeight})
		}
		if key, ok := x.bigram(u.tokens, n); ok {
			id, known := x.bigrams[key]
			if !known {
				id = int32(len(x.holders))
				x.bigrams[key] = id
				x.holders = append(x.holders, 0)
			}
			list = append(list, feature{id, bigramWeight})
		}
	}
	slices.SortFunc(list, func(p, q feature) int { return int(p.id - q.id) })
	for _, f := range list {
		if last := len(u.features) - 1; last >= 0 && u.features[last].id == f.id {
			u.features[last].weight += f.weight
			continue
		}
		u.features = append(u.features, f)
	}
}

// bigram is the key of the two words that end at a position, unless both are function words.
func (x *index) bigram(tokens []int32, n int) (uint64, bool) {
	if n == 0 || (x.m.stop[tokens[n-1]] && x.m.stop[tokens[n]]) {
		return 0, false
	}
	return uint64(tokens[n-1])<<32 | uint64(tokens[n]), true
}

// count finds how many units of both versions hold each feature.
func (x *index) count() {
	unit := int32(0)
	hold := func(id int32) {
		if x.seen[id] != unit {
			x.seen[id] = unit
			x.holders[id]++
		}
	}
	for _, side := range [][]unitTokens{tokensOf(x.m.a), tokensOf(x.m.b)} {
		for _, tokens := range side {
			unit++
			for n, token := range tokens {
				hold(token)
				if key, ok := x.bigram(tokens, n); ok {
					if id, known := x.bigrams[key]; known {
						hold(id)
					}
				}
			}
		}
	}
}

type unitTokens = []int32

func tokensOf(side []unit) []unitTokens {
	list := make([]unitTokens, len(side))
	for i := range side {
		list[i] = side[i].tokens
	}
	return list
}

// score says how likely two units are the same statement, 0 to about 1.
func (m *matcher) score(i, j int) float64 {
	away := math.Abs(float64(j) - m.expected(i))
	return m.alike(i, j) + orderPrior*(1-min(1, away/max(4, float64(len(m.b))/8)))
}

// alike is how much two units share, 0 to 1, wherever they stand.
func (m *matcher) alike(i, j int) float64 {
	x, y := &m.a[i], &m.b[j]
	if x.sum == 0 || y.sum == 0 {
		return 0
	}
	shared := overlap(x.features, y.features)
	score := 2 * shared / (x.sum + y.sum)
	if len(x.features) >= leastContained && len(y.features) >= leastContained {
		score = max(score, containment*shared/min(x.sum, y.sum))
	}
	return score
}

// dice is how much two units share of both.
func (m *matcher) dice(i, j int) float64 {
	x, y := &m.a[i], &m.b[j]
	if x.sum == 0 || y.sum == 0 {
		return 0
	}
	return 2 * overlap(x.features, y.features) / (x.sum + y.sum)
}

func overlap(x, y []feature) (shared float64) {
	for p, q := 0, 0; p < len(x) && q < len(y); {
		switch {
		case x[p].id < y[q].id:
			p++
		case x[p].id > y[q].id:
			q++
		default:
			shared += min(x[p].weight, y[q].weight)
			p++
			q++
		}
	}
	return shared
}

// expected is where a unit of the first side would stand on the second, between the anchors around it.
func (m *matcher) expected(i int) float64 {
	after, _ := slices.BinarySearchFunc(m.anchors, i, func(anchor [2]int, i int) int { return anchor[0] - i })
	after = min(max(after, 1), len(m.anchors)-1)
	low, high := m.anchors[after-1], m.anchors[after]
	return float64(low[1]) + float64(i-low[0])*float64(high[1]-low[1])/float64(high[0]-low[0])
}
