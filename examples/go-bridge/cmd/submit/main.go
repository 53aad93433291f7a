// Command submit submits a CSV file as a job to `exacta serve --data DIR`, waits for it and prints
// its result exactly as `exacta stats --json` prints it.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/exacta-stats/exacta/examples/go-bridge/internal/submit"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(submit.Run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
