"""A server of its author's own, on the port that the platform names."""
import http.server
import json
import os
import signal


class Answer(http.server.BaseHTTPRequestHandler):
    def answer(self):
        body = json.dumps({"from": "a Dockerfile of its own"}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = answer

    def do_POST(self):
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.answer()


signal.signal(signal.SIGTERM, signal.default_int_handler)
http.server.HTTPServer(("", int(os.environ.get("PORT", "8080"))), Answer).serve_forever()
