package model

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"io"
	"math"

	"github.com/ulikunitz/xz/lzma"
)

// xzReader reads .xz files (The .xz File Format, version 1.2.1, tukaani.org): the
// container is read here and the LZMA2 data in it by the xz library, because that
// library's own reader of the container allocates whatever dictionary a block's
// header asks for.
type xzReader struct {
	in     *xzInput
	check  byte          // of the stream: kind of checksum
	sum    hash.Hash     // of the block under way; nil where there is none
	block  *lzma.Reader2 // the block under way
	header int64         // size of its header
	size   int64         // bytes that came out of it
	blocks []xzBlock     // of the stream, to be found again in its index
	begun  bool          // a stream has begun
	err    error         // the end, good or bad

	dictionaries, total int64 // bytes of all dictionaries, and that came out of all blocks
}

// xzBlock is what the index says of a block.
type xzBlock struct{ unpadded, uncompressed int64 }

const (
	xzMagic      = "\xfd7zXZ\x00"
	xzFooter     = "YZ"
	xzFilterLZMA = 0x21
)

// xzInput counts what is read, and can sum it up.
type xzInput struct {
	r   *bufio.Reader
	n   int64
	crc hash.Hash32 // of all that is read, while not nil
}

func (x *xzInput) Read(p []byte) (int, error) {
	n, err := x.r.Read(p)
	x.n += int64(n)
	if x.crc != nil {
		x.crc.Write(p[:n])
	}
	return n, err
}

func (x *xzInput) ReadByte() (byte, error) {
	var b [1]byte
	_, err := io.ReadFull(x, b[:])
	return b[0], err
}

func newXZReader(r *bufio.Reader) *xzReader { return &xzReader{in: &xzInput{r: r}} }

func (x *xzReader) Read(p []byte) (int, error) {
	for x.err == nil {
		if x.block == nil {
			x.err = x.next()
			continue
		}
		n, err := x.block.Read(p)
		x.size += int64(n)
		if x.sum != nil {
			x.sum.Write(p[:n])
		}
		if errors.Is(err, io.EOF) {
			err = x.endBlock()
		}
		x.err = err
		if n > 0 || len(p) == 0 {
			return n, nil
		}
	}
	return 0, x.err
}

// next reads up to the data of the next block, or to the end of the file.
func (x *xzReader) next() error {
	if !x.begun {
		return x.beginStream()
	}
	x.in.n, x.in.crc = 0, crc32.NewIEEE()
	size, err := x.in.ReadByte()
	if err != nil {
		return cutOff(err)
	}
	if size == 0 {
		return x.endStream()
	}
	header := make([]byte, (int(size)+1)*4-1-4)
	if _, err := io.ReadFull(x.in, header); err != nil {
		return cutOff(err)
	}
	if err := x.checkCRC(); err != nil {
		return err
	}
	dictionary, err := xzDictionary(header)
	if err != nil {
		return err
	}
	// Every block allocates its dictionary. A file of many small blocks must not
	// allocate much more than comes out of it.
	if x.dictionaries += dictionary; x.dictionaries > mostDictionary+x.total {
		return largeDictionary(uint64(x.dictionaries))
	}
	x.header = x.in.n
	x.in.n, x.size = 0, 0
	if x.sum != nil {
		x.sum.Reset()
	}
	x.block, err = lzma.Reader2Config{DictCap: int(dictionary)}.NewReader2(x.in)
	return err
}

// beginStream reads a stream's header, or the end of the file behind the padding of
// an earlier stream.
func (x *xzReader) beginStream() error {
	magic := make([]byte, len(xzMagic))
	first := x.in.n == 0
	for {
		if _, err := io.ReadFull(x.in, magic[:4]); err != nil {
			if errors.Is(err, io.EOF) && !first {
				return io.EOF
			}
			return cutOff(err)
		}
		if first || binary.LittleEndian.Uint32(magic) != 0 {
			break
		}
	}
	if _, err := io.ReadFull(x.in, magic[4:]); err != nil {
		return cutOff(err)
	}
	if string(magic) != xzMagic {
		return errors.New("no xz stream where one should be")
	}
	x.in.crc = crc32.NewIEEE()
	var flags [2]byte
	if _, err := io.ReadFull(x.in, flags[:]); err != nil {
		return cutOff(err)
	}
	if err := x.checkCRC(); err != nil {
		return err
	}
	x.check, x.blocks, x.begun = flags[1], nil, true
	switch {
	case flags[0] != 0:
		return errors.New("unknown flags of an xz stream")
	case x.check == 0:
		x.sum = nil
	case x.check == 1:
		x.sum = crc32.NewIEEE()
	case x.check == 4:
		x.sum = crc64.New(crc64.MakeTable(crc64.ECMA))
	case x.check == 10:
		x.sum = sha256.New()
	default:
		return errors.New("unknown checksum of an xz stream")
	}
	return nil
}

// xzDictionary reads a block's header, without its first byte and its checksum, and
// returns the size in bytes of the dictionary that the block needs.
func xzDictionary(header []byte) (int64, error) {
	r := bytes.NewReader(header)
	flags, err := r.ReadByte()
	if err != nil {
		return 0, errors.New("an xz block has no header")
	}
	uncompressed := uint64(math.MaxUint64)
	for _, present := range [...]byte{0x40, 0x80} {
		// The sizes that may stand here are proven by the index at the end.
		if flags&present != 0 {
			size, err := binary.ReadUvarint(r)
			if err != nil {
				return 0, errors.New("an xz block has a bad size")
			}
			if present == 0x80 {
				uncompressed = size
			}
		}
	}
	var filter [3]byte
	n, _ := io.ReadFull(r, filter[:])
	if flags&0x3f != 0 || n < len(filter) || filter[0] != xzFilterLZMA || filter[1] != 1 {
		return 0, &Error{
			Kind: Unsupported,
			What: "the file's xz compression uses filters that are not read",
			Hint: "save it again with plain xz compression, or with joblib.dump",
		}
	}
	for r.Len() > 0 {
		if b, _ := r.ReadByte(); b != 0 {
			return 0, errors.New("an xz block has a bad header")
		}
	}
	bits := filter[2]
	if bits > 40 {
		return 0, errors.New("an xz block has a bad dictionary")
	}
	size := uint64(2|bits&1) << (bits/2 + 11)
	// A dictionary larger than the block is never filled.
	return int64(max(min(size, uncompressed), lzma.MinDictCap)), nil
}

// endBlock reads a block's padding and checksum.
func (x *xzReader) endBlock() error {
	compressed := x.in.n
	if err := x.zeros(-compressed & 3); err != nil {
		return err
	}
	var want []byte
	if x.sum != nil {
		want = x.sum.Sum(nil)
		if x.check != 10 { // CRCs are stored little-endian
			for i, j := 0, len(want)-1; i < j; i, j = i+1, j-1 {
				want[i], want[j] = want[j], want[i]
			}
		}
	}
	got := make([]byte, len(want))
	if _, err := io.ReadFull(x.in, got); err != nil {
		return cutOff(err)
	}
	if !bytes.Equal(got, want) {
		return errors.New("the checksum of an xz block is wrong")
	}
	x.total += x.size
	x.blocks = append(x.blocks, xzBlock{x.header + compressed + int64(len(want)), x.size})
	x.block = nil
	return nil
}

// endStream reads a stream's index, behind its first byte, and footer. The index
// must list the blocks as they were.
func (x *xzReader) endStream() error {
	count, err := binary.ReadUvarint(x.in)
	if err != nil {
		return cutOff(err)
	}
	if count != uint64(len(x.blocks)) {
		return errors.New("the index of an xz stream is wrong")
	}
	for _, b := range x.blocks {
		unpadded, err := binary.ReadUvarint(x.in)
		if err != nil {
			return cutOff(err)
		}
		uncompressed, err := binary.ReadUvarint(x.in)
		if err != nil {
			return cutOff(err)
		}
		if unpadded != uint64(b.unpadded) || uncompressed != uint64(b.uncompressed) {
			return errors.New("the index of an xz stream is wrong")
		}
	}
	if err := x.zeros(-x.in.n & 3); err != nil {
		return err
	}
	size := x.in.n + 4
	if err := x.checkCRC(); err != nil {
		return err
	}
	var stored [4]byte
	if _, err := io.ReadFull(x.in, stored[:]); err != nil {
		return cutOff(err)
	}
	crc := crc32.NewIEEE()
	var footer [8]byte
	if _, err := io.ReadFull(x.in, footer[:]); err != nil {
		return cutOff(err)
	}
	crc.Write(footer[:6])
	backward := (int64(binary.LittleEndian.Uint32(footer[:4])) + 1) * 4
	if crc.Sum32() != binary.LittleEndian.Uint32(stored[:]) || backward != size ||
		footer[4] != 0 || footer[5] != x.check || string(footer[6:]) != xzFooter {
		return errors.New("the footer of an xz stream is wrong")
	}
	x.begun = false
	return nil
}

// checkCRC reads a checksum of all that was read since the sum was begun, and ends
// the sum.
func (x *xzReader) checkCRC() error {
	want := x.in.crc.Sum32()
	x.in.crc = nil
	var stored [4]byte
	if _, err := io.ReadFull(x.in, stored[:]); err != nil {
		return cutOff(err)
	}
	if binary.LittleEndian.Uint32(stored[:]) != want {
		return errors.New("a checksum of an xz stream is wrong")
	}
	return nil
}

// zeros reads n bytes that must be 0.
func (x *xzReader) zeros(n int64) error {
	for ; n > 0; n-- {
		b, err := x.in.ReadByte()
		if err != nil {
			return cutOff(err)
		}
		if b != 0 {
			return errors.New("the padding of an xz stream is wrong")
		}
	}
	return nil
}

// cutOff returns the error of a file that ends where it must not, or err.
func cutOff(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
