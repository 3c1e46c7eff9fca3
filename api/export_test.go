package api

import (
	"net/http"
	"time"
)

// SetStall shortens the rolling deadlines of a handler made by New.
func SetStall(h http.Handler, d time.Duration) { h.(*server).stall = d }

// SetMostAnswer lowers the limit of an answer, in bytes.
func SetMostAnswer(h http.Handler, bytes int) { h.(*server).form.mostAnswer = bytes }
