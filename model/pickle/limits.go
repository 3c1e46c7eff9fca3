package pickle

import "fmt"

// Limits bound what one file may take. A limit of 0 allows nothing: the zero
// value refuses every file. The fields are those of model.Limits, so that one
// converts into the other.
type Limits struct {
	Bytes   int64 // bytes read, after decompression
	Memory  int64 // bytes that all values together may take, by a generous estimate
	Opcodes int64 // opcodes run
	Memo    int64 // values remembered for later reference
	Depth   int   // containers inside each other
}

// A LimitError says that a file went over one of the Limits.
type LimitError struct {
	What  string // what there was too much of: "opcodes", "bytes of memory", ...
	Limit int64  // the limit it went over
}

// Error returns the limit in words.
func (e *LimitError) Error() string {
	return fmt.Sprintf("the file needs more than %d %s, the limit for a file of its size", e.Limit, e.What)
}

// Hint returns what to do about it.
func (e *LimitError) Hint() string {
	return "if you trust where the file comes from, save it again without compression: the limits grow with the size of the file"
}

// The costs of values, in bytes of memory: what Go allocates for them, rounded up, and
// with what growing throws away. Nothing is given back: what a file makes and drops
// counts as what it keeps, so the limit bounds all that is ever allocated.
const (
	costSlot    = 16  // a place for a value in a slice
	costBox     = 16  // a number or the header of a text in an interface
	costBig     = 160 // a whole number beyond 64 bits, and what reading it takes
	costList    = 32  // an empty list, tuple or set
	costDict    = 96  // an empty dict
	costObject  = 128 // an object without arguments
	costArray   = 160 // an array without data
	costPending = 96  // an array that waits for its state
	costDtype   = 64
	costField   = 128 // a field of a structured dtype
	costStray   = 128 // an entry of the memo that lies apart
	costEmpty   = 32  // an element without bytes
	costWalking = 192 // a container seen by the check of the nesting
)

// account is what is left of the limits. One account serves a file and the
// pickles nested in it.
type account struct {
	limits                Limits
	memory, opcodes, memo int64
}

func newAccount(l Limits) *account {
	return &account{limits: l, memory: l.Memory, opcodes: l.Opcodes, memo: l.Memo}
}

// charge takes n bytes of memory off the account.
func (a *account) charge(n int64) error {
	if n < 0 || n > a.memory {
		return &LimitError{What: "bytes of memory", Limit: a.limits.Memory}
	}
	a.memory -= n
	return nil
}

// grow adds the n bytes that another file may give to what may be taken.
func (a *account) grow(n int64) {
	a.memory += n
	a.limits.Memory += n
}

// opcode takes one opcode off the account.
func (a *account) opcode() error {
	if a.opcodes--; a.opcodes < 0 {
		return &LimitError{What: "opcodes", Limit: a.limits.Opcodes}
	}
	return nil
}

// remember takes one new entry of the memo off the account.
func (a *account) remember() error {
	if a.memo--; a.memo < 0 {
		return &LimitError{What: "memo entries", Limit: a.limits.Memo}
	}
	return nil
}
