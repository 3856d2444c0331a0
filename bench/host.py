"""Somebody else's site: pages from another origin than the servers that are measured, as discussions are read."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


class Host:
    """A site that gives its pages to whoever asks, on loopback."""

    def __init__(self, port: int, pages: dict[str, bytes]) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self._pages = pages

    def give(self, path: str, body: str) -> str:
        """Have a page with this body at a path such as `/story`; return its address."""
        head = '<!doctype html><meta charset="utf-8"><title>A story</title><link rel="icon" href="data:,">'
        self._pages[path] = f"{head}<body>{body}</body>".encode()
        return self.address + path


@contextmanager
def served() -> Iterator[Host]:
    """Serve a site without pages until the block ends."""
    pages: dict[str, bytes] = {}

    class Asked(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            page = pages.get(self.path)
            self.send_response(200 if page else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(page or b"")))
            self.end_headers()
            self.wfile.write(page or b"")

        def log_message(self, format: str, *words: Any) -> None:
            """Say nothing: what is measured has the terminal."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Asked) as server:
        server.daemon_threads = True
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield Host(server.server_port, pages)
        finally:
            server.shutdown()
            thread.join()
