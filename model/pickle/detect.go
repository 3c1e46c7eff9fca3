package pickle

import "bytes"

// DetectLength is how many bytes Detect wants to see.
const DetectLength = 512

// Detect reports whether head, the first bytes of a (decompressed) file, begins a
// pickle. Protocol 2 and later say so in their first two bytes; 0 and 1, which say
// nothing, are known by opcodes that follow each other correctly.
func Detect(head []byte) bool {
	const mostFirst = 1 << 20 // bytes of the first opcode
	if len(head) >= 2 && head[0] == opProto {
		return head[1] <= highestProtocol
	}
	if len(head) == 0 || bytes.IndexByte([]byte("(c]})ILFSVXUTKMJGN"), head[0]) < 0 {
		return false
	}
	for n, all := 0, head; len(head) > 0; n++ {
		size, ok := oldOpcode(head)
		switch {
		case !ok:
			return false
		case n == 0 && size > mostFirst:
			return false // a huge text and nothing else, as random bytes may look
		case size > len(head):
			return true // cut off by the end of what there is to see
		case head[0] == opStop:
			return n > 0 && size == len(head)
		case head[0] == opBuild && bytes.Contains(all, []byte("NumpyArrayWrapper")):
			return true // what follows may be the bytes of an array
		}
		head = head[size:]
	}
	return true
}

// oldOpcode returns the size of the opcode of protocol 0 or 1 at the beginning of
// head, with its argument; more than len(head) where it goes on beyond it.
func oldOpcode(head []byte) (size int, ok bool) {
	const plain = "(.012NRabd}el]otsu)"
	op := head[0]
	switch {
	case bytes.IndexByte([]byte(plain), op) >= 0:
		return 1, true
	case op == opBinInt1 || op == opBinGet || op == opBinPut:
		return 2, true
	case op == opBinInt2:
		return 3, true
	case op == opBinInt || op == opLongBinGet || op == opLongBinPut:
		return 5, true
	case op == opBinFloat:
		return 9, true
	case op == opShortBinString && len(head) > 1:
		return 2 + int(head[1]), true
	case (op == opBinString || op == opBinUnicode) && len(head) > 4:
		size = int(head[1]) | int(head[2])<<8 | int(head[3])<<16 | int(head[4])<<24
		return 5 + size, true
	case op == opShortBinString || op == opBinString || op == opBinUnicode:
		return len(head) + 1, true
	}
	lines := 0
	switch op {
	case opInt, opLong, opFloat, opGet, opPut, opString, opUnicode:
		lines = 1
	case opGlobal, opInst:
		lines = 2
	default:
		return 0, false
	}
	size = 1
	for range lines {
		end := bytes.IndexByte(head[size:], '\n')
		if end < 0 {
			return len(head) + 1, plausible(op, head[size:])
		}
		if !plausible(op, head[size:size+end]) {
			return 0, false
		}
		size += end + 1
	}
	return size, true
}

// plausible reports whether line can be, or begin, a line of the argument of op.
func plausible(op byte, line []byte) bool {
	if op == opUnicode {
		return true
	}
	if op == opString {
		return len(line) == 0 || line[0] == '\'' || line[0] == '"'
	}
	for _, c := range line {
		digit := c >= '0' && c <= '9' || c == '-'
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '.'
		switch op {
		case opInt, opGet, opPut:
			if !digit {
				return false
			}
		case opLong:
			if !digit && c != 'L' {
				return false
			}
		default:
			if !digit && !letter && c != '+' {
				return false
			}
		}
	}
	return true
}
