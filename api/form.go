package api

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"strings"

	"example.com/mlapi"
)

// credentials reads the fields username, password and instance of a form, urlencoded
// or multipart, as sent. The first of a field sent twice counts. They are empty where
// body is no such form. The body is read to its end in any case; an error is one of
// reading, never of what the body says.
func credentials(contentType []string, body io.Reader) (mlapi.Login, error) {
	text, err := io.ReadAll(body)
	if err != nil || len(contentType) != 1 {
		return mlapi.Login{}, err
	}
	kind, parameters, err := mime.ParseMediaType(contentType[0])
	if err != nil && !errors.Is(err, mime.ErrInvalidMediaParameter) {
		return mlapi.Login{}, nil
	}
	switch kind {
	case "application/x-www-form-urlencoded":
		return urlencoded(string(text)), nil
	case "multipart/form-data":
		return multipartForm(string(text), parameters["boundary"]), nil
	}
	return mlapi.Login{}, nil
}

// fields are those of a form as far as it was read: the first of each name.
type fields struct {
	login mlapi.Login
	seen  map[string]bool
}

func (f *fields) add(name, value string) {
	if f.seen[name] {
		return
	}
	switch name {
	case "username":
		f.login.Name = value
	case "password":
		f.login.Password = value
	case "instance":
		f.login.Instance = value
	default:
		return
	}
	if f.seen == nil {
		f.seen = make(map[string]bool, 3)
	}
	f.seen[name] = true
}

// urlencoded reads a form by the rules of the WHATWG URL standard, section 5.1,
// which the template's users know: a percent sign without two hexadecimal digits
// stands for itself and a semicolon separates nothing, so a password with either
// counts also where it was not encoded. url.ParseQuery refuses both.
func urlencoded(text string) mlapi.Login {
	var f fields
	for pair := range strings.SplitSeq(text, "&") {
		key, value, _ := strings.Cut(pair, "=")
		f.add(unescape(key), unescape(value))
	}
	return f.login
}

func unescape(text string) string {
	b := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '+':
			c = ' '
		case c == '%' && i+2 < len(text) && isHex(text[i+1]) && isHex(text[i+2]):
			c = unhex(text[i+1])<<4 | unhex(text[i+2])
			i += 2
		}
		b = append(b, c)
	}
	return string(b)
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func unhex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c&^0x20 - 'A' + 10
}

// multipartForm reads a form of parts (RFC 7578). Files are no fields. A damaged
// form has no fields at all.
func multipartForm(text, boundary string) mlapi.Login {
	if boundary == "" {
		return mlapi.Login{}
	}
	var f fields
	parts := multipart.NewReader(strings.NewReader(text), boundary)
	for {
		part, err := parts.NextRawPart()
		if err == io.EOF {
			return f.login
		}
		if err != nil {
			return mlapi.Login{}
		}
		if part.FileName() != "" {
			continue
		}
		value, err := io.ReadAll(part)
		if err != nil {
			return mlapi.Login{}
		}
		f.add(part.FormName(), string(value))
	}
}

// jsonBody refuses a content type other than application/json or
// application/*+json in UTF-8, and a compressed body.
func jsonBody(contentType, encoding []string) error {
	if len(encoding) > 0 && (len(encoding) > 1 || !strings.EqualFold(encoding[0], "identity")) {
		return mlapi.Invalidf("unsupported_content_encoding", "The body must not be compressed.")
	}
	if len(contentType) == 1 && contentType[0] == "application/json" {
		return nil
	}
	bad := mlapi.Invalidf("unsupported_content_type", "The content type must be application/json, in UTF-8.")
	if len(contentType) != 1 {
		return bad
	}
	kind, parameters, err := mime.ParseMediaType(contentType[0])
	if err != nil {
		return bad
	}
	subtype, ok := strings.CutPrefix(kind, "application/")
	if !ok || subtype != "json" && (!strings.HasSuffix(subtype, "+json") || subtype == "+json") {
		return bad
	}
	if charset, ok := parameters["charset"]; ok && !strings.EqualFold(charset, "utf-8") {
		return bad
	}
	return nil
}
