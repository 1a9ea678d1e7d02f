#!/usr/bin/env python3
"""attack.py BIN_DIR: what users below can do to the agent, measured; see docs/security.md.

As root, on a machine with cgroups v2. An unprivileged user gets a cgroup, as systemd's `Delegate=` gives one, and
floods it; a real agent with simulated meters runs beside it, is scraped and stopped. The figures are compared with the
limits that the agent promises; the exit status is 1 where one is exceeded. All that was made is removed, after Ctrl-C
and SIGTERM too, and every scenario has 4 minutes at most, all of them 25.

ATTACK="wide long deep leafy quick units readers" selects scenarios, ATTACK_SCALE=10 makes them smaller, JSON=file
writes the figures, FLAGS are further flags of the agent.
"""
import json
import os
import signal
import socket
import sys
import threading
import time

import flood
from bench import PORT, Agent, Bench

# What the agent promises: MiB, s, s, share of the interval, s, share.
LIMITS = {"rss": 96, "first": 5, "stop": 1, "tick": 0.1, "health": 1, "honest": 0.01}

# Seconds for a scenario, for undoing it (the kernel needs a while to remove deep trees), and for all of them.
SCENARIO_LIMIT = 240
CLEANUP_LIMIT = 150
TOTAL_LIMIT = 1500


class Stopped(BaseException):
    """SIGINT or SIGTERM came. Not an error of a scenario: nothing but the end may catch it."""


class TookTooLong(Exception):
    pass


def measure(bench, name):
    """One scenario: the flood comes while the agent runs, the agent is stopped in it, starts in it, and outlives it."""
    figures = {"tick": 0, "rss": 0, "body": 0, "health": 0, "stop": 0}
    if name in flood.BEFOREHAND:
        bench.flood(name)
    else:
        agent = Agent(bench)
        agent.wait_until_ready()
        watch = bench.watch(agent)
        time.sleep(3)
        bench.flood(name)
        time.sleep(8)
        figures["stop"] = agent.stop()
        watch.end()
        note_tick(figures, watch.worst_tick(after=2))
        figures["late"] = watch.last.get("energyd_agent_late_ticks_total", 0)
        figures["rss"], figures["body"], figures["health"] = watch.rss, watch.body, watch.slowest

    agent = Agent(bench)
    figures["first"] = agent.wait_until_ready()
    watch = bench.watch(agent)
    before, true_before = bench.honest_seconds(watch)
    time.sleep(6)
    after, true_after = bench.honest_seconds(watch)
    figures["honest"] = float("inf")
    if before is not None and after is not None:
        figures["honest"] = abs((after - before) / (true_after - true_before) - 1)
    figures["rss"] = max(figures["rss"], agent.memory("VmHWM"))
    note_tick(figures, watch.worst_tick(after=1))
    if name in flood.BEFOREHAND:
        figures["stop"] = agent.stop()
        watch.end()
        bench.clear()
    else:
        bench.clear()
        time.sleep(13)
        watch.end()
        figures["rss_after"] = agent.memory("VmRSS")
        figures["rss"] = max(figures["rss"], agent.memory("VmHWM"))
        figures["stop"] = max(figures["stop"], agent.stop())
    errors = [value for series, value in watch.last.items() if series.startswith("energyd_conservation")]
    figures["conservation"] = max(map(abs, errors), default=float("inf"))
    figures["body"] = max(figures["body"], watch.body)
    figures["health"] = max(figures["health"], watch.slowest)
    return figures


def note_tick(figures, tick):
    if tick["all"] > figures["tick"]:
        figures["tick"], figures["phases"] = tick["all"], tick


def measure_readers(bench):
    """60 clients that do not read, beside three scrapers and a flood."""
    bench.flood("wide")
    agent = Agent(bench)
    figures = {"first": agent.wait_until_ready(), "rss_before": agent.memory("VmRSS")}
    watches = [bench.watch(agent) for _ in range(3)]
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
    figures["tick"], figures["body"] = 0, watch.body
    note_tick(figures, watch.worst_tick(after=1))
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


def stop(*_):
    for number in [signal.SIGINT, signal.SIGTERM]:
        signal.signal(number, signal.SIG_IGN)
    leave_within(CLEANUP_LIMIT)
    raise Stopped()


def leave_within(seconds):
    """Where nothing else helps, in a system call that does not end, say. The children end with this process."""
    def leave():
        print("attack: gave up; the next run removes the cgroups that are left", file=sys.stderr, flush=True)
        os._exit(3)

    timer = threading.Timer(seconds, leave)
    timer.daemon = True
    timer.start()


def take_too_long(*_):
    raise TookTooLong("it took too long")


def within(seconds, work):
    """Does `work`, which is interrupted after so many seconds."""
    signal.alarm(seconds)
    try:
        return work()
    finally:
        signal.alarm(0)


def run(bench, name):
    """The figures of a scenario and what they exceed; nothing of it is left."""
    try:
        figures = within(SCENARIO_LIMIT, lambda: measure_readers(bench) if name == "readers" else measure(bench, name))
        figures["body"] /= 1e6
        exceeded = [f"{key} {figures[key]:.3f} > {limit}" for key, limit in LIMITS.items()
                    if figures.get(key, 0) > limit]
        if figures["tick"] > LIMITS["tick"]:
            exceeded.append("that tick: " + ", ".join(f"{part} {took:.3f}" for part, took in figures["phases"].items()))
        if figures["conservation"] != 0:
            exceeded.append(f"{figures['conservation']} uJ lost")
        return figures, exceeded
    except Exception as error:
        return {}, [f"no figures: {error or type(error).__name__}"]
    finally:
        within(CLEANUP_LIMIT, bench.reset)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__.split(":")[0])
    if os.geteuid():
        sys.exit("attack: run it as root: it gives a cgroup to an unprivileged user")
    names = os.environ.get("ATTACK", "").split() or [*flood.SCENARIOS, "readers"]
    unknown = set(names) - {*flood.SCENARIOS, "readers"}
    if unknown:
        sys.exit(f"attack: no such scenario: {' '.join(unknown)}")
    for number in [signal.SIGINT, signal.SIGTERM]:
        signal.signal(number, stop)
    signal.signal(signal.SIGALRM, take_too_long)
    # What else the machine does shall not count. All that is measured here has the same priority.
    os.setpriority(os.PRIO_PROCESS, 0, -15)
    leave_within(min(len(names) * (SCENARIO_LIMIT + CLEANUP_LIMIT), TOTAL_LIMIT))
    results, problems = {}, []
    print("| scenario | " + " | ".join(title for _, title, _ in COLUMNS) + " |")
    print("|---" * (len(COLUMNS) + 1) + "|")
    try:
        with Bench(os.path.abspath(sys.argv[1])) as bench:
            for name in names:
                results[name], exceeded = run(bench, name)
                cells = [form.format(results[name][key]) if key in results[name] else "" for key, _, form in COLUMNS]
                print(f"| {name} | " + " | ".join(cells) + " |", flush=True)
                problems += [f"{name}: {problem}" for problem in exceeded]
    except Stopped:
        sys.exit("attack: stopped")
    if os.environ.get("JSON"):
        with open(os.environ["JSON"], "w") as file:
            json.dump(results, file, indent=2)
    for problem in problems:
        print(f"attack: limit exceeded: {problem}")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
