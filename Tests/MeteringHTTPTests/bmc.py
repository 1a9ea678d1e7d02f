"""A BMC's Redfish service: bmc.py TABLE [CERTIFICATE KEY [USER:PASSWORD]]; prints its port.

TABLE is a JSON file {path: body}, read with every request. A body is JSON, or an object with some of

  __status   the status, 200 where it is missing
  __headers  {name: value}
  __body     JSON
  __text     the body as text, for what is no JSON
  __base64   the body as base64
  __gzip     true: compressed, whether or not that was asked for; "deflate": the other way
  __delay    time before the answer, s
  __raw      base64 of everything that is sent, status line included; then the connection is closed
  __drip     true: the body comes byte by byte, two a second
  __stall    true: after the head nothing comes
  __closes   true: the next request on the same connection is not answered, but closes it

Every request is appended to TABLE.log: PATH and the value of Authorization. Without a certificate, or with "-": plain HTTP.
"""

import base64
import gzip
import http.server
import json
import ssl
import sys
import time
import zlib

table = sys.argv[1]
certificate, key = sys.argv[2:4] if len(sys.argv) > 3 else (None, None)
expected = "Basic " + base64.b64encode(sys.argv[4].encode()).decode() if len(sys.argv) > 4 else None


class Service(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        authorization = self.headers.get("Authorization")
        with open(table + ".log", "a", encoding="utf-8") as log:
            log.write(f"{self.path} {authorization}\n")
        with open(table, encoding="utf-8") as file:
            documents = json.load(file)
        if expected is not None and authorization != expected:
            return self.answer(401, {}, b"{}")
        if self.path not in documents:
            return self.answer(404, {}, b'{"error": {}}')
        document = documents[self.path]
        special = document if isinstance(document, dict) else {}
        time.sleep(special.get("__delay", 0))
        if "__raw" in special:
            self.wfile.write(base64.b64decode(special["__raw"]))
            self.close_connection = True
            return None
        is_special = any(name.startswith("__") for name in special)
        body = json.dumps(special.get("__body", {}) if is_special else document).encode()
        if "__text" in special:
            body = special["__text"].encode()
        if "__base64" in special:
            body = base64.b64decode(special["__base64"])
        headers = dict(special.get("__headers", {}))
        if special.get("__gzip"):
            is_deflate = special["__gzip"] == "deflate"
            headers["Content-Encoding"] = "deflate" if is_deflate else "gzip"
            body = zlib.compress(body) if is_deflate else gzip.compress(body)
        self.answer(special.get("__status", 200), headers, body, special.get("__drip"), special.get("__stall"))
        if special.get("__closes"):
            self.rfile.read(1)
            self.close_connection = True
        return None

    def answer(self, status, headers, body, drips=False, stalls=False):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.flush()
        if stalls:
            time.sleep(3600)
        for index in range(len(body)) if drips else ():
            self.wfile.write(body[index : index + 1])
            self.wfile.flush()
            time.sleep(0.5)
        if not drips:
            self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass


server = Server(("127.0.0.1", 0), Service)
if certificate not in (None, "-"):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_address[1], flush=True)
server.serve_forever()
