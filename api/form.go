package api

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"strings"

	"example.com/mlapi"
)

// credentials reads the fields username and password of a form, urlencoded or
// multipart, as sent. The first of a field sent twice counts. They are empty where
// body is no such form. The body is read to its end in any case; an error is one
// of reading, never of what the body says.
func credentials(contentType []string, body io.Reader) (name, password string, err error) {
	text, err := io.ReadAll(body)
	if err != nil || len(contentType) != 1 {
		return "", "", err
	}
	kind, parameters, err := mime.ParseMediaType(contentType[0])
	if err != nil && !errors.Is(err, mime.ErrInvalidMediaParameter) {
		return "", "", nil
	}
	switch kind {
	case "application/x-www-form-urlencoded":
		name, password = urlencoded(string(text))
	case "multipart/form-data":
		name, password = multipartForm(string(text), parameters["boundary"])
	}
	return name, password, nil
}

// urlencoded reads a form by the rules of the WHATWG URL standard, section 5.1,
// which the template's users know: a percent sign without two hexadecimal digits
// stands for itself and a semicolon separates nothing, so a password with either
// counts also where it was not encoded. url.ParseQuery refuses both.
func urlencoded(text string) (name, password string) {
	var seenName, seenPassword bool
	for pair := range strings.SplitSeq(text, "&") {
		key, value, _ := strings.Cut(pair, "=")
		switch unescape(key) {
		case "username":
			if !seenName {
				name, seenName = unescape(value), true
			}
		case "password":
			if !seenPassword {
				password, seenPassword = unescape(value), true
			}
		}
	}
	return name, password
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
func multipartForm(text, boundary string) (name, password string) {
	if boundary == "" {
		return "", ""
	}
	var seenName, seenPassword bool
	parts := multipart.NewReader(strings.NewReader(text), boundary)
	for {
		part, err := parts.NextRawPart()
		if err == io.EOF {
			return name, password
		}
		if err != nil {
			return "", ""
		}
		if part.FileName() != "" {
			continue
		}
		value, err := io.ReadAll(part)
		if err != nil {
			return "", ""
		}
		switch field := part.FormName(); {
		case field == "username" && !seenName:
			name, seenName = string(value), true
		case field == "password" && !seenPassword:
			password, seenPassword = string(value), true
		}
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
