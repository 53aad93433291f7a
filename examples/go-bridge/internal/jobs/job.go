package jobs

import (
	"fmt"
	"strings"
	"time"
	"unicode"
)

// State is how far a job is. States may be added: ask IsFinal, not for each of them.
type State string

// The states that are known today.
const (
	Queued    State = "queued"
	Running   State = "running"
	Succeeded State = "succeeded"
	Failed    State = "failed"
	Cancelled State = "cancelled"
)

// Job is what the service tells of a job. Members that are not here are none of ours.
type Job struct {
	ID         string     `json:"id"`
	State      State      `json:"state"`
	FinishedAt *time.Time `json:"finished_at"`
	Error      *Problem   `json:"error"`
}

// IsFinal tells whether the job will not change any more. A state that is not known is final once
// the job has a time at which it ended.
func (j Job) IsFinal() bool {
	switch j.State {
	case Succeeded, Failed, Cancelled:
		return true
	case Queued, Running:
		return false
	}
	return j.FinishedAt != nil
}

// idBytesMax is more than any identifier of a service has.
const idBytesMax = 256

// IsID tells whether a text can be an identifier: printable, so that it can be shown and typed, and
// a segment of a path that stays where it is.
func IsID(text string) bool {
	isOdd := func(r rune) bool { return !unicode.IsPrint(r) || unicode.IsSpace(r) }
	return text != "" && text != "." && text != ".." && len(text) <= idBytesMax && !strings.ContainsFunc(text, isOdd)
}

// Problem is why the service refused a request, or why a job failed (RFC 9457).
type Problem struct {
	Status int    `json:"status"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
	Line   int64  `json:"line"`
	Column int64  `json:"column"`
}

// Error is one line, with the place in the input in front.
func (p *Problem) Error() string {
	detail := p.Detail
	if detail == "" {
		detail = fmt.Sprintf("refused with status %d and code %q", p.Status, p.Code)
	}
	place := fmt.Sprintf("line %d, column %d: ", p.Line, p.Column)
	if p.Line > 0 && !strings.HasPrefix(detail, place) {
		detail = place + detail
	}
	return oneLine(detail)
}

// oneLine is text from outside without its control characters.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
}
