package api

import (
	"strconv"
	"strings"
)

// prefersHTML tells whether the Accept header ranks text/html above JSON (RFC
// 9110, section 12.5.1). No header, or one that ranks them equal, means JSON.
func prefersHTML(accept []string) bool {
	var html, json preference
	for _, field := range accept {
		for part := range strings.SplitSeq(field, ",") {
			media, q, ok := mediaRange(part)
			if !ok {
				continue
			}
			switch media {
			case "text/html":
				html.take(3, q)
			case "application/json", "application/problem+json":
				json.take(3, q)
			case "text/*":
				html.take(2, q)
			case "application/*":
				json.take(2, q)
			case "*/*":
				html.take(1, q)
				json.take(1, q)
			}
		}
	}
	return html.q > json.q
}

// preference is how much a type is wanted, by the most specific range that
// matches it; of equally specific ones, by the highest.
type preference struct {
	specific int
	q        float64
}

func (p *preference) take(specific int, q float64) {
	if specific > p.specific || specific == p.specific && q > p.q {
		p.specific, p.q = specific, q
	}
}

// mediaRange reads one part of an Accept header. Parameters other than q are of no
// consequence here.
func mediaRange(part string) (media string, q float64, ok bool) {
	media, parameters, _ := strings.Cut(part, ";")
	q = 1
	for parameter := range strings.SplitSeq(parameters, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(parameter), "=")
		if strings.EqualFold(name, "q") {
			if q, ok = quality(value); !ok {
				return "", 0, false
			}
			break
		}
	}
	return strings.ToLower(strings.TrimSpace(media)), q, true
}

// quality reads 0, 0.5, 1.000: RFC 9110, section 12.4.2.
func quality(value string) (float64, bool) {
	if len(value) == 0 || len(value) > 5 || value[0] != '0' && value[0] != '1' || len(value) > 1 && value[1] != '.' {
		return 0, false
	}
	for _, c := range []byte(value[1:]) {
		if (c < '0' || c > '9') && c != '.' {
			return 0, false
		}
	}
	q, err := strconv.ParseFloat(value, 64)
	return q, err == nil && q <= 1
}
