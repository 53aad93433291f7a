#!/usr/bin/env python3
"""Sends every file of JSONTestSuite (github.com/nst/JSONTestSuite) to a running service.

    malformed_json.py http://127.0.0.1:8080 JSONTestSuite/test_parsing

Each file is sent as a whole body, as the array of numbers of /predict, and as the values of a column. A file whose name
begins with n_ is malformed, and refused with 400 wherever it stands; the others, which no request is made of, must not be a
fault of the service. Only what malforms a text is tested here: what is a request is the affair of schemathesis.
"""

import http.client
import sys
import urllib.parse
from pathlib import Path

WRAPPINGS = [
    ("/v1/summarize", b"", b""),
    ("/v1/summarize", b'{"columns":[{"name":"x","values":', b"}]}"),
    ("/v1/jobs", b'{"kernel":"aggregate","aggregate":', b"}"),
    ("/predict", b"", b""),
    ("/predict", b'{"input":', b"}"),
]


def status(connection, path, body):
    connection.request("POST", path, body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    answer.read()
    return answer.status


def main(url, folder):
    address = urllib.parse.urlsplit(url).netloc
    connection = http.client.HTTPConnection(address, timeout=30)
    files = sorted(Path(folder).glob("*.json"))
    wrong = []
    for file in files:
        for path, before, after in WRAPPINGS:
            given = status(connection, path, before + file.read_bytes() + after)
            is_right = given == 400 if file.name.startswith("n_") else given < 500
            if not is_right:
                wrong.append(f"{file.name} within {before.decode()!r} to {path}: {given}")
    print("\n".join(wrong))
    print(f"{len(files)} files, {len(files) * len(WRAPPINGS)} requests, {len(wrong)} wrong answers")
    return 0 if files and not wrong else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
