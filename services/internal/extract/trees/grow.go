package trees

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// Data is what a forest is grown from: one row of values, the class and a weight for each example.
type Data struct {
	Rows    [][]float32
	Labels  []bool
	Weights []float32
}

// Options say how a forest is grown.
type Options struct {
	Rounds   int     // trees
	Leaves   int     // of a tree
	Rate     float64 // share of a tree's advice that is taken
	MinRows  int     // in a leaf
	Features float64 // share of the features a tree may ask
	Bagging  float64 // share of the rows a tree sees
	L2       float64
	Seed     uint64
	Monotone []int8 // by feature: 1 rising, -1 falling, 0 free; nil is all free
}

// maxBins is in how many classes the values of a feature are put.
const maxBins = 32

// Grow grows a forest by gradient boosting of the logistic loss, leaf by leaf. Equal data and options give equal forests.
func Grow(d Data, o Options) (*Forest, error) {
	if len(d.Rows) == 0 || len(d.Rows) != len(d.Labels) || len(d.Rows) != len(d.Weights) {
		return nil, errors.New("growing a forest: give as many labels and weights as rows, and at least one")
	}
	if 2*o.Leaves > maxTree {
		return nil, fmt.Errorf("growing a forest: a tree may have at most %d leaves", maxTree/2)
	}
	g := newGrower(d, o)
	f := &Forest{features: len(d.Rows[0]), bias: g.bias()}
	for i := range g.score {
		g.score[i] = f.bias
	}
	for range o.Rounds {
		g.slopes()
		f.roots = append(f.roots, int32(len(f.nodes)))
		f.nodes = append(f.nodes, g.tree(int32(len(f.nodes)))...)
	}
	f.lay()
	return f, nil
}

// Join makes one forest whose score is the mean of several, which have the same features.
func Join(all []*Forest) *Forest {
	joined := &Forest{features: all[0].features}
	share := 1 / float32(len(all))
	for _, f := range all {
		joined.bias += f.bias * share
		start := int32(len(joined.nodes))
		for _, root := range f.roots {
			joined.roots = append(joined.roots, start+root)
		}
		for _, n := range f.nodes {
			if n.feature == leaf {
				n.value *= share
			} else {
				n.right += start
			}
			joined.nodes = append(joined.nodes, n)
		}
	}
	joined.lay()
	return joined
}

type grower struct {
	Data
	o      Options
	random *rand.Rand
	edges  [][]float32 // by feature: upper bounds of the bins but the last
	bins   [][]uint8   // by feature, then row
	score  []float32
	slope  []float64
	bend   []float64
}

func newGrower(d Data, o Options) *grower {
	g := &grower{Data: d, o: o, random: rand.New(rand.NewPCG(o.Seed, 1)), score: make([]float32, len(d.Rows)),
		slope: make([]float64, len(d.Rows)), bend: make([]float64, len(d.Rows))}
	for feature := range d.Rows[0] {
		edges := cuts(d.Rows, feature)
		bins := make([]uint8, len(d.Rows))
		for i, row := range d.Rows {
			at, _ := slices.BinarySearch(edges, row[feature])
			bins[i] = uint8(at)
		}
		g.edges, g.bins = append(g.edges, edges), append(g.bins, bins)
	}
	return g
}

// cuts parts a feature's values into bins of about equal size.
func cuts(rows [][]float32, feature int) []float32 {
	values := make([]float32, len(rows))
	for i, row := range rows {
		values[i] = row[feature]
	}
	slices.Sort(values)
	distinct := slices.Compact(slices.Clone(values))
	var edges []float32
	if len(distinct) <= maxBins {
		for i := 0; i+1 < len(distinct); i++ {
			edges = append(edges, (distinct[i]+distinct[i+1])/2)
		}
		return edges
	}
	for bin := 1; bin < maxBins; bin++ {
		at := bin * len(values) / maxBins
		edge := (values[at-1] + values[at]) / 2
		if len(edges) == 0 || edge > edges[len(edges)-1] {
			edges = append(edges, edge)
		}
	}
	return edges
}

func (g *grower) bias() float32 {
	in, all := 0.0, 0.0
	for i, label := range g.Labels {
		all += float64(g.Weights[i])
		if label {
			in += float64(g.Weights[i])
		}
	}
	share := min(max(in/all, 1e-6), 1-1e-6)
	return float32(math.Log(share / (1 - share)))
}

func (g *grower) slopes() {
	for i, label := range g.Labels {
		p, weight := 1/(1+math.Exp(-float64(g.score[i]))), float64(g.Weights[i])
		target := 0.0
		if label {
			target = 1
		}
		g.slope[i], g.bend[i] = (target-p)*weight, max(p*(1-p), 1e-9)*weight
	}
}

// branch is a leaf that may still be split.
type branch struct {
	rows        []int32
	slope, bend float64
	low, high   float64 // bounds of its value, from the monotone features above it
	gain        float64
	feature     int
	bin         uint8
	left, right *branch
	parted      bool
}

// tree grows one tree, adds its advice to the scores of all rows, and gives its nodes, numbered from base.
func (g *grower) tree(base int32) []node {
	var rows []int32
	for i := range g.Rows {
		if g.random.Float64() < g.o.Bagging {
			rows = append(rows, int32(i))
		}
	}
	var features []int
	for feature := range g.edges {
		if len(g.edges[feature]) > 0 && g.random.Float64() < g.o.Features {
			features = append(features, feature)
		}
	}
	root := g.measure(&branch{rows: rows, low: math.Inf(-1), high: math.Inf(1)}, features)
	leaves := []*branch{root}
	for len(leaves) < g.o.Leaves {
		best := slices.MaxFunc(leaves, func(a, b *branch) int {
			switch {
			case a.gain < b.gain:
				return -1
			case a.gain > b.gain:
				return 1
			}
			return 0
		})
		if best.gain <= 0 {
			break
		}
		g.part(best, features)
		leaves[slices.Index(leaves, best)] = best.left
		leaves = append(leaves, best.right)
	}
	nodes := g.flatten(nil, root, base)
	one := Forest{nodes: nodes}
	for i, row := range g.Rows {
		g.score[i] += one.advice(row, base)
	}
	return nodes
}

func (f *Forest) advice(row []float32, base int32) float32 {
	at := int32(0)
	for f.nodes[at].feature != leaf {
		if row[f.nodes[at].feature] <= f.nodes[at].value {
			at++
		} else {
			at = f.nodes[at].right - base
		}
	}
	return f.nodes[at].value
}

func (g *grower) flatten(nodes []node, b *branch, base int32) []node {
	if !b.parted {
		value := min(max(b.slope/(b.bend+g.o.L2), b.low), b.high)
		return append(nodes, node{feature: leaf, value: float32(value * g.o.Rate)})
	}
	at := len(nodes)
	nodes = append(nodes, node{feature: int32(b.feature), value: g.edges[b.feature][b.bin]})
	nodes = g.flatten(nodes, b.left, base)
	nodes[at].right = base + int32(len(nodes))
	return g.flatten(nodes, b.right, base)
}

type bin struct {
	slope, bend float64
	rows        int
}

// measure finds a branch's best split.
func (g *grower) measure(b *branch, features []int) *branch {
	b.slope, b.bend, b.gain = 0, 0, 0
	for _, row := range b.rows {
		b.slope += g.slope[row]
		b.bend += g.bend[row]
	}
	if len(b.rows) < 2*g.o.MinRows {
		return b
	}
	for _, feature := range features {
		var bins [maxBins]bin
		of := g.bins[feature]
		for _, row := range b.rows {
			at := &bins[of[row]]
			at.slope += g.slope[row]
			at.bend += g.bend[row]
			at.rows++
		}
		g.scan(b, feature, &bins)
	}
	return b
}

func (g *grower) scan(b *branch, feature int, bins *[maxBins]bin) {
	worth := func(slope, bend float64) float64 { return slope * slope / (bend + g.o.L2) }
	whole := worth(b.slope, b.bend)
	var left bin
	for at := range len(g.edges[feature]) {
		left.slope += bins[at].slope
		left.bend += bins[at].bend
		left.rows += bins[at].rows
		if left.rows < g.o.MinRows || len(b.rows)-left.rows < g.o.MinRows {
			continue
		}
		right := bin{slope: b.slope - left.slope, bend: b.bend - left.bend}
		if g.o.Monotone != nil && g.o.Monotone[feature] != 0 {
			rise := right.slope/(right.bend+g.o.L2) - left.slope/(left.bend+g.o.L2)
			if rise*float64(g.o.Monotone[feature]) < 0 {
				continue
			}
		}
		if gain := worth(left.slope, left.bend) + worth(right.slope, right.bend) - whole; gain > b.gain+1e-9 {
			b.gain, b.feature, b.bin = gain, feature, uint8(at)
		}
	}
}

// part splits a branch. Below a monotone feature the values of the two sides stay on their sides of the middle.
func (g *grower) part(b *branch, features []int) {
	var left, right []int32
	for _, row := range b.rows {
		if g.bins[b.feature][row] <= b.bin {
			left = append(left, row)
		} else {
			right = append(right, row)
		}
	}
	b.parted = true
	b.left = g.measure(&branch{rows: left, low: b.low, high: b.high}, features)
	b.right = g.measure(&branch{rows: right, low: b.low, high: b.high}, features)
	if g.o.Monotone == nil || g.o.Monotone[b.feature] == 0 {
		return
	}
	middle := (b.left.slope/(b.left.bend+g.o.L2) + b.right.slope/(b.right.bend+g.o.L2)) / 2
	if g.o.Monotone[b.feature] > 0 {
		b.left.high, b.right.low = min(b.left.high, middle), max(b.right.low, middle)
	} else {
		b.left.low, b.right.high = max(b.left.low, middle), min(b.right.high, middle)
	}
}
