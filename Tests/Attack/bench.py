"""The machine of an attack: cgroups, simulated meters, an honest workload, an agent, and who watches it.

Nothing here can wait for ever: threads are daemons, every child and every request has its time, and children die with
the process that started them.
"""
import http.client
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

import flood
import honest

PORT = int(os.environ.get("ATTACK_PORT", "19476"))
SCALE = int(os.environ.get("ATTACK_SCALE", "1"))
NOBODY = 65534


def remove_leftovers():
    """Of runs that were killed."""
    for name in os.listdir(hierarchy()):
        match = re.fullmatch(r"energyd-attack-(\d+)", name)
        if match and not os.path.exists(f"/proc/{match[1]}"):
            remove_with_processes(f"{hierarchy()}/{name}")


def remove_with_processes(path):
    """Removes a cgroup of our own and what is in it: a child that started just before the end may be there."""
    try:
        with open(path + "/cgroup.kill", "w") as file:
            file.write("1")
        time.sleep(0.1)
    except FileNotFoundError:
        # Before Linux 5.14.
        pass
    flood.remove(path)


def hierarchy():
    for root in ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"]:
        if os.path.exists(root + "/cgroup.controllers"):
            return root
    sys.exit("attack: no cgroup v2 hierarchy is mounted")


class Bench:
    """The cgroups, the meters and the processes of a run; `with` removes all of them, whatever happens in it."""

    def __init__(self, binaries):
        self.binaries = binaries
        self.root = f"{hierarchy()}/energyd-attack-{os.getpid()}"
        self.user = self.root + "/user"
        self.honest = self.root + "/honest"
        self.directory = None
        self.children = []
        self.watches = []
        self.lasting = []

    def __enter__(self):
        try:
            self.prepare()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def prepare(self):
        remove_leftovers()
        self.directory = tempfile.mkdtemp(prefix="energyd-attack-")
        for path in [self.root, self.user, self.honest]:
            os.mkdir(path)
        os.chown(self.user, NOBODY, NOBODY)
        for file in ["cgroup.procs", "cgroup.subtree_control", "cgroup.threads"]:
            os.chown(f"{self.user}/{file}", NOBODY, NOBODY)
        self.machine = self.directory + "/machine"
        meters = self.start([f"{self.binaries}/energyctl", "simulate", "--path", self.machine])
        self.worker = self.start([sys.executable, honest.__file__, self.honest])
        self.lasting = [meters, self.worker]
        while not os.path.exists(self.machine + "/truth.json"):
            time.sleep(0.05)

    def start(self, command, **options):
        # It ends with this process, also where that is killed.
        child = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *command], stdout=subprocess.DEVNULL, **options)
        self.children.append(child)
        return child

    def flood(self, scenario):
        """Lets the user flood, and waits for the end: the cgroups stay."""
        child = self.start([sys.executable, flood.__file__, scenario, self.user, str(SCALE), str(NOBODY)])
        if child.wait():
            raise OSError("the flood failed")
        self.children.remove(child)

    def watch(self, agent):
        self.watches.append(Watch(agent))
        return self.watches[-1]

    def end(self, child):
        child.kill()
        child.wait()
        self.children.remove(child)

    def clear(self):
        """Removes what the user made."""
        flood.remove_below(self.user)

    def reset(self):
        """Back to the state before a scenario, however that ended."""
        for watch in self.watches:
            watch.done.set()
        self.watches = []
        for child in [child for child in self.children if child not in self.lasting]:
            self.end(child)
        self.clear()

    def close(self):
        """Removes everything. Nothing but SIGKILL may come between."""
        for number in [signal.SIGINT, signal.SIGTERM]:
            signal.signal(number, signal.SIG_IGN)
        for watch in self.watches:
            watch.done.set()
        for child in list(self.children):
            self.end(child)
        for path in [self.user, self.honest, self.root]:
            remove_with_processes(path)
        if self.directory:
            shutil.rmtree(self.directory, ignore_errors=True)

    def honest_seconds(self, watch):
        """CPU time of the honest workload, s: the agent's, None where it has none, and the kernel's. The workload rests
        meanwhile, or they would be those of different moments."""
        self.worker.send_signal(signal.SIGSTOP)
        time.sleep(4)
        try:
            return honest_seconds(watch.last), self.truth()
        finally:
            self.worker.send_signal(signal.SIGCONT)

    def truth(self):
        with open(self.honest + "/cpu.stat") as file:
            return int(file.readline().split()[1]) / 1e6


class Agent:
    def __init__(self, bench):
        self.bench = bench
        self.started = time.monotonic()
        self.process = bench.start(
            [f"{bench.binaries}/energyd", "--web.listen-address", f"127.0.0.1:{PORT}", "--web.socket", "none",
             "--path.sysfs", bench.machine,
             # What has just come has its figures at once.
             "--metrics.start-at-zero", "0s"] + os.environ.get("FLAGS", "").split(),
            stderr=subprocess.DEVNULL)
        self.pid = self.process.pid

    def get(self, path, timeout=30):
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=timeout)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def wait_until_ready(self, limit=60):
        """Seconds from the start to the first sample; infinite where there is none within the limit."""
        while time.monotonic() - self.started < limit:
            try:
                if self.get("/readyz", 5)[0] == 200:
                    return time.monotonic() - self.started
            except (OSError, http.client.HTTPException):
                if self.process.poll() is not None:
                    raise OSError(f"the agent ended with {self.process.returncode}") from None
            time.sleep(0.02)
        return float("inf")

    def memory(self, field):
        try:
            with open(f"/proc/{self.pid}/status") as file:
                for line in file:
                    if line.startswith(field + ":"):
                        return int(line.split()[1]) / 1024
        except FileNotFoundError:
            pass
        return 0.0

    def stop(self):
        """Seconds from SIGTERM to the end; infinite where it does not obey, and then it is killed."""
        begin = time.monotonic()
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            return float("inf")
        finally:
            self.bench.end(self.process)
        return time.monotonic() - begin


class Watch:
    """Scrapes once a second and asks for /healthz all the time, until it is ended."""

    def __init__(self, agent):
        self.agent = agent
        self.ticks, self.body, self.slowest, self.rss, self.failures = [], 0, 0.0, 0.0, 0
        self.last = {}
        self.done = threading.Event()
        self.threads = [threading.Thread(target=work, daemon=True) for work in [self.scrape, self.probe]]
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
            self.ticks.append({name.split('"')[1]: value for name, value in self.last.items()
                               if name.startswith("energyd_agent_tick_duration_seconds")})

    def probe(self):
        while not self.done.wait(0.05):
            begin = time.monotonic()
            try:
                self.agent.get("/healthz")
            except (OSError, http.client.HTTPException):
                self.failures += 1
            self.slowest = max(self.slowest, time.monotonic() - begin)
            self.rss = max(self.rss, self.agent.memory("VmRSS"))

    def worst_tick(self, after):
        """Seconds of every part of the longest tick but the first ones; the whole is `all`."""
        return max(self.ticks[after:], key=lambda tick: tick.get("all", 0), default={"all": float("inf")})

    def end(self):
        self.done.set()
        for thread in self.threads:
            thread.join(40)


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
