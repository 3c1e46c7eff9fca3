package pickle

// checkNesting holds the depth of containers inside each other against the limit.
// The machine itself makes nesting of any depth without recursion; those who read
// the value are spared it here. A container inside itself counts once.
func checkNesting(root Value, a *account) error {
	w := walker{account: a, depth: make(map[Value]int)}
	if err := w.enter(root); err != nil {
		return err
	}
	for len(w.path) > 0 {
		top := &w.path[len(w.path)-1]
		child, ok := top.next()
		if !ok {
			w.leave()
			continue
		}
		if err := w.enter(child); err != nil {
			return err
		}
	}
	return nil
}

// walker goes through the containers of a value, depth first, each once.
type walker struct {
	account *account
	path    []visit
	depth   map[Value]int // of the finished containers; 0 of those on the path
}

// visit is a container on the path.
type visit struct {
	container Value
	children  [3][]Value // what is left of them
	deepest   int        // depth of the deepest child
}

// next returns the next child.
func (v *visit) next() (Value, bool) {
	for i, c := range v.children {
		if len(c) > 0 {
			v.children[i] = c[1:]
			return c[0], true
		}
	}
	return nil, false
}

// enter puts a container on the path, unless it was seen.
func (w *walker) enter(v Value) error {
	next := visit{container: v}
	switch v := v.(type) {
	case *List:
		next.children[0] = v.Items
	case *Tuple:
		next.children[0] = v.Items
	case *Set:
		next.children[0] = v.Items
	case *Array:
		next.children[0] = v.Objects
	case *Dict:
		next.children = [3][]Value{v.Keys, v.Values}
	case *Object:
		next.children = [3][]Value{v.Args, {v.State}, v.Items}
	default:
		return nil
	}
	below, seen := w.depth[v]
	if seen && below == 0 {
		return nil // v is inside itself
	}
	if seen {
		top := &w.path[len(w.path)-1]
		top.deepest = max(top.deepest, below)
	}
	if most := w.account.limits.Depth; len(w.path)+max(below, 1) > most {
		return &LimitError{What: "levels of nesting", Limit: int64(most)}
	}
	if seen {
		return nil
	}
	if err := w.account.charge(costWalking); err != nil {
		return err
	}
	w.depth[v] = 0
	w.path = append(w.path, next)
	return nil
}

// leave takes the finished container off the path.
func (w *walker) leave() {
	done := w.path[len(w.path)-1]
	w.path = w.path[:len(w.path)-1]
	depth := done.deepest + 1
	w.depth[done.container] = depth
	if len(w.path) > 0 {
		top := &w.path[len(w.path)-1]
		top.deepest = max(top.deepest, depth)
	}
}
