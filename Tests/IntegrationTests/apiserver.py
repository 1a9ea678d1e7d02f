"""A TLS server that answers for pods as the API server of Kubernetes does, and misbehaves when told to.

usage: apiserver.py DIRECTORY    certificate and key: cert.pem, key.pem; ports are written to DIRECTORY/ports; every
                                 request is appended to DIRECTORY/requests

A second port, without TLS, takes commands as GET /COMMAND?name=value.
"""

import json
import queue
import socket
import ssl
import sys
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

directory = sys.argv[1]
lock = threading.RLock()
state = {"version": 100, "token": "first", "throttle": 0, "down": False, "gone": 0, "oldest": 0,
         "stall": False, "hang": False, "pages": 0}
pods = {}
watchers = []


def pod(name, node="node7", uid=None, container=None, labels=None):
    uid = uid or f"00000000-0000-4000-8000-{abs(hash(name)) % 10**12:012d}"
    status = {"qosClass": "Burstable", "conditions": [{"type": "Ready", "message": "x" * 500}]}
    if container:
        status["containerStatuses"] = [{"name": "app", "image": "img:1", "containerID": f"containerd://{container}"}]
    return {
        "metadata": {
            "name": name,
            "namespace": "shop",
            "uid": uid,
            "labels": {"team": "pay", "pod-template-hash": "abc12", **(labels or {})},
            "managedFields": [{"manager": "kubelet", "fieldsV1": {f"f:{i}": {} for i in range(40)}}],
            "ownerReferences": [{"kind": "ReplicaSet", "name": "web-abc12", "controller": True}],
        },
        "spec": {"nodeName": node, "containers": [{"name": "app", "resources": {"requests": {"cpu": "100m"}}}]},
        "status": status,
    }


def change(kind, name, **fields):
    with lock:
        state["version"] += 1
        if kind == "DELETED":
            thing = pods.pop(name)
        else:
            thing = pods[name] = pod(name, **fields)
        thing["metadata"]["resourceVersion"] = str(state["version"])
        event = {"type": kind, "object": thing}
        for node, events in watchers:
            if node in (None, thing["spec"]["nodeName"]):
                events.put(event)


class API(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, code, body, headers=(), hangs=False):
        data = json.dumps(body).encode()
        self.send_response(code)
        for name, value in (("Content-Type", "application/json"), ("Content-Length", str(len(data))), *headers):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data[: len(data) // 2] if hangs else data)
        if hangs:
            self.fall_silent()

    def fall_silent(self):
        """Sends nothing more, until the client closes the connection."""
        self.wfile.flush()
        try:
            self.connection.recv(1)
        except OSError:
            pass
        self.close_connection = True

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        token = self.headers.get("Authorization", "")
        with open(f"{directory}/requests", "a", encoding="utf-8") as log:
            log.write(f"{url.path}?{urllib.parse.unquote(url.query)} {token}\n")
        with lock:
            if state["down"]:
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            if token != f"Bearer {state['token']}":
                return self.answer(401, {"kind": "Status", "code": 401})
            if state["throttle"] > 0:
                state["throttle"] -= 1
                return self.answer(429, {"kind": "Status", "code": 429}, [("Retry-After", "1")])
        selector = query.get("fieldSelector", "")
        node = selector.removeprefix("spec.nodeName=") if selector else None
        if url.path == "/pods":
            node = "node7"
        if "watch" in query:
            return self.watch(node, int(query.get("resourceVersion") or 0))
        with lock:
            items = [p for p in pods.values() if node in (None, p["spec"]["nodeName"])]
            metadata = {"resourceVersion": str(state["version"])}
            if state["pages"]:
                # Of 1 a new page each time, of 2 the same one.
                metadata["continue"] = query.get("continue", "") + "x" if state["pages"] == 1 else "x"
            hangs = state["hang"]
        self.answer(200, {"kind": "PodList", "apiVersion": "v1", "metadata": metadata, "items": items}, hangs=hangs)

    def do_POST(self):
        """Reviews: the token `reader-...` is Prometheus', which may get /metrics; `other-...` is somebody's."""
        question = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        token = self.headers.get("Authorization", "")
        spec = question["spec"]
        with lock:
            with open(f"{directory}/requests", "a", encoding="utf-8") as log:
                log.write(f"POST {self.path} {token}\n")
            if state["down"]:
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            if token != f"Bearer {state['token']}":
                return self.answer(401, {"kind": "Status", "code": 401})
        reader, other = "reader-5d41402abc4b2a76", "other-7d793037a0760186"
        users = {reader: "system:serviceaccount:monitoring:prometheus", other: "system:serviceaccount:shop:web"}
        if self.path == "/apis/authentication.k8s.io/v1/tokenreviews" and question["kind"] == "TokenReview":
            status = {"user": {}, "error": "invalid bearer token"}
            if spec["token"] in users:
                status = {"authenticated": True, "audiences": ["https://kubernetes.default.svc"],
                          "user": {"username": users[spec["token"]], "uid": "7", "groups": ["system:authenticated"],
                                   "extra": {"authentication.kubernetes.io/pod-name": ["prometheus-0"]}}}
        elif self.path == "/apis/authorization.k8s.io/v1/subjectaccessreviews":
            isReader = (spec["user"] == users[reader] and spec["groups"] == ["system:authenticated"]
                        and spec["extra"] == {"authentication.kubernetes.io/pod-name": ["prometheus-0"]})
            status = {"allowed": isReader and spec["nonResourceAttributes"] == {"path": "/metrics", "verb": "get"}}
        else:
            return self.answer(404, {"kind": "Status", "code": 404})
        self.answer(201, {**question, "status": status})

    def watch(self, node, version):
        events = queue.Queue()
        with lock:
            stalls = state["stall"]
            if state["gone"] > 0:
                state["gone"] -= 1
                return self.answer(410, {"kind": "Status", "code": 410, "reason": "Expired"})
            if version < state["oldest"]:
                events.put({"type": "ERROR", "object": {"kind": "Status", "code": 410, "reason": "Expired"}})
                events.put(None)
            # What came since the version that the client has.
            for thing in list(pods.values()):
                if int(thing["metadata"].get("resourceVersion", 0)) > version and node in (None, thing["spec"]["nodeName"]):
                    events.put({"type": "ADDED", "object": thing})
            watchers.append((node, events))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            if stalls:
                return self.fall_silent()
            while True:
                event = events.get()
                if event == "cut":
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                if event is None:
                    self.wfile.write(b"0\r\n\r\n")
                    return
                data = json.dumps(event).encode() + b"\n"
                # In two chunks, so that an object is not what comes at once.
                for part in (data[: len(data) // 2], data[len(data) // 2 :]):
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
                    self.wfile.flush()
        except OSError:
            pass
        finally:
            with lock:
                watchers[:] = [entry for entry in watchers if entry[1] is not events]


class Control(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        command = url.path.strip("/")
        with lock:
            if command == "add":
                labels = {"team": query["team"]} if "team" in query else None
                change("MODIFIED" if query["name"] in pods else "ADDED", query["name"], node=query.get("node", "node7"),
                       uid=query.get("uid"), container=query.get("container"), labels=labels)
            elif command == "elsewhere":
                for number in range(int(query["count"])):
                    change("ADDED", f"far-{number}", node=f"node{number % 90 + 10}")
            elif command == "churn":
                for number in range(int(query["count"])):
                    change("ADDED", f"job-{number}")
                    change("DELETED", f"job-{number}")
            elif command == "delete":
                change("DELETED", query["name"])
            elif command == "bookmark":
                state["version"] += 50
                for _, events in watchers:
                    events.put({"type": "BOOKMARK", "object": {"kind": "Pod", "metadata": {"resourceVersion": str(state["version"])}}})
            elif command in ("cut", "end"):
                for _, events in watchers:
                    events.put("cut" if command == "cut" else None)
            elif command == "expire":
                state["oldest"] = state["version"] + 1
                state["version"] += 2
            else:
                state[command] = {"token": str, "throttle": int, "gone": int, "pages": int}.get(
                    command, lambda text: text == "1")(query["value"])
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.send_header("Connection", "close")
        self.end_headers()


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(f"{directory}/cert.pem", f"{directory}/key.pem")
api = ThreadingHTTPServer(("127.0.0.1", 0), API)
api.daemon_threads = True
api.socket = context.wrap_socket(api.socket, server_side=True)
control = ThreadingHTTPServer(("127.0.0.1", 0), Control)
with open(f"{directory}/ports.new", "w", encoding="utf-8") as file:
    file.write(f"{api.server_address[1]} {control.server_address[1]}")
import os

os.rename(f"{directory}/ports.new", f"{directory}/ports")
threading.Thread(target=api.serve_forever, daemon=True).start()
control.serve_forever()
