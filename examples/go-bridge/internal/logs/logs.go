// Package logs makes the structured log of a command from its flags. What is logged is not here.
package logs

import (
	"flag"
	"fmt"
	"io"
	"log/slog"
)

// Options are what the flags say of a log.
type Options struct {
	format string
	level  slog.Level
}

// Flags adds -log-format and -log-level to the flags of a command.
func Flags(flags *flag.FlagSet, format string) *Options {
	options := new(Options)
	flags.StringVar(&options.format, "log-format", format, "`format` of the log on stderr: json or text")
	flags.TextVar(&options.level, "log-level", slog.LevelInfo, "least `level` that is logged: debug, info, warn or error")
	return options
}

// Logger makes the log.
func (o *Options) Logger(stderr io.Writer) (*slog.Logger, error) {
	options := &slog.HandlerOptions{Level: o.level}
	switch o.format {
	case "json":
		return slog.New(slog.NewJSONHandler(stderr, options)), nil
	case "text":
		return slog.New(slog.NewTextHandler(stderr, options)), nil
	}
	return nil, fmt.Errorf("-log-format is %q: it must be json or text", o.format)
}
