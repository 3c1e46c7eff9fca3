package api

import (
	"net/http"
	"time"
)

// SetStall shortens the rolling deadlines of a handler made by New.
func SetStall(h http.Handler, d time.Duration) { h.(*server).stall = d }
