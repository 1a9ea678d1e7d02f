"""Runs the agent in a container as the manifest does, one pod after the other, and checks that its totals continue.

usage: container.py BASE.yaml ENERGYD    prints `ok NAME` or `FAIL NAME: REASON`; needs root and crun

The state directory is a temporary one, created as the kubelet does; the other mounts are the host's own.
"""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

import yaml

# crun requires a purely unified tree: mount one of the same cgroups.
ENTER = """
if [ -d /sys/fs/cgroup/unified ]; then umount -R /sys/fs/cgroup && mount -t cgroup2 none /sys/fs/cgroup; fi
exec crun --root "$0/run" --cgroup-manager=cgroupfs run --bundle "$1" "$2"
"""
STATE = "/var/lib/energyd"


def load(path):
    with open(path, encoding="utf-8") as file:
        return next(d for d in yaml.safe_load_all(file) if d and d["kind"] == "DaemonSet")["spec"]["template"]["spec"]


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Pod:
    def __init__(self, work, number, pod, program, state):
        self.work, self.id = work, f"energyd-deploy-{os.getpid()}-{number}"
        self.port = free_port()
        self.bundle = work / self.id
        (self.bundle / "rootfs").mkdir(parents=True)
        shutil.copy(program, self.bundle / "rootfs" / "energyd")
        subprocess.run(["crun", "spec"], cwd=self.bundle, check=True)
        config = json.loads((self.bundle / "config.json").read_text())
        self.describe(config, pod, state)
        (self.bundle / "config.json").write_text(json.dumps(config))
        with open(self.bundle / "log", "wb") as log:
            self.process = subprocess.Popen(
                ["unshare", "--mount", "--propagation", "private", "sh", "-c", ENTER, work, self.bundle, self.id],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def describe(self, config, pod, state):
        container, process = pod["containers"][0], config["process"]
        security = container["securityContext"]
        added = ["CAP_" + name for name in security["capabilities"]["add"]]
        process["terminal"] = False
        process.pop("rlimits", None)
        process["args"] = ["/energyd", *container["args"], f"--web.listen-address=127.0.0.1:{self.port}"]
        process["env"] = ["NODE_NAME=deploy"]
        process["user"] = {"uid": security["runAsUser"], "gid": security["runAsGroup"]}
        process["capabilities"] = {kind: added for kind in ("bounding", "effective", "permitted")}
        process["noNewPrivileges"] = not security["allowPrivilegeEscalation"]
        config["root"]["readonly"] = security["readOnlyRootFilesystem"]
        hosts = {volume["name"]: volume["hostPath"]["path"] for volume in pod["volumes"]}
        for mount in sorted(container["volumeMounts"], key=lambda mount: mount["mountPath"]):
            place = mount["mountPath"]
            source = state if place == STATE else hosts[mount["name"]]
            if not os.path.isdir(source):
                source = self.bundle / "empty"
                source.mkdir(exist_ok=True)
            options = ["rbind", "rprivate", "ro" if mount.get("readOnly") else "rw"]
            config["mounts"].append(
                {"destination": place, "type": "bind", "source": str(source), "options": options})
        config["linux"].pop("resources", None)
        config["linux"]["cgroupsPath"] = "/" + self.id
        # The pod's network is not what is tested.
        config["linux"]["namespaces"] = [n for n in config["linux"]["namespaces"] if n["type"] != "network"]

    def snapshot(self, minimum):
        """The first snapshot of at least that sequence number."""
        for _ in range(300):
            if self.process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v1/snapshot", timeout=5) as answer:
                    snapshot = json.load(answer)
                if snapshot["sequence"] >= minimum:
                    return snapshot
            except (OSError, ValueError):
                pass
            time.sleep(0.1)
        raise RuntimeError((self.bundle / "log").read_text(errors="replace")[-600:].replace("\n", " "))

    def end(self, how):
        """Ends the agent, then removes what is left of the container."""
        command = ["crun", "--root", self.work / "run"]
        subprocess.run([*command, "kill", self.id, how.name], stderr=subprocess.DEVNULL, check=False)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        subprocess.run([*command, "delete", "--force", self.id], stderr=subprocess.DEVNULL, check=False)


def energy(snapshot):
    return {zone["name"]: zone["energyMicrojoules"] for zone in snapshot["node"]["zones"]}


def check(name, is_fine, reason):
    print(f"ok {name}" if is_fine else f"FAIL {name}: {reason}", flush=True)


def main():
    pod, program = load(sys.argv[1]), sys.argv[2]
    before = last = None
    with tempfile.TemporaryDirectory(prefix="energyd-deploy-") as directory:
        work = pathlib.Path(directory)
        state = work / "state"
        # As the kubelet creates a DirectoryOrCreate: user 0, mode 0755.
        state.mkdir(mode=0o755)
        # Pods that end in an orderly way, and one that is killed.
        for number, how in enumerate([signal.SIGTERM, signal.SIGKILL, signal.SIGTERM]):
            agent = Pod(work, number, pod, program, state)
            try:
                first = agent.snapshot(1)
                if before:
                    name = f"in a container: totals continue after {last.name}"
                    fallen = {z: (e, energy(first).get(z)) for z, e in energy(before).items() if energy(first).get(z, 0) < e}
                    check(name, not fallen, f"they fell: {fallen}")
                    times = first["agent"]["startTime"], before["agent"]["startTime"]
                    check(f"{name}, with their start", times[0] == times[1], times)
                before, last = agent.snapshot(first["sequence"] + 2), how
                failures = before["agent"]["faults"].get("state_writes_failed")
                check(f"in a container: the state is written, pod {number + 1}", failures == 0, f"{failures} failures")
            finally:
                agent.end(how)
        left = sorted(file.name for file in state.iterdir())
        check("in a container: nothing but state and history are left", left == ["history.db", "state"], left)


main()
