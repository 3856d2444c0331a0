"""Other people's sites beside ours: names of their own over TLS, under an authority that is made for the test.

A browser is told that both names lead to the loopback, and which key to trust. What it sends to our name goes on, byte
by byte and without TLS, to a real server; the other answers with the pages it is given.
"""

import asyncio
import contextlib
import ssl
import threading
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

TALK = "talk.outspoken.example"
NEWS = "news.paper.example"
_CHUNK = 65_536


@dataclass(frozen=True, slots=True)
class Authority:
    """A key and a certificate for the names, in a file as `ssl` wants it."""

    file: Path
    key_hash: str
    """What Chromium knows the key by."""

    @property
    def context(self) -> ssl.SSLContext:
        """TLS for a server."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.file)
        context.sni_callback = lambda connection, name, _: setattr(connection, "asked_for", name)
        return context


def authority(folder: Path, *names: str) -> Authority:
    """Make a certificate for names, valid for a day."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "an authority for a test")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(each) for each in names]), critical=False)
        .sign(key, hashes.SHA256())
    )
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    file = folder / "authority.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return Authority(file, b64encode(sha256(public).digest()).decode())


@dataclass
class Host:
    """Somebody else's site: pages by path, each with headers of its own."""

    pages: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    """Paths, and what was asked besides."""

    def put(self, path: str, body: str, *, head: str = "", html: str = 'lang="en"', headers: str = "") -> str:
        """Publish a page and return its address. `headers` are lines."""
        content = (
            f'<!doctype html><html {html}><head><meta charset="utf-8">'
            f'<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">'
            f"<title>A page</title>{head}</head><body>{body}</body></html>"
        ).encode()
        lines = ["HTTP/1.1 200 OK", "content-type: text/html; charset=utf-8", f"content-length: {len(content)}"]
        lines += ["connection: close", *headers.splitlines()]
        self.pages[path] = "\r\n".join(lines).encode() + b"\r\n\r\n" + content
        return f"https://{NEWS}{path}"

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, IndexError):
            head = await reader.readuntil(b"\r\n\r\n")
            target = head.split(b" ", 2)[1].decode()
            self.asked.append(target)
            writer.write(self.pages.get(target.split("?")[0], _NOTHING))
            await writer.drain()
        with contextlib.suppress(OSError):
            writer.close()


_NOTHING = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Our name and somebody else's, both over TLS."""

    host: Host
    port: int
    """Where both are, on the loopback."""
    rules: tuple[str, ...]
    """What Chromium has to be started with to find and trust them."""


@contextlib.contextmanager
def neighbours(folder: Path, port: int) -> Iterator[Neighbours]:
    """Serve both names until the block ends; what comes to ours goes on to a port of this machine."""
    trusted, host, loop = authority(folder, TALK, NEWS), Host(), asyncio.new_event_loop()

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
            await asyncio.gather(_pump(reader, inner_writer), _pump(inner_reader, writer))

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        is_ours = writer.get_extra_info("ssl_object").asked_for == TALK
        await (pass_on(reader, writer) if is_ours else host.answer(reader, writer))

    async def start() -> int:
        server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=trusted.context)
        return int(server.sockets[0].getsockname()[1])

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        found = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
        yield Neighbours(
            host,
            found,
            (
                f"--host-resolver-rules=MAP {TALK}:443 127.0.0.1:{found}, MAP {NEWS}:443 127.0.0.1:{found}",
                f"--ignore-certificate-errors-spki-list={trusted.key_hash}",
            ),
        )
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


async def _pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while chunk := await source.read(_CHUNK):
            target.write(chunk)
            await target.drain()
    with contextlib.suppress(OSError):
        target.close()
