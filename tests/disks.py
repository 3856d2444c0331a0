"""File systems of their own for tests: with little room, or on which something goes wrong."""

import errno
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_NOT_HERE = "a file system can be mounted by root alone, and not in every container"


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """Give a file system with little room; `size` as mount takes it, such as `24m`."""
    folder.mkdir()
    _mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder))
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@contextmanager
def failing_disk(folder: Path, image: Path) -> Iterator[Path]:
    """Give a file system that can be sent read-only by `fail`, as the kernel does when a disk has errors."""
    folder.mkdir()
    with image.open("wb") as file:
        file.truncate(64 * 1024**2)
    if subprocess.run(["mkfs.ext4", "-q", str(image)], capture_output=True, check=False).returncode != 0:
        pytest.skip("mkfs.ext4 isn't here")
    mount(image, folder)
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def mount(image: Path, folder: Path) -> None:
    """Mount such a file system (again)."""
    _mount("-o", "loop,errors=remount-ro", str(image), str(folder))


def repair(image: Path, folder: Path) -> None:
    """Bring it back as somebody would after such an error: unmounted, checked and mounted again."""
    subprocess.run(["umount", str(folder)], check=True)
    # As long as somebody else still holds the old one, a new mount would be that.
    while subprocess.run(["losetup", "-j", str(image)], capture_output=True, check=True).stdout:
        time.sleep(0.05)
    # 1: errors were corrected.
    assert subprocess.run(["e2fsck", "-fy", str(image)], capture_output=True, check=False).returncode in (0, 1)
    mount(image, folder)


def fail(folder: Path) -> None:
    """Let the kernel find an error, upon which it takes no write any more; files that are open are no exception."""
    device = subprocess.run(["findmnt", "-no", "SOURCE", str(folder)], capture_output=True, text=True, check=True)
    Path("/sys/fs/ext4", Path(device.stdout.strip()).name, "trigger_fs_error").write_text("a disk that fails")


def fill(folder: Path) -> Path:
    """Write until nothing fits any more; returns the file to delete for room."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError as full:
                if full.errno != errno.ENOSPC:
                    raise
    return filler


def _mount(*words: str) -> None:
    if os.geteuid() != 0 or subprocess.run(["mount", *words], capture_output=True, check=False).returncode != 0:
        pytest.skip(_NOT_HERE)
