package pickle

// machine is the pickle machine: a stack, marks in it, and a memo.
type machine struct {
	src     *source
	allow   func(Global) bool
	account *account
	stack   []Value
	marks   []int // heights of the stack, ascending
	memo    memo
	pending map[*Array]pending // arrays made but not yet filled
	nested  bool               // a pickle of objects inside a joblib file
	sibling Opener             // opens the files beside this one; may be nil
	opened  map[string]bool    // those that were opened

	subarrays map[*Dtype]*subarray // dtypes whose elements are arrays

	// getattr is set from where the file names getattr to where it calls it in the one
	// way that is harmless.
	getattr bool

	scan     *scanner // notes what is done; nil where the file is read
	protocol int
	joblib   bool
}

// pending says what a made array waits for.
type pending uint8

const (
	// wantsState waits for the state that BUILD brings (numpy's own way).
	wantsState pending = iota + 1
	// wantsBytes waits for a description by BUILD and the bytes after it (joblib's).
	wantsBytes
	// wantsFile and wantsRawFile wait for the name of an .npy file, or of one that
	// holds the bytes alone (joblib's up to 0.9).
	wantsFile
	wantsRawFile
)

// run runs the opcodes up to STOP and returns the value that is left.
func (m *machine) run() (Value, error) {
	if m.scan != nil {
		return m.scan.run(m)
	}
	for {
		if err := m.account.opcode(); err != nil {
			return nil, err
		}
		op, err := m.src.byte()
		if err != nil {
			return nil, err
		}
		if op == opStop {
			return m.stop()
		}
		if err := m.step(op); err != nil {
			return nil, err
		}
	}
}

// stop returns the one value that must be left.
func (m *machine) stop() (Value, error) {
	if len(m.stack) != 1 || len(m.marks) != 0 {
		return nil, m.broken("the pickle ends with %d values and %d marks instead of one value", len(m.stack), len(m.marks))
	}
	if len(m.pending) != 0 {
		return nil, m.broken("an array is announced that never comes")
	}
	if m.getattr {
		return nil, &RefusedError{Global: Global{"builtins", "getattr"}}
	}
	return m.stack[0], nil
}

// step runs one opcode. Each case leads to the function for the opcodes of a kind.
func (m *machine) step(op byte) error {
	switch op {
	case opNone, opNewTrue, opNewFalse, opInt, opBinInt, opBinInt1, opBinInt2, opLong, opLong1, opLong4,
		opFloat, opBinFloat:
		return m.number(op)
	case opString, opUnicode, opBinString, opShortBinString, opBinUnicode, opShortBinUnicode, opBinUnicode8,
		opBinBytes, opShortBinBytes, opBinBytes8, opByteArray8:
		return m.text(op)
	case opMark, opPop, opPopMark, opDup:
		return m.arrange(op)
	case opPut, opBinPut, opLongBinPut, opMemoize:
		return m.remember(op)
	case opGet, opBinGet, opLongBinGet:
		return m.recall(op)
	case opEmptyList, opEmptyTuple, opEmptyDict, opEmptySet, opList, opTuple, opTuple1, opTuple2, opTuple3,
		opDict, opFrozenSet:
		return m.container(op)
	case opAppend, opAppends, opSetItem, opSetItems, opAddItems:
		return m.fill(op)
	case opGlobal, opStackGlobal, opInst, opObj, opReduce, opNewObj, opNewObjEx:
		return m.construct(op)
	case opBuild:
		return m.build()
	case opProto:
		return m.proto()
	case opFrame:
		// A frame's size is a hint for buffering, which nothing here relies on.
		_, err := m.src.peek(8)
		return err
	}
	return m.refuse(op)
}

// refuse is the end at an opcode that is never run.
func (m *machine) refuse(op byte) error {
	switch op {
	case opPersID, opBinPersID:
		return &RefusedError{Reason: "the file refers to objects outside of it (persistent ids)"}
	case opExt1, opExt2, opExt4:
		return &RefusedError{Reason: "the file names classes by numbers of an extension registry"}
	case opNextBuffer, opReadonlyBuffer:
		return &RefusedError{
			Reason: "the file needs buffers that are stored outside of it",
			hint:   "save it again with joblib.dump, or with pickle.dump without buffer_callback",
		}
	}
	return m.broken("0x%02x is no pickle opcode", op)
}

func (m *machine) proto() error {
	v, err := m.src.byte()
	if err != nil {
		return err
	}
	if v > highestProtocol {
		return m.broken("pickle protocol %d is not known", v)
	}
	m.protocol = max(m.protocol, int(v))
	return nil
}
