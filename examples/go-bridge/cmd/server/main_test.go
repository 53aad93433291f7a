package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestServesUntilToldToStop(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	reader, stderr := io.Pipe()
	exit := make(chan int, 1)
	go func() {
		exit <- run(ctx, []string{"-listen", "127.0.0.1:0"}, stderr)
		stderr.Close()
	}()
	log := bufio.NewScanner(reader)
	if !log.Scan() {
		t.Fatal("there is no log")
	}
	var first struct{ Msg, Address string }
	if err := json.Unmarshal(log.Bytes(), &first); err != nil || first.Msg != "listening" {
		t.Fatal(log.Text(), err)
	}
	address := "http://" + first.Address

	// A request whose header was read is answered although the server is told to stop.
	body, rest := io.Pipe()
	answered := make(chan string, 1)
	go func() {
		response, err := http.Post(address+"/predict", "", body)
		if err != nil {
			answered <- err.Error()
			return
		}
		defer response.Body.Close()
		text, _ := io.ReadAll(response.Body)
		answered <- string(text)
	}()
	if _, err := rest.Write([]byte(`{"input":[1,2,`)); err != nil {
		t.Fatal(err)
	}
	if response, err := http.Get(address + "/healthz"); err != nil || response.StatusCode != 200 {
		t.Fatal(response, err)
	}
	stop()
	if !log.Scan() || !strings.Contains(log.Text(), `"stopping"`) {
		t.Fatal(log.Text())
	}
	if _, err := rest.Write([]byte(`3]}`)); err != nil {
		t.Fatal(err)
	}
	rest.Close()
	if got := <-answered; got != `{"sum":6,"count":3,"average":2,"min":1,"max":3}` {
		t.Error(got)
	}
	if !log.Scan() || !strings.Contains(log.Text(), `"stopped"`) {
		t.Error(log.Text())
	}
	if got := <-exit; got != 0 {
		t.Errorf("exit %d", got)
	}
}

func TestCommandsThatAreWrong(t *testing.T) {
	for message, c := range map[string]struct {
		exit      int
		arguments []string
	}{
		"json or text":        {2, []string{"-log-format", "xml"}},
		"unexpected argument": {2, []string{"8081"}},
		"not defined":         {2, []string{"-port", "1"}},
		"-listen address":     {0, []string{"-h"}},
		"unknown port":        {1, []string{"-listen", "127.0.0.1:port"}},
	} {
		var stderr bytes.Buffer
		if exit := run(t.Context(), c.arguments, &stderr); exit != c.exit {
			t.Errorf("%v: exit %d: %s", c.arguments, exit, stderr.String())
		}
		if !strings.Contains(stderr.String(), message) {
			t.Errorf("%v: %s", c.arguments, stderr.String())
		}
	}
}
