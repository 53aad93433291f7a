package service

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"
)

const contractPath = "../../../../openapi/exacta.json"

var update = flag.Bool("update", false, "write openapi.json anew from the document of exacta")

// served is what the service has of each path of the document, and which refusals it makes there.
var served = map[string]struct {
	method   string
	statuses []string
}{
	"/predict":      {"post", []string{"200", "400", "408", "413", "503"}},
	"/healthz":      {"get", []string{"200"}},
	"/openapi.json": {"get", []string{"200"}},
}

// ownWords replace those of the document where it promises more than plain sums hold.
var ownWords = map[string]string{
	"/info/title":       "exacta, the Go service of /predict",
	"/info/description": "Five figures about numbers, from sums that are added plainly, from left to right. The shapes are those of exacta.",
	"/paths/~1predict/post/description": "Each figure is exacta's where the plain sum is exact; else it may differ in the last digits.\n" +
		"The media type of the body is not looked at.",
	"/components/schemas/PredictResponse/description": "What describes the numbers.",
}

// TestDocument compares the document that is served with the part of the contract it is cut from.
func TestDocument(t *testing.T) {
	contract, err := os.ReadFile(contractPath)
	if err != nil {
		t.Fatal(err)
	}
	want := cut(t, contract)
	if *update {
		if err := os.WriteFile("openapi.json", want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(document, want) {
		t.Error("openapi.json is stale: run go test ./internal/service -run TestDocument -update")
	}
}

type object = map[string]any

// cut keeps of a document what the service has: paths, statuses, and the components they lead to.
func cut(t *testing.T, contract []byte) []byte {
	t.Helper()
	var whole object
	decoder := json.NewDecoder(bytes.NewReader(contract))
	decoder.UseNumber()
	if err := decoder.Decode(&whole); err != nil {
		t.Fatal(err)
	}
	part := object{"openapi": whole["openapi"], "info": whole["info"], "security": whole["security"], "tags": whole["tags"]}
	part["paths"] = cutPaths(t, whole)
	part["components"] = reachable(t, whole, part["paths"])
	for pointer, words := range ownWords {
		reword := at(t, part, pointer[:strings.LastIndex(pointer, "/")])
		name := pointer[strings.LastIndex(pointer, "/")+1:]
		if _, isText := reword[name].(string); !isText {
			t.Fatalf("%s: there are no words to replace", pointer)
		}
		reword[name] = words
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(part); err != nil {
		t.Fatal(err)
	}
	return text.Bytes()
}

func cutPaths(t *testing.T, whole object) object {
	t.Helper()
	paths := object{}
	for path, kept := range served {
		operation := at(t, whole, "/paths/"+strings.ReplaceAll(path, "/", "~1")+"/"+kept.method)
		responses := object{}
		for _, status := range kept.statuses {
			responses[status] = at(t, operation, "/responses/"+status)
		}
		operation["responses"] = responses
		// Whoever calls is answered here, and no refusal has a code.
		operation["security"] = []any{}
		delete(operation, "x-exacta-scopes")
		delete(operation, "x-exacta-semantic")
		paths[path] = object{kept.method: operation}
	}
	return paths
}

// reachable is the components that a value leads to.
func reachable(t *testing.T, whole object, from any) object {
	t.Helper()
	components := object{}
	pending := []any{from}
	for len(pending) > 0 {
		value := pending[len(pending)-1]
		pending = pending[:len(pending)-1]
		switch value := value.(type) {
		case []any:
			pending = append(pending, value...)
		case object:
			for _, member := range value {
				pending = append(pending, member)
			}
			reference, _ := value["$ref"].(string)
			kind, name, isReference := strings.Cut(strings.TrimPrefix(reference, "#/components/"), "/")
			if !isReference {
				continue
			}
			component := at(t, whole, "/components/"+kind+"/"+name)
			if components[kind] == nil {
				components[kind] = object{}
			}
			if _, isKnown := components[kind].(object)[name]; !isKnown {
				components[kind].(object)[name] = component
				pending = append(pending, component)
			}
		}
	}
	return components
}

// at is the object that a pointer (RFC 6901) names.
func at(t *testing.T, value object, pointer string) object {
	t.Helper()
	for _, name := range strings.Split(pointer, "/")[1:] {
		name = strings.NewReplacer("~1", "/", "~0", "~").Replace(name)
		member, isObject := value[name].(object)
		if !isObject {
			t.Fatalf("%s: there is no object %q", pointer, name)
		}
		value = member
	}
	return value
}
