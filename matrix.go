package mlapi

// Matrix holds samples x features as float64, NaN being a missing value: row-major,
// or, between the steps of a fitted pipeline, in compressed sparse rows. A text
// column's cell is an index into Texts, the matrix's table of distinct texts (as a
// dictionary column in Arrow); which columns are text, the model's Info says.
//
// What a Preprocessor fills and a Model is given from outside is never sparse.
//
// The zero value is an empty matrix. It is the caller's and is reused.
type Matrix struct {
	Data  []float64 // dense: len is samples x width; sparse: the stored values, row after row
	Texts []string  // distinct texts; empty where no column is text

	index    map[string]int // of Texts
	borrowed bool           // Texts is another matrix's
	view     bool           // so is Data
	textSize int            // bytes of the texts added by Text

	columns []int32 // sparse: the column of each value
	starts  []int   // sparse: where each sample's values begin, and the end of the last; empty where dense

	first, samples, width int
}

// Reset empties m for a block of rows that begins at row number first of the
// request, keeping the memory.
func (m *Matrix) Reset(first int) {
	m.dropView()
	m.Data, m.columns, m.starts = m.Data[:0], m.columns[:0], m.starts[:0]
	m.dropTexts()
	m.first, m.samples, m.width = first, 0, 0
}

// dropView keeps memory that is another matrix's from being written to.
func (m *Matrix) dropView() {
	if m.view {
		m.Data, m.view = nil, false
	}
}

// dropTexts empties the table of texts, so that none is kept alive.
func (m *Matrix) dropTexts() {
	if m.borrowed {
		m.Texts, m.borrowed = nil, false
		return
	}
	clear(m.Texts)
	m.Texts = m.Texts[:0]
	clear(m.index)
	m.textSize = 0
}

// Size returns about how many bytes of memory m keeps.
func (m *Matrix) Size() int {
	const entry = 64 // a text's header, and its place in the index
	size := 8*cap(m.Data) + 4*cap(m.columns) + 8*cap(m.starts)
	if m.borrowed {
		return size
	}
	return size + entry*cap(m.Texts) + m.textSize
}

// Resize gives m the dense shape samples x width. What Data holds afterwards is
// unspecified: whoever resizes writes every value.
func (m *Matrix) Resize(samples, width int) {
	m.dropView()
	n := samples * width
	if cap(m.Data) < n {
		m.Data = make([]float64, n)
	}
	m.Data, m.columns, m.starts = m.Data[:n], m.columns[:0], m.starts[:0]
	m.samples, m.width = samples, width
}

// ResizeSparse makes m a sparse matrix of width features and no samples yet:
// Append the values of a sample, then EndSample, for one after the other.
func (m *Matrix) ResizeSparse(width int) {
	m.dropView()
	m.Data, m.columns, m.starts = m.Data[:0], m.columns[:0], append(m.starts[:0], 0)
	m.samples, m.width = 0, width
}

// Append stores a value of the sample under way of a sparse matrix. Columns
// ascend within a sample; what is not stored is 0.
func (m *Matrix) Append(column int, value float64) {
	m.columns, m.Data = append(m.columns, int32(column)), append(m.Data, value)
}

// EndSample ends the sample under way of a sparse matrix.
func (m *Matrix) EndSample() {
	m.samples++
	m.starts = append(m.starts, len(m.Data))
}

// Sparse reports whether m is sparse.
func (m *Matrix) Sparse() bool { return len(m.starts) > 0 }

// Samples returns the number of samples (rows).
func (m *Matrix) Samples() int { return m.samples }

// Width returns the number of features (columns).
func (m *Matrix) Width() int { return m.width }

// Row returns the features of sample i of a dense matrix; writing to it changes
// the matrix.
func (m *Matrix) Row(i int) []float64 { return m.Data[i*m.width : (i+1)*m.width : (i+1)*m.width] }

// Entries returns the stored values of sample i of a sparse matrix and their
// columns, which ascend. Writing to values changes the matrix.
func (m *Matrix) Entries(i int) (columns []int32, values []float64) {
	from, to := m.starts[i], m.starts[i+1]
	return m.columns[from:to:to], m.Data[from:to:to]
}

// DenseRow returns the features of sample i whether m is dense or sparse: Row(i),
// or the sample written to scratch, which has room for Width values. They must not
// be changed.
func (m *Matrix) DenseRow(i int, scratch []float64) []float64 {
	if !m.Sparse() {
		return m.Row(i)
	}
	scratch = scratch[:m.width]
	clear(scratch)
	columns, values := m.Entries(i)
	for k, c := range columns {
		scratch[c] = values[k]
	}
	return scratch
}

// Number returns the row number in the request of sample i.
func (m *Matrix) Number(i int) int { return m.first + i }

// Text returns the index of a text in Texts, where it is added if it is new. Of a
// text that is there already nothing is allocated.
func (m *Matrix) Text(text []byte) float64 {
	i, known := m.index[string(text)]
	if !known {
		i = m.addText(string(text))
	}
	return float64(i)
}

func (m *Matrix) addText(text string) int {
	if m.index == nil {
		m.index = make(map[string]int)
	}
	i := len(m.Texts)
	m.textSize += len(text)
	m.Texts = append(m.Texts, text)
	m.index[text] = i
	return i
}

// Like empties m for what a step makes of src: the same row numbers and, borrowed,
// the same texts; no values yet. src must outlive the use of m, and neither may
// be given new texts afterwards.
func (m *Matrix) Like(src *Matrix) {
	m.Reset(src.first)
	m.index, m.Texts, m.borrowed = nil, src.Texts, true
}

// Copy makes m a copy of src, whose texts it borrows as Like does.
func (m *Matrix) Copy(src *Matrix) {
	m.Like(src)
	m.Data = append(m.Data, src.Data...)
	m.columns, m.starts = append(m.columns, src.columns...), append(m.starts, src.starts...)
	m.samples, m.width = src.samples, src.width
}

// Slice makes m a view of the samples from to to of src, which is dense: it borrows
// the values too.
func (m *Matrix) Slice(src *Matrix, from, to int) {
	m.Like(src)
	m.Data, m.view = src.Data[from*src.width:to*src.width:to*src.width], true
	m.first, m.samples, m.width = src.first+from, to-from, src.width
}
