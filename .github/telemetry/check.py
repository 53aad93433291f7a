"""A real Prometheus scrapes `exacta serve`, and a real collector of OpenTelemetry takes what it sends.

    python3 .github/telemetry/check.py EXACTA COLLECTOR

EXACTA is the command, COLLECTOR the program that collector.yaml describes; `prometheus` and `promtool` are on the path.
"""

import json
import re
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from pathlib import Path

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
PATIENCE_SECONDS = 60
N_REQUESTS = 20

COLLECTOR = """
receivers:
  otlp:
    protocols:
      http:
        endpoint: 127.0.0.1:14318
exporters:
  debug:
    verbosity: detailed
service:
  telemetry:
    metrics:
      level: none
  pipelines:
    traces: {receivers: [otlp], exporters: [debug]}
    logs: {receivers: [otlp], exporters: [debug]}
    metrics: {receivers: [otlp], exporters: [debug]}
"""

PROMETHEUS = """
global: {{scrape_interval: 1s}}
scrape_configs:
  - job_name: exacta
    static_configs: [{{targets: ["{address}"]}}]
"""


def get(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read().decode()


def wait_for(what, ask):
    """The first answer that is something, asked for again and again."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        try:
            if answer := ask():
                return answer
        except OSError:
            pass
        time.sleep(0.1)
    sys.exit(f"in vain: {what}")


def predict(address):
    request = urllib.request.Request(f"http://{address}/predict", b'{"input":[1,2.5]}')
    request.add_header("traceparent", f"00-{TRACE}-{SPAN}-01")
    urllib.request.urlopen(request, timeout=10).read()


def check_prometheus(address, folder):
    """What promtool says, and what Prometheus has understood."""
    metrics = get(f"http://{address}/metrics")
    checked = subprocess.run(["promtool", "check", "metrics"], input=metrics, capture_output=True, text=True)
    if checked.returncode or checked.stdout or checked.stderr:
        sys.exit(f"promtool is not silent: {checked.stdout}{checked.stderr}")
    config = folder / "prometheus.yml"
    config.write_text(PROMETHEUS.format(address=address))
    arguments = [f"--config.file={config}", f"--storage.tsdb.path={folder / 'data'}", "--web.listen-address=127.0.0.1:19090"]
    prometheus = subprocess.Popen(["prometheus", *arguments], stderr=subprocess.DEVNULL)
    try:
        def ask(query):
            found = get("http://127.0.0.1:19090/api/v1/query?" + urllib.parse.urlencode({"query": query}))
            return [float(sample["value"][1]) for sample in json.loads(found)["data"]["result"]]

        of_predict = 'http_server_request_duration_seconds_{}{{http_route="/predict"}}'
        wait_for("Prometheus scrapes", lambda: ask(of_predict.format("count")) == [N_REQUESTS])
        # The digits that were exposed, to the last one.
        exposed = re.search(r'duration_seconds_sum\{[^}]*"/predict"[^}]*\} (\S+)', metrics).group(1)
        assert ask(of_predict.format("sum")) == [float(exposed)]
        assert ask('exacta_build_info{job="exacta"}') == [1]
    finally:
        prometheus.kill()
        prometheus.wait()


def check_collector(text):
    """Spans and log records of the caller's trace, and the metrics."""
    spans = re.findall(r"Trace ID +: (\w*)\n +Parent ID +: (\w*)\n", text)
    assert spans.count((TRACE, SPAN)) == N_REQUESTS, spans
    records = re.findall(r"Trace ID: (\w+)\n", text)
    assert records.count(TRACE) == N_REQUESTS, records
    assert "Name: http.server.request.duration" in text.replace("-> ", "")
    assert "service.name: Str(exacta)" in text


def main():
    exacta, collector = sys.argv[1:]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config, seen = folder / "collector.yml", folder / "seen"
        config.write_text(COLLECTOR)
        with seen.open("w") as output:
            receiver = subprocess.Popen([collector, f"--config={config}"], stdout=output, stderr=subprocess.STDOUT)
        wait_for("the collector listens", lambda: "Everything is ready" in seen.read_text())
        service = subprocess.Popen(
            [exacta, "serve", "--listen", "127.0.0.1:0", "--otlp-endpoint", "http://127.0.0.1:14318"],
            stderr=subprocess.PIPE, text=True,
        )
        try:
            address = service.stderr.readline().split("http://")[1].strip()
            for _ in range(N_REQUESTS):
                predict(address)
            check_prometheus(address, folder)
        finally:
            service.terminate()
            service.communicate(timeout=PATIENCE_SECONDS)
            receiver.terminate()
            receiver.wait(timeout=PATIENCE_SECONDS)
        check_collector(seen.read_text())
    print("Prometheus and the collector have understood everything")


main()
