package main

import (
	"context"
	"io"
	"log/slog"
	"runtime"
	"strings"
)

// tellWarnings lets a job that runs on and on tell its own warnings, a line each, where Beam is to be silent: they say what it waits for.
func (s *settings) tellWarnings(w io.Writer) {
	if s.Log == "off" {
		slog.SetDefault(slog.New(ownWarnings(w, s.LogForm)))
	}
}

// ownWarnings writes what this program warns of, and nothing that a library logs.
func ownWarnings(w io.Writer, form string) slog.Handler {
	o := &slog.HandlerOptions{Level: slog.LevelWarn}
	if form == "json" {
		return ownHandler{slog.NewJSONHandler(w, o)}
	}
	return ownHandler{slog.NewTextHandler(w, o)}
}

// ownHandler passes on what is logged by packages of this module.
type ownHandler struct{ slog.Handler }

// Handle passes a record on if it is of this module.
func (h ownHandler) Handle(ctx context.Context, r slog.Record) error {
	caller, _ := runtime.CallersFrames([]uintptr{r.PC}).Next()
	if !strings.HasPrefix(caller.Function, "segue/") && !strings.HasPrefix(caller.Function, "main.") {
		return nil
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs is as of slog.Handler.
func (h ownHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return ownHandler{h.Handler.WithAttrs(attrs)}
}

// WithGroup is as of slog.Handler.
func (h ownHandler) WithGroup(name string) slog.Handler { return ownHandler{h.Handler.WithGroup(name)} }
