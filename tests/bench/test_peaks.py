"""Commands run to their end: what they said, what they held, and that they failed."""

import subprocess
import sys

import pytest

from bench.peaks import run_to_end


def test_a_large_starter_isnt_counted_for_what_it_starts() -> None:
    held = b"x" * 200 * 1024**2

    small, large = (run_to_end(sys.executable, "-S", "-c", f"x = b'x' * {size} * 1024**2").peak_mb for size in (1, 100))

    assert len(held) > small * 1024**2
    assert small < 60
    assert 100 < large < 160


@pytest.mark.parametrize("said", ["", "one line", "one\n\ntwo\n"])
def test_what_a_command_said_comes_back_as_it_was(said: str) -> None:
    assert run_to_end(sys.executable, "-S", "-c", f"print({said!r}, end='')").output == said


def test_a_command_that_fails_is_told() -> None:
    with pytest.raises(subprocess.CalledProcessError):
        run_to_end(sys.executable, "-S", "-c", "raise SystemExit(3)")
