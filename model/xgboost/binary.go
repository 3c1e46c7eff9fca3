package xgboost

import (
	"bytes"
	"encoding/binary"
	"math"
	"regexp"

	"example.com/mlapi/model/tree"
)

// The binary format is what XGBoost wrote up to 2.0: C structures, little-endian.
// Nothing in it says what it is, but the learner's 136 bytes are followed by the names
// of objective and booster, and those do.

const (
	binaryMagic   = "binf"           // in front of it since 1.3
	snapshotMagic = "CONFIG-offset:" // in front of it in the pickles of 1.0 to 1.2

	learnerBytes  = 136
	modelBytes    = 160
	linearBytes   = 136
	treeBytes     = 148
	nodeBytes     = 20
	statBytes     = 16
	mostNameBytes = 64
)

// looksBinary reports whether data, or a file that begins with it, is of the binary
// format.
func looksBinary(data []byte) bool {
	r := &binaryReader{data: bytes.TrimPrefix(data, []byte(binaryMagic))}
	r.take(learnerBytes)
	objective, booster := r.name(), r.name()
	return r.err == nil && regexp.MustCompile(`^[a-z]+:[a-z]+$`).MatchString(objective) &&
		(booster == "gbtree" || booster == "dart" || booster == "gblinear")
}

// binaryReader reads little-endian numbers and keeps the first error.
type binaryReader struct {
	data []byte
	at   int
	err  error
}

// take returns the next n bytes, nil behind an error.
func (r *binaryReader) take(n int) []byte {
	if r.err == nil && (n < 0 || n > len(r.data)-r.at) {
		r.err = broken("the file ends too early, at byte %d", len(r.data))
	}
	if r.err != nil {
		return nil
	}
	r.at += n
	return r.data[r.at-n : r.at]
}

// many returns the next n records of size bytes.
func (r *binaryReader) many(n int64, size int) []byte {
	if n < 0 || n > int64(len(r.data)) {
		n = int64(len(r.data)) + 1 // more than there is
	}
	return r.take(int(n) * size)
}

func (r *binaryReader) long() int64 {
	if b := r.take(8); b != nil {
		return int64(binary.LittleEndian.Uint64(b))
	}
	return 0
}

// bytes returns a string: its length and its bytes.
func (r *binaryReader) bytes() string { return string(r.many(r.long(), 1)) }

// name is bytes for a short string.
func (r *binaryReader) name() string {
	n := r.long()
	if n > mostNameBytes && r.err == nil {
		r.err = broken("a name of %d bytes, at byte %d", n, r.at)
	}
	return string(r.many(n, 1))
}

// floats returns a list of numbers: its length and the numbers.
func (r *binaryReader) floats() []float64 {
	b := r.many(r.long(), 4)
	list := make([]float64, len(b)/4)
	for i := range list {
		list[i] = float64(float(b, 4*i))
	}
	return list
}

func integer(b []byte, at int) int32 { return int32(binary.LittleEndian.Uint32(b[at:])) }
func float(b []byte, at int) float32 {
	return math.Float32frombits(binary.LittleEndian.Uint32(b[at:]))
}

// parseSnapshot reads the handle of a pickle by 1.0 to 1.2: the binary format, whose
// length stands before it, and the training's configuration behind it.
func parseSnapshot(data []byte, budget *budget) (*Booster, error) {
	r := &binaryReader{data: data, at: len(snapshotMagic)}
	inner := r.many(r.long(), 1)
	if r.err != nil {
		return nil, r.err
	}
	return parseBinary(inner, budget)
}

// parseBinary reads the binary format.
func parseBinary(data []byte, budget *budget) (*Booster, error) {
	r := &binaryReader{data: bytes.TrimPrefix(data, []byte(binaryMagic))}
	p := r.take(learnerBytes)
	objective, booster := r.name(), r.name()
	if r.err != nil {
		return nil, r.err
	}
	b := &Booster{attributes: make(map[string]string), parallel: 1}
	if err := b.setObjective(objective); err != nil {
		return nil, err
	}
	if err := b.binaryLearner(p, budget); err != nil {
		return nil, err
	}
	if err := b.binaryBooster(r, booster, budget); err != nil {
		return nil, err
	}
	if integer(p, 12) != 0 {
		for n := r.long(); n > 0 && r.err == nil; n-- {
			key, value := r.bytes(), r.bytes()
			if err := budget.pay(entryCost + int64(len(key)+len(value))); err != nil {
				return nil, err
			}
			b.attributes[key] = value
		}
	}
	return b, r.err
}

// binaryLearner takes the learner's structure: base_score, num_feature, num_class,
// whether attributes and metrics follow, and since 1.0 the version, since 1.6 the
// number of targets.
func (b *Booster) binaryLearner(p []byte, budget *budget) error {
	b.version[0], b.version[1] = int(integer(p, 20)), int(integer(p, 24))
	classes, targets := max(int(integer(p, 8)), 0), 1
	if b.version[0] > 1 || b.version[0] == 1 && b.version[1] >= 6 {
		targets = max(int(integer(p, 28)), 1)
	}
	if b.version[0] < 0 || b.version[0] > 2 {
		return broken("it says that XGBoost %d.%d wrote it", b.version[0], b.version[1])
	}
	b.features = int(integer(p, 4))
	if err := b.size(classes, targets, budget); err != nil {
		return err
	}
	b.base = make([]float64, b.outputs)
	for k := range b.base {
		b.base[k] = float64(float(p, 0))
	}
	if b.version[0] >= 1 { // before, it is a margin already
		b.base = b.objective.margins(b.base, b.before(1, 3))
	}
	if !finite(b.base[0]) {
		return broken("the base score is %v", float(p, 0))
	}
	return nil
}

func (b *Booster) binaryBooster(r *binaryReader, name string, budget *budget) error {
	switch name {
	case "gblinear":
		r.take(linearBytes)
		weights := r.floats()
		if r.err != nil {
			return r.err
		}
		return b.setWeights(weights)
	case "gbtree", "dart":
		if err := b.binaryTrees(r); err != nil {
			return err
		}
		if name == "dart" && len(b.list) > 0 {
			weights := r.floats()
			if r.err != nil {
				return r.err
			}
			return b.weigh(weights)
		}
		return nil
	}
	return unsupported(hintTrain, "the booster %q is not known", name)
}

// binaryTrees reads the trees, and behind them the output that each adds to.
func (b *Booster) binaryTrees(r *binaryReader) error {
	p := r.take(modelBytes)
	if r.err != nil {
		return r.err
	}
	n := int(integer(p, 0))
	if roots := integer(p, 4); roots > 1 || n < 0 {
		return broken("%d trees of %d roots", n, roots)
	}
	for i := range n {
		t, err := binaryTree(r)
		if err != nil {
			return broken("tree %d: %v", i, err)
		}
		b.list = append(b.list, t)
	}
	groups := r.many(int64(n), 4)
	if r.err != nil {
		return r.err
	}
	for i := range b.list {
		b.list[i].Output = max(int(integer(groups, 4*i)), -2) // a negative one is refused with the rest
		if b.list[i].Output == tree.AllOutputs {
			return broken("tree %d adds to no output", i)
		}
	}
	return b.checkRounds()
}

// binaryTree reads a tree: nodes of parent, children, feature (whose highest bit says
// that missing values go left) and threshold or leaf value, then statistics.
func binaryTree(r *binaryReader) (tree.BoostedTree, error) {
	var t tree.BoostedTree
	p := r.take(treeBytes)
	if r.err != nil {
		return t, r.err
	}
	if roots, width := integer(p, 0), integer(p, 20); roots > 1 || width > 1 {
		return t, broken("it has %d roots and leaves of %d values", roots, width)
	}
	count := int64(integer(p, 4))
	nodes := r.many(count, nodeBytes)
	r.many(count, statBytes)
	if r.err != nil {
		return t, r.err
	}
	n := len(nodes) / nodeBytes
	t.Left, t.Right, t.Feature = make([]int64, n), make([]int64, n), make([]int64, n)
	t.Threshold, t.Values, t.MissingLeft = make([]float64, n), make([]float64, n), make([]bool, n)
	for i := range n {
		node := nodes[i*nodeBytes:]
		const leftBit = 1 << 31
		split := uint32(integer(node, 12))
		t.Left[i], t.Right[i] = int64(integer(node, 4)), int64(integer(node, 8))
		t.Feature[i], t.MissingLeft[i] = int64(split&^leftBit), split&leftBit != 0
		t.Values[i] = float64(float(node, 16))
		t.Threshold[i] = t.Values[i]
		if t.Left[i] < 0 {
			t.Right[i] = -1 // of a leaf it may be anything
		}
	}
	return t, nil
}
