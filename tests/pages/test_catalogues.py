"""The catalogues hold every text, whole. Where one fails, run `make catalogues` and translate what is new."""

from importlib.resources import files
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.checkers import num_plurals, python_format
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_keywords, parse_mapping_cfg
from babel.messages.pofile import read_po

from outspoken.pages.translations import catalogues

LOCALE = files("outspoken.pages").joinpath("locale")
ROOT = Path(__file__).parents[2]
KEYWORDS = ("_", "gettext", "ngettext:1,2", "marked", "NotFound", "NotPossible", "NotAllowed", "Invalid:2", "TooMany")


def texts_in_the_source():
    with ROOT.joinpath("src/outspoken/pages/locale/babel.cfg").open() as mapping:
        methods, options = parse_mapping_cfg(mapping)
    found = extract_from_dir(ROOT, methods, options, parse_keywords(KEYWORDS))
    return {message if isinstance(message, str) else tuple(message) for _, _, message, _, _ in found}


def read(*path):
    return read_po(BytesIO(LOCALE.joinpath(*path).read_bytes()), locale=path[0] if len(path) > 1 else None)


def texts_in(catalogue):
    return {message.id for message in catalogue if message.id}


def test_the_template_holds_every_text_of_the_source_and_no_other():
    assert texts_in(read("outspoken.pot")) == texts_in_the_source()


@pytest.mark.parametrize("name", catalogues())
def test_a_catalogue_translates_every_text(name):
    catalogue = read(name, "LC_MESSAGES", "outspoken.po")

    assert texts_in(catalogue) == texts_in(read("outspoken.pot"))
    for message in catalogue:
        if not message.id:  # the header
            continue
        forms = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(forms), f"not translated: {message.id}"
        assert not message.fuzzy, f"only guessed: {message.id}"


@pytest.mark.parametrize("name", catalogues())
def test_a_translation_fills_in_the_same_values_as_the_text(name):
    catalogue = read(name, "LC_MESSAGES", "outspoken.po")

    for message in catalogue:
        if message.id:
            num_plurals(catalogue, message)
            python_format(catalogue, message)


def test_german_is_there_as_the_proof():
    assert "de" in catalogues()
    assert isinstance(read("de", "LC_MESSAGES", "outspoken.po"), Catalog)
