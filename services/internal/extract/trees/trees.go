// Package trees is a small ensemble of decision trees for two classes: asking it, storing it and growing it. It knows
// nothing of pages.
package trees

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// Forest is an ensemble. Asking it is safe for concurrent use.
type Forest struct {
	features int
	bias     float32
	roots    []int32
	nodes    []node
	plan     plan
}

// node is a question or, with a negative feature, an answer.
type node struct {
	feature int32
	right   int32   // index of the node for larger values; the left one follows directly
	value   float32 // threshold or, of a leaf, what is added to the score
}

const leaf = -1

// Features is how many values a row has.
func (f *Forest) Features() int { return f.features }

// Probability says how likely a row belongs to the class. The row has Features values.
func (f *Forest) Probability(row []float32) float32 {
	var score [1]float32
	f.Probabilities(row, score[:])
	return score[0]
}

// magic begins a stored forest; its last letter rises with the form.
const magic = "stet-trees-1"

// MarshalBinary stores a forest: the magic, counts, the bias, and seven or eight bytes a node.
func (f *Forest) MarshalBinary() ([]byte, error) {
	b := []byte(magic)
	b = binary.LittleEndian.AppendUint16(b, uint16(f.features))
	b = binary.LittleEndian.AppendUint32(b, math.Float32bits(f.bias))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(f.roots)))
	for i, root := range f.roots {
		end := int32(len(f.nodes))
		if i+1 < len(f.roots) {
			end = f.roots[i+1]
		}
		b = binary.AppendUvarint(b, uint64(end-root))
		for at := root; at < end; at++ {
			n := f.nodes[at]
			b = append(b, byte(n.feature+1), byte((n.feature+1)>>8))
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(n.value))
			if n.feature != leaf {
				b = binary.AppendUvarint(b, uint64(n.right-root))
			}
		}
	}
	return b, nil
}

// errSpoilt says that bytes are no stored forest.
var errSpoilt = errors.New("not a stored forest: grow it again")

// maxNodes bounds what Parse makes of bytes, and maxTree what one tree may have, so that a node's place fits two bytes.
const (
	maxNodes = 1 << 20
	maxTree  = math.MaxInt16
)

// Parse reads what MarshalBinary wrote. Whatever the bytes, asking what it gives ends.
func Parse(b []byte) (*Forest, error) {
	if len(b) < len(magic)+10 || string(b[:len(magic)]) != magic {
		return nil, errSpoilt
	}
	b = b[len(magic):]
	f := &Forest{features: int(binary.LittleEndian.Uint16(b)), bias: math.Float32frombits(binary.LittleEndian.Uint32(b[2:]))}
	count := int(binary.LittleEndian.Uint32(b[6:]))
	b = b[10:]
	for range count {
		size, used := binary.Uvarint(b)
		if used <= 0 || size == 0 || size > maxTree || len(f.nodes)+int(size) > maxNodes || int(size) > len(b) {
			return nil, fmt.Errorf("reading a tree: %w", errSpoilt)
		}
		b = b[used:]
		root := int32(len(f.nodes))
		f.roots = append(f.roots, root)
		for i := range int32(size) {
			if len(b) < 6 {
				return nil, fmt.Errorf("reading a node: %w", errSpoilt)
			}
			n := node{feature: int32(binary.LittleEndian.Uint16(b)) - 1, value: math.Float32frombits(binary.LittleEndian.Uint32(b[2:]))}
			b = b[6:]
			if n.feature != leaf {
				right, used := binary.Uvarint(b)
				if used <= 0 || right <= uint64(i)+1 || right >= size || int(n.feature) >= f.features {
					return nil, fmt.Errorf("reading a node: %w", errSpoilt)
				}
				b, n.right = b[used:], root+int32(right)
			}
			f.nodes = append(f.nodes, n)
		}
		if f.nodes[len(f.nodes)-1].feature != leaf {
			return nil, fmt.Errorf("reading a tree without end: %w", errSpoilt)
		}
	}
	f.lay()
	return f, nil
}
