package xgboost

import (
	"fmt"
	"math"

	"example.com/mlapi/model/tree"
)

// trees reads the trees of a gbtree.
func (b *Booster) trees(o object, budget *budget) error {
	m, err := o.object("model")
	if err != nil {
		return err
	}
	p, err := m.object("gbtree_model_param")
	if err != nil {
		return err
	}
	if b.parallel, err = p.count("num_parallel_tree", 1); err != nil {
		return err
	}
	b.parallel = max(b.parallel, 1)
	b.layered = p.has("num_parallel_tree") || m.has("iteration_indptr")
	list, err := m.list("trees")
	if err != nil {
		return err
	}
	groups, err := m.ints("tree_info")
	if err != nil {
		return err
	}
	if len(groups) != len(list) {
		return broken("%d trees, and outputs of %d", len(list), len(groups))
	}
	b.list = make([]tree.BoostedTree, len(list))
	for i, item := range list {
		o, ok := item.(object)
		if !ok {
			return broken("tree %d is no object", i)
		}
		if b.list[i], err = b.tree(o, groups[i], budget); err != nil {
			return &Error{What: fmt.Sprintf("tree %d", i), Cause: err, unsupported: isUnsupported(err)}
		}
		list[i] = nil // its memory is wanted
	}
	if m.has("iteration_indptr") {
		if b.rounds, err = m.ints("iteration_indptr"); err != nil {
			return err
		}
	}
	if err := b.checkRounds(); err != nil {
		return err
	}
	if m.has("weight_drop") {
		if err := b.drop(m); err != nil {
			return err
		}
	}
	if m.has("cats") {
		return b.readCategories(m)
	}
	return nil
}

// checkRounds makes sure that iterations are runs of trees, or finds out where they
// begin: XGBoost before 2.0 does not say.
func (b *Booster) checkRounds() error {
	if b.rounds == nil {
		layer := b.parallel
		if len(b.list) == 0 || b.list[0].Output != tree.AllOutputs {
			layer *= b.outputs
		}
		if layer > len(b.list) || layer < 1 {
			layer = max(len(b.list), 1)
		}
		for at := 0; at <= len(b.list); at += layer {
			b.rounds = append(b.rounds, int64(at))
		}
		return nil
	}
	last := int64(0)
	for i, at := range b.rounds {
		if at < last || i == 0 && at != 0 {
			return broken("iteration %d begins at tree %d", i, at)
		}
		last = at
	}
	if last != int64(len(b.list)) {
		return broken("the iterations have %d trees, and there are %d", last, len(b.list))
	}
	return nil
}

// drop multiplies the leaves of each tree with its weight, which trees have that
// were trained with dropout.
func (b *Booster) drop(o object) error {
	weights, err := o.numbers("weight_drop")
	if err != nil {
		return err
	}
	return b.weigh(weights)
}

func (b *Booster) weigh(weights []float64) error {
	if len(weights) == 0 {
		return nil
	}
	if len(weights) != len(b.list) {
		return broken("%d trees have %d weights", len(b.list), len(weights))
	}
	for i, w := range weights {
		values := b.list[i].Values
		for k, v := range values {
			values[k] = float64(float32(v) * float32(w))
		}
	}
	return nil
}

// tree reads a tree that adds to an output.
func (b *Booster) tree(o object, group int64, budget *budget) (tree.BoostedTree, error) {
	var t tree.BoostedTree
	p, err := o.object("tree_param")
	if err != nil {
		return t, err
	}
	width, err := p.count("size_leaf_vector", 1)
	if err != nil {
		return t, err
	}
	if t.Left, err = o.ints("left_children"); err != nil {
		return t, err
	}
	if t.Right, err = o.ints("right_children"); err != nil {
		return t, err
	}
	if t.Feature, err = o.ints("split_indices"); err != nil {
		return t, err
	}
	if t.Threshold, err = o.numbers("split_conditions"); err != nil {
		return t, err
	}
	left, err := o.numbers("default_left")
	if err != nil {
		return t, err
	}
	t.MissingLeft = make([]bool, len(left))
	for i, v := range left {
		t.MissingLeft[i] = v != 0
	}
	if n := len(t.Left); len(t.Right) != n || len(t.Feature) != n || len(t.Threshold) != n || len(left) != n {
		return t, broken("its arrays have different lengths")
	}
	for i, v := range t.Threshold {
		t.Threshold[i] = float64(float32(v))
	}
	if group < 0 || group > mostOutputs {
		return t, broken("it adds to output %d", group)
	}
	t.Output = int(group)
	if width > 1 {
		if err := b.vectors(&t, o, width); err != nil {
			return t, err
		}
	} else {
		// A leaf's value stands where the others have their threshold.
		t.Values = append([]float64(nil), t.Threshold...)
	}
	return t, readSplits(&t, o, budget)
}

// vectors reads the leaves of a tree that has a value for every output: the weights
// of all nodes up to 3.1, since then those of the leaves, whose place stands where
// the others have their right child.
func (b *Booster) vectors(t *tree.BoostedTree, o object, width int) error {
	if width != b.outputs {
		return broken("its leaves have %d values for %d outputs", width, b.outputs)
	}
	t.Output = tree.AllOutputs
	n := len(t.Left)
	if !o.has("leaf_weights") {
		weights, err := o.numbers("base_weights")
		if err != nil {
			return err
		}
		t.Values = weights // as many as nodes x outputs, or PackBoosted refuses it
		return nil
	}
	weights, err := o.numbers("leaf_weights")
	if err != nil {
		return err
	}
	leaves := 0
	for _, left := range t.Left {
		if left < 0 {
			leaves++
		}
	}
	if len(weights) != leaves*width {
		return broken("its %d leaves have %d values", leaves, len(weights))
	}
	t.Values = make([]float64, n*width)
	for i, left := range t.Left {
		if left >= 0 {
			continue
		}
		at := t.Right[i]
		if at < 0 || at >= int64(leaves) {
			return broken("leaf %d has the values %d of %d", i, at, leaves)
		}
		copy(t.Values[i*width:(i+1)*width], weights[int(at)*width:])
		t.Right[i] = -1
	}
	return nil
}

// mostCategory is below which all whole numbers are a float32.
const mostCategory = 1 << 24

// readSplits reads which nodes split by category, and by which.
func readSplits(t *tree.BoostedTree, o object, budget *budget) error {
	if !o.has("split_type") {
		return nil
	}
	types, err := o.numbers("split_type")
	if err != nil {
		return err
	}
	nodes, err := o.ints("categories_nodes")
	if err != nil {
		return err
	}
	if len(nodes) == 0 {
		return nil
	}
	starts, err := o.ints("categories_segments")
	if err != nil {
		return err
	}
	sizes, err := o.ints("categories_sizes")
	if err != nil {
		return err
	}
	list, err := o.ints("categories")
	if err != nil {
		return err
	}
	if len(types) != len(t.Left) || len(starts) != len(nodes) || len(sizes) != len(nodes) {
		return broken("its arrays of categories have different lengths")
	}
	t.Category = make([]int32, len(t.Left))
	for i := range t.Category {
		t.Category[i] = -1
	}
	for k, node := range nodes {
		// Segments follow each other, so that none is used twice.
		if node < 0 || node >= int64(len(types)) || types[node] != 1 || sizes[k] < 0 || starts[k] < 0 ||
			starts[k]+sizes[k] > int64(len(list)) || k > 0 && starts[k] < starts[k-1]+sizes[k-1] {
			return broken("the categories of node %d are not in order", node)
		}
		bits, err := bitset(list[starts[k]:starts[k]+sizes[k]], budget)
		if err != nil {
			return err
		}
		t.Category[node] = int32(len(t.Sets))
		t.Sets = append(t.Sets, tree.CategorySet{Bits: bits})
	}
	for i, kind := range types {
		if kind != 0 && t.Category[i] < 0 && t.Left[i] >= 0 {
			return broken("node %d splits by categories that are not there", i)
		}
	}
	return nil
}

// bitset returns the set of categories.
func bitset(categories []int64, budget *budget) ([]uint32, error) {
	most := int64(-1)
	for _, c := range categories {
		if c < 0 || c >= mostCategory {
			return nil, broken("the category %d is out of range", c)
		}
		most = max(most, c)
	}
	words := most/32 + 1
	if err := budget.pay(4 * words); err != nil {
		return nil, err
	}
	bits := make([]uint32, words)
	for _, c := range categories {
		bits[c/32] |= 1 << (c % 32)
	}
	return bits, nil
}

// finite reports whether v is a number.
func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
