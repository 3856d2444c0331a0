import gzip
import re

import pytest

from outspoken.pages import static


def named(extension):
    return [(name, asset) for name, asset in static.assets().items() if name.endswith(f".{extension}")]


def test_the_style_sheet_is_published_under_the_hash_of_its_content():
    ((name, sheet),) = named("css")

    assert name == f"outspoken.{sheet.hash}.css"
    assert static.address("outspoken.css") == f"/static/{name}"
    assert sheet.content_type == "text/css; charset=utf-8"


def test_a_file_that_is_not_there_has_no_address():
    with pytest.raises(KeyError):
        static.address("missing.css")


def test_the_style_sheet_is_small_and_fetches_nothing():
    ((_, sheet),) = named("css")

    assert len(gzip.compress(sheet.content)) < 8192
    assert not re.search(rb"url\(|@import|@font-face", sheet.content)


def test_the_icon_is_a_small_drawing_that_runs_and_fetches_nothing():
    ((_, icon),) = named("svg")

    assert icon.content_type == "image/svg+xml"
    assert len(icon.content) < 1024
    assert not re.search(rb"script|href|url\(|\bon\w+=", icon.content)
