"""Targets of Prometheus that are not the agent.

usage: targets.py DIRECTORY [--throttled]    the port is written to DIRECTORY/targets-port

/others                what kube-state-metrics and an application export beside it, growing with time; with --throttled
                       also what a container's CPU limit does, for machines that have no CPU controller to set one with
/agent?port=N          the agent's /metrics, asked for as a scraper that knows the text format 0.0.4 only
"""

import os
import sys
import time
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

directory = sys.argv[1]
throttled = "--throttled" in sys.argv
start = time.monotonic()


def others():
    seconds = time.monotonic() - start
    lines = ["# TYPE kube_node_info gauge"]
    lines += [f'kube_node_info{{node="{node}"}} 1' for node in ("node7", "node8", "node9")]
    lines += [
        "# TYPE http_requests_total counter",
        f'http_requests_total{{namespace="shop",service="web"}} {int(40 * seconds)}',
    ]
    if throttled:
        labels = 'k8s_namespace_name="shop",k8s_pod_name="web-1",k8s_container_name="app"'
        lines += [
            "# TYPE energyd_container_cpu_throttled_time_seconds_total counter",
            f"energyd_container_cpu_throttled_time_seconds_total{{{labels}}} {seconds / 5:.3f}",
        ]
    return "text/plain; version=0.0.4", ("\n".join(lines) + "\n").encode()


class Targets(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        if url.path == "/others":
            kind, body = others()
        else:
            port = int(dict(urllib.parse.parse_qsl(url.query))["port"])
            request = urllib.request.Request(
                f"http://127.0.0.1:{port}/metrics", headers={"Accept": "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"})
            try:
                with urllib.request.urlopen(request, timeout=5) as answer:
                    kind, body = answer.headers["Content-Type"], answer.read()
            except OSError as error:
                self.send_error(502, str(error))
                return
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


server = ThreadingHTTPServer(("127.0.0.1", 0), Targets)
server.daemon_threads = True
with open(f"{directory}/targets-port.new", "w", encoding="utf-8") as file:
    file.write(str(server.server_address[1]))
os.rename(f"{directory}/targets-port.new", f"{directory}/targets-port")
server.serve_forever()
