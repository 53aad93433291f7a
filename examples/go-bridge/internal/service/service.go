// Package service answers the /predict contract of exacta with nothing but the standard library:
// the same answers and the same refusals, from sums that are added plainly. Listening and
// signals are not here.
package service

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// BodyBytesMax is the largest body that is taken: 64 MiB, as the document says.
const BodyBytesMax = 64 << 20

// bodiesMax is how many bodies of that size are held at one time, or more that are smaller.
const bodiesMax = 16

// document is the part of openapi/exacta.json that is served here; a test makes and compares it.
//
//go:embed openapi.json
var document []byte

// service answers requests.
type service struct {
	bodyBytesMax int64
	bodiesBytes  atomic.Int64 // held, or about to be
	documentTag  string
}

// New makes the handler of the whole service, which logs each request at the level of debugging.
func New(logger *slog.Logger) http.Handler {
	return logged(newService(BodyBytesMax), logger)
}

func newService(bodyBytesMax int64) *service {
	hash := fnv.New64a()
	hash.Write(document)
	return &service{bodyBytesMax: bodyBytesMax, documentTag: fmt.Sprintf(`"%016x"`, hash.Sum64())}
}

// ServeHTTP routes by hand: a ServeMux answers 405 in words of its own, and redirects.
func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/predict":
		s.route(w, r, s.predict, http.MethodPost)
	case "/healthz":
		s.route(w, r, health, http.MethodGet, http.MethodHead)
	case "/openapi.json":
		s.route(w, r, s.openapi, http.MethodGet, http.MethodHead)
	default:
		refuse(w, r, http.StatusNotFound, errors.New("there is nothing at this path: /openapi.json lists what there is"))
	}
}

// route answers with handler where the method is one of those taken.
func (s *service) route(w http.ResponseWriter, r *http.Request, handler http.HandlerFunc, methods ...string) {
	if slices.Contains(methods, r.Method) {
		handler(w, r)
		return
	}
	w.Header().Set("Allow", strings.Join(methods, ","))
	refuse(w, r, http.StatusMethodNotAllowed, errors.New("the path does not take this method: the Allow header lists those it takes"))
}

func health(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]string{"status": "ok"})
}

func (s *service) openapi(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Cache-Control", "public, max-age=3600")
	header.Set("ETag", s.documentTag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(document))
}

func (s *service) predict(w http.ResponseWriter, r *http.Request) {
	free, isFree := s.reserve(r.ContentLength)
	if !isFree {
		w.Header().Set("Retry-After", "1")
		refuse(w, r, http.StatusServiceUnavailable, errors.New("the server has no memory left for this body: try again later"))
		return
	}
	defer free()
	body, err := readBody(r, http.NewResponseController(w), s.bodyBytesMax)
	if err != nil {
		refuseBody(w, r, err)
		return
	}
	input, err := decodeInput(body)
	if err != nil {
		refuse(w, r, http.StatusBadRequest, err)
		return
	}
	figures, err := describe(input)
	if err != nil {
		refuse(w, r, http.StatusBadRequest, err)
		return
	}
	answer(w, http.StatusOK, figures)
}

// reserve sets memory aside for a body of the announced length, or of any where that is negative;
// free gives it back.
func (s *service) reserve(length int64) (free func(), isFree bool) {
	if length < 0 || length > s.bodyBytesMax {
		length = s.bodyBytesMax
	}
	free = func() { s.bodiesBytes.Add(-length) }
	if s.bodiesBytes.Add(length) > bodiesMax*s.bodyBytesMax {
		free()
		return nil, false
	}
	return free, true
}

// refuseBody answers a request whose body could not be read.
func refuseBody(w http.ResponseWriter, r *http.Request, err error) {
	status := http.StatusBadRequest
	switch {
	case errors.As(err, new(tooLargeError)):
		status = http.StatusRequestEntityTooLarge
	case errors.Is(err, errBodyStalled):
		status = http.StatusRequestTimeout
	}
	refuse(w, r, status, err)
}

// refuse answers with a bare message, then reads on what is left of the body: the answer comes
// first, so that a client which reads while it sends need not send the rest.
func refuse(w http.ResponseWriter, r *http.Request, status int, err error) {
	connection := http.NewResponseController(w)
	// Without it the body is closed when the answer begins. Only HTTP/1.1 needs it and has it.
	_ = connection.EnableFullDuplex()
	answer(w, status, map[string]string{"error": err.Error()})
	_ = connection.Flush() // fails where the client has left
	if !errors.Is(err, errBodyStalled) && !errors.Is(err, errBodyBroken) {
		drain(r, connection)
	}
}

// answer writes a JSON value.
func answer(w http.ResponseWriter, status int, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		panic(err) // texts and finite numbers can be encoded
	}
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(stallTimeout))
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", fmt.Sprint(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // fails where the client has left
}
