#!/usr/bin/env python3
"""top.py ACTIVE SECONDS BIN_DIR [BASE_DIR]   CPU time of `energyctl top`, of 600 workloads of which ACTIVE work

Serves snapshots as an agent would, a new one each second, and gives each `energyctl top` a terminal of 80 x 24.
"""
import fcntl
import http.server
import json
import os
import pty
import select
import signal
import struct
import sys
import termios
import threading
import time

ACTIVE, SECONDS = int(sys.argv[1]), float(sys.argv[2])
BINARIES = [os.path.join(directory, "energyctl") for directory in sys.argv[3:]]
WARM_UP = 5
PODS, UNITS = 250, 100
START = time.time()


def workload(kind, name, path, parent, number, second, labels):
    """One that works in ACTIVE of 600 cases."""
    use = 0.002 * (number % 7 + 1) if number % 600 < ACTIVE else 0.0
    used = 12.345678 + use * second
    energy = {"dynamicMicrojoules": int(used * 5e6), "staticMicrojoules": 0}
    return {
        "id": f"{kind}:{name}", "kind": kind, "name": name, "cgroupPath": path, "cgroupId": 1000 + number,
        **({"parentId": parent} if parent else {}), "isAlive": True, "cpuSeconds": used, "cpuUsage": use,
        "contextSwitches": int(used * 100),
        "scheduling": {
            "voluntarySwitches": int(used * 80), "involuntarySwitches": int(used * 20), "waitSeconds": used / 50,
            "waitCounts": [int(used * (bucket + 1)) for bucket in range(16)], "throttledSeconds": 0,
            "throttledPeriods": 0, "pressureSeconds": {"cpu": used / 100, "io": 0.01, "memory": 0}},
        "powerWatts": use * 5, "emissionsGrams": used / 1000, "zones": {"package-0": energy, "dram-0": energy},
        "labels": labels}


def workloads(second):
    """Pods with a container each, and units."""
    for number in range(PODS):
        uid = f"7d1e2f30-aaaa-4bbb-8ccc-{number:012}"
        identity = f"c0ffee{number:058}"
        path = f"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{uid.replace('-', '_')}.slice"
        labels = {
            "k8s.pod.uid": uid, "k8s.namespace.name": f"team-{number % 9}", "k8s.pod.name": f"web-7d9f8b6c5d-{number:05}",
            "k8s.pod.qos": "Burstable", "k8s.owner.kind": "Deployment", "k8s.owner.name": f"web-{number % 40}"}
        yield workload("pod", uid, path, None, 2 * number, second, labels)
        yield workload(
            "container", identity, f"{path}/cri-containerd-{identity}.scope", f"pod:{uid}", 2 * number + 1, second,
            {**labels, "container.id": identity, "container.runtime.name": "containerd",
             "k8s.container.name": "web", "container.image.name": "registry.example/team/web:1.2.3"})
    for number in range(UNITS):
        name = f"service-{number}.service"
        yield workload("unit", name, f"/system.slice/{name}", None, 500 + number, second, {"systemd.unit": name})


def snapshot(second):
    """What the agent says `second` seconds after its start."""
    rows = list(workloads(second))
    bucket = {"powerWatts": 10.5, "emissionsGrams": 1.5, "zones": {"package-0": 10_500_000 * second, "dram-0": 0}}
    zones = [
        {"name": name, "source": "rapl", "quality": "measured", "hardware": hardware, "staticWatts": 10, "isUp": True,
         "energyMicrojoules": 20_000_000 * second, "powerWatts": 20 + second % 5}
        for name, hardware in (("package-0", "cpu"), ("dram-0", "memory"))]
    return {
        "schemaVersion": 1, "timestamp": "2026-01-01T12:00:00Z", "unixTime": START + second, "sequence": second + 1,
        "windowSeconds": 1, "tier": "ebpf", "tierReason": "all programs are loaded",
        "node": {
            "name": "node7", "cpuModel": "Bench", "cpuCount": 64, "cpuSeconds": 9.5 * second, "cpuUsage": 9.5,
            "powerWatts": 40.5, "emissionsGrams": 1.0 * second, "zones": zones, "idle": bucket, "system": bucket,
            "unattributed": bucket},
        "carbon": {"intensityGramsPerKilowattHour": 380, "source": "yearly mean of DE", "pue": 1},
        "workloads": rows, "processes": [], "commands": [],
        "agent": {
            "version": "bench", "startTime": "2026-01-01T00:00:00Z", "cpuSeconds": 1, "residentBytes": 1, "tickSeconds": 0.01,
            "drainSeconds": 0.001, "lateTicks": 0, "faults": {}, "sources": [], "notices": []}}


DOCUMENTS = [json.dumps(snapshot(second), separators=(",", ":")).encode() for second in range(int(SECONDS) + WARM_UP + 10)]
BEGIN = time.monotonic()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path != "/api/v1/snapshot":
            self.send_error(404)
            return
        body = DOCUMENTS[min(int(time.monotonic() - BEGIN), len(DOCUMENTS) - 1)]
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class View:
    """An `energyctl top` in a terminal of its own."""

    def __init__(self, program, port):
        self.bytes = 0
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.environ.update(TERM="xterm-256color", LC_ALL="C.UTF-8", HOME="/nonexistent")
            os.execv(program, [program, "top", "--address", f"http://127.0.0.1:{port}"])
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))

    def figures(self):
        """CPU seconds so far of all threads, and resident KiB."""
        total = 0
        for thread in os.listdir(f"/proc/{self.process}/task"):
            with open(f"/proc/{self.process}/task/{thread}/schedstat") as file:
                total += int(file.read().split()[0])
        with open(f"/proc/{self.process}/status") as file:
            resident = next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))
        return total / 1e9, resident

    def close(self):
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)
        os.close(self.terminal)


def drain(views, seconds):
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        for terminal in select.select([view.terminal for view in views], [], [], left)[0]:
            view = next(view for view in views if view.terminal == terminal)
            view.bytes += len(os.read(terminal, 1 << 16))


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
views = [View(program, server.server_address[1]) for program in BINARIES]
try:
    drain(views, WARM_UP)
    before = [(view.figures()[0], view.bytes) for view in views]
    drain(views, SECONDS)
    shares = []
    for view, (seconds, written) in zip(views, before):
        now, resident = view.figures()
        shares.append((now - seconds) / SECONDS * 100)
        print(f"{ACTIVE} of 600 work, {len(DOCUMENTS[0]) // 1000} kB: {shares[-1]:.2f} % of a CPU, {resident // 1024} MiB, "
              f"{(view.bytes - written) / SECONDS / 1000:.1f} kB/s")
    if len(shares) == 2:
        print(f"new / old = {shares[0] / shares[1]:.2f}")
finally:
    for view in views:
        view.close()
    server.shutdown()
