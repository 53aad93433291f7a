package service

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// nameCharsMax is how much of a member's name a message shows.
const nameCharsMax = 64

// decodeInput reads {"input":[…]} and nothing else.
//
// What encoding/json lets pass is refused here: bytes that are not UTF-8, names in another case,
// repeated members, null for a value, and whatever follows the object. So the object is read token
// by token, and only the array is left to the package. (encoding/json/v2 would do most of this, but
// is an experiment as of Go 1.26.)
func decodeInput(body []byte) ([]float64, error) {
	if !utf8.Valid(body) {
		return nil, errors.New("the body is not UTF-8: encode it as UTF-8")
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	input, err := decodeObject(decoder)
	if err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errors.New("something follows the JSON value: send one value and nothing after it")
	}
	// A null leaves an element at zero. The body is an object of one known member that holds
	// numbers, so this word can be nothing else in it.
	if bytes.Contains(body, []byte("null")) {
		return nil, errors.New("input holds null: leave out what has no value")
	}
	if len(input) == 0 {
		return nil, errors.New("input must include at least one value")
	}
	return input, nil
}

func decodeObject(decoder *json.Decoder) ([]float64, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, reword(err)
	}
	if token != json.Delim('{') {
		return nil, errors.New(`the body is no JSON object: send {"input":[…]}`)
	}
	var input []float64
	isGiven := false
	for {
		token, err := decoder.Token()
		switch {
		case err != nil:
			return nil, reword(err)
		case token == json.Delim('}') && !isGiven:
			return nil, errors.New(`input is missing: send {"input":[…]}`)
		case token == json.Delim('}'):
			return input, nil
		case token != "input":
			return nil, fmt.Errorf("unknown member %.*q: input is the only one", nameCharsMax, token)
		case isGiven:
			return nil, errors.New("input is given twice: join its values")
		}
		if err := decoder.Decode(&input); err != nil {
			return nil, reword(err)
		}
		isGiven = true
	}
}

// reword says what was wrong in JSON's words instead of Go's, in one line of bounded length.
func reword(err error) error {
	var mistyped *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the body ends within a value: send all of it")
	case !errors.As(err, &mistyped):
		return fmt.Errorf("the body is not JSON: %w", err)
	case strings.HasPrefix(mistyped.Value, "number "):
		return errors.New("input holds a number beyond the range of binary64: leave it out")
	default:
		return fmt.Errorf("input is no array of numbers: there is a JSON %s", mistyped.Value)
	}
}
