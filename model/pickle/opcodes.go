package pickle

// The opcodes of protocols 0 to 5, by the names of Python's pickletools.
const (
	opMark           = '('
	opStop           = '.'
	opPop            = '0'
	opPopMark        = '1'
	opDup            = '2'
	opFloat          = 'F'
	opInt            = 'I'
	opBinInt         = 'J'
	opBinInt1        = 'K'
	opLong           = 'L'
	opBinInt2        = 'M'
	opNone           = 'N'
	opPersID         = 'P'
	opBinPersID      = 'Q'
	opReduce         = 'R'
	opString         = 'S'
	opBinString      = 'T'
	opShortBinString = 'U'
	opUnicode        = 'V'
	opBinUnicode     = 'X'
	opAppend         = 'a'
	opBuild          = 'b'
	opGlobal         = 'c'
	opDict           = 'd'
	opEmptyDict      = '}'
	opAppends        = 'e'
	opGet            = 'g'
	opBinGet         = 'h'
	opInst           = 'i'
	opLongBinGet     = 'j'
	opList           = 'l'
	opEmptyList      = ']'
	opObj            = 'o'
	opPut            = 'p'
	opBinPut         = 'q'
	opLongBinPut     = 'r'
	opSetItem        = 's'
	opTuple          = 't'
	opEmptyTuple     = ')'
	opSetItems       = 'u'
	opBinFloat       = 'G'

	// Protocol 2.
	opProto    = 0x80
	opNewObj   = 0x81
	opExt1     = 0x82
	opExt2     = 0x83
	opExt4     = 0x84
	opTuple1   = 0x85
	opTuple2   = 0x86
	opTuple3   = 0x87
	opNewTrue  = 0x88
	opNewFalse = 0x89
	opLong1    = 0x8a
	opLong4    = 0x8b

	// Protocol 3.
	opBinBytes      = 'B'
	opShortBinBytes = 'C'

	// Protocol 4.
	opShortBinUnicode = 0x8c
	opBinUnicode8     = 0x8d
	opBinBytes8       = 0x8e
	opEmptySet        = 0x8f
	opAddItems        = 0x90
	opFrozenSet       = 0x91
	opNewObjEx        = 0x92
	opStackGlobal     = 0x93
	opMemoize         = 0x94
	opFrame           = 0x95

	// Protocol 5.
	opByteArray8     = 0x96
	opNextBuffer     = 0x97
	opReadonlyBuffer = 0x98
)

// highestProtocol is the highest protocol there is.
const highestProtocol = 5

// argument says what follows an opcode.
type argument uint8

const (
	argNone argument = iota
	arg1             // a number of so many bytes
	arg2
	arg4
	arg8
	argLine     // a line
	argTwoLines // two lines
	argText1    // a text, after its length of so many bytes
	argText4
	argText8
	argBytes1 // bytes, after their length
	argBytes4
	argBytes8
)

// opcodes are all opcodes, with the names and arguments of pickletools.
var opcodes = map[byte]struct {
	name     string
	argument argument
}{
	opMark:            {"MARK", argNone},
	opEmptyTuple:      {"EMPTY_TUPLE", argNone},
	opStop:            {"STOP", argNone},
	opPop:             {"POP", argNone},
	opPopMark:         {"POP_MARK", argNone},
	opDup:             {"DUP", argNone},
	opBinBytes:        {"BINBYTES", argBytes4},
	opShortBinBytes:   {"SHORT_BINBYTES", argBytes1},
	opFloat:           {"FLOAT", argLine},
	opBinFloat:        {"BINFLOAT", arg8},
	opInt:             {"INT", argLine},
	opBinInt:          {"BININT", arg4},
	opBinInt1:         {"BININT1", arg1},
	opLong:            {"LONG", argLine},
	opBinInt2:         {"BININT2", arg2},
	opNone:            {"NONE", argNone},
	opPersID:          {"PERSID", argLine},
	opBinPersID:       {"BINPERSID", argNone},
	opReduce:          {"REDUCE", argNone},
	opString:          {"STRING", argLine},
	opBinString:       {"BINSTRING", argText4},
	opShortBinString:  {"SHORT_BINSTRING", argText1},
	opUnicode:         {"UNICODE", argLine},
	opBinUnicode:      {"BINUNICODE", argText4},
	opEmptyList:       {"EMPTY_LIST", argNone},
	opAppend:          {"APPEND", argNone},
	opBuild:           {"BUILD", argNone},
	opGlobal:          {"GLOBAL", argTwoLines},
	opDict:            {"DICT", argNone},
	opAppends:         {"APPENDS", argNone},
	opGet:             {"GET", argLine},
	opBinGet:          {"BINGET", arg1},
	opInst:            {"INST", argTwoLines},
	opLongBinGet:      {"LONG_BINGET", arg4},
	opList:            {"LIST", argNone},
	opObj:             {"OBJ", argNone},
	opPut:             {"PUT", argLine},
	opBinPut:          {"BINPUT", arg1},
	opLongBinPut:      {"LONG_BINPUT", arg4},
	opSetItem:         {"SETITEM", argNone},
	opTuple:           {"TUPLE", argNone},
	opSetItems:        {"SETITEMS", argNone},
	opEmptyDict:       {"EMPTY_DICT", argNone},
	opProto:           {"PROTO", arg1},
	opNewObj:          {"NEWOBJ", argNone},
	opExt1:            {"EXT1", arg1},
	opExt2:            {"EXT2", arg2},
	opExt4:            {"EXT4", arg4},
	opTuple1:          {"TUPLE1", argNone},
	opTuple2:          {"TUPLE2", argNone},
	opTuple3:          {"TUPLE3", argNone},
	opNewTrue:         {"NEWTRUE", argNone},
	opNewFalse:        {"NEWFALSE", argNone},
	opLong1:           {"LONG1", argBytes1},
	opLong4:           {"LONG4", argBytes4},
	opShortBinUnicode: {"SHORT_BINUNICODE", argText1},
	opBinUnicode8:     {"BINUNICODE8", argText8},
	opBinBytes8:       {"BINBYTES8", argBytes8},
	opEmptySet:        {"EMPTY_SET", argNone},
	opAddItems:        {"ADDITEMS", argNone},
	opFrozenSet:       {"FROZENSET", argNone},
	opNewObjEx:        {"NEWOBJ_EX", argNone},
	opStackGlobal:     {"STACK_GLOBAL", argNone},
	opMemoize:         {"MEMOIZE", argNone},
	opFrame:           {"FRAME", arg8},
	opByteArray8:      {"BYTEARRAY8", argBytes8},
	opNextBuffer:      {"NEXT_BUFFER", argNone},
	opReadonlyBuffer:  {"READONLY_BUFFER", argNone},
}
