package mlapi

// Matrix holds samples x features, row-major, as float64. NaN is a missing value.
// A text column's cell is an index into Texts, the matrix's table of distinct
// texts (as a dictionary column in Arrow); which columns are text, the model's
// Info says.
//
// The zero value is an empty matrix. It is the caller's and is reused.
type Matrix struct {
	Data  []float64 // len is samples x width
	Texts []string  // distinct texts; empty where no column is text

	first, samples, width int
}

// Reset empties m for a block of rows that begins at row number first of the
// request, keeping the memory.
func (m *Matrix) Reset(first int) {
	m.Data, m.Texts = m.Data[:0], m.Texts[:0]
	m.first, m.samples, m.width = first, 0, 0
}

// Resize gives m the shape samples x width. What Data holds afterwards is
// unspecified: whoever resizes writes every value.
func (m *Matrix) Resize(samples, width int) {
	n := samples * width
	if cap(m.Data) < n {
		m.Data = make([]float64, n)
	}
	m.Data = m.Data[:n]
	m.samples, m.width = samples, width
}

// Samples returns the number of samples (rows).
func (m *Matrix) Samples() int { return m.samples }

// Width returns the number of features (columns).
func (m *Matrix) Width() int { return m.width }

// Row returns the features of sample i; writing to it changes the matrix.
func (m *Matrix) Row(i int) []float64 { return m.Data[i*m.width : (i+1)*m.width : (i+1)*m.width] }

// Number returns the row number in the request of sample i.
func (m *Matrix) Number(i int) int { return m.first + i }
