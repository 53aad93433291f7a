package service

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func start(t *testing.T, s *service) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return server
}

func checkError(t *testing.T, response *http.Response, body []byte, status int) {
	t.Helper()
	var refusal struct{ Error string }
	if err := json.Unmarshal(body, &refusal); err != nil || refusal.Error == "" || response.StatusCode != status {
		t.Errorf("%d %s, not %d and an error", response.StatusCode, body, status)
	}
	if got := response.Header.Get("Content-Type"); got != "application/json" {
		t.Errorf("content-type: %s", got)
	}
}

// A client that sends all of its body before it reads sees the refusal, not a reset connection.
func TestRefusedBodyIsReadOn(t *testing.T) {
	server := start(t, newService(1<<10))
	body := strings.Repeat(" ", 16<<20)
	for name, request := range map[string]string{
		"announced": fmt.Sprintf("POST /predict HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%s", len(body), body),
		"chunked":   fmt.Sprintf("POST /predict HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(body), body),
	} {
		t.Run(name, func(t *testing.T) {
			response, answer := exchange(t, server, "POST", []byte(request))
			checkError(t, response, answer, 413)
		})
	}
	t.Run("in another method", func(t *testing.T) {
		request := fmt.Sprintf("PUT /predict HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%s", len(body), body)
		response, answer := exchange(t, server, "PUT", []byte(request))
		checkError(t, response, answer, 405)
	})
}

// A client that asks for leave to send is refused without it.
func TestExpectationOfARefusedBody(t *testing.T) {
	server := start(t, newService(1<<10))
	request := "POST /predict HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 2000\r\n\r\n"
	response, answer := exchange(t, server, "POST", []byte(request))
	checkError(t, response, answer, 413)
	if !response.Close {
		t.Error("the connection stays open for a body that never comes")
	}
}

func TestBodyLimit(t *testing.T) {
	server := start(t, newService(20))
	for body, status := range map[string]int{
		`{"input":[1]}       `:  200,
		`{"input":[1]}        `: 413,
	} {
		response, err := http.Post(server.URL+"/predict", "", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != status {
			t.Errorf("%d bytes: %d, not %d", len(body), response.StatusCode, status)
		}
	}
}

func TestDocumentStatesTheBodyLimit(t *testing.T) {
	var part object
	if err := json.Unmarshal(document, &part); err != nil {
		t.Fatal(err)
	}
	stated := at(t, part, "/paths/~1predict/post")["x-exacta-body-bytes-max"]
	if stated != float64(BodyBytesMax) {
		t.Errorf("the document says %v", stated)
	}
}

func TestBodiesTogetherAreLimited(t *testing.T) {
	s := newService(100)
	for range bodiesMax {
		if _, isFree := s.reserve(-1); !isFree {
			t.Fatal("too few bodies are held")
		}
	}
	server := start(t, s)
	request := "POST /predict HTTP/1.1\r\nhost: x\r\ncontent-length: 13\r\n\r\n" + `{"input":[1]}`
	response, answer := exchange(t, server, "POST", []byte(request))
	checkError(t, response, answer, 503)
	if got := response.Header.Get("Retry-After"); got != "1" {
		t.Errorf("retry-after: %q", got)
	}
	s.bodiesBytes.Add(-100)
	if response, answer := exchange(t, server, "POST", []byte(request)); response.StatusCode != 200 {
		t.Errorf("%d %s", response.StatusCode, answer)
	}
	if got := s.bodiesBytes.Load(); got != 100*(bodiesMax-1) {
		t.Errorf("%d bytes are still set aside", got)
	}
}

func TestBodyThatBreaksOff(t *testing.T) {
	server := start(t, newService(BodyBytesMax))
	request := "POST /predict HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nno length\r\n"
	response, answer := exchange(t, server, "POST", []byte(request))
	checkError(t, response, answer, 400)
}

func TestOpenapi(t *testing.T) {
	server := start(t, newService(BodyBytesMax))
	response, body := exchange(t, server, "GET", []byte("GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n"))
	if !bytes.Equal(body, document) || response.Header.Get("Content-Type") != "application/json" {
		t.Errorf("%v %s", response.Header, body)
	}
	known := "GET /openapi.json HTTP/1.1\r\nhost: x\r\nif-none-match: " + response.Header.Get("ETag") + "\r\n\r\n"
	if response, _ := exchange(t, server, "GET", []byte(known)); response.StatusCode != 304 {
		t.Errorf("a known document: %d", response.StatusCode)
	}
	head := "HEAD /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n"
	if response, _ := exchange(t, server, "HEAD", []byte(head)); response.ContentLength != int64(len(document)) {
		t.Errorf("HEAD: %v", response.Header)
	}
}

func TestRequestsAreLogged(t *testing.T) {
	var log bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	request := httptest.NewRequest("GET", "/predict", nil)
	New(logger).ServeHTTP(httptest.NewRecorder(), request)
	var line struct {
		Msg, Method, Path string
		Status            int
	}
	if err := json.Unmarshal(log.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	if line.Msg != "request" || line.Method != "GET" || line.Path != "/predict" || line.Status != 405 {
		t.Errorf("%+v", line)
	}
}

// What exacta sums exactly, plain sums may not: the difference is known and stays known.
func TestPlainSums(t *testing.T) {
	got, err := describe([]float64{1e16, 1, -1e16})
	if err != nil || got.Sum != 0 {
		t.Errorf("%+v %v", got, err)
	}
	if got, err := describe([]float64{1e308, 1e308, -1e308}); err == nil {
		t.Errorf("%+v", got)
	}
}
