// Command server serves the /predict contract of exacta over HTTP until it is told to stop.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/exacta-stats/exacta/examples/go-bridge/internal/logs"
	"github.com/exacta-stats/exacta/examples/go-bridge/internal/service"
)

const (
	// headerTimeout is how long a client may take for a header, and how long an unused connection
	// stays open. Deadlines within bodies and answers are those of the service.
	headerTimeout  = 30 * time.Second
	headerBytesMax = 64 << 10
	// drainTimeout is how long requests that are under way may take once the server is told to stop.
	drainTimeout = 30 * time.Second
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stderr))
}

// run serves until ctx ends and returns the exit code: 0 told to stop, 1 failed, 2 wrong command.
func run(ctx context.Context, arguments []string, stderr io.Writer) int {
	flags := flag.NewFlagSet("server", flag.ContinueOnError)
	flags.SetOutput(stderr)
	listen := flags.String("listen", "127.0.0.1:8081", "`address` to listen on; port 0 takes a free one")
	log := logs.Flags(flags, "json")
	if err := flags.Parse(arguments); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return 2
	}
	logger, err := log.Logger(stderr)
	if err == nil && flags.NArg() > 0 {
		err = fmt.Errorf("unexpected argument %q: there are flags only", flags.Arg(0))
	}
	if err != nil {
		fmt.Fprintf(stderr, "server: %v; -h tells more\n", err)
		return 2
	}
	if err := serve(ctx, *listen, logger); err != nil {
		logger.Error("failed", "error", err)
		return 1
	}
	return 0
}

// serve answers requests until ctx ends, then finishes those that are under way. The first line of
// the log says where it listens.
func serve(ctx context.Context, address string, logger *slog.Logger) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	logger.Info("listening", "address", listener.Addr().String())
	server := &http.Server{
		Handler:           service.New(logger),
		ReadHeaderTimeout: headerTimeout,
		IdleTimeout:       headerTimeout,
		MaxHeaderBytes:    headerBytesMax,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	logger.Info("stopping")
	draining, cancel := context.WithTimeout(context.Background(), drainTimeout)
	defer cancel()
	if err := server.Shutdown(draining); err != nil {
		return fmt.Errorf("requests were cut off: %w", err)
	}
	logger.Info("stopped")
	return nil
}
