package tree

import (
	"context"
	"errors"
	"fmt"
	"math"

	"example.com/mlapi"
)

// Boosted is a checked, packed sum of boosted trees: each tree adds the value of the
// leaf that a row falls into to one of the outputs. It is what gradient boosting of
// XGBoost, LightGBM and scikit-learn have in common; what they differ in is said by
// [BoostOptions] and by the trees.
//
//	b, err := tree.PackBoosted(trees, tree.BoostOptions{
//		Features: 4, Outputs: 1, Missing: true,
//		Compare: tree.Float32Below, Float32Sums: true, // XGBoost
//		Base: []float64{0.5},
//	})
//	...
//	err = b.Margins(ctx, margins, matrix) // samples x outputs, before any link function
//
// [NewBoostedModel] makes an mlapi.Model of it. How the libraries are said:
//
//	XGBoost                     Float32Below, Float32Sums
//	LightGBM                    Float64AtMost, TinyZero; Kinds by node, Linear leaves
//	HistGradientBoosting        Float64AtMost; Sets with Known categories
//	scikit-learn's              Float32AtMost; a Tree of it as it is, with the leaf
//	GradientBoosting            values multiplied by the learning rate
//
// A Boosted is immutable and safe for concurrent use. Make one with PackBoosted.
type Boosted struct {
	options BoostOptions
	trees   int
	packed  interface {
		margins(ctx context.Context, dst []float64, m *mlapi.Matrix) error
	}
}

// Comparison is how a numeric split compares, and so what precision a feature has.
type Comparison uint8

const (
	// Float64AtMost: x <= threshold in float64 goes left. It is the zero value.
	Float64AtMost Comparison = iota
	// Float32AtMost: x, rounded to float32, <= the float64 threshold goes left.
	Float32AtMost
	// Float32Below: x, rounded to float32, < the float32 threshold goes left.
	Float32Below
)

// BoostOptions describe all trees of a Boosted.
type BoostOptions struct {
	Features int // columns of the rows
	Outputs  int // sums per row
	Compare  Comparison
	// Missing says whether rows may hold missing values (NaN, Sentinel).
	Missing bool
	// Sentinel is a value that means missing too, compared in the precision of
	// Compare; nil for none.
	Sentinel *float64
	// TinyZero says that values that reach to 1e-35 either side of 0 count as 0.
	TinyZero bool
	// AbsentMissing says that what a sparse row does not store is missing, and not 0.
	AbsentMissing bool
	// Float32Sums says that sums are rounded to float32 after each tree.
	Float32Sums bool
	// Base is what each output starts from, before the first tree; nil for 0.
	Base []float64
}

// MissingAs says which values of a feature a numeric split takes as missing and
// sends the way of Tree.MissingLeft.
type MissingAs uint8

const (
	// NaNMissing: NaN. It is the zero value.
	NaNMissing MissingAs = iota
	// NothingMissing: nothing; NaN counts as 0.
	NothingMissing
	// ZeroMissing: NaN and 0, which reaches to 1e-35 either side.
	ZeroMissing
)

// AllOutputs is the BoostedTree.Output of a tree whose leaves have a value for every
// output. Either all trees of an ensemble are of this kind or none.
const AllOutputs = -1

// BoostedTree is one tree of a [Boosted]. The arrays of Tree go by node, node 0 is
// the root and the children of a leaf are negative. Other than in an Ensemble, nodes
// may stand in any order and some may be out of use: what matters is that from the
// root every node is reached once at most.
type BoostedTree struct {
	Tree               // Values holds nodes, or nodes x Outputs with AllOutputs
	Output int         // which sum the leaf values are added to, from 0, or AllOutputs
	Kinds  []MissingAs // by node; nil means NaNMissing everywhere
	// Category has the index into Sets of a node that splits by category, and a
	// negative number for one that compares; nil where all compare.
	Category []int32
	Sets     []CategorySet // kept: do not change them afterwards
	Linear   []LinearLeaf  // by node; nil where the leaves are constant
}

// CategorySet is a split by category: the value of the feature, cut to a whole
// number, is looked up in a bitset (category c is bit c%32 of word c/32). NaN goes
// where Tree.MissingLeft says, a negative number is in no set.
type CategorySet struct {
	Bits []uint32
	Left bool // whether those in Bits go left, and the others right, or the reverse
	// Known has the categories that were known when the tree was trained. Others go
	// where missing values go. nil means that all are known.
	Known []uint32
}

// LinearLeaf is a leaf that answers Constant + sum of Coefficients x Features, or
// its Tree.Values where one of these features is NaN. Without Features it answers
// Constant.
type LinearLeaf struct {
	Constant     float64
	Features     []int64
	Coefficients []float64
}

// PackBoosted checks trees and lays them out for prediction, in time linear in their
// size. Its error says which tree and node breaks which rule. No trees at all is
// allowed: the margins are then the Base.
func PackBoosted(trees []BoostedTree, o BoostOptions) (*Boosted, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	bounds := make([]float64, o.Outputs)
	for k, v := range o.Base {
		bounds[k] = math.Abs(v)
	}
	slots := newSlotTable(o)
	total := 0
	for i := range trees {
		c := treeCheck{t: &trees[i], o: &o, slots: slots, bounds: bounds}
		n, err := c.run(trees[0].Output == AllOutputs)
		if err != nil {
			return nil, fmt.Errorf("tree %d: %w", i, err)
		}
		if total += n; total > maxNodes/lanes {
			return nil, fmt.Errorf("more than %d nodes", maxNodes/lanes)
		}
	}
	most := math.MaxFloat64
	if o.Float32Sums {
		most = math.MaxFloat32
	}
	for k, v := range bounds {
		if !(v < most/2) {
			return nil, fmt.Errorf("the leaf values of output %d are too large: their sum may overflow", k)
		}
	}
	b := &Boosted{options: o, trees: len(trees)}
	if o.Compare == Float64AtMost {
		b.packed = packBoosted[float64](trees, o, slots, total)
	} else {
		b.packed = packBoosted[float32](trees, o, slots, total)
	}
	return b, nil
}

// check returns an error unless o makes sense in itself.
func (o *BoostOptions) check() error {
	switch {
	case o.Features < 1 || o.Features > maxFeatures:
		return fmt.Errorf("%d features is outside 1..%d", o.Features, maxFeatures)
	case o.Outputs < 1 || o.Outputs > maxFeatures:
		return fmt.Errorf("%d outputs is outside 1..%d", o.Outputs, maxFeatures)
	case o.Compare > Float32Below:
		return fmt.Errorf("unknown comparison %d", o.Compare)
	case o.Base != nil && len(o.Base) != o.Outputs:
		return fmt.Errorf("%d base values for %d outputs", len(o.Base), o.Outputs)
	}
	for _, v := range o.Base {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return errors.New("a base value is not a finite number")
		}
	}
	return nil
}

// Features returns the number of columns that a row has.
func (b *Boosted) Features() int { return b.options.Features }

// Outputs returns the number of sums per row.
func (b *Boosted) Outputs() int { return b.options.Outputs }

// Trees returns the number of trees.
func (b *Boosted) Trees() int { return b.trees }

// Margins writes the sums of all samples of m to dst, which has room for samples x
// Outputs values. It checks ctx now and then. A missing value where none is taken,
// or a value too large, is an Invalid *mlapi.Error with row and column.
func (b *Boosted) Margins(ctx context.Context, dst []float64, m *mlapi.Matrix) error {
	if m.Width() != b.options.Features || len(dst) != m.Samples()*b.options.Outputs {
		return mlapi.Internalf("tree: %d samples x %d features into %d sums; the trees take %d features and give %d",
			m.Samples(), m.Width(), len(dst), b.options.Features, b.options.Outputs)
	}
	return b.packed.margins(ctx, dst, m)
}
