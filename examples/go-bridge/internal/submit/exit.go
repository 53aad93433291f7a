package submit

import (
	"errors"
	"flag"
	"fmt"
	"strings"

	"github.com/exacta-stats/exacta/examples/go-bridge/internal/jobs"
)

const (
	exitSuccess     = 0
	exitRuntime     = 1
	exitUsage       = 2
	exitData        = 3
	exitInterrupted = 130
)

// errUnsubmitted is an interruption before the service said that it has the job.
var errUnsubmitted = errors.New("interrupted before the service took the job")

// usageError is a command that is wrong.
type usageError struct{ cause error }

func (e *usageError) Error() string { return e.cause.Error() + "; -h tells more" }

// jobError is what kept the result of a job away, and how to come back to it where it may yet come.
type jobError struct {
	server, id string
	cause      error
	isDetached bool
}

func (e *jobError) Error() string {
	var ended *endedError
	back := fmt.Sprintf("submit -server %s -job %s", e.server, e.id)
	switch {
	case e.isDetached:
		return fmt.Sprintf("detached from job %s, which goes on; to come back: %s", e.id, back)
	case errors.As(e.cause, &ended):
		return fmt.Sprintf("job %s %v", e.id, e.cause)
	}
	return fmt.Sprintf("job %s: %v; to come back: %s", e.id, e.cause, back)
}

func (e *jobError) Unwrap() error { return e.cause }

// endedError is a job that ended without a result.
type endedError struct{ job jobs.Job }

func (e *endedError) Error() string {
	switch {
	case e.job.State == jobs.Cancelled:
		return "was cancelled"
	case e.job.State != jobs.Failed:
		return fmt.Sprintf("ended as %q, which this program does not know", e.job.State)
	case e.job.Error == nil:
		return "failed, and the service does not say why"
	}
	return "failed: " + e.job.Error.Error()
}

// exitCode is how a command ends, in the words of `exacta`.
func exitCode(err error) int {
	var usage *usageError
	var job *jobError
	var refused *jobs.RefusedError
	var ended *endedError
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return exitSuccess
	case errors.As(err, &usage):
		return exitUsage
	case errors.Is(err, errUnsubmitted), errors.As(err, &job) && job.isDetached:
		return exitInterrupted
	case errors.As(err, &refused):
		return exitOf(refused.Problem.Code)
	case errors.As(err, &ended) && ended.job.State == jobs.Failed && ended.job.Error != nil:
		return exitOf(ended.job.Error.Code)
	}
	return exitRuntime
}

// exitOf is the exit code for the stable code of a problem: that of `exacta`, whose list is in
// crates/cli/src/error.rs.
func exitOf(code string) int {
	switch code {
	case "column.repeated", "column.unknown", "csv.delimiter", "limit.exceeded", "probability.invalid":
		return exitUsage
	case "input.empty":
		return exitData
	}
	group, name, _ := strings.Cut(code, ".")
	switch {
	case name == "unknown", group == "query":
		return exitUsage
	case group == "column", group == "count", group == "csv", group == "number", group == "value":
		return exitData
	}
	return exitRuntime
}
