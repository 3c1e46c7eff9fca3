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
	baseBytes   = 32 << 20
	baseOpcodes = 4 << 20
	baseMemo    = 1 << 20
	growth      = 12 // forests compress to a tenth, vocabularies take twelve times their file
	mostNesting = 1000
	// mostSize keeps the products below away from overflow: a tebibyte.
	mostSize = 1 << 40
)

// DefaultLimits returns the limits for a file of fileSize bytes on disk: 32 MiB plus
// 12 bytes for each byte of the file, both for what comes out of decompression and for
// the memory that is allocated for values. So a file that was honestly compressed passes,
// and one made to fill the memory stops early: a file of 10 MB takes less than 20 times
// its size.
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

// beside returns l for the values of a file whose decompressor takes memory of its own:
// the dictionary of xz and lzma, mostDictionary at most.
func (l Limits) beside(compression string, fileSize int64) Limits {
	if compression == "xz" || compression == "lzma" {
		l.Memory -= min(l.Memory, baseBytes/4+2*min(max(fileSize, 0), mostSize))
	}
	return l
}
