package api

import (
	"context"
	"math"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"example.com/mlapi"
)

func TestPrefersHTML(t *testing.T) {
	for accept, want := range map[string]bool{
		"":                                    false,
		"*/*":                                 false,
		"text/html":                           true,
		"TEXT/HTML":                           true,
		"text/*":                              true,
		"text/plain":                          false,
		"application/json":                    false,
		"text/html, */*":                      false,
		"text/html, */*;q=0.9":                true,
		"*/*;q=0.9, text/html":                true,
		"text/html;q=0":                       false,
		"text/html;q=0, */*":                  false,
		"text/html;q=0.5, */*":                false,
		"text/html;q=0.001":                   true,
		"text/html, application/json;q=0.9":   true,
		"text/html;q=0.9, application/json":   false,
		"text/html;q=0.9,application/*;q=0.8": true,
		"text/html;q=0.8,application/problem+json":      false,
		"text/html;q=0.8,application/*;q=0.9":           false,
		"application/json;q=0.1, application/*, text/*": true,
		"text/html;level=1;q=0.9, application/json":     false,
		"text/html;charset=utf-8":                       true,
		"text/html;q=1.1":                               false,
		"text/html;q=2":                                 false,
		"text/html;q=-1":                                false,
		"text/html;q=":                                  false,
		"text/html;q=NaN":                               false,
		"text/html;q=0x1":                               false,
		"text/html;q=1e0":                               false,
		"text/html;q=0.0001":                            false,
		"text/html ; q=0.7 , application/json ; q=0.6":  true,
		"text/html;Q=0.5,application/json;Q=0.6":        false,
		",,;;,=":                                        false,
		"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8": true,
	} {
		var fields []string
		if accept != "" {
			fields = []string{accept}
		}
		if got := prefersHTML(fields); got != want {
			t.Errorf("%q: %v", accept, got)
		}
	}
	if !prefersHTML([]string{"application/json;q=0.5", "text/html"}) {
		t.Error("of two headers only the first is read")
	}
}

func TestClientAddress(t *testing.T) {
	trust := newProxies([]netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::ffff:192.0.2.0/120"), netip.MustParsePrefix("2001:db8::/32")})
	for _, tt := range []struct {
		name, peer string
		forwarded  []string
		want       string
	}{
		{"no header", "10.0.0.1:99", nil, "10.0.0.1"},
		{"one hop", "10.0.0.1:99", []string{"203.0.113.7"}, "203.0.113.7"},
		{"what the caller made up is in front", "10.0.0.1:99", []string{"198.51.100.1, 203.0.113.7"}, "203.0.113.7"},
		{"a chain of proxies", "10.0.0.1:99", []string{"203.0.113.7, 10.0.0.3,10.0.0.2"}, "203.0.113.7"},
		{"over several headers", "10.0.0.1:99", []string{"198.51.100.1, 203.0.113.7", "10.0.0.3", "10.0.0.2"}, "203.0.113.7"},
		{"all trusted", "10.0.0.1:99", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		{"peer not trusted", "203.0.113.9:99", []string{"198.51.100.1"}, "203.0.113.9"},
		{"nonsense", "10.0.0.1:99", []string{"unknown"}, "10.0.0.1"},
		{"nonsense in front", "10.0.0.1:99", []string{"<x>, 10.0.0.2"}, "10.0.0.2"},
		{"nonsense behind", "10.0.0.1:99", []string{"203.0.113.7, "}, "10.0.0.1"},
		{"empty header", "10.0.0.1:99", []string{""}, "10.0.0.1"},
		{"port", "10.0.0.1:99", []string{"203.0.113.7:1234"}, "203.0.113.7"},
		{"IPv6", "[2001:db8::1]:99", []string{"2001:470::7"}, "2001:470::7"},
		{"IPv6 with port", "10.0.0.1:99", []string{"[2001:470::7]:80"}, "2001:470::7"},
		{"zone", "[fe80::1%eth0]:99", nil, "fe80::1"},
		{"IPv4 in IPv6", "[::ffff:10.0.0.1]:99", []string{"::ffff:203.0.113.7"}, "203.0.113.7"},
		{"network given in IPv6 form", "192.0.2.7:99", []string{"203.0.113.7"}, "203.0.113.7"},
		{"Unix socket", "@", []string{"203.0.113.7"}, "invalid IP"},
	} {
		r := &http.Request{RemoteAddr: tt.peer, Header: http.Header{"X-Forwarded-For": tt.forwarded}}
		if got := trust.client(r).String(); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
	r := &http.Request{RemoteAddr: "10.0.0.1:99", Header: http.Header{"X-Forwarded-For": {"203.0.113.7"}}}
	if got := newProxies(nil).client(r).String(); got != "10.0.0.1" {
		t.Errorf("without trusted proxies: %s", got)
	}
}

func TestLabelWithoutJSON(t *testing.T) {
	if got := string(appendLabel(nil, mlapi.FloatLabel(math.NaN()))); got != "null" {
		t.Errorf("a class of NaN: %s", got)
	}
}

func TestUnescapeLeavesWhatIsNoEscape(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "a+b": "a b", "%41": "A", "%4a%4A": "JJ", "%c3%a9": "é", "%": "%", "%4": "%4", "%zz": "%zz", "%%41": "%A", "100%": "100%", "%2": "%2", "%25": "%",
	} {
		if got := unescape(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestLabelsFollowTheClasses(t *testing.T) {
	var l labels
	first := []mlapi.Label{mlapi.IntLabel(0), mlapi.TextLabel("b")}
	second := []mlapi.Label{mlapi.BoolLabel(true), mlapi.BoolLabel(false)}
	for _, tt := range []struct {
		classes []mlapi.Label
		want    string
	}{{first, `0"b"`}, {first, `0"b"`}, {second, "truefalse"}, {first, `0"b"`}, {first[1:], `"b"`}, {nil, ""}} {
		l.prepare(tt.classes)
		var b []byte
		for i := range tt.classes {
			b, _ = l.append(b, int32(i))
		}
		if string(b) != tt.want {
			t.Errorf("%v: %s", tt.classes, b)
		}
		for _, class := range []int32{-1, int32(len(tt.classes))} {
			if _, ok := l.append(nil, class); ok {
				t.Errorf("%v has a class %d", tt.classes, class)
			}
		}
	}
}

func TestWorkThatGrewIsLetGo(t *testing.T) {
	s := &server{}
	s.works.New = func() any { return nil }
	for _, tt := range []struct {
		bytes int
		kept  bool
	}{{1 << 10, true}, {mostKept + 1, false}} {
		s.giveBack(&exchange{work: &work{predictions: make([]byte, 0, tt.bytes)}})
		found := false
		for range 100 { // with the race detector a pool drops some at random
			if w := s.works.Get(); w != nil {
				found = true
				if cap(w.(*work).predictions) > mostKept {
					t.Error("a large one was kept")
				}
			}
			if found || !tt.kept {
				break
			}
			s.giveBack(&exchange{work: &work{predictions: make([]byte, 0, tt.bytes)}})
		}
		if found != tt.kept {
			t.Errorf("%d bytes: kept is %v", tt.bytes, found)
		}
	}
}

// TestPanicLeavesNothingBehind: memory that a panicking handler may have left in
// any state is not given to the next request.
func TestPanicLeavesNothingBehind(t *testing.T) {
	h, err := New(Config{Open: true})
	if err != nil {
		t.Fatal(err)
	}
	s := h.(*server)
	s.works.New = nil
	s.table["/x/"] = route{path: "/x/", methods: methods{"GET": func(x *exchange) (answer, error) {
		x.work = new(work)
		panic("x")
	}}}
	for range 20 { // a pool may drop what it is given, but not always
		w := httptest.NewRecorder()
		if s.ServeHTTP(w, httptest.NewRequest("GET", "/x/", nil)); w.Code != http.StatusInternalServerError {
			t.Fatalf("status %d", w.Code)
		}
		if s.works.Get() != nil {
			t.Fatal("the memory was given back")
		}
	}
}

func TestServerHasLimits(t *testing.T) {
	s := NewServer(http.NotFoundHandler(), nil)
	if s.ReadHeaderTimeout != headerTime || s.IdleTimeout <= 0 || s.MaxHeaderBytes <= 0 || s.ErrorLog == nil {
		t.Errorf("%+v", s)
	}
	if s.ReadTimeout != 0 || s.WriteTimeout != 0 {
		t.Error("a deadline for a whole request would end a slow upload that moves")
	}
}

func TestLongTokens(t *testing.T) {
	for n, want := range map[int]bool{mostToken: true, mostToken + 1: false} {
		if _, err := bearer(http.Header{"Authorization": {"Bearer " + strings.Repeat("a", n)}}); (err == nil) != want {
			t.Errorf("a token of %d bytes: %v", n, err)
		}
	}
}

// FuzzBearer: whatever the Authorization header says, a token that comes out stands
// in it, behind the scheme, and can do no harm in a header, a log or JSON.
func FuzzBearer(f *testing.F) {
	for _, seed := range []string{
		"Bearer a.b.c", "bearer a", "BEARER  a=", "Bearer", "Bearer ", "Basic a", "Bearer a b", "Bearer\ta", "Bearer a,b", "Bearer =", "", "Bearer \x00", "Bearer é", "Bearer a=b",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		token, err := bearer(http.Header{"Authorization": {header}})
		if err != nil {
			if e := mlapi.AsError(err); token != "" || e.Kind != mlapi.Unauthenticated {
				t.Fatalf("%q: %q, %v", header, token, err)
			}
			return
		}
		if !strings.HasSuffix(header, " "+token) || !strings.EqualFold(strings.TrimRight(strings.TrimSuffix(header, token), " "), "Bearer") {
			t.Fatalf("%q: %q", header, token)
		}
		if token == "" || len(token) > mostToken || strings.ContainsFunc(token, func(r rune) bool {
			return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~+/=", r)
		}) {
			t.Fatalf("%q: %q", header, token)
		}
		if _, err := bearer(http.Header{"Authorization": {header, header}}); err == nil {
			t.Fatal("two headers were accepted")
		}
	})
}

// FuzzForm: forms never panic and never find a field that is not there.
func FuzzForm(f *testing.F) {
	for _, seed := range []string{"username=a&password=b", "username=%41", "password=%zz&&=", "user%6eame=x", "--b\r\nContent-Disposition: form-data; name=\"username\"\r\n\r\nada\r\n--b--"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		for _, kind := range []string{"application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "text/plain"} {
			login, err := credentials([]string{kind}, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			if found := login.Name + login.Password + login.Instance; len(found) > len(body) || kind == "text/plain" && found != "" {
				t.Fatalf("%s: %q", kind, found)
			}
		}
	})
}

// TestGiveBack: what a request borrowed is used again, unless it has grown; nothing
// of the request's texts is kept.
func TestGiveBack(t *testing.T) {
	for name, tt := range map[string]struct {
		grow func(w *work)
		kept bool
	}{
		"small":       {func(*work) {}, true},
		"texts":       {func(w *work) { w.workspace.Matrix.Text([]byte("secret")) }, true},
		"long texts":  {func(w *work) { w.workspace.Matrix.Text(make([]byte, mostKept+1)) }, false},
		"matrix":      {func(w *work) { w.workspace.Matrix.Resize(1, mostKept/8+1) }, false},
		"scores":      {func(w *work) { w.workspace.Scores.Resize(1, false, mostKept/8+1) }, false},
		"classes":     {func(w *work) { w.workspace.Scores.Resize(mostKept/4+1, true, 0) }, false},
		"result":      {func(w *work) { w.workspace.Result.Numbers = make([]float64, mostKept/8+1) }, false},
		"labels":      {func(w *work) { w.workspace.Result.Class = make([]int32, mostKept/4+1) }, false},
		"rows":        {func(w *work) { w.largest = mostKept + 1 }, false},
		"predictions": {func(w *work) { w.predictions = make([]byte, mostKept+1) }, false},
		"score list":  {func(w *work) { w.scores = make([]byte, mostKept+1) }, false},
	} {
		s := &server{}
		w := new(work)
		tt.grow(w)
		size := w.size()
		x := &exchange{work: w}
		s.giveBack(x)
		if x.work != nil || (size <= mostKept) != tt.kept {
			t.Errorf("%s: %d bytes of %d", name, size, mostKept)
		}
		if tt.kept && len(w.workspace.Matrix.Texts) != 0 {
			t.Errorf("%s: the texts %q are kept", name, w.workspace.Matrix.Texts)
		}
		if got, _ := s.works.Get().(*work); got != nil && !tt.kept {
			t.Errorf("%s: went back to the pool", name)
		}
	}
}

func TestListFormLimits(t *testing.T) {
	for _, tt := range []struct {
		info       mlapi.Info
		body       int64
		rows, most int
	}{
		{mlapi.Info{Outputs: 1}, 1, 1024, 64 << 20},
		{mlapi.Info{}, 64 << 20, 1024, 128 << 20},
		{mlapi.Info{Outputs: 2048}, 32 << 20, 512, 64 << 20},
		{mlapi.Info{Outputs: 1 << 21}, 1 << 62, 1, 1 << 61},
		{mlapi.Info{Classes: make([]mlapi.Label, 4096)}, 1 << 30, 256, 2 << 30},
	} {
		m := fixed{&tt.info}
		f := newListForm(&mlapi.Pipeline{Model: m}, tt.body)
		if f.blockRows != tt.rows || f.mostAnswer != tt.most {
			t.Errorf("%d outputs, %d classes, %d bytes: %d rows and %d bytes, want %d and %d",
				tt.info.Outputs, len(tt.info.Classes), tt.body, f.blockRows, f.mostAnswer, tt.rows, tt.most)
		}
	}
}

// fixed is a model that is only looked at.
type fixed struct{ info *mlapi.Info }

func (m fixed) Info() *mlapi.Info { return m.info }

func (m fixed) Predict(context.Context, *mlapi.Scores, *mlapi.Matrix) error { return nil }
