#!/usr/bin/env python3
"""Runs h2spec against a service, and each case that fails once more, alone: a fault fails again, a race does not.

    h2spec.py [--tls] PATH_OF_H2SPEC HOST PORT

Without TLS one case cannot pass where HTTP/1.1 is served on the same port: what begins with no preface of HTTP/2 is then a
request of HTTP/1.1, and is refused as one.
"""

import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET

NOT_WITHOUT_TLS = "http2/3.5/2"


def failures(program, arguments, specs=()):
    """The names of the cases that fail, such as http2/6.9.1/3."""
    with tempfile.NamedTemporaryFile(suffix=".xml") as report:
        command = [program, *specs, *arguments, "--junit-report", report.name]
        subprocess.run(command, stdout=subprocess.DEVNULL, check=False, timeout=600)
        suites = ET.parse(report.name).getroot().findall("testsuite")
    cases = [(suite, n, case) for suite in suites for n, case in enumerate(suite.findall("testcase"), 1)]
    if not cases:
        sys.exit("h2spec ran no case")
    is_failed = lambda case: case.find("failure") is not None or case.find("error") is not None
    return [f"{suite.get('package')}/{n}" for suite, n, case in cases if is_failed(case)]


def main(arguments):
    tls = "--tls" in arguments
    program, host, port = (argument for argument in arguments if argument != "--tls")
    flags = ["--host", host, "--port", port, "--path", "/healthz", "--timeout", "5"]
    flags += ["--tls", "--insecure"] if tls else []
    first = failures(program, flags)
    again = [name for name in first if failures(program, flags, [name])]
    faults = [name for name in again if tls or name != NOT_WITHOUT_TLS]
    print(f"failed: {first}; failed alone, too: {again}; faults: {faults}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
