"""The fuzzers' files: every format is among them, those that should be sound are, and a few mutated ones of each."""

from pathlib import Path

import pytest

from outspoken.transfer.importers import IMPORTERS
from tests.fuzz.files import TARGETS
from tests.fuzz.mutated import Trial


def test_every_importer_is_given_mutated_files() -> None:
    names = {target.importer.name for make in TARGETS.values() if (target := make()).importer}
    assert names == {importer.name for importer in IMPORTERS}


@pytest.mark.parametrize("name", TARGETS)
def test_sound_files_are_read_and_mutated_ones_read_or_refused(name: str, tmp_path: Path) -> None:
    target = TARGETS[name]()
    for number, files in enumerate(target.sound):
        folder = tmp_path / str(number)
        folder.mkdir()
        list(target.read(target.place(folder, files)))

    trial = Trial(name, target)
    for number in range(1, 60):
        trial.one(number, tmp_path / "tried")

    assert trial.findings == {}
    assert trial.outcomes.total() == 59


FOUND = (
    ("archive", 746),
    ("archive", 2776),
    ("archive", 4230),
    ("artalk", 161),
    ("artalk-yaml", 194),
    ("artalk-yaml", 25918),
    ("coral", 786),
    ("coral-legacy", 431),
    ("discourse", 93971),
    ("isso", 7154),
    ("saved", 5069),
)
"""Files with which something was found once."""


@pytest.mark.parametrize(("name", "number"), FOUND)
def test_what_was_found_once_stays_repaired(name: str, number: int, tmp_path: Path) -> None:
    trial = Trial(name, TARGETS[name]())
    trial.one(number, tmp_path / "tried")
    assert trial.findings == {}
