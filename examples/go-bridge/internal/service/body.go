package service

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

const (
	// stallTimeout is how long a client may pause within a body, or in taking its answer.
	stallTimeout = 30 * time.Second

	// What is read and thrown away of a refused body, so that a client that sends all of it
	// before it reads anything sees why it was refused.
	drainBytesMax = 256 << 20
	drainTimeout  = 10 * time.Second
	drainStall    = time.Second

	// preallocatedMax is how much memory an announced length is believed for.
	preallocatedMax = 1 << 20
)

var (
	errBodyStalled = errors.New("the body paused for too long: send it without a break")
	errBodyBroken  = errors.New("the body broke off before its end: send it again")
)

// tooLargeError is a body of more bytes than are taken.
type tooLargeError struct{ bytesMax int64 }

func (e tooLargeError) Error() string {
	return fmt.Sprintf("the body is larger than %d bytes, the most that is taken: send less at a time", e.bytesMax)
}

// readBody reads a body of at most bytesMax bytes. An announced length is
// checked before anything is read: a client that waits for `100 Continue` sends nothing in vain.
func readBody(r *http.Request, connection *http.ResponseController, bytesMax int64) ([]byte, error) {
	if r.ContentLength > bytesMax {
		return nil, tooLargeError{bytesMax}
	}
	var body bytes.Buffer
	body.Grow(int(min(max(r.ContentLength, 0), preallocatedMax)) + bytes.MinRead)
	stalling := stallingReader{r.Body, connection, stallTimeout, time.Time{}}
	length, err := body.ReadFrom(io.LimitReader(stalling, bytesMax+1))
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, errBodyStalled
	case err != nil:
		return nil, errBodyBroken
	case length > bytesMax:
		return nil, tooLargeError{bytesMax}
	}
	return body.Bytes(), nil
}

// drain reads on what is left of a body after its refusal was sent, within bounds.
func drain(r *http.Request, connection *http.ResponseController) {
	if r.Header.Get("Expect") != "" {
		return // the client waits for leave to send, and gets none
	}
	stalling := stallingReader{r.Body, connection, drainStall, time.Now().Add(drainTimeout)}
	// What fails here fails for a request that is answered.
	_, _ = io.CopyN(io.Discard, stalling, drainBytesMax)
}

// stallingReader reads a body that may pause for stall, and not go on after end unless that is zero.
type stallingReader struct {
	body       io.Reader
	connection *http.ResponseController
	stall      time.Duration
	end        time.Time
}

func (r stallingReader) Read(piece []byte) (int, error) {
	deadline := time.Now().Add(r.stall)
	if !r.end.IsZero() && r.end.Before(deadline) {
		deadline = r.end
	}
	if err := r.connection.SetReadDeadline(deadline); err != nil {
		return 0, err
	}
	return r.body.Read(piece)
}
