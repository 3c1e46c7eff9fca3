package neighbors

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"
	"sync"

	"example.com/mlapi"
	"example.com/mlapi/model/vector"
)

// Index finds the samples that are nearest to a given one.
type Index struct {
	points  vector.Samples
	metric  Metric
	tree    *Tree
	lengths []float64 // squared, where distances are made of inner products
	part    bool      // equal distances end as Partition leaves them
	scratch sync.Pool // of *search
}

// blockRows is how many samples are answered between two looks at the context.
const blockRows = 16

// NewIndex returns an index of points, which it keeps and may change. tree is nil where
// all points are looked at. With products, Euclidean distances are made of inner products
// and lengths instead of differences; so they are of sparse points, always.
func NewIndex(points vector.Samples, metric Metric, tree *Tree, products bool) (*Index, error) {
	if metric.reduced == nil {
		return nil, errors.New("there is no metric")
	}
	if err := check(&points); err != nil {
		return nil, err
	}
	if metric.kind == haversine && points.Width != 2 {
		return nil, errors.New("a latitude and a longitude are two features")
	}
	x := &Index{points: points, metric: metric, tree: tree}
	if tree != nil {
		switch {
		case points.Starts != nil:
			return nil, errors.New("sparse samples are in a tree")
		case metric.kind == squared || metric.kind == cosine || !tree.Ball && metric.power == 0:
			return nil, errors.New("a tree of this kind has no such metric")
		}
		if err := tree.check(points.Len(), points.Width); err != nil {
			return nil, err
		}
	}
	switch ofSquares := metric.power == 2 && metric.kind == euclidean || metric.kind == squared; {
	case tree == nil && ofSquares && (products || points.Starts != nil):
		x.lengths = points.Squares()
	case metric.kind == cosine:
		normaliseAll(&x.points)
	}
	x.scratch.New = func() any { return new(search) }
	return x, nil
}

// Partitioned makes x, which has no tree, choose among equal distances as Partition does
// (scikit-learn up to 1.0).
func (x *Index) Partitioned() { x.part = x.tree == nil }

// Check returns an error unless a metric's list of a number for each feature fits.
func (o MetricOptions) Check(features int) error {
	for _, list := range [...][]float64{o.Weights, o.Variances} {
		if list != nil && len(list) != features {
			return errors.New("the metric has a number for each of another number of features")
		}
	}
	return nil
}

// Len returns the number of points, Width that of features.
func (x *Index) Len() int { return x.points.Len() }

// Width returns the number of features.
func (x *Index) Width() int { return x.points.Width }

// search is the memory that a question takes.
type search struct {
	heap
	query   []float64 // a sample that was sparse, or that is divided by its length
	point   []float64 // a point that is sparse
	weights []float64
	votes   []float64
	sums    []float64
	far     []float64 // of an index that is Partitioned: every distance
	order   []int32
}

// each calls do with every sample of m, dense and checked to be finite, and looks at ctx
// now and then.
func (x *Index) each(ctx context.Context, m *mlapi.Matrix, do func(s *search, i int, row []float64) error) error {
	s := x.scratch.Get().(*search)
	defer x.scratch.Put(s)
	s.query, s.point = vector.Resize(s.query, x.points.Width), vector.Resize(s.point, x.points.Width)
	return vector.EachDense(ctx, m, blockRows, s.query, func(i int, row []float64) error {
		if x.metric.kind == cosine {
			if math.IsInf(vector.Dot(row, row), 0) {
				return tooLarge(m, i, row)
			}
			normalise(s.query, row)
			row = s.query
		}
		return do(s, i, row)
	})
}

// nearest fills s with the k points nearest to q, the nearest first, and their distances.
func (x *Index) nearest(s *search, k int, q []float64) {
	switch {
	case x.part:
		x.parted(s, k, q)
	case x.tree != nil:
		s.reset(k)
		x.tree.nearest(x, &s.heap, 0, x.tree.least(&x.metric, 0, q), q)
		s.sort()
	default:
		s.reset(k)
		x.all(q, s, s.push)
		s.sort()
	}
	x.root(s)
}

// parted is nearest of an index that is Partitioned.
func (x *Index) parted(s *search, k int, q []float64) {
	s.far, s.order = s.far[:0], s.order[:0]
	x.all(q, s, func(d float64, i int32) { s.far, s.order = append(s.far, d), append(s.order, i) })
	Partition(s.order, s.far, k)
	slices.SortFunc(s.order[:k], func(a, b int32) int {
		return cmp.Or(cmp.Compare(s.far[a], s.far[b]), cmp.Compare(a, b))
	})
	s.reset(0)
	for _, i := range s.order[:k] {
		s.append(s.far[i], i)
	}
}

// within fills s with the points at most radius away from q, and their distances.
func (x *Index) within(s *search, radius float64, q []float64) {
	s.reset(0)
	most := x.metric.reduce(radius)
	if x.tree != nil {
		x.tree.within(x, &s.heap, 0, most, q)
	} else {
		x.all(q, s, func(d float64, i int32) {
			if d <= most {
				s.append(d, i)
			}
		})
	}
	x.root(s)
}

// root makes distances of reduced ones.
func (x *Index) root(s *search) {
	for k, d := range s.reduced {
		s.reduced[k] = x.metric.distance(d)
	}
}

// all calls take with the reduced distance of every point.
func (x *Index) all(q []float64, s *search, take func(reduced float64, i int32)) {
	switch {
	case x.lengths != nil:
		length := vector.Dot(q, q)
		for i, l := range x.lengths {
			take(max(0, length-2*x.points.Dot(i, q)+l), int32(i))
		}
	case x.points.Starts == nil:
		for i := range x.points.Len() {
			take(x.metric.reduced(q, x.points.Row(i)), int32(i))
		}
	default:
		for i := range x.points.Len() {
			clear(s.point)
			columns, values := x.points.Entries(i)
			for k, c := range columns {
				s.point[c] = values[k]
			}
			take(x.metric.reduced(q, s.point), int32(i))
		}
	}
}

// heap keeps the least of what is pushed, the greatest of them in front. Of equal ones
// those that came first stay, in scikit-learn's order (sklearn/utils/_heap.pyx).
type heap struct {
	reduced []float64
	points  []int32
}

// reset makes room for k points that are infinitely far.
func (h *heap) reset(k int) {
	h.reduced, h.points = vector.Resize(h.reduced, k), vector.Resize(h.points, k)
	for i := range h.reduced {
		h.reduced[i], h.points[i] = math.Inf(1), 0
	}
}

func (h *heap) append(d float64, i int32) {
	h.reduced, h.points = append(h.reduced, d), append(h.points, i)
}

// push takes in a point that is nearer than the farthest, which goes.
func (h *heap) push(d float64, i int32) {
	if !(d < h.reduced[0]) {
		return
	}
	h.sink(len(h.reduced), d, i)
}

// sink puts a point where the first was, among the first n: below all that are farther.
func (h *heap) sink(n int, d float64, i int32) {
	at := 0
	for {
		next := 2*at + 1
		if next >= n {
			break
		}
		if right := next + 1; right < n && h.reduced[right] > h.reduced[next] {
			next = right
		}
		if !(h.reduced[next] > d) {
			break
		}
		h.reduced[at], h.points[at] = h.reduced[next], h.points[next]
		at = next
	}
	h.reduced[at], h.points[at] = d, i
}

// sort puts the nearest first.
func (h *heap) sort() {
	for n := len(h.reduced) - 1; n > 0; n-- {
		d, i := h.reduced[n], h.points[n]
		h.reduced[n], h.points[n] = h.reduced[0], h.points[0]
		h.sink(n, d, i)
	}
}
