package service

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
)

// The conformance file says what is refused; here is what people are told.
func TestRefusalsSayWhatIsWrong(t *testing.T) {
	for body, message := range map[string]string{
		"":                          "the body ends within a value",
		`{"input":[1`:               "the body ends within a value",
		`{"input":[1]}}`:            "something follows",
		`{"input":[01]}`:            "the body is not JSON: invalid character '1'",
		`[1]`:                       "no JSON object",
		`null`:                      "no JSON object",
		`{}`:                        "input is missing",
		`{"input":[]}`:              "input must include at least one value",
		`{"Input":[1]}`:             `unknown member "Input"`,
		`{"input":[1],"input":[2]}`: "input is given twice",
		`{"input":null}`:            "input holds null",
		`{"input":[null]}`:          "input holds null",
		`{"input":1}`:               "there is a JSON number",
		`{"input":["1"]}`:           "there is a JSON string",
		`{"input":[[1]]}`:           "there is a JSON array",
		`{"input":[true]}`:          "there is a JSON bool",
		`{"input":[1e309]}`:         "beyond the range of binary64",
		"{\"input\":[1]}\xff":       "not UTF-8",
		`{"` + strings.Repeat("n", 9999) + `":1}`:        "unknown member \"nnn",
		`{"input":[1` + strings.Repeat("0", 9999) + `]}`: "beyond the range of binary64",
		"{\"a\\nb\":1}": `unknown member "a\nb"`,
	} {
		_, err := decodeInput([]byte(body))
		if err == nil {
			t.Errorf("%.40s is taken", body)
			continue
		}
		text := err.Error()
		if !strings.Contains(text, message) || strings.Contains(text, "\n") || len(text) > 200 {
			t.Errorf("%.40s: %s", body, text)
		}
	}
}

// FuzzDecodeInput holds the decoder to encoding/json wherever it takes a body, and to a plain
// reading of the canonical text of what was taken.
func FuzzDecodeInput(f *testing.F) {
	for _, body := range []string{`{"input":[1,-0.0,5e-324]}`, `{"Input":[1]}`, `{"input":[null]}`, `{"input":[1],"input":[2]} x`, `{"\u0069nput":[1]}`} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		input, err := decodeInput(body)
		if err != nil {
			return
		}
		var loose struct{ Input []float64 }
		if err := json.Unmarshal(body, &loose); err != nil || !slices.EqualFunc(input, loose.Input, sameBits) {
			t.Fatalf("%v %v %v", input, loose.Input, err)
		}
		text, err := json.Marshal(map[string]any{"input": input})
		if err != nil {
			t.Fatal(err)
		}
		if again, err := decodeInput(text); err != nil || !slices.EqualFunc(input, again, sameBits) {
			t.Fatalf("%s: %v %v", text, again, err)
		}
	})
}

func sameBits(a, b float64) bool { return math.Float64bits(a) == math.Float64bits(b) }
