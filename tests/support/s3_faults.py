"""A proxy before an S3 server that passes requests on, counts them, and fails as it is told."""

import contextlib
import http.client
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from support.s3_server import S3Server

Fault = Callable[[str, str], tuple[int, str] | None]
"""Method and path -> status and code of S3 to answer with (status 0: hang up), None to pass the request on."""
POLLING_SECONDS = 0.02
"""How long the proxy may take to end."""


@dataclass
class Proxy:
    """`fault` decides on each request; `seen` holds method and path of all."""

    server: S3Server
    fault: Fault = lambda method, path: None
    seen: list[tuple[str, str]] = field(default_factory=list)
    port: int = 0

    def environment(self, bucket: str) -> dict[str, str]:
        return self.server.environment(bucket) | {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}"}


def answering(status: int, code: str, methods: str = "GET PUT POST HEAD DELETE", part: str = "") -> Fault:
    """Return the fault of requests with one of these methods and a part of a path."""
    return lambda method, path: (status, code) if method in methods.split() and part in path else None


@contextlib.contextmanager
def proxy_before(server: S3Server) -> Iterator[Proxy]:
    """Yield a proxy, which ends with the block."""
    proxy = Proxy(server)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_request(self) -> None:
            proxy.seen.append((self.command, self.path))
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            failed = proxy.fault(self.command, self.path)
            if failed is None:
                onward = http.client.HTTPConnection(server.host, server.port, timeout=60)
                headers = {name: value for name, value in self.headers.items() if name.lower() != "expect"}
                try:
                    onward.request(self.command, self.path, body, headers)
                    answer = onward.getresponse()
                    self.answer(answer.status, dict(answer.getheaders()), answer.read())
                except OSError:
                    self.close_connection = True
                finally:
                    onward.close()
            elif failed[0] == 0:
                self.close_connection = True
            else:
                text = f"<?xml version='1.0'?><Error><Code>{failed[1]}</Code><Message>no</Message></Error>"
                self.answer(failed[0], {"Content-Type": "application/xml"}, text.encode())

        def answer(self, status: int, headers: dict[str, str], content: bytes) -> None:
            self.send_response_only(status)
            length = headers.get("Content-Length", "0") if self.command == "HEAD" else str(len(content))
            for name, value in headers.items():
                if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                    self.send_header(name, value)
            self.send_header("Content-Length", length)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = handle_request

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    class Listener(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Print nothing: clients that are killed hang up."""

    listener = Listener(("127.0.0.1", 0), Handler)
    proxy.port = listener.server_address[1]
    thread = threading.Thread(target=listener.serve_forever, args=(POLLING_SECONDS,), daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join()
