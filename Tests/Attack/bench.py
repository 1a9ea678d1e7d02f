"""The machine of an attack: cgroups, simulated meters, an honest workload, an agent, and who watches it."""
import http.client
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

import flood

PORT = int(os.environ.get("ATTACK_PORT", "19476"))
SCALE = int(os.environ.get("ATTACK_SCALE", "1"))
NOBODY = 65534


def hierarchy():
    for root in ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"]:
        if os.path.exists(root + "/cgroup.controllers"):
            return root
    sys.exit("attack: no cgroup v2 hierarchy is mounted")


class Bench:
    """The cgroups, the meters and the processes of a run."""

    def __init__(self, binaries):
        self.binaries = binaries
        self.root = f"{hierarchy()}/energyd-attack-{os.getpid()}"
        self.user = self.root + "/user"
        self.honest = self.root + "/honest"
        self.directory = tempfile.mkdtemp(prefix="energyd-attack-")
        self.children = []
        for path in [self.root, self.user, self.honest]:
            os.mkdir(path)
        os.chown(self.user, NOBODY, NOBODY)
        for file in ["cgroup.procs", "cgroup.subtree_control", "cgroup.threads"]:
            os.chown(f"{self.user}/{file}", NOBODY, NOBODY)
        self.machine = self.directory + "/machine"
        self.start([f"{binaries}/energyctl", "simulate", "--path", self.machine])
        self.worker = self.fork(self.work)
        while not os.path.exists(self.machine + "/truth.json"):
            time.sleep(0.05)

    def start(self, command):
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.children.append(child.pid)
        return child.pid

    def fork(self, body):
        pid = os.fork()
        if pid:
            self.children.append(pid)
            return pid
        status = 1
        try:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            body()
            status = 0
        except Exception as error:
            print(f"attack: {error}", file=sys.stderr)
        finally:
            os._exit(status)

    def work(self):
        """The honest workload: a third of a CPU."""
        with open(self.honest + "/cgroup.procs", "w") as file:
            file.write("0")
        while True:
            end = time.monotonic() + 0.033
            while time.monotonic() < end:
                pass
            time.sleep(0.067)

    def flood(self, scenario):
        """Lets the user flood, and waits for the end: the cgroups stay."""
        pid = self.fork(lambda: self.attack(scenario))
        os.waitpid(pid, 0)
        self.children.remove(pid)

    def attack(self, scenario):
        with open(self.user + "/cgroup.procs", "w") as file:
            file.write("0")
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        root = os.open(self.user, os.O_RDONLY | os.O_DIRECTORY)
        try:
            scenario(root, SCALE)
        except OSError as error:
            # cgroup.max.descendants and the like are the machine's own limits.
            print(f"attack: the flood ended early: {error}", file=sys.stderr)

    def end(self, pid):
        if pid in self.children:
            self.children.remove(pid)
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            os.waitpid(pid, 0)

    def clear(self):
        """Removes what the user made."""
        for name in flood.directories(os.open(self.user, os.O_RDONLY)):
            flood.remove(f"{self.user}/{name}")

    def close(self):
        for pid in list(self.children):
            self.end(pid)
        time.sleep(0.1)
        for path in [self.user, self.honest, self.root]:
            flood.remove(path)
        shutil.rmtree(self.directory, ignore_errors=True)

    def truth(self):
        """CPU time of the honest workload, s, as the kernel has it."""
        with open(self.honest + "/cpu.stat") as file:
            return int(file.readline().split()[1]) / 1e6


class Agent:
    def __init__(self, bench):
        self.bench = bench
        self.started = time.monotonic()
        self.pid = bench.start(
            [f"{bench.binaries}/energyd", "--web.listen-address", f"127.0.0.1:{PORT}", "--web.socket", "none",
             "--path.sysfs", bench.machine] + os.environ.get("FLAGS", "").split())

    def get(self, path, timeout=60):
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=timeout)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def wait_until_ready(self, limit=120):
        """Seconds from the start to the first sample; infinite where there is none within the limit."""
        while time.monotonic() - self.started < limit:
            try:
                if self.get("/readyz", 5)[0] == 200:
                    return time.monotonic() - self.started
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(0.02)
        return float("inf")

    def memory(self, field):
        with open(f"/proc/{self.pid}/status") as file:
            for line in file:
                if line.startswith(field + ":"):
                    return int(line.split()[1]) / 1024
        return 0.0

    def stop(self):
        """Seconds from SIGTERM to the end."""
        begin = time.monotonic()
        os.kill(self.pid, signal.SIGTERM)
        while time.monotonic() - begin < 100:
            if os.waitpid(self.pid, os.WNOHANG)[0]:
                self.bench.children.remove(self.pid)
                return time.monotonic() - begin
            time.sleep(0.005)
        self.bench.end(self.pid)
        return float("inf")


class Watch:
    """Scrapes once a second and asks for /healthz all the time, until it is ended."""

    def __init__(self, agent):
        self.agent = agent
        self.ticks, self.body, self.slowest, self.rss, self.failures = [], 0, 0.0, 0.0, 0
        self.last = {}
        self.done = threading.Event()
        self.threads = [threading.Thread(target=self.scrape), threading.Thread(target=self.probe)]
        for thread in self.threads:
            thread.start()

    def scrape(self):
        while not self.done.wait(1):
            try:
                body = self.agent.get("/metrics")[1]
            except (OSError, http.client.HTTPException):
                self.failures += 1
                continue
            self.body = max(self.body, len(body))
            self.last = values(body)
            self.ticks.append(self.last.get('energyd_agent_tick_duration_seconds{phase="all"}', 0))

    def probe(self):
        while not self.done.wait(0.05):
            begin = time.monotonic()
            try:
                self.agent.get("/healthz")
            except (OSError, http.client.HTTPException):
                self.failures += 1
            self.slowest = max(self.slowest, time.monotonic() - begin)
            self.rss = max(self.rss, self.agent.memory("VmRSS"))

    def end(self):
        self.done.set()
        for thread in self.threads:
            thread.join()


def values(body):
    """The series that the figures need: of the agent itself, and of the honest workload."""
    result = {}
    for line in body.split(b"\n"):
        if line.startswith(b"energyd_agent_") or line.startswith(b"energyd_conservation") or b"/honest" in line[:400]:
            name, _, number = line.decode("utf-8", "replace").rpartition(" ")
            result[name] = float(number)
    return result


def honest_seconds(series):
    """CPU time of the honest workload; None where it has no series of its own."""
    for name, value in series.items():
        if name.startswith("energyd_cgroup_cpu_time_seconds_total") and "/honest" in name:
            return value
    return None
