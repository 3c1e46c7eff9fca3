package model_test

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"
	"github.com/ulikunitz/xz/lzma"

	"example.com/mlapi"
	"example.com/mlapi/model"
)

// compressed returns data in a compression. bzip2, which nothing here writes, is
// tested with files that Python wrote.
func compressed(t testing.TB, compression string, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser
	var err error
	switch compression {
	case "zlib":
		w = zlib.NewWriter(&b)
	case "gzip":
		w = gzip.NewWriter(&b)
	case "xz":
		w, err = xz.NewWriter(&b)
	case "lzma":
		w, err = lzma.NewWriter(&b)
	case "lz4":
		w = lz4.NewWriter(&b)
	default:
		return data
	}
	if err == nil {
		_, err = w.Write(data)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var compressions = []string{"", "zlib", "gzip", "xz", "lzma", "lz4"}

// TestCompressedRoundTrip reads what the other tests are made of.
func TestCompressedRoundTrip(t *testing.T) {
	for _, c := range compressions {
		m, err := open(compressed(t, c, []byte("\x80\x02K\x05.")))
		if err != nil || m.value != int64(5) || m.compression != c {
			t.Errorf("%q: %+v, %v", c, m, err)
		}
	}
	// gzip and xz files may be several, one after the other; xz with padding between.
	parts := [2][]byte{[]byte("\x80\x02"), []byte("K\x05.")}
	for c, between := range map[string]string{"gzip": "", "xz": "\x00\x00\x00\x00"} {
		data := slices.Concat(compressed(t, c, parts[0]), []byte(between), compressed(t, c, parts[1]))
		if m, err := open(data); err != nil || m.value != int64(5) {
			t.Errorf("%s in two parts: %+v, %v", c, m, err)
		}
	}
}

// TestCompressionDamaged flips, cuts and lengthens compressed files: none may be
// accepted, whatever their content reads as.
func TestCompressionDamaged(t *testing.T) {
	text := "\x80\x02X\x00\x02\x00\x00" + strings.Repeat("0123456789abcdef", 32) + "."
	for _, c := range compressions[1:] {
		data := compressed(t, c, []byte(text))
		if _, err := open(data); err != nil {
			t.Fatalf("%s: %v", c, err)
		}
		for n := range data {
			if _, err := open(data[:n]); err == nil {
				t.Errorf("%s cut at %d of %d is accepted", c, n, len(data))
			}
		}
		for _, more := range []string{"x", "more", "\x00"} {
			if _, err := open(append(data[:len(data):len(data)], more...)); err == nil {
				t.Errorf("%s with %q after it is accepted", c, more)
			}
		}
		if c == "lzma" {
			continue // has no checksum
		}
		for n := range data {
			wrong := bytes.Clone(data)
			wrong[n] ^= 0x55
			m, err := open(wrong)
			// Bytes that no checksum covers, such as gzip's time, may be anything: the
			// content must be right then. Of xz these are only the two of the compressed
			// size of the LZMA2 chunk, which the xz library reads up to the chunk's end
			// without comparing.
			if err == nil && (c == "xz" && n != 27 && n != 28 || m.value != text[7:7+512]) {
				t.Errorf("%s with byte %d changed is accepted as something else", c, n)
			}
		}
	}
}

// zeros is a text of n zero bytes as a pickle that throws it away, m times.
func zeros(n uint32, m int) []byte {
	one := append(binary.LittleEndian.AppendUint32([]byte("X"), n), make([]byte, n)...)
	return append([]byte("\x80\x02"), bytes.Repeat(append(one, '0'), m)...)
}

// bombs returns small files, by compression, that are 84 MB once decompressed.
func bombs(t *testing.T) map[string][]byte {
	t.Helper()
	// Compressing takes far longer than decompressing: some are ready made, by
	// testdata/make.py.
	files := make(map[string][]byte)
	for compression, name := range map[string]string{"bzip2": "zeros.bz2", "xz": "zeros.xz", "lzma": "zeros.lzma"} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		files[compression] = data
	}
	content := zeros(4<<20, 20)
	for _, compression := range []string{"zlib", "gzip", "lz4"} {
		files[compression] = compressed(t, compression, content)
	}
	return files
}

// TestCompressionBombs reads small files that are large once decompressed.
func TestCompressionBombs(t *testing.T) {
	for c, content := range bombs(t) {
		t.Run(c, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			begin := time.Now()
			_, err := open(content)
			took := time.Since(begin)
			runtime.ReadMemStats(&after)
			var e *model.Error
			if !errors.As(err, &e) || e.Kind != model.Broken || e.Hint == "" {
				t.Errorf("got %v", err)
			}
			if mib := (after.TotalAlloc - before.TotalAlloc) >> 20; mib > 128 {
				t.Errorf("%d MiB were allocated", mib)
			}
			if took > 20*time.Second {
				t.Errorf("it took %v", took)
			}
			t.Logf("%d bytes: %v, %d MiB in all, %v", len(content), took.Round(time.Millisecond), (after.TotalAlloc-before.TotalAlloc)>>20, err)
		})
	}
}

// TestSourceBounded checks that a format which looks at nothing itself is stopped by
// the source.
func TestSourceBounded(t *testing.T) {
	swallow := model.Format{
		Name:   "anything",
		Detect: func([]byte) bool { return true },
		Read: func(src *model.Source, _ model.Limits) (mlapi.Model, error) {
			_, err := io.Copy(io.Discard, src)
			return &loaded{}, err
		},
	}
	for c, data := range bombs(t) {
		_, err := model.OpenReader("m", bytes.NewReader(data), int64(len(data)), []model.Format{swallow})
		if err == nil || !strings.Contains(err.Error(), "too much memory once it is decompressed") {
			t.Errorf("%s: %v", c, err)
		}
	}
	limits := model.Limits{Bytes: 100}
	for n, want := range map[int]bool{99: true, 100: true, 101: false} {
		src, err := model.NewSource("m", bytes.NewReader(make([]byte, n)), int64(n), limits)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(src)
		if (err == nil) != want || len(got) != min(n, 100) {
			t.Errorf("%d bytes with a limit of 100: %d, %v", n, len(got), err)
		}
	}
}

// TestDictionaries checks that the memory which the header of an xz or lzma file
// asks for is bounded before it is allocated.
func TestDictionaries(t *testing.T) {
	large := compressed(t, "lzma", []byte("\x80\x02N."))
	binary.LittleEndian.PutUint32(large[1:], 1<<31)
	stream, block, _ := xzParts(t, []byte("\x80\x02"))
	for name, data := range map[string][]byte{
		"lzma of 2 GiB":        large,
		"xz of 4 GiB":          slices.Concat(stream, withDictionary(block, 40)),
		"xz of 96 MiB":         slices.Concat(stream, withDictionary(block, 29)),
		"xz of 64 MiB, often":  slices.Concat(stream, bytes.Repeat(withDictionary(block, 28), 1000)),
		"xz of 384 KiB, often": slices.Concat(stream, bytes.Repeat(withDictionary(block, 13), 1000)),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := open(data)
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), "asks for a dictionary") {
			t.Errorf("%s: %v", name, err)
		}
		if mib := (after.TotalAlloc - before.TotalAlloc) >> 20; mib > 160 {
			t.Errorf("%s: %d MiB were allocated", name, mib)
		}
	}
}

// xzParts returns the parts of an xz file of one block: the header of the stream,
// the block, and the index with the footer.
func xzParts(t *testing.T, data []byte) (stream, block, end []byte) {
	t.Helper()
	file := compressed(t, "xz", data)
	index := len(file) - 12 - (int(binary.LittleEndian.Uint32(file[len(file)-8:]))+1)*4
	return file[:12:12], file[12:index:index], file[index:]
}

// withDictionary returns a block whose header asks for another dictionary, by the
// format's number for its size, with a right checksum.
func withDictionary(block []byte, bits byte) []byte {
	block = bytes.Clone(block)
	size := (int(block[0]) + 1) * 4
	block[4] = bits
	binary.LittleEndian.PutUint32(block[size-4:], crc32.ChecksumIEEE(block[:size-4]))
	return block
}

// TestXZContainer checks what the container of an xz file says of itself, each time
// with right checksums, where they are not what is tested.
func TestXZContainer(t *testing.T) {
	text := []byte("\x80\x02X\x05\x00\x00\x00hello.")
	stream, block, end := xzParts(t, text)
	if m, err := open(slices.Concat(stream, block, end)); err != nil || m.value != "hello" {
		t.Fatalf("%v, %v", m, err)
	}
	if m, err := open(slices.Concat(stream, withDictionary(block, 28), end)); err != nil || m.value != "hello" {
		t.Errorf("with a dictionary of 64 MiB: %v, %v", m, err)
	}
	header := func(at int, values ...byte) []byte {
		b := bytes.Clone(block)
		copy(b[at:], values)
		return withDictionary(b, b[4])
	}
	changed := func(b []byte, at int) []byte {
		b = bytes.Clone(b)
		b[(at+len(b))%len(b)] ^= 1
		return b
	}
	// The index says that there is one block: [0, 1, ...], with a checksum before the
	// footer of 12 bytes.
	index := func(at int, value byte) []byte {
		b := bytes.Clone(end)
		b[at] = value
		binary.LittleEndian.PutUint32(b[len(b)-16:], crc32.ChecksumIEEE(b[:len(b)-16]))
		return b
	}
	// A block that says how large it is needs no larger dictionary than that.
	sized := slices.Concat([]byte{3, 0x80, byte(len(text)), 0x21, 1, 40}, make([]byte, 10), block[12:])
	binary.LittleEndian.PutUint32(sized[12:], crc32.ChecksumIEEE(sized[:12]))
	if m, err := open(slices.Concat(stream, sized, index(2, end[2]+4))); err != nil || m.value != "hello" {
		t.Errorf("with the size of the block: %v, %v", m, err)
	}
	flags := bytes.Clone(stream)
	flags[7] = 2
	binary.LittleEndian.PutUint32(flags[8:], crc32.ChecksumIEEE(flags[6:8]))
	_, other, otherEnd := xzParts(t, slices.Concat(text, text))
	const damaged = "xz compression does not read"
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"a filter for x86 code":      {slices.Concat(stream, header(2, 4), end), "filters that are not read"},
		"two filters":                {slices.Concat(stream, header(1, 1), end), "filters that are not read"},
		"reserved flags":             {slices.Concat(stream, header(1, 4), end), "filters that are not read"},
		"an unknown dictionary":      {slices.Concat(stream, header(4, 41), end), damaged},
		"a header with more":         {slices.Concat(stream, header(5, 1), end), damaged},
		"a header of endless sizes":  {slices.Concat(stream, header(1, 0xc0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), end), damaged},
		"an unknown checksum":        {slices.Concat(flags, block, end), damaged},
		"a wrong checksum":           {slices.Concat(stream, changed(block, -1), end), damaged},
		"a wrong stream checksum":    {slices.Concat(changed(stream, 8), block, end), damaged},
		"a wrong block header":       {slices.Concat(stream, changed(block, 8), end), damaged},
		"a wrong index checksum":     {slices.Concat(stream, block, changed(end, -13)), damaged},
		"a wrong footer checksum":    {slices.Concat(stream, block, changed(end, -12)), damaged},
		"an index of no block":       {slices.Concat(stream, block, index(1, 0)), damaged},
		"an index of two blocks":     {slices.Concat(stream, block, index(1, 2)), damaged},
		"an index of another size":   {slices.Concat(stream, block, index(3, end[3]+1)), damaged},
		"no index":                   {slices.Concat(stream, block), "ends in the middle"},
		"a block too many":           {slices.Concat(stream, block, block, end), damaged},
		"a block too few":            {slices.Concat(stream, end), damaged},
		"the index of another file":  {slices.Concat(stream, block, otherEnd), damaged},
		"the block of another file":  {slices.Concat(stream, other, end), damaged},
		"padding of three bytes":     {slices.Concat(stream, block, end, make([]byte, 3)), "ends in the middle"},
		"something behind":           {slices.Concat(stream, block, end, []byte("gzip")), "ends in the middle"},
		"something longer behind":    {slices.Concat(stream, block, end, []byte("something")), damaged},
		"the first stream cut short": {slices.Clone(stream[:9]), "ends in the middle"},
	} {
		_, err := open(c.file)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
