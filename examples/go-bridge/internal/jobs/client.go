// Package jobs is a client of the job routes of `exacta serve --data DIR`: it submits a file, waits
// and fetches the result. What a command line asks for, and what it ends with, is not here.
package jobs

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	// expectAbove is the length from which a body waits for leave to be sent, so that a service
	// that refuses it does so first.
	expectAbove     = 1 << 20
	expectTimeout   = 5 * time.Second
	responseTimeout = 60 * time.Second

	resultBytesMax = 256 << 20
	jobBytesMax    = 1 << 20
	// excerptBytesMax is how much of an unexpected answer a message shows.
	excerptBytesMax = 200
)

// Client talks to one service.
type Client struct {
	base  *url.URL
	http  *http.Client
	sleep func(context.Context, time.Duration) error
}

// New makes a client of the service at an address such as http://127.0.0.1:8080.
func New(address string) (*Client, error) {
	base, err := url.Parse(address)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, fmt.Errorf("the address %q is none of a service: write it like http://127.0.0.1:8080", address)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.ResponseHeaderTimeout = responseTimeout
	transport.ExpectContinueTimeout = expectTimeout
	return &Client{base: base, http: &http.Client{Transport: transport}, sleep: sleep}, nil
}

// SubmitCSV submits the bytes of a CSV file; length is negative where it is not known. The query
// is that of /v1/summarize/csv. It is not tried again: nobody could tell whether it was taken.
func (c *Client) SubmitCSV(ctx context.Context, file io.Reader, length int64, query url.Values) (Job, error) {
	if length == 0 {
		file = http.NoBody
	}
	address := c.base.JoinPath("v1", "jobs", "csv")
	address.RawQuery = query.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address.String(), file)
	if err != nil {
		return Job{}, err
	}
	request.ContentLength = length
	request.Header.Set("Content-Type", "application/octet-stream")
	if length < 0 || length > expectAbove {
		request.Header.Set("Expect", "100-continue")
	}
	return c.job(request, http.StatusAccepted)
}

// Job asks for a job.
func (c *Client) Job(ctx context.Context, id string) (Job, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.address(id).String(), nil)
	if err != nil {
		return Job{}, err
	}
	return c.job(request, http.StatusOK)
}

// Result fetches the result of a job that has succeeded: the bytes that /v1/summarize would answer.
func (c *Client) Result(ctx context.Context, id string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.address(id).JoinPath("result").String(), nil)
	if err != nil {
		return nil, err
	}
	return c.do(request, http.StatusOK, resultBytesMax)
}

func (c *Client) address(id string) *url.URL {
	return c.base.JoinPath("v1", "jobs", url.PathEscape(id))
}

func (c *Client) job(request *http.Request, status int) (Job, error) {
	body, err := c.do(request, status, jobBytesMax)
	if err != nil {
		return Job{}, err
	}
	var job Job
	if err := json.Unmarshal(body, &job); err != nil || !IsID(job.ID) || job.State == "" {
		return Job{}, &UnexpectedError{Address: request.URL.Redacted(), Status: status, Excerpt: excerpt(body)}
	}
	return job, nil
}

// do sends a request and reads the answer, whose status must be the one expected.
func (c *Client) do(request *http.Request, status int, bytesMax int64) ([]byte, error) {
	request.Header.Set("Accept", "application/json, application/problem+json")
	response, err := c.http.Do(request)
	if err != nil {
		return nil, &TransportError{err}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, bytesMax+1))
	if err != nil {
		return nil, &TransportError{err}
	}
	if int64(len(body)) > bytesMax {
		return nil, fmt.Errorf("the answer of %s is longer than %d bytes: ask for less", request.URL.Redacted(), bytesMax)
	}
	if response.StatusCode == status {
		return body, nil
	}
	return nil, refusal(response, body)
}

// refusal is what an answer of another status says.
func refusal(response *http.Response, body []byte) error {
	var problem Problem
	mediaType, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	if mediaType == "application/problem+json" && json.Unmarshal(body, &problem) == nil {
		problem.Status = response.StatusCode
		return &RefusedError{Problem: &problem, RetryAfter: retryAfter(response)}
	}
	return &UnexpectedError{Address: response.Request.URL.Redacted(), Status: response.StatusCode, Excerpt: excerpt(body)}
}

// retryAfter is the pause that an answer asks for in seconds; none where it asks for none.
func retryAfter(response *http.Response) time.Duration {
	seconds, err := strconv.ParseUint(response.Header.Get("Retry-After"), 10, 16)
	if err != nil {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

func excerpt(body []byte) string {
	return oneLine(strings.ToValidUTF8(string(bytes.TrimSpace(body[:min(len(body), excerptBytesMax)])), "�"))
}

// RefusedError is a refusal by the service, which says why.
type RefusedError struct {
	Problem    *Problem
	RetryAfter time.Duration
}

func (e *RefusedError) Error() string { return e.Problem.Error() }

// UnexpectedError is an answer outside the document of the service.
type UnexpectedError struct {
	Address string
	Status  int
	Excerpt string
}

func (e *UnexpectedError) Error() string {
	return fmt.Sprintf("%s answered %d, which is not expected there: %q", e.Address, e.Status, e.Excerpt)
}

// TransportError is a request that could not be sent, or was not answered.
type TransportError struct{ cause error }

func (e *TransportError) Error() string {
	return oneLine(fmt.Sprintf("no answer: %v: check the address, and that the service runs", e.cause))
}

// Unwrap tells the cause, the end of a context among them.
func (e *TransportError) Unwrap() error { return e.cause }

// isPassing tells whether the same request may be answered a little later, and after which pause.
func isPassing(err error) (pause time.Duration, is bool) {
	var transport *TransportError
	var refused *RefusedError
	var unexpected *UnexpectedError
	switch {
	case errors.As(err, &transport):
		return 0, true
	case errors.As(err, &refused):
		return refused.RetryAfter, refused.Problem.Code != "jobs.disabled" && isPassingStatus(refused.Problem.Status)
	case errors.As(err, &unexpected):
		return 0, isPassingStatus(unexpected.Status)
	}
	return 0, false
}

func isPassingStatus(status int) bool {
	switch status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}
