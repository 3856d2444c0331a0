"""The command line, run in this process on a data folder of its own."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from outspoken.cli import command_line
from outspoken.store.database import open_database

Run = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def run(folder: Path) -> Run:
    """Run a command; `--data` is added where the command has it."""

    def run(*words: object) -> Result:
        return CliRunner().invoke(
            command_line(), [*map(str, words), "--data", str(folder)], env={"OUTSPOKEN_DATABASE": ""}
        )

    return run


@pytest.fixture
def site(run: Run) -> Run:
    """A data folder with the site `harbour`."""
    assert run("site", "add", "harbour", "--title", "The Harbour Post", "--staff-name", "Moderator").exit_code == 0
    return run


def refused(result: Result) -> str:
    """Return the one line in which a command said why it did nothing."""
    assert result.exit_code == 2, (result.exit_code, result.output, result.exception)
    (line,) = result.stderr.strip().splitlines()
    assert line.startswith("outspoken: ")
    return line


def rows(folder: Path, statement: str) -> list[tuple[object, ...]]:
    """Return what a statement finds in the database of a data folder."""
    database = open_database(folder)
    with database.reading() as connection:
        found = [tuple(row) for row in connection.exec_driver_sql(statement)]
    database.close()
    return found
