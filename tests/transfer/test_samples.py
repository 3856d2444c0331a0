"""Every sample file, brought in and compared with what a reader finds in it that has nothing in common with ours."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from outspoken.store.checking import check
from outspoken.store.database import Database
from outspoken.store.tables import threads
from tests.transfer.independent.samples import SAMPLES, brought, read, samples

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the folder of sample files (../shared/data) isn't here")


@pytest.mark.parametrize("name", samples())
def test_a_sample_brings_what_an_independent_reading_finds_in_it(name: str, sqlite: Database, tmp_path: Path) -> None:
    theirs = read(name)

    ours = brought(name, sqlite, tmp_path)

    assert not list(check(sqlite))
    if theirs is not None:
        assert ours == theirs
        return
    assert isinstance(ours, str)
    assert len(ours.splitlines()) == 1
    with sqlite.reading() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(threads)) == 0
