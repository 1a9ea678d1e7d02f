"""A collector of OTLP over HTTP that misbehaves on request: collector.py DIRECTORY [tls|mtls]; prints its port.

DIRECTORY/script is a JSON list of answers, read with every request: the request of number n (from 0) gets the n-th one, and
the last one is for all that follow. An answer is an object with some of

  status    200 where it is missing
  limit     bytes of the largest body, as it is sent, that is accepted: others get 413
  headers   {name: value}
  partial   [rejected data points, message] in a partial success
  message   the message of a google.rpc.Status
  text      a body of text, whatever the content type
  delay     time before the answer, s
  reset     "before": the connection is reset before the request is read; "after": when it was read
  cut       true: the head comes, and the connection is reset within the body
  endless   true: the body never ends
  stall     true: the head comes, and nothing more

The number of a request is appended to DIRECTORY/arrived once its body is here, and the request to DIRECTORY/log as a line of JSON: number, path, headers, status (null for none), a digest of the
body, its data points and what is wrong with it (decode.py). Bodies are kept unpacked in DIRECTORY/NUMBER.body.

With TLS, DIRECTORY/cert.pem and key.pem are read for every connection; with mtls, clients need a certificate of ca.pem.
"""

import gzip
import hashlib
import http.server
import json
import os
import socket
import ssl
import struct
import sys
import threading
import time

import decode
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2

directory = sys.argv[1]
security = sys.argv[2] if len(sys.argv) > 2 else None
lock = threading.Lock()
count = 0


def answer_of(number):
    with open(directory + "/script", encoding="utf-8") as file:
        script = json.load(file)
    return script[min(number, len(script) - 1)] if script else {}


class Collector(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "collector"

    def do_POST(self):
        global count
        with lock:
            number = count
            count += 1
        answer = answer_of(number)
        if answer.get("reset") == "before":
            self.log_request_of(number, None, None)
            return self.reset()
        length = int(self.headers.get("Content-Length", "-1"))
        body = self.rfile.read(length) if length >= 0 else self.chunked()
        with lock, open(directory + "/arrived", "a", encoding="utf-8") as arrived:
            arrived.write(f"{number}\n")
        time.sleep(answer.get("delay", 0))
        status = 413 if len(body) > answer.get("limit", len(body)) else answer.get("status", 200)
        is_answered = answer.get("reset") != "after"
        self.log_request_of(number, status if is_answered else None, body)
        if not is_answered:
            return self.reset()
        return self.send(status, answer)

    def chunked(self):
        body = b""
        while True:
            size = int(self.rfile.readline().split(b";")[0], 16)
            body += self.rfile.read(size)
            self.rfile.readline()
            if size == 0:
                return body

    def do_GET(self):
        self.send(405, {"text": "only POST"})

    def reset(self):
        """Ends the connection with a reset, so that the other side cannot take it for an end in good order."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def log_request_of(self, number, status, body):
        entry = {"number": number, "path": self.path, "status": status, "headers": dict(self.headers.items())}
        entry.update(points=0, digest="", lines=[], faults=[])
        if body is not None:
            entry["digest"] = hashlib.sha256(body).hexdigest()
            try:
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                with open(f"{directory}/{number}.body", "wb") as file:
                    file.write(body)
                points, faults = decode.points(decode.parse(body, self.headers["Content-Type"]))
                entry.update(points=len(points), faults=faults, lines=[decode.line(point) for point in points])
            except Exception as error:  # pylint: disable=broad-except
                entry["faults"] = [f"not a request: {error}"]
        with lock, open(directory + "/log", "a", encoding="utf-8") as log:
            log.write(json.dumps(entry) + "\n")

    def body_of(self, answer):
        is_json = "json" in self.headers.get("Content-Type", "")
        if "text" in answer:
            return "text/plain", answer["text"].encode()
        if "message" in answer:
            message = answer["message"]
            if is_json:
                return "application/json", json.dumps({"code": 3, "message": message}).encode()
            # google.rpc.Status: code 3, and the message (of less than 128 bytes).
            return "application/x-protobuf", b"\x08\x03\x12" + bytes([len(message)]) + message.encode()
        response = metrics_service_pb2.ExportMetricsServiceResponse()
        if "partial" in answer:
            response.partial_success.rejected_data_points = answer["partial"][0]
            response.partial_success.error_message = answer["partial"][1]
        if not is_json:
            return "application/x-protobuf", response.SerializeToString()
        content = {}
        if "partial" in answer:
            rejected, message = answer["partial"]
            content = {"partialSuccess": {"rejectedDataPoints": str(rejected), "errorMessage": message}}
        return "application/json", json.dumps(content).encode()

    def send(self, status, answer):
        content_type, body = self.body_of(answer)
        never_ends = answer.get("endless") or answer.get("stall") or answer.get("cut")
        headers = {"Content-Type": content_type}
        if never_ends:
            headers["Transfer-Encoding"] = "chunked"
        else:
            headers["Content-Length"] = str(len(body))
        headers.update(answer.get("headers", {}))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if answer.get("cut"):
            self.wfile.write(b"5\r\nab")
            self.wfile.flush()
            time.sleep(0.1)
            return self.reset()
        if answer.get("stall"):
            self.wfile.flush()
            time.sleep(60)
        piece = b"x" * 65536
        try:
            while answer.get("endless"):
                self.wfile.write(b"10000\r\n" + piece + b"\r\n")
        except OSError:
            self.close_connection = True
            return None
        if not never_ends:
            self.wfile.write(body)
        return None

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def finish_request(self, request, client_address):
        """In the thread of the connection: a handshake that hangs delays no other."""
        if security:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(directory + "/cert.pem", directory + "/key.pem")
            if security == "mtls":
                context.verify_mode = ssl.CERT_REQUIRED
                context.load_verify_locations(directory + "/ca.pem")
            request = context.wrap_socket(request, server_side=True)
        super().finish_request(request, client_address)

    def handle_error(self, request, client_address):
        if os.environ.get("COLLECTOR_DEBUG"):
            super().handle_error(request, client_address)


server = Server(("127.0.0.1", int(os.environ.get("COLLECTOR_PORT", "0"))), Collector)
print(server.server_address[1], flush=True)
server.serve_forever()
