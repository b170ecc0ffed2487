#!/usr/bin/python3
"""zdemo: a small web service that tells which host, version and boot answered. Standard library only.

GET or POST /          -> 200 {"host", "version", "bootId"}
GET /healthz           -> 200 {"status": "ok"}
GET or POST /work?ms=N -> the same as /, after N milliseconds (at most 5000)

It never closes an idle connection, so that a proxy in front of it never meets a connection that closes under a request.
It does not finish open requests on SIGTERM: a restart without a drain is meant to be felt.
"""
import asyncio
import json
import os
import socket
from urllib.parse import parse_qs, urlsplit

ADDRESS = "127.0.0.1"
PORT = 8000
WORK_LIMIT_MS = 5000
HEAD_LIMIT_BYTES = 16384
BODY_LIMIT_BYTES = 1 << 20
REASONS = {200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed", 413: "Content Too Large"}


def read_line(path):
    with open(path, encoding="ascii") as file:
        return file.read().strip()


IDENTITY = json.dumps(
    {
        "host": socket.gethostname(),
        "version": read_line(os.path.join(os.path.dirname(os.path.abspath(__file__)), "version")),
        "bootId": read_line("/proc/sys/kernel/random/boot_id"),
    }
)


def answer(method, target):
    """Returns (status, body, delay in seconds) for one request."""
    parts = urlsplit(target)
    if method not in ("GET", "HEAD", "POST"):
        return 405, '{"error": "method not allowed"}', 0
    if parts.path == "/":
        return 200, IDENTITY, 0
    if parts.path == "/healthz":
        return 200, '{"status": "ok"}', 0
    if parts.path == "/work":
        text = parse_qs(parts.query).get("ms", ["0"])[0]
        if not text.isdigit():
            return 400, '{"error": "ms must be a whole number"}', 0
        return 200, IDENTITY, min(int(text), WORK_LIMIT_MS) / 1000
    return 404, '{"error": "not found"}', 0


class Connection(asyncio.Protocol):
    """One HTTP/1.1 connection; requests are answered one after another, in order."""

    def connection_made(self, transport):
        self.transport = transport
        self.buffer = b""
        self.busy = False

    def connection_lost(self, error):
        self.transport = None

    def data_received(self, data):
        self.buffer += data
        self.serve()

    def serve(self):
        while self.transport is not None and not self.busy:
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                if len(self.buffer) > HEAD_LIMIT_BYTES:
                    self.reply("GET", 400, '{"error": "head too large"}', False)
                return
            lines = self.buffer[:end].decode("latin-1").split("\r\n")
            words = lines[0].split(" ")
            if len(words) != 3:
                self.reply("GET", 400, '{"error": "malformed request line"}', False)
                return
            headers = {}
            for line in lines[1:]:
                name, _, value = line.partition(":")
                headers[name.strip().lower()] = value.strip()
            length = headers.get("content-length", "0")
            if "transfer-encoding" in headers or not length.isdigit() or int(length) > BODY_LIMIT_BYTES:
                self.reply("GET", 413, '{"error": "body must have a length of at most 1 MiB"}', False)
                return
            total = end + 4 + int(length)
            if len(self.buffer) < total:
                return
            self.buffer = self.buffer[total:]
            self.handle(words, headers)

    def handle(self, words, headers):
        method, target, protocol = words
        wish = headers.get("connection", "").lower()
        keep = wish != "close" if protocol == "HTTP/1.1" else wish == "keep-alive"
        status, body, delay = answer(method, target)
        if delay == 0:
            self.reply(method, status, body, keep)
            return
        self.busy = True
        asyncio.get_running_loop().call_later(delay, self.reply_late, method, status, body, keep)

    def reply_late(self, method, status, body, keep):
        self.busy = False
        if self.transport is None:
            return
        self.reply(method, status, body, keep)
        self.serve()

    def reply(self, method, status, body, keep):
        head = "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: %s\r\n\r\n" % (
            status,
            REASONS[status],
            len(body),
            "keep-alive" if keep else "close",
        )
        self.transport.write((head + ("" if method == "HEAD" else body)).encode("ascii"))
        if not keep:
            self.transport.close()
            self.transport = None


async def main():
    server = await asyncio.get_running_loop().create_server(Connection, ADDRESS, PORT, backlog=512)
    async with server:
        await server.serve_forever()


asyncio.run(main())
