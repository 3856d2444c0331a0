"""nginx with one worker, serving bytes from files that are compressed already: the mark to be measured by.

Tuned, it keeps its files open and writes no log; as Debian sets it up, it opens each file anew and logs each request.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.machine import SERVER_CORE, on_core
from bench.ports import free_port, is_open

MISSING = "nginx isn't installed: apt-get install nginx"
_PATIENCE = 20.0
_SETTINGS = """
{user}
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr crit;
events {{ worker_connections {connections}; }}
http {{
  sendfile on;
  tcp_nopush on;
  {manner}
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
_TUNED = (
    "access_log off; tcp_nodelay on; keepalive_requests 100000000; open_file_cache max=2000; open_file_cache_valid 60s;"
)
_AS_DEBIAN = "types_hash_max_size 2048; access_log {folder}/access.log; gzip on;"
TUNED, DEBIAN = "nginx", "nginx as Debian sets it up"


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
        file = self._files / f"{name}.gz"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(compressed)
        return f"/{name}"


@contextmanager
def served(folder: Path, *, is_tuned: bool) -> Iterator[Nginx]:
    """Run nginx on the servers' core until the block ends, tuned to serve files fast or as Debian sets it up."""
    port = free_port()
    (folder / "files").mkdir(parents=True)
    settings = folder / "nginx.conf"
    user = "user root;" if os.geteuid() == 0 else ""
    manner = _TUNED if is_tuned else _AS_DEBIAN.format(folder=folder)
    connections = 2048 if is_tuned else 768
    settings.write_text(
        _SETTINGS.format(user=user, folder=folder, port=port, manner=manner, connections=connections), "utf-8"
    )
    with on_core(SERVER_CORE):
        process = subprocess.Popen([str(_program()), "-p", str(folder), "-c", str(settings)], stdin=subprocess.DEVNULL)
    try:
        began = time.monotonic()
        while not is_open(port):
            if process.poll() is not None or time.monotonic() - began > _PATIENCE:
                raise RuntimeError("nginx doesn't start")
            time.sleep(0.02)
        yield Nginx(folder, port)
    finally:
        process.terminate()
        process.wait(_PATIENCE)


def _program() -> str | None:
    return shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
