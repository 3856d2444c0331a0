import gzip
import re

import pytest

from outspoken.pages import static


def test_the_style_sheet_is_published_under_the_hash_of_its_content():
    ((name, sheet),) = static.assets().items()

    assert name == f"outspoken.{sheet.hash}.css"
    assert static.address("outspoken.css") == f"/static/{name}"
    assert sheet.content_type == "text/css; charset=utf-8"


def test_a_file_that_is_not_there_has_no_address():
    with pytest.raises(KeyError):
        static.address("missing.css")


def test_the_style_sheet_is_small_and_fetches_nothing():
    (sheet,) = static.assets().values()

    assert len(gzip.compress(sheet.content)) < 8192
    assert not re.search(rb"url\(|@import|@font-face", sheet.content)
