package mlapi_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"example.com/mlapi"
)

func TestTokensKeepThemselvesSecret(t *testing.T) {
	tokens := mlapi.Tokens{Caller: mlapi.Caller{Name: "ada"}, Access: "secret.access", Refresh: "secret.refresh"}
	var text, lines strings.Builder
	slog.New(slog.NewTextHandler(&text, nil)).Info("m", "tokens", tokens, "in", []mlapi.Tokens{tokens}, "at", &tokens)
	slog.New(slog.NewJSONHandler(&lines, nil)).Info("m", "tokens", tokens, "in", []mlapi.Tokens{tokens}, "at", &tokens)
	encoded, err := json.Marshal(tokens)
	if err != nil {
		t.Fatal(err)
	}
	for how, got := range map[string]string{
		"%v": fmt.Sprintf("%v", tokens), "%+v": fmt.Sprintf("%+v", tokens), "%#v": fmt.Sprintf("%#v", tokens), "%s": fmt.Sprint(tokens),
		"pointer": fmt.Sprint(&tokens), "list": fmt.Sprintf("%v %#v", []mlapi.Tokens{tokens}, []mlapi.Tokens{tokens}), "error": fmt.Errorf("x %v", tokens).Error(),
		"text log": text.String(), "JSON log": lines.String(), "JSON": string(encoded),
	} {
		if strings.Contains(got, "secret") || !strings.Contains(got, "ada") {
			t.Errorf("%s: %s", how, got)
		}
	}
}
