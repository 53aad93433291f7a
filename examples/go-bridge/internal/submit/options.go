package submit

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/exacta-stats/exacta/examples/go-bridge/internal/jobs"
	"github.com/exacta-stats/exacta/examples/go-bridge/internal/logs"
)

// quartiles are asked for by a command line that asks for nothing in particular, as by `exacta stats`.
const quartiles = "0.25,0.5,0.75"

// options are a command line that was read.
type options struct {
	server string
	job    string // to come back to; none is submitted
	file   string // "-" is stdin
	query  url.Values
	log    *logs.Options
}

const usage = `Usage: submit -server URL [flags] [FILE]

Submits a CSV file (stdin without FILE) as a job to exacta serve --data DIR, waits for it, and prints
its result exactly as exacta stats --json would. Without -statistics and -quantiles there are the
default statistics and the quartiles.

Exit codes:
    0  the job succeeded
    1  it failed, was cancelled, or the service could not be reached
    2  the command was wrong: an unknown flag, statistic or column
    3  the data are bad: a ragged row, a text column asked for, invalid UTF-8
  130  interrupted; the job goes on, and -job comes back to it

Flags:
`

// parse reads a command line. Help goes to stdout and is flag.ErrHelp.
func parse(arguments []string, stdout io.Writer) (*options, error) {
	o := &options{file: "-", query: url.Values{}}
	var help bytes.Buffer
	flags := flag.NewFlagSet("submit", flag.ContinueOnError)
	flags.SetOutput(&help)
	flags.Usage = func() { // of mistakes the error tells enough
		fmt.Fprint(&help, usage)
		flags.PrintDefaults()
	}
	flags.StringVar(&o.server, "server", "", "the service, at this `URL`, such as http://127.0.0.1:8080")
	flags.StringVar(&o.job, "job", "", "wait for the job with this `ID` instead of submitting one")
	o.log = logs.Flags(flags, "text")
	o.planFlags(flags)
	o.fileFlags(flags)
	if err := flags.Parse(arguments); errors.Is(err, flag.ErrHelp) {
		_, _ = stdout.Write(help.Bytes())
		return nil, err
	} else if err != nil {
		return nil, err
	}
	if flags.NArg() == 1 {
		o.file = flags.Arg(0)
	}
	isPlain := !o.query.Has("statistics") && !o.query.Has("quantiles")
	if err := o.check(flags.Args()); err != nil {
		return nil, err
	}
	if isPlain {
		o.query.Set("quantiles", quartiles)
	}
	return o, nil
}

// planFlags are what is computed; the service knows the names.
func (o *options) planFlags(flags *flag.FlagSet) {
	o.parameter(flags, "statistics", "s", "statistics to compute, a `list` separated by commas")
	o.parameter(flags, "quantiles", "q", "quantiles to compute: a `list` of decimals or ratios, such as 0.5,0.99,1/3")
	o.parameter(flags, "quantile-method", "", "which definition of the quantile, a `name`")
	o.parameter(flags, "nonfinite", "", "what NaN and infinities do, a `name`")
	o.parameterSwitch(flags, "bits", "", "add the bits of every result")
}

// fileFlags are how the file is read.
func (o *options) fileFlags(flags *flag.FlagSet) {
	o.parameter(flags, "columns", "c", "columns to summarize, a `list` separated by commas")
	o.parameter(flags, "delimiter", "d", "what separates cells: one ASCII `character`; \\t and tab mean the tab")
	o.parameterSwitch(flags, "no-headers", "n", "the first record is data")
	o.parameter(flags, "invalid", "", "what a cell that is no number does, a `name`")
	o.parameter(flags, "null", "", "spellings of a missing value, a `list` separated by commas")
}

// parameter is a flag whose value goes into the query under its own name in snake_case.
func (o *options) parameter(flags *flag.FlagSet, name, short, help string) {
	o.define(flags.Func, name, short, help, func(value string) (string, error) {
		if value == "" {
			return "", errors.New("it needs a value")
		}
		if name == "delimiter" && (value == "tab" || value == `\t`) {
			value = "\t"
		}
		return value, nil
	})
}

// parameterSwitch is the same for a flag that needs no value.
func (o *options) parameterSwitch(flags *flag.FlagSet, name, short, help string) {
	o.define(flags.BoolFunc, name, short, help, func(value string) (string, error) {
		if value != "true" && value != "false" {
			return "", errors.New("it must be true or false")
		}
		return value, nil
	})
}

// define defines a flag under its name and the short one, where there is one.
func (o *options) define(
	flag func(name, help string, set func(string) error),
	name, short, help string,
	read func(string) (string, error),
) {
	set := func(value string) error {
		value, err := read(value)
		o.query.Set(strings.ReplaceAll(name, "-", "_"), value)
		return err
	}
	flag(name, help, set)
	if short != "" {
		flag(short, "short for -"+name, set)
	}
}

// check refuses what contradicts itself.
func (o *options) check(files []string) error {
	switch {
	case o.server == "":
		return errors.New("-server is missing: give it the address of exacta serve --data DIR")
	case len(files) > 1:
		return fmt.Errorf("%d arguments, and one FILE is taken: flags stand before it", len(files))
	case o.job == "":
		return nil
	case !jobs.IsID(o.job):
		return fmt.Errorf("-job is %q, which is no identifier of a job", o.job)
	case len(files) > 0 || len(o.query) > 0:
		return errors.New("-job comes back to a job that was submitted: it takes no FILE and no plan")
	}
	return nil
}
