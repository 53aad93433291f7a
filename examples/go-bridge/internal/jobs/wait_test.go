package jobs

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/exacta-stats/exacta/examples/go-bridge/internal/jobs/jobstest"
)

// client makes a client that does not wait, but notes for how long it would have.
func client(t *testing.T, address string) (*Client, *[]time.Duration) {
	t.Helper()
	c, err := New(address)
	if err != nil {
		t.Fatal(err)
	}
	var pauses []time.Duration
	c.sleep = func(ctx context.Context, pause time.Duration) error {
		pauses = append(pauses, pause)
		return ctx.Err()
	}
	return c, &pauses
}

func TestWaitSeesEachStateOnce(t *testing.T) {
	server := jobstest.New(t, jobstest.Script{States: []string{"queued", "queued", "running", "paused", "running", "succeeded"}})
	c, _ := client(t, server.URL)
	var states []State
	job, err := c.Wait(t.Context(), jobstest.ID, func(job Job) { states = append(states, job.State) })
	if err != nil || job.State != Succeeded {
		t.Fatal(job, err)
	}
	if want := []State{Queued, Running, "paused", Running, Succeeded}; !slices.Equal(states, want) {
		t.Errorf("%v", states)
	}
}

func TestPausesGrowToALimit(t *testing.T) {
	states := append(slices.Repeat([]string{"running"}, 40), "failed")
	server := jobstest.New(t, jobstest.Script{States: states})
	c, pauses := client(t, server.URL)
	if _, err := c.Wait(t.Context(), jobstest.ID, func(Job) {}); err != nil {
		t.Fatal(err)
	}
	if !slices.IsSorted(*pauses) || (*pauses)[0] != pauseMin || (*pauses)[len(*pauses)-1] != pauseMax {
		t.Errorf("%v", *pauses)
	}
}

// A service that starts again still has its jobs.
func TestWaitOutlivesAnOutage(t *testing.T) {
	server := jobstest.New(t, jobstest.Script{States: []string{"running", "succeeded"}, Outages: 5})
	c, _ := client(t, server.URL)
	if job, err := c.Wait(t.Context(), jobstest.ID, func(Job) {}); err != nil || job.State != Succeeded {
		t.Error(job, err)
	}
}

func TestWaitGivesUpOnAServiceThatIsGone(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	c, pauses := client(t, server.URL)
	_, err := c.Wait(t.Context(), "1", func(Job) {})
	var transport *TransportError
	if !errors.As(err, &transport) {
		t.Fatal(err)
	}
	var outage time.Duration
	for _, pause := range *pauses {
		outage += pause
	}
	if outage != outageMax {
		t.Errorf("it waited for %v", outage)
	}
}

func TestRetryAfterIsHeeded(t *testing.T) {
	looks := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if looks++; looks == 1 {
			w.Header().Set("Content-Type", "application/problem+json")
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(503)
			_, _ = w.Write([]byte(`{"code":"server.busy","detail":"later"}`))
			return
		}
		_, _ = w.Write([]byte(`{"id":"1","state":"succeeded"}`))
	}))
	defer server.Close()
	c, pauses := client(t, server.URL)
	if _, err := c.Wait(t.Context(), "1", func(Job) {}); err != nil || !slices.Equal(*pauses, []time.Duration{7 * time.Second}) {
		t.Error(*pauses, err)
	}
}

func TestWaitEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	server := jobstest.New(t, jobstest.Script{States: []string{"running"}, Seen: cancel})
	c, err := New(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Wait(ctx, jobstest.ID, func(Job) {}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestFinalStates(t *testing.T) {
	now := time.Now()
	for _, c := range []struct {
		job  Job
		want bool
	}{
		{Job{State: Queued}, false}, {Job{State: Running}, false}, {Job{State: Running, FinishedAt: &now}, false},
		{Job{State: Succeeded}, true}, {Job{State: Failed}, true}, {Job{State: Cancelled}, true},
		{Job{State: "paused"}, false}, {Job{State: "expired", FinishedAt: &now}, true},
	} {
		if c.job.IsFinal() != c.want {
			t.Errorf("%+v", c.job)
		}
	}
}

func TestAnswersOutsideTheDocument(t *testing.T) {
	for name, answer := range map[string]string{
		"no JSON":           "<html>\x1b[31m",
		"no id":             `{"state":"queued"}`,
		"no state":          `{"id":"1"}`,
		"an id of controls": `{"id":"\u001b[31m","state":"queued"}`,
		"an id that climbs": `{"id":"..","state":"queued"}`,
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				_, _ = w.Write([]byte(answer))
			}))
			defer server.Close()
			c, _ := client(t, server.URL)
			_, err := c.Job(t.Context(), "1")
			var unexpected *UnexpectedError
			if !errors.As(err, &unexpected) || strings.ContainsAny(err.Error(), "\x1b\n") {
				t.Error(err)
			}
		})
	}
}

func TestAddresses(t *testing.T) {
	for _, address := range []string{"", "127.0.0.1:8080", "localhost", "ftp://h", "http://", "http://h:port"} {
		if _, err := New(address); err == nil {
			t.Errorf("%q is taken", address)
		}
	}
	c, err := New("http://h:1/base/")
	if err != nil {
		t.Fatal(err)
	}
	if got := c.address("a/b c").String(); got != "http://h:1/base/v1/jobs/a%2Fb%20c" {
		t.Error(got)
	}
}
