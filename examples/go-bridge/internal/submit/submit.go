// Package submit is the command of the same name: a file becomes a job, and its result is printed.
// How a service is spoken to is in package jobs.
package submit

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/exacta-stats/exacta/examples/go-bridge/internal/jobs"
)

// Run does what the arguments say and returns the exit code. When ctx ends it leaves the job to the
// service.
func Run(ctx context.Context, arguments []string, stdin io.Reader, stdout, stderr io.Writer) int {
	err := run(ctx, arguments, stdin, stdout, stderr)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintf(stderr, "submit: %v\n", err)
	}
	return exitCode(err)
}

func run(ctx context.Context, arguments []string, stdin io.Reader, stdout, stderr io.Writer) error {
	options, err := parse(arguments, stdout)
	if errors.Is(err, flag.ErrHelp) {
		return err
	} else if err != nil {
		return &usageError{err}
	}
	logger, err := options.log.Logger(stderr)
	if err != nil {
		return &usageError{err}
	}
	client, err := jobs.New(options.server)
	if err != nil {
		return &usageError{err}
	}
	id := options.job
	if id == "" {
		if id, err = submit(ctx, client, options, stdin); err != nil {
			return err
		}
		logger.Info("job accepted", "job", id)
	}
	result, err := await(ctx, client, id, logger)
	if err != nil {
		return &jobError{options.server, id, err, ctx.Err() != nil}
	}
	_, err = stdout.Write(append(bytes.TrimRight(result, "\n"), '\n'))
	return err
}

// submit sends the file and returns the identifier of its job.
func submit(ctx context.Context, client *jobs.Client, options *options, stdin io.Reader) (string, error) {
	input, length := stdin, int64(-1)
	if options.file != "-" {
		file, err := os.Open(options.file)
		if err != nil {
			return "", err
		}
		defer file.Close()
		input = file
		// What is no regular file says 0 for its length, whatever it holds.
		if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
			length = info.Size()
		}
	}
	job, err := client.SubmitCSV(ctx, input, length, options.query)
	if err != nil && ctx.Err() != nil {
		return "", errUnsubmitted
	}
	return job.ID, err
}

// await waits until the job has ended and fetches its result.
func await(ctx context.Context, client *jobs.Client, id string, logger *slog.Logger) ([]byte, error) {
	seen := func(job jobs.Job) { logger.Debug("job seen", "job", id, "state", string(job.State)) }
	job, err := client.Wait(ctx, id, seen)
	if err != nil {
		return nil, err
	}
	if job.State != jobs.Succeeded {
		return nil, &endedError{job}
	}
	return client.WaitResult(ctx, id)
}
