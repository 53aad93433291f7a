package service

import (
	"log/slog"
	"net/http"
	"time"
)

// logged logs each request that handler answers, where the logger wants to hear of it.
func logged(handler http.Handler, logger *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !logger.Enabled(r.Context(), slog.LevelDebug) {
			handler.ServeHTTP(w, r)
			return
		}
		start := time.Now()
		seen := &statusWriter{ResponseWriter: w}
		handler.ServeHTTP(seen, r)
		logger.DebugContext(r.Context(), "request",
			"method", r.Method, "path", r.URL.Path, "status", seen.status,
			"body_bytes", r.ContentLength, "seconds", time.Since(start).Seconds())
	})
}

// statusWriter remembers the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets a ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
