package service

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

const casesPath = "../../../../openapi/conformance/predict.json"

// patience is how long a peer waits for bytes before a test fails.
const patience = 30 * time.Second

type conformanceFile struct {
	About string
	Cases []conformanceCase
}

type conformanceCase struct {
	Name     string
	Request  caseRequest
	Response caseResponse
}

type caseRequest struct {
	Method, Path string
	Headers      map[string]string
	Body         *string
	BodyHex      *string  `json:"body_hex"`
	BodyParts    [][2]any `json:"body_parts"`
}

type caseResponse struct {
	Status  int
	Headers map[string]string
	Body    json.RawMessage
}

// TestConformance replays the cases that every service of /predict is held to.
func TestConformance(t *testing.T) {
	text, err := os.ReadFile(casesPath)
	if err != nil {
		t.Fatal(err)
	}
	var file conformanceFile
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&file); err != nil {
		t.Fatal(err)
	}
	if len(file.Cases) == 0 {
		t.Fatal("there are no cases")
	}
	server := httptest.NewServer(New(slog.New(slog.DiscardHandler)))
	defer server.Close()
	for _, c := range file.Cases {
		t.Run(c.Name, func(t *testing.T) {
			response, body := exchange(t, server, c.Request.Method, c.Request.bytes(t))
			c.Response.check(t, response, body)
		})
	}
}

// bytes are the request as it is sent.
func (r caseRequest) bytes(t *testing.T) []byte {
	t.Helper()
	body := r.body(t)
	var request bytes.Buffer
	fmt.Fprintf(&request, "%s %s HTTP/1.1\r\nhost: test\r\n", r.Method, r.Path)
	for name, value := range r.Headers {
		fmt.Fprintf(&request, "%s: %s\r\n", name, value)
	}
	if r.Headers["content-length"] == "" && r.Headers["transfer-encoding"] == "" {
		fmt.Fprintf(&request, "content-length: %d\r\n", len(body))
	}
	request.WriteString("\r\n")
	request.Write(body)
	return request.Bytes()
}

func (r caseRequest) body(t *testing.T) []byte {
	t.Helper()
	switch {
	case r.Body != nil:
		return []byte(*r.Body)
	case r.BodyHex != nil:
		body, err := hex.DecodeString(*r.BodyHex)
		if err != nil {
			t.Fatal(err)
		}
		return body
	}
	var body strings.Builder
	for _, part := range r.BodyParts {
		body.WriteString(strings.Repeat(part[0].(string), int(part[1].(float64))))
	}
	return []byte(body.String())
}

// exchange sends the bytes of a request and reads the answer to its end.
func exchange(t *testing.T, server *httptest.Server, method string, request []byte) (*http.Response, []byte) {
	t.Helper()
	connection, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	if err := connection.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := connection.Write(request); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(connection), &http.Request{Method: method})
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, body
}

func (want caseResponse) check(t *testing.T, response *http.Response, body []byte) {
	t.Helper()
	if response.StatusCode != want.Status {
		t.Errorf("status %d, not %d", response.StatusCode, want.Status)
	}
	for name, value := range want.Headers {
		if got := response.Header.Get(name); got != value {
			t.Errorf("%s: %q, not %q", name, got, value)
		}
	}
	if want.Body == nil {
		return
	}
	if !isSame(decodeAny(t, want.Body), decodeAny(t, body)) {
		t.Errorf("body %s, not %s", body, want.Body)
	}
}

func decodeAny(t *testing.T, text []byte) any {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return value
}

// isSame tells whether a value is the expected one: numbers by their bits, `*` for any line.
func isSame(want, got any) bool {
	switch want := want.(type) {
	case json.Number:
		got, isNumber := got.(json.Number)
		return isNumber && bits(want) == bits(got)
	case string:
		got, isText := got.(string)
		return isText && (want == got || want == "*" && got != "" && !strings.Contains(got, "\n"))
	case []any:
		got, isArray := got.([]any)
		same := isArray && len(want) == len(got)
		for i := 0; same && i < len(want); i++ {
			same = isSame(want[i], got[i])
		}
		return same
	case map[string]any:
		got, isObject := got.(map[string]any)
		same := isObject && len(want) == len(got)
		for name, value := range want {
			member, isMember := got[name]
			same = same && isMember && isSame(value, member)
		}
		return same
	}
	return want == got
}

func bits(number json.Number) uint64 {
	value, err := strconv.ParseFloat(number.String(), 64)
	if err != nil {
		panic(err) // JSON numbers within binary64 are read
	}
	return math.Float64bits(value)
}

func TestValuesAreComparedByTheirBits(t *testing.T) {
	same := func(want, got string) bool {
		return isSame(decodeAny(t, []byte(want)), decodeAny(t, []byte(got)))
	}
	if !same(`{"a":6,"b":["*"]}`, `{"b":["why"],"a":6.0}`) {
		t.Error("equal values differ")
	}
	for _, c := range [][2]string{
		{`0`, `-0.0`}, {`1`, `1.0000000000000002`}, {`1`, `"1"`}, {`"*"`, `"two\nlines"`}, {`"*"`, `""`},
		{`[1]`, `[1,2]`}, {`{}`, `{"a":1}`}, {`{"a":1}`, `{}`}, {`null`, `0`},
	} {
		if same(c[0], c[1]) {
			t.Errorf("%s is taken for %s", c[1], c[0])
		}
	}
}
