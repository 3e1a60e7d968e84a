"""In: nothing. Out: servers on this machine that environments talk to: pages, names, another proxy."""
import hashlib
import http.server
import socket
import socketserver
import struct
import threading


def own_address(family=socket.AF_INET):
    """An address of this machine that is not loopback, or None; nothing is sent."""
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1" if family == socket.AF_INET else "2001:db8::1", 9))
            return probe.getsockname()[0]
        except OSError:
            return None


def hosted(server):
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    return server


class Threads(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 256

    def __init__(self, address, handler):
        self.address_family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.count = 0
        self.heads = []
        super().__init__((address, 0), handler)
        self.port = self.server_address[1]

    def handle_error(self, request, client_address):
        pass  # a client that went away


class Page(http.server.BaseHTTPRequestHandler):
    """A page that says how it was asked for."""

    def do_GET(self):
        self.server.count += 1
        body = f"hello {self.path} {self.headers.get('Host')}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass


class Digest(socketserver.StreamRequestHandler):
    """Reads all until the other side has said all; only then answers."""

    def handle(self):
        digest, size = hashlib.sha256(), 0
        while piece := self.request.recv(65536):
            digest.update(piece)
            size += len(piece)
        self.request.sendall(f"{size} {digest.hexdigest()}\n".encode())


class Upstream(socketserver.StreamRequestHandler):
    """Another proxy, which wants a login."""

    def handle(self):
        head = b""
        while b"\r\n\r\n" not in head:
            head += self.request.recv(1)
        self.server.heads.append(head.decode())
        if b"Proxy-Authorization: Basic bWU6cC53" not in head:
            self.request.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            return
        if not head.startswith(b"CONNECT"):
            self.request.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\nConnection: close\r\n\r\nupstream")
            return
        self.request.sendall(b"HTTP/1.1 200 fine\r\n\r\ntunnel")


class Names(socketserver.BaseRequestHandler):
    """A name server with a few names; it knows no others."""

    def handle(self):
        data, reply = self.request
        at, labels = 12, []
        while data[at]:
            labels.append(data[at + 1:at + 1 + data[at]].decode())
            at += 1 + data[at]
        question, kind = data[12:at + 5], struct.unpack(">H", data[at + 1:at + 3])[0]
        address = self.server.names.get(".".join(labels).lower())
        answers = b""
        if address and kind == (28 if ":" in address else 1):
            raw = socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address)
            answers = b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 60, len(raw)) + raw
        code = 0 if address else 3
        reply.sendto(data[:2] + struct.pack(">HHHHH", 0x8180 | code, 1, bool(answers), 0, 0) + question + answers,
                     self.client_address)


def name_server(address, names):
    server = socketserver.ThreadingUDPServer((address, 53), Names)
    server.names = names
    return hosted(server)
