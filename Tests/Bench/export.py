#!/usr/bin/env python3
"""export.py PORT NODE_EXPORTER_PORT ROUNDS   times scrapes of two exporters in turn, and prints medians

The first scrape of each tick of the agent: it renders, and others of the same tick share the result. Kernel and user time of
the process is beside the time that a scraper waits.
"""
import gzip
import http.client
import os
import sys
import time

PORT, OTHER, ROUNDS = (int(word) for word in sys.argv[1:4])


def owner(port):
    """The process that listens on a port."""
    want = f"{port:04X}"
    with open("/proc/net/tcp") as file:
        inodes = {words[9] for words in (line.split() for line in file) if words[1].endswith(":" + want) and words[3] == "0A"}
    try:
        with open("/proc/net/tcp6") as file:
            inodes |= {words[9] for words in (line.split() for line in file)
                       if words[1].endswith(":" + want) and words[3] == "0A"}
    except FileNotFoundError:
        pass
    for process in filter(str.isdigit, os.listdir("/proc")):
        try:
            for descriptor in os.listdir(f"/proc/{process}/fd"):
                link = os.readlink(f"/proc/{process}/fd/{descriptor}")
                if link.startswith("socket:[") and link[8:-1] in inodes:
                    return int(process)
        except OSError:
            continue
    raise SystemExit(f"nothing listens on port {port}")


def cpu(process):
    """Milliseconds of all threads."""
    total = 0
    for thread in os.listdir(f"/proc/{process}/task"):
        with open(f"/proc/{process}/task/{thread}/schedstat") as file:
            total += int(file.read().split()[0])
    return total / 1e6


def scrape(connection, headers):
    start = time.perf_counter()
    connection.request("GET", "/metrics", headers=headers)
    body = connection.getresponse().read()
    return (time.perf_counter() - start) * 1e3, body


def series(body):
    return sum(1 for line in body.splitlines() if line and not line.startswith(b"#"))


def figures(values):
    values = sorted(values)
    return values[len(values) // 2], values[min(int(len(values) * 0.99), len(values) - 1)]


def measure(name, port, headers):
    connections[name] = connections.get(name) or http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    process = processes.setdefault(port, owner(port))
    before = cpu(process)
    waited, body = scrape(connections[name], headers)
    spent = cpu(process) - before
    sizes[name] = len(body)
    if headers.get("Accept-Encoding") == "gzip" and body[:2] == b"\x1f\x8b":
        body = gzip.decompress(body)
    counts[name] = series(body)
    times.setdefault(name, []).append(waited)
    costs.setdefault(name, []).append(spent)


connections, processes, sizes, counts, times, costs = {}, {}, {}, {}, {}, {}
for _ in range(ROUNDS):
    # Another tick each, so that every scrape renders.
    for name, port, headers in [
        ("energyd", PORT, {"Accept-Encoding": "identity"}), ("node_exporter", OTHER, {"Accept-Encoding": "identity"}),
        ("energyd, gzip", PORT, {"Accept-Encoding": "gzip"}), ("node_exporter, gzip", OTHER, {"Accept-Encoding": "gzip"}),
    ]:
        measure(name, port, headers)
        time.sleep(0.53)

print(f"{'':20}{'series':>8}{'KiB':>8}{'median ms':>11}{'p99 ms':>9}{'us/series':>11}{'CPU us/series':>15}")
for name in times:
    median, worst = figures(times[name])
    print(f"{name:20}{counts[name]:8}{sizes[name] >> 10:8}{median:11.2f}{worst:9.2f}"
          f"{median / counts[name] * 1e3:11.3f}{figures(costs[name])[0] / counts[name] * 1e3:15.3f}")
for kind in ["", ", gzip"]:
    ratio = (figures(times["energyd" + kind])[0] / counts["energyd" + kind]) / (
        figures(times["node_exporter" + kind])[0] / counts["node_exporter" + kind])
    print(f"time per series against node_exporter{kind}: {ratio:.2f}")
