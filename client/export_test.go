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
