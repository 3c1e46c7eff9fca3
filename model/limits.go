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
	baseBytes   = 64 << 20
	baseOpcodes = 4 << 20
	baseMemo    = 1 << 20
	growth      = 16
	mostNesting = 1000
	// mostSize keeps the products below away from overflow: a tebibyte.
	mostSize = 1 << 40
)

// DefaultLimits returns the limits for a file of fileSize bytes on disk: 64 MiB
// plus 16 bytes for each byte of the file, both for what comes out of
// decompression and for what the values take. So a file that was honestly
// compressed passes, and one made to fill the memory stops early.
func DefaultLimits(fileSize int64) Limits {
	size := min(max(fileSize, 0), mostSize)
	return Limits{
		Bytes:   baseBytes + growth*size,
		Memory:  baseBytes + growth*size,
		Opcodes: baseOpcodes + 4*size,
		Memo:    baseMemo + size,
		Depth:   mostNesting,
	}
}
