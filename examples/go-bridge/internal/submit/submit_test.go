package submit

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/exacta-stats/exacta/examples/go-bridge/internal/jobs/jobstest"
)

const (
	csv    = "a,b\n1,2\n3,4\n"
	result = `{"columns":[{"name":"a","count":2,"sum":4.0}]}`
)

// outcome is all that a run shows of itself.
type outcome struct {
	exit           int
	stdout, stderr string
}

func submitted(t *testing.T, stdin string, arguments ...string) outcome {
	t.Helper()
	var stdout, stderr bytes.Buffer
	exit := Run(t.Context(), arguments, strings.NewReader(stdin), &stdout, &stderr)
	return outcome{exit, stdout.String(), stderr.String()}
}

// check wants an exit code and a last line on stderr that says so much.
func (got outcome) check(t *testing.T, exit int, message string) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(got.stderr, "\n"), "\n")
	last := lines[len(lines)-1]
	if got.exit != exit || got.stdout != "" || !strings.HasPrefix(last, "submit: ") || !strings.Contains(last, message) {
		t.Errorf("exit %d, not %d: %s\n%s(not %q)", got.exit, exit, got.stdout, got.stderr, message)
	}
}

func succeeding(t *testing.T) *jobstest.Server {
	t.Helper()
	return jobstest.New(t, jobstest.Script{States: []string{"queued", "running", "running", "succeeded"}, Result: result})
}

func TestResultIsPrintedByteForByte(t *testing.T) {
	for _, answer := range []string{result, result + "\n"} {
		server := jobstest.New(t, jobstest.Script{States: []string{"succeeded"}, Result: answer})
		got := submitted(t, csv, "-server", server.URL)
		if got.exit != 0 || got.stdout != result+"\n" {
			t.Errorf("%+v", got)
		}
		if !strings.Contains(got.stderr, `msg="job accepted"`) || !strings.Contains(got.stderr, jobstest.ID) {
			t.Errorf("the log does not name the job: %s", got.stderr)
		}
	}
}

func TestPlanGoesIntoTheQuery(t *testing.T) {
	for _, c := range []struct {
		arguments []string
		want      url.Values
	}{
		{nil, url.Values{"quantiles": {"0.25,0.5,0.75"}}},
		{[]string{"-bits", "-d", "tab"}, url.Values{"quantiles": {"0.25,0.5,0.75"}, "bits": {"true"}, "delimiter": {"\t"}}},
		{[]string{"-s", "sum,mean"}, url.Values{"statistics": {"sum,mean"}}},
		{[]string{"-statistics", "sum"}, url.Values{"statistics": {"sum"}}},
		{[]string{"-q", "0.5,1/3", "-quantile-method", "hazen"}, url.Values{"quantiles": {"0.5,1/3"}, "quantile_method": {"hazen"}}},
		{
			[]string{"-s", "sum", "-c", "a b,é", "-n", "-delimiter", ";", "-nonfinite", "skip", "-invalid", "count", "-null", "NA,-"},
			url.Values{
				"statistics": {"sum"}, "columns": {"a b,é"}, "no_headers": {"true"}, "delimiter": {";"},
				"nonfinite": {"skip"}, "invalid": {"count"}, "null": {"NA,-"},
			},
		},
	} {
		server := succeeding(t)
		if got := submitted(t, csv, append([]string{"-server", server.URL}, c.arguments...)...); got.exit != 0 {
			t.Fatalf("%+v", got)
		}
		sent := server.Submissions()[0]
		if sent.Query.Encode() != c.want.Encode() || sent.Body != csv {
			t.Errorf("%v: %+v", c.arguments, sent)
		}
	}
}

func TestFilesAndStdin(t *testing.T) {
	folder := t.TempDir()
	large := csv + strings.Repeat("5,6\n", 1<<19)
	for name, text := range map[string]string{"small.csv": csv, "large.csv": large, "empty.csv": ""} {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, arguments := range [][]string{{path}, {"-"}, {}} {
			server := succeeding(t)
			got := submitted(t, text, append([]string{"-server", server.URL}, arguments...)...)
			if sent := server.Submissions(); got.exit != 0 || len(sent) != 1 || sent[0].Body != text {
				t.Errorf("%s %v: %d %s", name, arguments, got.exit, got.stderr)
			}
		}
	}
	missing := filepath.Join(folder, "missing.csv")
	submitted(t, "", "-server", "http://127.0.0.1:1", missing).check(t, 1, missing)
}

func TestCommandsThatAreWrong(t *testing.T) {
	const server = "http://127.0.0.1:1"
	for message, arguments := range map[string][]string{
		"-server is missing":          {"x.csv"},
		"is none of a service":        {"-server", "127.0.0.1:8080"},
		"one FILE is taken":           {"-server", server, "a.csv", "b.csv"},
		"-sum":                        {"-server", server, "-sum"},
		"-statistics":                 {"-server", server, "-statistics", ""},
		"true or false":               {"-server", server, "-bits=perhaps"},
		"it must be json or text":     {"-server", server, "-log-format", "xml"},
		"takes no FILE":               {"-server", server, "-job", "1", "x.csv"},
		"and no plan":                 {"-server", server, "-job", "1", "-s", "sum"},
		"no identifier of a job":      {"-server", server, "-job", "\x1b"},
		"flags stand before it":       {"-server", server, "a.csv", "-bits"},
		`invalid value "loud" for fl`: {"-server", server, "-log-level", "loud"},
	} {
		submitted(t, "", arguments...).check(t, 2, message)
	}
}

func TestHelp(t *testing.T) {
	got := submitted(t, "", "-h")
	if got.exit != 0 || got.stderr != "" || !strings.Contains(got.stdout, "Exit codes:") || !strings.Contains(got.stdout, "-quantile-method") {
		t.Errorf("%+v", got)
	}
}

func TestSubmissionsThatAreRefused(t *testing.T) {
	for _, c := range []struct {
		refusal jobstest.Refusal
		exit    int
	}{
		{jobstest.Refusal{Status: 503, Code: "jobs.disabled", Detail: "the service has no place for jobs: start it with --data"}, 1},
		{jobstest.Refusal{Status: 413, Code: "body.too_large", Detail: "the body is too large"}, 1},
		{jobstest.Refusal{Status: 404, Code: "path.unknown", Detail: "there is nothing at this path"}, 2},
		{jobstest.Refusal{Status: 400, Code: "query.value", Detail: "no such policy"}, 2},
		{jobstest.Refusal{Status: 400, Code: "statistic.unknown", Detail: "no such statistic"}, 2},
		{jobstest.Refusal{Status: 500, Code: "server.internal", Detail: "the server failed"}, 1},
		{jobstest.Refusal{Status: 500, Code: "brand.new", Detail: "two\nlines"}, 1},
	} {
		server := jobstest.New(t, jobstest.Script{Refusal: &c.refusal})
		message := strings.ReplaceAll(c.refusal.Detail, "\n", " ")
		submitted(t, csv, "-server", server.URL).check(t, c.exit, message)
	}
}

func TestJobsWithoutAResult(t *testing.T) {
	ragged := jobstest.Object{"status": 400, "code": "csv.ragged", "detail": "the record has 3 cells", "line": 7, "column": 2}
	for _, c := range []struct {
		name    string
		script  jobstest.Script
		exit    int
		message string
	}{
		{"failed for its data", jobstest.Script{States: []string{"running", "failed"}, Error: ragged}, 3, "failed: line 7, column 2: the record has 3 cells"},
		{"failed for its plan", jobstest.Script{States: []string{"failed"}, Error: jobstest.Object{"code": "column.unknown", "detail": "no column `x`"}}, 2, "no column `x`"},
		{"failed otherwise", jobstest.Script{States: []string{"failed"}, Error: jobstest.Object{"code": "server.internal", "detail": "it broke"}}, 1, "it broke"},
		{"failed without a word", jobstest.Script{States: []string{"failed"}}, 1, "does not say why"},
		{"cancelled", jobstest.Script{States: []string{"queued", "cancelled"}}, 1, "was cancelled"},
		{"a state of later days", jobstest.Script{States: []string{"running", "expired"}}, 1, `ended as "expired"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := jobstest.New(t, c.script)
			submitted(t, csv, "-server", server.URL).check(t, c.exit, c.message)
		})
	}
}

func TestInterruptionDetaches(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	server := jobstest.New(t, jobstest.Script{States: []string{"running", "running", "succeeded"}, Result: result, Seen: interrupt})
	var stdout, stderr bytes.Buffer
	exit := Run(ctx, []string{"-server", server.URL}, strings.NewReader(csv), &stdout, &stderr)
	got := outcome{exit, stdout.String(), stderr.String()}
	back := []string{"-server", server.URL, "-job", jobstest.ID}
	got.check(t, 130, "submit "+strings.Join(back, " "))

	if got := submitted(t, "", back...); got.exit != 0 || got.stdout != result+"\n" {
		t.Errorf("coming back: %+v", got)
	}
	if n := len(server.Submissions()); n != 1 {
		t.Errorf("%d submissions", n)
	}
}

func TestInterruptionBeforeAJob(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { interrupt() }))
	defer server.Close()
	interrupt()
	var stdout, stderr bytes.Buffer
	exit := Run(ctx, []string{"-server", server.URL}, strings.NewReader(csv), &stdout, &stderr)
	outcome{exit, stdout.String(), stderr.String()}.check(t, 130, "before the service took the job")
}

func TestJobThatIsUnknown(t *testing.T) {
	server := succeeding(t)
	submitted(t, "", "-server", server.URL, "-job", "other").check(t, 1, "there is no such job")
}

func TestLogIsStructured(t *testing.T) {
	server := succeeding(t)
	got := submitted(t, csv, "-server", server.URL, "-log-format", "json", "-log-level", "debug")
	for _, part := range []string{`"msg":"job accepted"`, `"state":"queued"`, `"state":"running"`, `"state":"succeeded"`} {
		if strings.Count(got.stderr, part) != 1 {
			t.Errorf("%s is not there once: %s", part, got.stderr)
		}
	}
}
