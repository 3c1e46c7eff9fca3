package app_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"testing"

	"example.com/mlapi/client"
	"example.com/mlapi/resources"
)

// TestGoClient uses the Go client against the real server.
func TestGoClient(t *testing.T) {
	s := startServer(t, t.TempDir())
	c, err := client.New(s.url)
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	if err := c.Health(ctx); err != nil {
		t.Fatal(err)
	}
	name, password := s.firstCredential()
	var refused *client.Error
	if err := c.Login(ctx, name, "not the password"); !errors.As(err, &refused) || refused.Status != http.StatusUnauthorized {
		t.Errorf("a wrong password: %v", err)
	}
	if err := c.Login(ctx, name, password); err != nil {
		t.Fatal(err)
	}
	rows := json.RawMessage(resources.ExampleRows)
	labels, err := client.Predict[string](ctx, c, rows)
	if err != nil || len(labels) != 1 || labels[0] != "attack" {
		t.Errorf("predicted %v, %v", labels, err)
	}
	info, err := c.Info(ctx)
	if err != nil || info.Model != "RandomForestClassifier" || len(info.Features) != 8 {
		t.Errorf("info %+v, %v", info, err)
	}
	if _, err := client.Predict[string](ctx, c, json.RawMessage(`[["tcp","gopher-on-wheels","S0",0,0,0,206,0.04]]`)); !errors.As(err, &refused) ||
		refused.Code != "unknown_category" || refused.Row != 0 || refused.Column != 1 {
		t.Errorf("an unknown category: %v", err)
	}
	if err := c.Revoke(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Predict[string](ctx, c, rows); err == nil {
		t.Error("predicted after logout")
	}
}
