#!/usr/bin/env python3
"""attack.py BIN_DIR: what users below can do to the agent, measured; see docs/security.md.

As root, on a machine with cgroups v2. An unprivileged user gets a cgroup, as systemd's `Delegate=` gives one, and floods
it; a real agent with simulated meters runs beside it, is scraped and stopped. The figures are compared with the limits
that the agent promises; the exit status is 1 where one is exceeded. All that was made is removed, after Ctrl-C too.

ATTACK="wide long deep leafy quick units readers" selects scenarios, ATTACK_SCALE=10 makes them smaller, JSON=file writes
the figures, FLAGS are further flags of the agent.
"""
import json
import os
import signal
import socket
import sys
import time

import flood
from bench import PORT, Agent, Bench, Watch, honest_seconds

# What the agent promises: MiB, s, s, share of the interval, s, share.
LIMITS = {"rss": 96, "first": 5, "stop": 1, "tick": 0.1, "health": 1, "honest": 0.15}


class Stopped(Exception):
    pass


def measure(bench, name):
    """One scenario: the flood comes while the agent runs, the agent is stopped in it, starts in it, and outlives it."""
    figures = {"tick": 0, "rss": 0, "body": 0, "health": 0, "stop": 0}
    if name in flood.BEFOREHAND:
        bench.flood(flood.SCENARIOS[name])
    else:
        agent = Agent(bench)
        agent.wait_until_ready()
        watch = Watch(agent)
        time.sleep(3)
        bench.flood(flood.SCENARIOS[name])
        time.sleep(8)
        figures["stop"] = agent.stop()
        watch.end()
        figures["tick"] = max(watch.ticks[2:], default=float("inf"))
        figures["late"] = watch.last.get("energyd_agent_late_ticks_total", 0)
        figures["rss"], figures["body"], figures["health"] = watch.rss, watch.body, watch.slowest

    agent = Agent(bench)
    figures["first"] = agent.wait_until_ready()
    watch = Watch(agent)
    time.sleep(4)
    before, true_before = honest_seconds(watch.last), bench.truth()
    time.sleep(8)
    after, true_after = honest_seconds(watch.last), bench.truth()
    if before is None or after is None:
        figures["honest"] = float("inf")
    else:
        # Both are read within a second or so of each other, and the workload is a third of a CPU.
        figures["honest"] = abs((after - before) - (true_after - true_before)) / (true_after - true_before)
    figures["rss"] = max(figures["rss"], agent.memory("VmHWM"))
    figures["tick"] = max([figures["tick"]] + watch.ticks[1:])
    bench.clear()
    time.sleep(13)
    watch.end()
    errors = [value for series, value in watch.last.items() if series.startswith("energyd_conservation")]
    figures["conservation"] = max(map(abs, errors), default=float("inf"))
    figures["rss"] = max(figures["rss"], agent.memory("VmHWM"))
    figures["rss_after"] = agent.memory("VmRSS")
    figures["body"] = max(figures["body"], watch.body)
    figures["health"] = max(figures["health"], watch.slowest)
    figures["stop"] = max(figures["stop"], agent.stop())
    return figures


def measure_readers(bench):
    """60 clients that do not read, beside three scrapers and a flood."""
    bench.flood(flood.SCENARIOS["wide"])
    agent = Agent(bench)
    figures = {"first": agent.wait_until_ready(), "rss_before": agent.memory("VmRSS")}
    watches = [Watch(agent) for _ in range(3)]
    readers = []
    for number in range(60):
        reader = socket.create_connection(("127.0.0.1", PORT))
        reader.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
        readers.append(reader)
        time.sleep(0.2)
    time.sleep(4)
    for reader in readers:
        reader.close()
    for watch in watches:
        watch.end()
    watch = watches[0]
    errors = [value for series, value in watch.last.items() if series.startswith("energyd_conservation")]
    figures["conservation"] = max(map(abs, errors), default=float("inf"))
    figures["late"] = watch.last.get("energyd_agent_late_ticks_total", 0)
    figures["tick"], figures["body"] = max(watch.ticks[1:], default=float("inf")), watch.body
    figures["health"] = max(watch.slowest for watch in watches)
    figures["rss"] = agent.memory("VmHWM")
    bench.clear()
    time.sleep(13)
    figures["rss_after"] = agent.memory("VmRSS")
    figures["stop"] = agent.stop()
    return figures


COLUMNS = [
    ("rss", "peak MiB", "{:.0f}"), ("rss_after", "after MiB", "{:.0f}"), ("first", "first sample s", "{:.2f}"),
    ("tick", "worst tick s", "{:.3f}"), ("late", "late ticks", "{:.0f}"), ("body", "/metrics MB", "{:.1f}"),
    ("health", "/healthz s", "{:.3f}"), ("stop", "SIGTERM s", "{:.2f}"), ("honest", "honest off", "{:.2%}"),
    ("conservation", "uJ lost", "{:.0f}"),
]


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__.split(":")[0])
    if os.geteuid():
        sys.exit("attack: run it as root: it gives a cgroup to an unprivileged user")
    for number in [signal.SIGINT, signal.SIGTERM]:
        signal.signal(number, lambda *_: (_ for _ in ()).throw(Stopped()))
    names = os.environ.get("ATTACK", "").split() or [*flood.SCENARIOS, "readers"]
    results, exceeded = {}, []
    print("| scenario | " + " | ".join(title for _, title, _ in COLUMNS) + " |")
    print("|---" * (len(COLUMNS) + 1) + "|")
    bench = Bench(os.path.abspath(sys.argv[1]))
    try:
        for name in names:
            figures = measure_readers(bench) if name == "readers" else measure(bench, name)
            figures["body"] /= 1e6
            results[name] = figures
            cells = [form.format(figures[key]) if key in figures else "" for key, _, form in COLUMNS]
            print(f"| {name} | " + " | ".join(cells) + " |", flush=True)
            exceeded += [f"{name}: {key} {figures[key]:.3f} > {limit}"
                         for key, limit in LIMITS.items() if figures.get(key, 0) > limit]
            if figures["conservation"] != 0:
                exceeded.append(f"{name}: {figures['conservation']} uJ lost")
    except Stopped:
        sys.exit("attack: stopped")
    finally:
        for number in [signal.SIGINT, signal.SIGTERM]:
            signal.signal(number, signal.SIG_IGN)
        bench.close()
    if "JSON" in os.environ and os.environ["JSON"]:
        with open(os.environ["JSON"], "w") as file:
            json.dump(results, file, indent=2)
    for line in exceeded:
        print(f"attack: limit exceeded: {line}")
    sys.exit(1 if exceeded else 0)


if __name__ == "__main__":
    main()
