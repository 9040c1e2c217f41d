package trees

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"
)

// sample has a class that depends on two of three values, and one that does not matter.
func sample(seed uint64) Data {
	random := rand.New(rand.NewPCG(seed, 3))
	var d Data
	for range 2000 {
		row := []float32{random.Float32(), random.Float32(), random.Float32()}
		d.Rows = append(d.Rows, row)
		d.Labels = append(d.Labels, row[0] > .5 && row[1] < .7)
		d.Weights = append(d.Weights, 1)
	}
	return d
}

var usual = Options{Rounds: 40, Leaves: 8, Rate: .2, MinRows: 10, Features: 1, Bagging: .8, L2: 1, Seed: 5}

func TestGrowLearns(t *testing.T) {
	f, err := Grow(sample(1), usual)
	if err != nil {
		t.Fatal(err)
	}
	unseen, wrong := sample(2), 0
	for i, row := range unseen.Rows {
		if (f.Probability(row) > .5) != unseen.Labels[i] {
			wrong++
		}
	}
	if wrong > 60 {
		t.Errorf("%d of 2000 unseen rows wrong, want at most 60", wrong)
	}
}

func TestGrowIsRepeatable(t *testing.T) {
	var stored [2][]byte
	for i := range stored {
		f, err := Grow(sample(1), usual)
		if err != nil {
			t.Fatal(err)
		}
		stored[i], _ = f.MarshalBinary()
	}
	if !bytes.Equal(stored[0], stored[1]) {
		t.Error("the same data gave two forests")
	}
}

func TestMonotone(t *testing.T) {
	o := usual
	o.Monotone = []int8{1, 0, 0}
	f, err := Grow(sample(1), o)
	if err != nil {
		t.Fatal(err)
	}
	for _, rest := range [][2]float32{{.1, .5}, {.4, .9}, {.8, .2}} {
		last := float32(0)
		for x := float32(0); x <= 1; x += .01 {
			p := f.Probability([]float32{x, rest[0], rest[1]})
			if p < last-1e-6 {
				t.Fatalf("the probability falls from %v to %v at %v", last, p, x)
			}
			last = p
		}
	}
}

func TestStoredAndJoined(t *testing.T) {
	f, err := Grow(sample(1), usual)
	if err != nil {
		t.Fatal(err)
	}
	stored, _ := Join([]*Forest{f, f}).MarshalBinary()
	again, err := Parse(stored)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range sample(2).Rows[:100] {
		if d := f.Probability(row) - again.Probability(row); d > 1e-5 || d < -1e-5 {
			t.Fatalf("probability of %v moved by %v", row, d)
		}
	}
}

func TestProbabilities(t *testing.T) {
	f, err := Grow(sample(1), usual)
	if err != nil {
		t.Fatal(err)
	}
	values := []float32{0, float32(math.Copysign(0, -1)), -.3, 7, float32(math.Inf(1)), float32(math.Inf(-1))}
	for _, n := range f.nodes {
		if n.feature != leaf {
			values = append(values, n.value) // a value at the threshold goes with the smaller ones
		}
	}
	random := rand.New(rand.NewPCG(4, 3))
	for count := range 11 {
		rows := make([]float32, count*f.features)
		for i := range rows {
			rows[i] = values[random.IntN(len(values))]
		}
		scores := make([]float32, count)
		f.Probabilities(rows, scores)
		for i, got := range scores {
			score := f.bias
			for _, root := range f.roots {
				score += (&Forest{nodes: f.nodes[root:]}).advice(rows[i*f.features:], root)
			}
			if want := float32(1 / (1 + math.Exp(-float64(score)))); got != want {
				t.Errorf("row %d of %d: %v, want %v", i, count, got, want)
			}
		}
	}
}

func TestGrowRefuses(t *testing.T) {
	if _, err := Grow(Data{Rows: [][]float32{{1}}}, usual); err == nil {
		t.Error("rows without labels were taken")
	}
}

func FuzzParse(f *testing.F) {
	grown, err := Grow(sample(1), Options{Rounds: 2, Leaves: 4, Rate: .1, MinRows: 5, Features: 1, Bagging: 1, L2: 1})
	if err != nil {
		f.Fatal(err)
	}
	stored, _ := grown.MarshalBinary()
	f.Add(stored)
	f.Add(stored[:len(stored)-3])
	f.Fuzz(func(t *testing.T, b []byte) {
		if forest, err := Parse(b); err == nil {
			forest.Probability(make([]float32, forest.Features()))
		}
	})
}
