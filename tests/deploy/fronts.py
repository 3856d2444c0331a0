"""What stands in front of Outspoken, started with the files of `deploy/` on ports of the test's own."""

import contextlib
import datetime
import getpass
import os
import re
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DEPLOY = Path(__file__).parents[2] / "deploy"
HOST = "talk.example"
THREAD = "/t/ferry0000000"
PLAIN = "/t/ferry0000000?sort=newest"
"""A page that may not be kept without asking."""
CURRENT = '"4711"'
LIVE = "/api/v1/threads/ferry0000000/live"
_PATIENCE = 30.0


def program(name: str) -> str:
    """Return where a program is, or skip the test."""
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if found is None:
        pytest.skip(f"{name} isn't installed")
    return found


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@dataclass
class Behind:
    """A server that notes what reaches it. Its answers are numbered; one of its pages may be kept for a minute."""

    port: int
    leave: Callable[[], None]
    """Stop listening."""
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)

    def last(self) -> dict[str, str]:
        """Return the header fields of the last request."""
        return self.asked[-1][2]


@contextlib.contextmanager
def listening_behind() -> Iterator[Behind]:
    """Run such a server until the block ends."""

    class Noting(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            fields = {name.lower(): value for name, value in self.headers.items()}
            if until.is_set():
                self.close_connection = True
                return
            behind.asked.append((self.command, self.path, fields))
            if self.path == LIVE:
                self.send_response(200)
                self.send_header("content-type", "text/event-stream")
                self.send_header("cache-control", "no-store")
                self.end_headers()
                self.wfile.write(b"data: first\n\n")
                until.wait(_PATIENCE)
                self.close_connection = True
                return
            if fields.get("if-none-match") == CURRENT and self.path == PLAIN:
                self.send_response(304)
                self.send_header("etag", CURRENT)
                self.end_headers()
                return
            content = f"answer {len(behind.asked)} in {fields.get('accept-encoding', '')}\n".encode()
            self.send_response(200)
            self.send_header("content-type", "text/plain")
            self.send_header("content-length", str(len(content)))
            self.send_header("vary", "accept-encoding")
            self.send_header("etag", CURRENT)
            self.send_header("xkey", "ferry0000000")
            shared = "public, max-age=0, s-maxage=60" if self.path == THREAD else "no-cache"
            self.send_header("cache-control", shared)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    def leave() -> None:
        until.set()
        server.shutdown()
        server.server_close()

    until = threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Noting)
    behind = Behind(server.server_address[1], leave)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield behind
    finally:
        if not until.is_set():
            leave()


@dataclass(frozen=True)
class Front:
    """A running front."""

    port: int
    is_secure: bool
    folder: Path
    """Everything that it could write."""

    def connect(self) -> HTTPConnection:
        if not self.is_secure:
            return HTTPConnection("127.0.0.1", self.port, timeout=_PATIENCE)
        return HTTPSConnection("127.0.0.1", self.port, timeout=_PATIENCE, context=ssl._create_unverified_context())

    def ask(self, path: str, method: str = "GET", **fields: str) -> tuple[int, str, dict[str, str]]:
        """Ask for something and return status, content and header fields."""
        connection = self.connect()
        named = {name.replace("_", "-"): value for name, value in fields.items()}
        connection.request(method, path, headers={"host": HOST, **named})
        answer = connection.getresponse()
        content = answer.read().decode()
        connection.close()
        return answer.status, content, {name.lower(): value for name, value in answer.getheaders()}

    def written(self) -> bytes:
        """Return all that it has written."""
        return b"\n".join(file.read_bytes() for file in self.folder.rglob("*") if file.is_file())


def nginx(behind: int, folder: Path) -> contextlib.AbstractContextManager[Front]:
    """Run nginx with our file."""
    return _nginx(behind, folder, keeps=False)


def keeping_nginx(behind: int, folder: Path) -> contextlib.AbstractContextManager[Front]:
    """Run nginx with our files, those for keeping pages among them."""
    return _nginx(behind, folder, keeps=True)


@contextlib.contextmanager
def _nginx(behind: int, folder: Path, *, keeps: bool) -> Iterator[Front]:
    port = free_port()
    main = nginx_files(folder, keeps=keeps, secure=port, plain=free_port(), behind=behind)
    with running([program("nginx"), "-p", str(folder), "-c", str(main)], port, folder):
        yield Front(port, True, folder)


def nginx_files(folder: Path, *, keeps: bool, secure: int, plain: int, behind: int) -> Path:
    """Write our files as they have to be here and return the one that begins."""
    certificate, key = self_signed(folder)
    changes = {
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen 443 ssl": f"listen 127.0.0.1:{secure} ssl",
        "127.0.0.1:8000": f"127.0.0.1:{behind}",
        f"/etc/ssl/{HOST}/fullchain.pem": str(certificate),
        f"/etc/ssl/{HOST}/privkey.pem": str(key),
        "/var/cache/nginx/outspoken": str(folder / "cache"),
        "/etc/nginx/": f"{folder}/" if keeps else f"{folder}/nothing/",
    }
    names = ["outspoken.conf", "outspoken-cache.conf", "outspoken-cache.inc"] if keeps else ["outspoken.conf"]
    texts = {name: (DEPLOY / "nginx" / name).read_text() for name in names}
    for ours, here in changes.items():
        assert any(ours in text for text in texts.values()) or not keeps, ours
        texts = {name: text.replace(ours, here) for name, text in texts.items()}
    for name, text in texts.items():
        (folder / name).write_text(re.sub(r"\n *listen \[::\].*", "", text))
    main = folder / "nginx.conf"
    main.write_text(
        f"user {getpass.getuser()}; pid {folder}/nginx.pid; error_log {folder}/error.log; daemon off; events {{}} "
        f"http {{ access_log {folder}/access.log; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; "
        f"fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s; "
        f"include {folder}/outspoken*.conf; }}"
    )
    return main


@contextlib.contextmanager
def caddy(behind: int, folder: Path) -> Iterator[Front]:
    """Run Caddy with our file."""
    port = free_port()
    text = (DEPLOY / "caddy" / "Caddyfile").read_text()
    for ours, here in (
        (f"\n{HOST} {{", f"\nhttp://{HOST}:{port} {{\n\tbind 127.0.0.1"),
        ("127.0.0.1:8000", f"127.0.0.1:{behind}"),
        ("\n{\n", "\n{\n\tadmin off\n"),
    ):
        assert ours in text
        text = text.replace(ours, here)
    file = folder / "Caddyfile"
    file.write_text(text)
    command = [program("caddy"), "run", "--config", str(file), "--adapter", "caddyfile"]
    with running(command, port, folder, HOME=str(folder), XDG_DATA_HOME=str(folder), XDG_CONFIG_HOME=str(folder)):
        yield Front(port, False, folder)


@contextlib.contextmanager
def varnish(behind: int, folder: Path) -> Iterator[Front]:
    """Run Varnish with our file."""
    port = free_port()
    text = (DEPLOY / "varnish" / "outspoken.vcl").read_text()
    assert '.port = "8000"' in text
    file = folder / "default.vcl"
    file.write_text(text.replace('.port = "8000"', f'.port = "{behind}"'))
    started = (DEPLOY / "varnish" / "varnish.conf").read_text().replace("\\\n", "").split("ExecStart=")[-1].split()
    here = {"127.0.0.1:6081": f"127.0.0.1:{port}", "/etc/varnish/default.vcl": str(file), "malloc,512m": "malloc,16m"}
    assert here.keys() <= set(started)
    words = [here.get(word, word) for word in started[1:]]
    command = [program("varnishd"), *words, "-n", str(folder / "varnish"), "-j", "none"]
    with running(command, port, folder):
        yield Front(port, False, folder)


@contextlib.contextmanager
def running(command: list[str], port: int, folder: Path, **environment: str) -> Iterator[None]:
    """Run a program until the block ends; it is ready when something listens on the port."""
    with (folder / "said.log").open("wb") as said:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, env={**os.environ, **environment}
        )
    try:
        began = time.monotonic()
        while not is_listening(port):
            assert process.poll() is None, (folder / "said.log").read_text()
            assert time.monotonic() - began < _PATIENCE, (folder / "said.log").read_text()
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(_PATIENCE)


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def self_signed(folder: Path) -> tuple[Path, Path]:
    """Write a certificate for the host that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    files = folder / "fullchain.pem", folder / "privkey.pem"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files
