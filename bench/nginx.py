"""nginx with one worker, serving bytes from files that are compressed already: the mark to be measured by."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.machine import SERVER_CORE, on_core
from bench.ports import free_port

_PATIENCE = 20.0
_SETTINGS = """
{user}
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr crit;
events {{ worker_connections 2048; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  tcp_nodelay on;
  keepalive_requests 100000000;
  open_file_cache max=1000;
  open_file_cache_valid 60s;
  default_type "text/html; charset=utf-8";
  types {{ application/json json; }}
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} backlog=1024;
    root {folder}/files;
    gzip_static always;
  }}
}}
"""


def version() -> str | None:
    """Return which nginx is installed, None if there is none."""
    program = _program()
    if program is None:
        return None
    said = subprocess.run([program, "-v"], capture_output=True, text=True, check=False).stderr
    return said.rpartition("/")[2].strip()


class Nginx:
    """A running nginx. What is given to it is served at once."""

    def __init__(self, folder: Path, port: int) -> None:
        self._files = folder / "files"
        self.port = port

    def give(self, name: str, compressed: bytes) -> str:
        """Let it serve gzip-compressed bytes under a name; returns the path to ask for."""
        (self._files / f"{name}.gz").write_bytes(compressed)
        return f"/{name}"


@contextmanager
def served(folder: Path) -> Iterator[Nginx]:
    """Run nginx on the servers' core until the block ends."""
    port = free_port()
    (folder / "files").mkdir(parents=True)
    settings = folder / "nginx.conf"
    user = "user root;" if os.geteuid() == 0 else ""
    settings.write_text(_SETTINGS.format(user=user, folder=folder, port=port), "utf-8")
    with on_core(SERVER_CORE):
        process = subprocess.Popen([str(_program()), "-p", str(folder), "-c", str(settings)], stdin=subprocess.DEVNULL)
    try:
        began = time.monotonic()
        while not _answers(port):
            if process.poll() is not None or time.monotonic() - began > _PATIENCE:
                raise RuntimeError("nginx doesn't start")
            time.sleep(0.02)
        yield Nginx(folder, port)
    finally:
        process.terminate()
        process.wait(_PATIENCE)


def _program() -> str | None:
    return shutil.which("nginx") or shutil.which("/usr/sbin/nginx")


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
