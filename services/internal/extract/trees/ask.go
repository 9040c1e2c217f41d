package trees

import "math"

// step is a node as it is asked: eight bytes, so that a tree stays near the processor.
type step struct {
	key     int32 // of the threshold; of an answer the least, above which all values are
	feature uint16
	skip    int16 // from the node that follows directly, which is for smaller values, to that for larger ones; of an answer back to itself
}

// plan is a forest as it is asked. Many rows go through one tree before the next, four of them at once and each as many
// steps as the tree is deep: a processor then waits neither for memory nor for a guess which way a row goes.
type plan struct {
	steps   []step
	answers []float32 // by step
	trees   []laid
}

// laid is where a tree's steps are, and how many questions its longest way has.
type laid struct{ from, to, depth int32 }

// lay makes the plan of a forest whose trees have at most maxTree nodes.
func (f *Forest) lay() {
	p := plan{steps: make([]step, len(f.nodes)), answers: make([]float32, len(f.nodes))}
	depths := make([]int32, len(f.nodes))
	for i, root := range f.roots {
		end := int32(len(f.nodes))
		if i+1 < len(f.roots) {
			end = f.roots[i+1]
		}
		for at := end - 1; at >= root; at-- {
			n := &f.nodes[at]
			if n.feature == leaf {
				p.steps[at] = step{key: math.MinInt32, skip: -1}
				p.answers[at] = n.value
				continue
			}
			p.steps[at] = step{key: key(n.value), feature: uint16(n.feature), skip: int16(n.right - at - 1)}
			depths[at] = 1 + max(depths[at+1], depths[n.right])
		}
		p.trees = append(p.trees, laid{root, end, depths[root]})
	}
	f.plan = p
}

// key turns numbers into whole ones in the same order, by which a way is chosen without a jump.
func key(value float32) int32 {
	bits := int32(math.Float32bits(value + 0)) // there is one zero then
	return bits ^ bits>>31&math.MaxInt32
}

// Probabilities says how likely each of some rows belongs to the class. The rows stand behind each other, each with
// Features values, which are numbers; scores has room for an answer each.
func (f *Forest) Probabilities(rows, scores []float32) {
	keys := make([]int32, len(rows))
	for i, value := range rows {
		keys[i] = key(value)
	}
	for i := range scores {
		scores[i] = f.bias
	}
	for _, t := range f.plan.trees {
		steps, answers := f.plan.steps[t.from:t.to], f.plan.answers[t.from:t.to]
		i := 0
		for ; i+4 <= len(scores); i += 4 {
			a, b, c, d := f.four(steps, keys[i*f.features:], t.depth)
			scores[i] += answers[a]
			scores[i+1] += answers[b]
			scores[i+2] += answers[c]
			scores[i+3] += answers[d]
		}
		for ; i < len(scores); i++ {
			row, at := keys[i*f.features:], 0
			for range t.depth {
				at = steps[at].next(at, row)
			}
			scores[i] += answers[at]
		}
	}
	for i, score := range scores {
		scores[i] = float32(1 / (1 + math.Exp(-float64(score))))
	}
}

// four takes four rows through a tree and gives where they end.
func (f *Forest) four(steps []step, keys []int32, depth int32) (a, b, c, d int) {
	n := f.features
	one, two, three, four := keys[:n], keys[n:2*n], keys[2*n:3*n], keys[3*n:4*n]
	for range depth {
		a = steps[a].next(a, one)
		b = steps[b].next(b, two)
		c = steps[c].next(c, three)
		d = steps[d].next(d, four)
	}
	return a, b, c, d
}

// next is where a row goes from a step.
func (s step) next(at int, row []int32) int {
	larger := (int64(s.key) - int64(row[s.feature])) >> 63 // all bits where the row's value is larger
	return at + 1 + int(s.skip)&int(larger)
}
