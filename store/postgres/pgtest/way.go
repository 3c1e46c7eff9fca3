package pgtest

import (
	"net"
	"net/url"
	"sync"
	"testing"
)

// Way is the way to a database server that a test can block: nothing comes through
// any more and no connection breaks, as when a network is cut or a machine stands still.
type Way struct {
	listener net.Listener
	target   string

	mu      sync.Mutex
	blocked chan struct{} // closed when the way is free again; nil: it is
}

// NewWay returns a blockable way to the server of a URL, and the URL that takes it.
func NewWay(t testing.TB, to string) (*Way, string) {
	t.Helper()
	u, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	w := &Way{target: u.Host}
	if w.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = w.listener.Close()
		w.Free()
	})
	go w.accept()
	u.Host = w.listener.Addr().String()
	return w, u.String()
}

func (w *Way) accept() {
	for {
		from, err := w.listener.Accept()
		if err != nil {
			return
		}
		go func() {
			w.wait()
			to, err := net.Dial("tcp", w.target)
			if err != nil {
				_ = from.Close()
				return
			}
			go w.pass(to, from)
			w.pass(from, to)
		}()
	}
}

// pass copies what one end says to the other, as far as the way is free.
func (w *Way) pass(to, from net.Conn) {
	defer to.Close()
	defer from.Close()
	buffer := make([]byte, 16<<10)
	for {
		n, err := from.Read(buffer)
		w.wait()
		if n > 0 {
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

func (w *Way) wait() {
	w.mu.Lock()
	blocked := w.blocked
	w.mu.Unlock()
	if blocked != nil {
		<-blocked
	}
}

// Block lets nothing through, until Free.
func (w *Way) Block() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.blocked = make(chan struct{})
}

// Free lets everything through again, what waited first.
func (w *Way) Free() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.blocked != nil {
		close(w.blocked)
		w.blocked = nil
	}
}
