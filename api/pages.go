package api

import (
	"encoding/json"
	"html"
	"net/http"
	"strconv"
	"strings"

	"example.com/mlapi"
)

// health answers the health check of a part: whoever gets it reached the part.
func (s *server) health(*exchange) (answer, error) {
	return answer{status: http.StatusOK, page: &page{
		html: document("Health Check", "OK", ""),
		json: []byte(`{"status":"ok"}` + "\n"),
	}}, nil
}

// describe answers what the model is and takes.
func (s *server) describe(*exchange) (answer, error) {
	return answer{status: http.StatusOK, page: &s.model}, nil
}

// modelPage makes the model's page, once.
func modelPage(p *mlapi.Pipeline) page {
	info, classes := p.Model.Info(), p.Classes()
	heading, paragraph := "ML Model", info.Estimator
	if len(classes) > 0 {
		paragraph += " " + classesText(classes)
	}
	b := append([]byte(`{"name":"ml","model":`), quote(info.Estimator)...)
	if len(classes) > 0 {
		b = append(append(b, `,"classes":`...), classesJSON(classes)...)
	}
	b = append(b, `,"features":[`...)
	features := p.Features()
	for i, f := range features {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(b, `{"name":`...), quote(f.Name)...)
		b = append(append(b, `,"type":`...), quote(f.Type.String())...)
		if f.Type == mlapi.CategoryFeature || f.Categories != nil {
			b = append(b, `,"categories":[`...)
			for j, category := range f.Categories {
				if j > 0 {
					b = append(b, ',')
				}
				b = append(b, quote(category)...)
			}
			b = append(b, ']')
		}
		b = append(b, '}')
	}
	b = append(b, "]}\n"...)
	return page{html: document(heading, paragraph, featureTable(features)), json: b}
}

// featureTable writes features as an HTML table, the first of many: the whole is for
// programs.
func featureTable(features []mlapi.Feature) string {
	const mostFeatures, mostCategories = 200, 20
	var b strings.Builder
	b.WriteString("<table>\n<tr><th>feature</th><th>takes</th></tr>\n")
	for _, f := range features[:min(len(features), mostFeatures)] {
		takes := f.Type.String()
		if len(f.Categories) > 0 {
			takes += ": " + strings.Join(f.Categories[:min(len(f.Categories), mostCategories)], ", ")
		}
		if more := len(f.Categories) - mostCategories; more > 0 {
			takes += " and " + strconv.Itoa(more) + " more"
		}
		b.WriteString("<tr><td>" + html.EscapeString(f.Name) + "</td><td>" + html.EscapeString(takes) + "</td></tr>\n")
	}
	b.WriteString("</table>\n")
	if more := len(features) - mostFeatures; more > 0 {
		b.WriteString("<p>and " + strconv.Itoa(more) + " more features</p>\n")
	}
	return b.String()
}

// classesText writes classes as numpy prints an array of them, on one line:
// [0 1], ['attack' 'normal'], [0. 0.5], [False True].
func classesText(classes []mlapi.Label) string {
	words := make([]string, len(classes))
	for i, class := range classes {
		switch v := class.Value().(type) {
		case string:
			words[i] = pythonQuote(v)
		case bool:
			words[i] = map[bool]string{false: "False", true: "True"}[v]
		case float64:
			words[i] = strconv.FormatFloat(v, 'g', -1, 64)
			if !strings.ContainsAny(words[i], ".eIN") {
				words[i] += "."
			}
		default:
			words[i] = class.String()
		}
	}
	return "[" + strings.Join(words, " ") + "]"
}

// pythonQuote quotes a text the way Python's repr chooses the quotes.
func pythonQuote(text string) string {
	if strings.Contains(text, "'") && !strings.Contains(text, `"`) {
		return `"` + text + `"`
	}
	return "'" + strings.ReplaceAll(text, "'", `\'`) + "'"
}

// classesJSON writes classes as a JSON list.
func classesJSON(classes []mlapi.Label) []byte {
	b := []byte{'['}
	for i, class := range classes {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendLabel(b, class)
	}
	return append(b, ']')
}

// quote writes a text as JSON.
func quote(text string) []byte {
	b, err := json.Marshal(text)
	if err != nil { // cannot be: invalid UTF-8 is replaced
		return []byte(`""`)
	}
	return b
}
