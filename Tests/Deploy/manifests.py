"""Checks the rendered manifests. Prints `ok NAME` or `FAIL NAME: REASON` for each check.

usage: manifests.py BASE.yaml OPERATOR.yaml API.yaml KUBELET.yaml EXAMPLE.yaml DOCUMENTED.yaml DOCKERFILE
"""

import re
import sys

import yaml

CAPABILITIES = {"BPF", "PERFMON", "DAC_READ_SEARCH"}
HOST_PATHS = {
    "/host/proc": "/proc",
    "/host/sys": "/sys",
    "/host/sys/fs/cgroup": "/sys/fs/cgroup",
    "/host/var/log/pods": "/var/log/pods",
    "/host/var/log/containers": "/var/log/containers",
}
# The only writable mount.
STATE = "/var/lib/energyd"
SELECTOR = {"app.kubernetes.io/name": "energyd", "app.kubernetes.io/component": "agent"}


def load(path):
    with open(path, encoding="utf-8") as file:
        return {document["kind"]: document for document in yaml.safe_load_all(file) if document}


def check(name, actual, expected):
    print(f"ok {name}" if actual == expected else f"FAIL {name}: {actual!r}, not {expected!r}")


def check_pod(agent):
    pod = agent["spec"]["template"]["spec"]
    check("one container", len(pod["containers"]) + len(pod.get("initContainers", [])), 1)
    container = pod["containers"][0]
    security = container.get("securityContext", {})
    capabilities = security.get("capabilities", {})
    for field in ("hostPID", "hostNetwork", "hostIPC"):
        check(f"no {field}", bool(pod.get(field)), False)
    check("not privileged", bool(security.get("privileged")), False)
    check("drops all capabilities", capabilities.get("drop"), ["ALL"])
    check("adds exactly the three capabilities", sorted(capabilities.get("add", [])), sorted(CAPABILITIES))
    check("runs as user 0, whose added capabilities are effective", security.get("runAsUser"), 0)
    check("no privilege escalation", security.get("allowPrivilegeEscalation"), False)
    check("read-only root file system", security.get("readOnlyRootFilesystem"), True)
    check("seccomp", pod.get("securityContext", {}).get("seccompProfile"), {"type": "RuntimeDefault"})
    check("no token in the pod", pod.get("automountServiceAccountToken"), False)
    check("runs on tainted nodes", pod.get("tolerations"), [{"operator": "Exists"}])
    check("memory is limited, CPU is not", sorted(container["resources"]["limits"]), ["memory"])
    for probe, path in (("startup", "/readyz"), ("readiness", "/readyz"), ("liveness", "/healthz")):
        get = container.get(f"{probe}Probe", {}).get("httpGet")
        check(f"{probe} probe", get, {"path": path, "port": "metrics"})
    check_mounts(pod, container)
    check_arguments(container)
    check_state(agent, container)


def check_mounts(pod, container):
    sources = {volume["name"]: volume.get("hostPath", {}).get("path") for volume in pod["volumes"]}
    mounts = container["volumeMounts"]
    expected = {**HOST_PATHS, STATE: STATE}
    check("mounts", {mount["mountPath"]: sources.get(mount["name"]) for mount in mounts}, expected)
    writable = [mount["mountPath"] for mount in mounts if mount.get("readOnly") is not True]
    check("every mount but that of the state is read-only", writable, [STATE])
    # `recursiveReadOnly` is refused by the API server together with a propagation.
    check("no mount propagation", [m["mountPath"] for m in mounts if "mountPropagation" in m], [])


def check_arguments(container):
    flags = dict(argument.split("=", 1) for argument in container["args"])
    check("--path.procfs is mounted", flags.get("--path.procfs") in HOST_PATHS, True)
    check("--path.sysfs is mounted", flags.get("--path.sysfs") in HOST_PATHS, True)
    check("--path.cgroupfs is mounted", flags.get("--path.cgroupfs") in HOST_PATHS, True)
    logs = {path.rsplit("/", 1)[0] for path in HOST_PATHS if path.endswith(("/pods", "/containers"))}
    check("--path.logs is mounted", {flags.get("--path.logs")}, logs)
    check("no unix socket on a read-only root", flags.get("--web.socket"), "none")
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    check("listens on its container port", flags.get("--web.listen-address"), f":{ports['metrics']}")
    names = {entry["name"]: entry.get("valueFrom") for entry in container["env"]}
    check("node name", names.get("NODE_NAME"), {"fieldRef": {"fieldPath": "spec.nodeName"}})


def check_state(agent, container):
    flags = dict(argument.split("=", 1) for argument in container["args"])
    check("--state.file lies in the mount that can be written", flags.get("--state.file"), f"{STATE}/state")
    check("--history.path lies there too", flags.get("--history.path"), f"{STATE}/history.db")
    volumes = {volume["name"]: volume for volume in agent["spec"]["template"]["spec"]["volumes"]}
    mounts = [mount for mount in container["volumeMounts"] if mount["mountPath"] == STATE]
    places = [volumes[mount["name"]].get("hostPath") for mount in mounts]
    check("the state outlives the pod", places, [{"path": STATE, "type": "DirectoryOrCreate"}])
    # Another user would need CAP_DAC_OVERRIDE to write where the kubelet, user 0, has made the directory.
    check("the state's directory is its owner's", container["securityContext"].get("runAsUser"), 0)
    update = agent["spec"]["updateStrategy"]
    check("one agent at a time writes the state", update["rollingUpdate"].get("maxSurge", 0), 0)


def check_base(base):
    agent, service, account = base["DaemonSet"], base["Service"], base["ServiceAccount"]
    namespaces = {document["metadata"].get("namespace") for kind, document in base.items() if kind != "Namespace"}
    check("all in the namespace", namespaces, {base["Namespace"]["metadata"]["name"]})
    levels = base["Namespace"]["metadata"]["labels"]
    check("the namespace admits host paths", levels.get("pod-security.kubernetes.io/enforce"), "privileged")
    check("no token in the service account", account.get("automountServiceAccountToken"), False)
    check("the pod uses the service account", agent["spec"]["template"]["spec"]["serviceAccountName"], "energyd")
    check("no rights in the cluster", [kind for kind in base if "Role" in kind], [])
    check("the DaemonSet selects", agent["spec"]["selector"]["matchLabels"], SELECTOR)
    check("the Service selects", service["spec"]["selector"], SELECTOR)
    labels = agent["spec"]["template"]["metadata"]["labels"]
    check("the pods are selected", SELECTOR.items() <= labels.items(), True)
    check("the Service is headless", service["spec"].get("clusterIP"), "None")
    port = str(agent["spec"]["template"]["spec"]["containers"][0]["ports"][0]["containerPort"])
    notes = agent["spec"]["template"]["metadata"]["annotations"]
    scrape = {"prometheus.io/scrape": "true", "prometheus.io/port": port, "prometheus.io/path": "/metrics"}
    check("scrape annotations", notes, scrape)


def check_overlays(operator, example, documented):
    monitor, template = operator["PodMonitor"], operator["DaemonSet"]["spec"]["template"]
    endpoint = monitor["spec"]["podMetricsEndpoints"][0]
    ports = [port["name"] for port in template["spec"]["containers"][0]["ports"]]
    check("PodMonitor: port of the pod", endpoint["port"] in ports, True)
    selector = monitor["spec"]["selector"]["matchLabels"]
    check("PodMonitor: selects the pods", selector.items() <= template["metadata"]["labels"].items(), True)
    check("PodMonitor: is in the pods' namespace", monitor["metadata"].get("namespace"), "energyd")
    check("PodMonitor: no second way to be scraped", template["metadata"].get("annotations"), None)
    container = example["DaemonSet"]["spec"]["template"]["spec"]["containers"][0]
    check("README example: the flag arrives", "--carbon.zone=DE" in container["args"], True)
    check("README example: the image arrives", container["image"], "registry.example.com/energyd:1.0")
    container = documented["DaemonSet"]["spec"]["template"]["spec"]["containers"][0]
    check("operations.md: what is built is deployed", container["image"], "registry.example.com/energyd:1.0")


def check_policy(example):
    policy, pod = example["NetworkPolicy"], example["DaemonSet"]["spec"]["template"]
    check("NetworkPolicy: is in the pods' namespace", policy["metadata"].get("namespace"), "energyd")
    selector = policy["spec"]["podSelector"]["matchLabels"]
    check("NetworkPolicy: selects the pods", selector.items() <= pod["metadata"]["labels"].items(), True)
    check("NetworkPolicy: what is not allowed is refused", policy["spec"]["policyTypes"], ["Ingress"])
    rules = policy["spec"]["ingress"]
    senders = [sender for rule in rules for sender in rule.get("from", [{}])]
    monitoring = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}
    check("NetworkPolicy: only the monitoring may ask", senders, [monitoring])
    ports = {port["name"] for port in pod["spec"]["containers"][0]["ports"]}
    allowed = {port["port"] for rule in rules for port in rule.get("ports", [])}
    check("NetworkPolicy: the port is the pod's", allowed, ports)


def check_kubernetes(name, overlay, right, flag):
    role, binding = overlay["ClusterRole"], overlay["ClusterRoleBinding"]
    pod = overlay["DaemonSet"]["spec"]["template"]["spec"]
    check(f"{name}: the right to read pods and no other", role["rules"], [{"apiGroups": [""], **right}])
    check(f"{name}: the role is the one that is bound", binding["roleRef"]["name"], role["metadata"]["name"])
    subject = {"kind": "ServiceAccount", "name": pod["serviceAccountName"], "namespace": "energyd"}
    check(f"{name}: bound to the agent's account", binding["subjects"], [subject])
    check(f"{name}: a token in the pod", pod["automountServiceAccountToken"], True)
    check(f"{name}: the flag arrives", flag in pod["containers"][0]["args"], True)


def check_kubelet_address(kubelet):
    pod = kubelet["DaemonSet"]["spec"]["template"]["spec"]
    names = {entry["name"]: entry.get("valueFrom") for entry in pod["containers"][0]["env"]}
    # Without the host's network, 127.0.0.1 is the pod.
    expected = None if pod.get("hostNetwork") else {"fieldRef": {"fieldPath": "status.hostIP"}}
    check("kubelet: the agent knows the node's address", names.get("NODE_IP"), expected)


def check_image(path):
    with open(path, encoding="utf-8") as file:
        lines = re.sub(r"\\\n", " ", re.sub(r"(?m)^\s*#.*\n", "", file.read())).splitlines()
    last = max(number for number, line in enumerate(lines) if line.startswith("FROM "))
    final = [line.split(None, 1) for line in lines[last:] if line.strip()]
    words = [word for word, _ in final]
    values = dict(final)
    check("Dockerfile: the final stage is empty", final[0], ["FROM", "scratch"])
    check("Dockerfile: no command runs in an image without a shell", "RUN" in words, False)
    check("Dockerfile: entry point", values.get("ENTRYPOINT"), '["/energyd"]')
    copied = " ".join(value for word, value in final if word == "COPY").split()
    for file in ("/out/energyd", "/out/energyctl", "/etc/ssl/certs/ca-certificates.crt"):
        check(f"Dockerfile: {file} is copied", file in copied, True)
    check("Dockerfile: user 0", values.get("USER"), "0:0")


base = load(sys.argv[1])
check_base(base)
check_pod(base["DaemonSet"])
check_overlays(load(sys.argv[2]), load(sys.argv[5]), load(sys.argv[6]))
check_policy(load(sys.argv[5]))
check_kubernetes("API", load(sys.argv[3]), {"resources": ["pods"], "verbs": ["list", "watch"]}, "--kubernetes=api")
kubelet = load(sys.argv[4])
check_kubernetes("kubelet", kubelet, {"resources": ["nodes/pods"], "verbs": ["get"]}, "--kubernetes=kubelet")
check_kubelet_address(kubelet)
check_image(sys.argv[7])
