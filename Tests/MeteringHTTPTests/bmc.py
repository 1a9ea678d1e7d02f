# A BMC's Redfish service over HTTPS: bmc.py CERTIFICATE KEY USER:PASSWORD DOCUMENT_DIR; prints its port.
# A document is DIR/PATH.json, read with every request.
import base64
import http.server
import os
import ssl
import sys

certificate, key, credentials, documents = sys.argv[1:5]
expected = "Basic " + base64.b64encode(credentials.encode()).decode()


class Service(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = os.path.join(documents, self.path.strip("/").replace("/", "_") + ".json")
        if self.headers.get("Authorization") != expected:
            status, body = 401, b"{}"
        elif os.path.exists(path):
            with open(path, "rb") as file:
                status, body = 200, file.read()
        else:
            status, body = 404, b"{}"
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_address[1], flush=True)
server.serve_forever()
