#!/usr/bin/env python3
"""Puts a service under mixed load for some minutes, and fails when its memory or its descriptors grow.

    soak.py PATH_OF_EXACTA MINUTES

Good clients ask for figures and summaries, submit jobs and list them, on connections that stay open; bad ones send half a
request and vanish, a body that is too large, or nothing that is understood. Memory settles while the allocator and the
store of jobs fill what they keep: the second quarter of the time is compared with the last.
"""

import contextlib
import http.client
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

SAMPLE_SECONDS = 1
N_GOOD = 6
N_BAD = 2
# What may come on top: a share, and what one answer more or less takes.
GROWTH_MAX = 1.05
GROWTH_BYTES = 4 << 20
# The store of jobs opens files as it needs them, and keeps a few.
FILES_MORE = 16
JSON = {"Content-Type": "application/json"}
CSV = {"Content-Type": "text/csv"}


def numbers(random_, count):
    return [random_.uniform(-1e9, 1e9) for _ in range(count)]


def table(random_, n_rows):
    rows = (f"{a!r},{b!r}" for a, b in zip(numbers(random_, n_rows), numbers(random_, n_rows)))
    return "a,b\n" + "\n".join(rows) + "\n"


def request(random_):
    """One good request, and the statuses that it may have."""
    plan = {"statistics": ["sum", "variance", "median"], "bits": True}
    columns = [{"name": "x", "values": numbers(random_, random_.choice([1, 100, 10_000]))}]
    return random_.choice(
        [
            ("POST", "/predict", JSON, json.dumps({"input": numbers(random_, random_.choice([10, 100]))}), [200]),
            ("POST", "/v1/summarize", JSON, json.dumps({"columns": columns, "plan": plan}), [200]),
            ("POST", "/v1/summarize/csv?quantiles=0.5", CSV, table(random_, random_.choice([10, 20_000])), [200]),
            ("POST", "/v1/jobs/csv", CSV, table(random_, 100), [202]),
            ("GET", "/v1/jobs?page_size=20", {}, None, [200]),
            ("GET", "/openapi.json", {}, None, [200]),
            ("GET", "/nothing", {}, None, [404]),
            ("POST", "/v1/summarize", JSON, "{", [400]),
        ]
    )


class Soak:
    def __init__(self, address, end):
        self.address, self.end = address, end
        self.n_answers, self.wrong, self.lock = 0, [], threading.Lock()

    def good(self, seed):
        random_ = random.Random(seed)
        connection = http.client.HTTPConnection(*self.address, timeout=60)
        while time.monotonic() < self.end:
            method, path, headers, body, expected = request(random_)
            try:
                connection.request(method, path, body, headers)
                answer = connection.getresponse()
                answer.read()
                status = answer.status
            except (OSError, http.client.HTTPException) as error:
                status = repr(error)
                connection.close()
            with self.lock:
                self.n_answers += 1
                if status not in expected:
                    self.wrong.append(f"{method} {path}: {status}")
            if random_.random() < 0.05:
                connection.close()

    def bad(self, seed):
        random_ = random.Random(seed)
        head = b"POST /v1/summarize HTTP/1.1\r\nhost: a\r\n"
        forms = [
            b"",
            b"GET / HT",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9 * 100),
            head + b"content-length: 1000000\r\n\r\n" + b" " * 1000,
            head + b"content-length: 99999999999\r\n\r\n" + b" " * 100_000,
            head + b"transfer-encoding: chunked\r\n\r\nffff\r\n" + b"[" * 1000,
            b"GET /openapi.json HTTP/1.1\r\nhost: a\r\n\r\n" * 50,
        ]
        while time.monotonic() < self.end:
            try:
                with socket.create_connection(self.address, timeout=60) as peer:
                    peer.sendall(random_.choice(forms))
                    if random_.random() < 0.5:
                        peer.recv(1000)
            except OSError:
                pass  # the service may close first
            time.sleep(0.01)

    def run(self):
        workers = [(self.good, n) for n in range(N_GOOD)] + [(self.bad, n) for n in range(N_BAD)]
        threads = [threading.Thread(target=work, args=(seed,)) for work, seed in workers]
        for thread in threads:
            thread.start()
        return threads


def sample(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    resident = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(resident.split()[1]) * 1024, descriptors(pid)


def descriptors(pid):
    """How many sockets are open, and how much else."""
    targets = []
    for name in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(FileNotFoundError):  # it was closed meanwhile
            targets.append(os.readlink(f"/proc/{pid}/fd/{name}"))
    n_sockets = sum(target.startswith("socket:") for target in targets)
    return n_sockets, len(targets) - n_sockets


def median(values):
    return sorted(values)[len(values) // 2]


def main(program, minutes):
    with tempfile.TemporaryDirectory() as folder:
        command = [program, "serve", "--listen", "127.0.0.1:0", "--data", f"{folder}/jobs"]
        command += ["--header-timeout", "2s", "--stall-timeout", "2s"]
        server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        host, port = server.stderr.readline().strip().rsplit("/", 1)[1].split(":")
        threading.Thread(target=server.stderr.read, daemon=True).start()
        before = descriptors(server.pid)
        soak = Soak((host, int(port)), time.monotonic() + float(minutes) * 60)
        threads, samples = soak.run(), []
        while any(thread.is_alive() for thread in threads):
            samples.append(sample(server.pid))
            time.sleep(SAMPLE_SECONDS)
        time.sleep(5)  # longer than a connection that says nothing stays open
        after = descriptors(server.pid)
        server.terminate()
        code = server.wait(60)
    quarter = len(samples) // 4
    early, late = (median([rss for rss, _ in part]) for part in (samples[quarter : 2 * quarter], samples[-quarter:]))
    most = max(sum(fds) for _, fds in samples)
    print(f"{soak.n_answers} answers, {len(soak.wrong)} wrong {soak.wrong[:3]}, exit code {code}")
    print(f"resident: {early >> 10} KiB in the second quarter, {late >> 10} KiB in the last")
    print(f"sockets and other descriptors: {before} before, {most} together at the most, {after} after")
    grows = late > early * GROWTH_MAX + GROWTH_BYTES
    grows |= after[0] > before[0] or after[1] > before[1] + FILES_MORE
    return 1 if grows or soak.wrong or code != 0 else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
