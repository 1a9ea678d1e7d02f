#!/usr/bin/env python3
"""describe.py PORT PID   compares the answers of an agent on this machine with its own description, and ends it

Every answer below /api is validated against the schema that /api/v1/openapi.json has for it, by another program's validator
(jsonschema_rs). Then the agent is ended while a stream is read: the stream must end as HTTP has it.
"""
import json
import os
import signal
import socket
import sys
import urllib.error
import urllib.request

import jsonschema_rs

PORT, PID = int(sys.argv[1]), int(sys.argv[2])


def get(path):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{PORT}{path}", timeout=10) as answer:
            return answer.status, answer.headers.get_content_type(), json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, error.headers.get_content_type(), json.load(error)


description = get("/api/v1/openapi.json")[2]


def check(path, expected):
    status, media, document = get(path)
    assert status == expected, f"{path}: {status}"
    operation = description["paths"][path.split("?")[0]]["get"]
    schema = dict(operation["responses"][str(status)]["content"][media]["schema"])
    schema["components"] = description["components"]
    errors = [f"{path}: {error.instance_path}: {error.message}"[:500]
              for error in jsonschema_rs.Draft202012Validator(schema).iter_errors(document)]
    assert not errors, "\n".join(errors)


for path in [
    "/api/v1/snapshot", "/api/v1/workloads", "/api/v1/workloads?sort=-power&limit=3&fields=id,energyMicrojoules,zones",
    "/api/v1/workloads?filter=name~e,alive=true&level=slice,unit,cgroup", "/api/v1/status", "/api/v1/openapi.json",
]:
    check(path, 200)
for path in ["/api/v1/workloads?limit=0", "/api/v1/stream?color=red"]:
    check(path, 400)

connection = socket.create_connection(("127.0.0.1", PORT), timeout=10)
connection.sendall(b"GET /api/v1/stream?fields=id HTTP/1.1\r\nHost: localhost\r\n\r\n")
data = b""
while data.count(b"\nid: ") < 2:
    data += connection.recv(65536)
os.kill(PID, signal.SIGTERM)
while piece := connection.recv(65536):
    data += piece
assert data.endswith(b"0\r\n\r\n"), data[-100:]
print("ok")
