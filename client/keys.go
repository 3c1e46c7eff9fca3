package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// maxKeys bounds what is read of a set of keys, in bytes.
const maxKeys = 64 << 10

// FetchKeys returns what lies at the URL of a server's public keys, such as
// https://models.example.org/.well-known/jwks.json. It follows no redirects.
func FetchKeys(ctx context.Context, url string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, authTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, errors.New("client: the URL of the keys cannot be read")
	}
	direct := *http.DefaultClient
	direct.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := direct.Do(req)
	if err != nil {
		return nil, fmt.Errorf("client: fetching the keys: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, readError(resp)
	}
	content, err := io.ReadAll(io.LimitReader(resp.Body, maxKeys+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("client: reading the keys: %w", err)
	case len(content) > maxKeys:
		return nil, fmt.Errorf("client: the keys are longer than %d bytes", maxKeys)
	}
	return content, nil
}
