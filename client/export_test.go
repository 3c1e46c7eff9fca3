package client

import "time"

// Age lets time pass for the client's tokens.
func Age(c *Client, by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tokens.fresh = c.tokens.fresh.Add(-by)
	c.tokens.expires = c.tokens.expires.Add(-by)
	c.tokens.wait = c.tokens.wait.Add(-by)
}

// SetPatience changes for how long a lost answer is asked for again.
func SetPatience(c *Client, patience time.Duration) { c.patience = patience }

// KeyOf returns the key with which the refresh token is going to be exchanged.
func KeyOf(c *Client) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.tokens.retryKey
}
