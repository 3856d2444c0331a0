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
