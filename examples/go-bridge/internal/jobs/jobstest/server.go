// Package jobstest is a service with the job routes of exacta for tests: it computes nothing and
// goes through the states that a test writes down.
package jobstest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
)

// Object is a JSON object.
type Object = map[string]any

// Script is what becomes of every job.
type Script struct {
	// States are those in which a job is found, one look after the other; the last one stays.
	States []string
	// Error is the problem of a failed job.
	Error Object
	// Result is what a job that succeeded gives.
	Result string
	// Outages is how many looks at a job find the service starting.
	Outages int
	// Refusal is the answer to a submission, where it is refused.
	Refusal *Refusal
	// Seen is called at each look at a job.
	Seen func()
}

// Refusal is a problem with its status.
type Refusal struct {
	Status       int
	Code, Detail string
}

// Submission is what was submitted.
type Submission struct {
	Query  url.Values
	Body   string
	Header http.Header
}

// ID is that of every job. It has what a path cannot hold as it stands.
const ID = "01K/é?1"

// Server is a service that follows a script.
type Server struct {
	*httptest.Server

	mutex       sync.Mutex
	script      Script
	looks       int
	submissions []Submission
}

// New starts a service that ends with the test.
func New(t *testing.T, script Script) *Server {
	t.Helper()
	s := &Server{script: script}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/jobs/csv", s.submit)
	mux.HandleFunc("GET /v1/jobs/{id}", s.look)
	mux.HandleFunc("GET /v1/jobs/{id}/result", s.result)
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

// Submissions are those so far.
func (s *Server) Submissions() []Submission {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.submissions
}

func (s *Server) submit(w http.ResponseWriter, r *http.Request) {
	if refusal := s.script.Refusal; refusal != nil {
		problem(w, refusal.Status, refusal.Code, refusal.Detail)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		problem(w, http.StatusBadRequest, "body.broken", err.Error())
		return
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.submissions = append(s.submissions, Submission{r.URL.Query(), string(body), r.Header})
	w.Header().Set("Location", "/v1/jobs/"+url.PathEscape(ID))
	write(w, http.StatusAccepted, "application/json", s.job("queued"))
}

func (s *Server) look(w http.ResponseWriter, r *http.Request) {
	if s.script.Seen != nil {
		s.script.Seen()
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.looks++
	switch {
	case r.PathValue("id") != ID:
		problem(w, http.StatusNotFound, "job.not_found", "there is no such job")
	case s.looks <= s.script.Outages:
		problem(w, http.StatusServiceUnavailable, "server.draining", "the server is starting")
	default:
		write(w, http.StatusOK, "application/json", s.job(s.state()))
	}
}

func (s *Server) result(w http.ResponseWriter, r *http.Request) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	switch state := s.state(); {
	case r.PathValue("id") != ID:
		problem(w, http.StatusNotFound, "job.not_found", "there is no such job")
	case state == "succeeded":
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, s.script.Result)
	case state == "failed", state == "cancelled":
		problem(w, http.StatusConflict, "job."+state, "the job has no result")
	default:
		problem(w, http.StatusConflict, "job.not_finished", "the job has no result yet")
	}
}

// state is the one that the last look found.
func (s *Server) state() string {
	index := max(s.looks-s.script.Outages-1, 0)
	return s.script.States[min(index, len(s.script.States)-1)]
}

func (s *Server) job(state string) Object {
	job := Object{"id": ID, "kernel": "aggregate", "state": state, "created_at": "2026-01-02T03:04:05.678Z", "later": 1}
	if state != "queued" && state != "running" && state != "paused" {
		job["finished_at"] = "2026-01-02T03:04:06Z"
	}
	if state == "failed" && s.script.Error != nil {
		job["error"] = s.script.Error
	}
	return job
}

func problem(w http.ResponseWriter, status int, code, detail string) {
	write(w, status, "application/problem+json", Object{
		"type": "about:blank", "title": http.StatusText(status), "status": status, "code": code, "detail": detail,
	})
}

func write(w http.ResponseWriter, status int, mediaType string, value any) {
	w.Header().Set("Content-Type", mediaType)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value) // fails where the client has left
}
