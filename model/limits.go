package model

// Limits bound what one file may take. A limit of 0 allows nothing.
type Limits struct {
	Bytes   int64 // bytes after decompression
	Memory  int64 // bytes that the values read may take together
	Opcodes int64 // steps: opcodes of a pickle, tokens of a text format
	Memo    int64 // values remembered for later reference
	Depth   int   // containers inside each other
}

const (
	baseBytes   = 24 << 20
	baseOpcodes = 4 << 20
	baseMemo    = 1 << 20
	growth      = 12 // of the decompressed size: forests compress to a tenth
	growthKept  = 10 // of the memory
	mostNesting = 1000
	// mostSize keeps the products below away from overflow: a tebibyte.
	mostSize = 1 << 40
)

// DefaultLimits returns the limits for a file of fileSize bytes on disk: 24 MiB plus,
// for each byte of the file, 12 bytes that come out of decompression and 10 of memory
// that is allocated for values. So a file that was honestly compressed passes, and one
// made to fill the memory stops early: a file of 10 MB takes less than 20 times its
// size, the dictionary of the decompressor (64 MiB at most) included.
func DefaultLimits(fileSize int64) Limits {
	size := min(max(fileSize, 0), mostSize)
	return Limits{
		Bytes:   baseBytes + growth*size,
		Memory:  baseBytes + growthKept*size,
		Opcodes: baseOpcodes + 4*size,
		Memo:    baseMemo + size,
		Depth:   mostNesting,
	}
}
