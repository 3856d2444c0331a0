"""The catalogues hold every text, whole. Where one fails, run `make catalogues` and translate what is new."""

import ast
import re
import unicodedata
from gettext import c2py
from importlib.resources import files
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_keywords, parse_mapping_cfg
from babel.messages.pofile import read_po

from outspoken.pages.translations import catalogues, language

LOCALE = files("outspoken.pages").joinpath("locale")
ROOT = Path(__file__).parents[2]
REFUSALS = ("NotFound", "NotPossible", "NotAllowed", "Invalid", "TooMany", "Unavailable")
KEYWORDS = ("_", "gettext", "ngettext:1,2", "marked", *REFUSALS[:3], "Invalid:2", *REFUSALS[4:])
PLACE = re.compile(r"%\((\w+)\)s")
NEVER_ON_A_PAGE = {
    "discussion/state.py": "only moderators meet it, at the command line",
    "store/offering.py": "only the site's owner meets it, at the command line",
    "web/api.py": "programs are answered in English",
}
APART = [
    ("Best", "Newest", "Oldest", "Controversial"),
    ("Edit", "Delete", "Reply", "Save", "Preview", "Publish"),
    ("Removed by the moderators", "Deleted by its author", "Not shown"),
    ("Earlier comments", "Further comments", "Latest comments"),
    ("Your comment is published", "Your comment is held", "Your comment isn't shown"),
    ("Vote up", "Vote down", "Take back my vote"),
    ("Anonymous", "Name lost"),
    ("Accent", "Text", "Quiet text", "Lines", "Tint", "Paper"),
]


def texts_in_the_source():
    with ROOT.joinpath("src/outspoken/pages/locale/babel.cfg").open() as mapping:
        methods, options = parse_mapping_cfg(mapping)
    found = extract_from_dir(ROOT, methods, options, parse_keywords(KEYWORDS))
    return {message if isinstance(message, str) else tuple(message) for _, _, message, _, _ in found}


def read(*path):
    return read_po(BytesIO(LOCALE.joinpath(*path).read_bytes()), locale=path[0] if len(path) > 1 else None)


def catalogue_of(name):
    return read(name, "LC_MESSAGES", "outspoken.po")


def messages(catalogue):
    return [message for message in catalogue if message.id]


def texts_in(catalogue):
    return {message.id for message in messages(catalogue)}


def forms(message):
    return message.string if isinstance(message.string, tuple) else (message.string,)


def places(text):
    return set(PLACE.findall(text))


def is_for_one_number(catalogue, form):
    chosen = c2py(catalogue.plural_expr)
    return sum(chosen(number) == form for number in range(1000)) == 1


def ending(text):
    last = text.rstrip("\u00a0\u202f")[-1]
    return {"。": ".", "？": "?", "؟": "?", "：": ":"}.get(last, last if last in ".?:" else "")


def refusals():
    """Yield the message of every refusal that is raised, or what stands in its place in the source."""
    source = ROOT / "src/outspoken"
    for file in source.rglob("*.py"):
        place = str(file.relative_to(source))
        if place in NEVER_ON_A_PAGE or place.startswith(("cli/", "demo/")):
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in REFUSALS:
                said = node.args[node.func.id == "Invalid"]
                # A name is one of a text that is `marked` where it is given.
                if not isinstance(said, ast.Name):
                    yield said.value if isinstance(said, ast.Constant) else ast.unparse(said)


def test_the_template_holds_every_text_of_the_source_and_no_other():
    assert texts_in(read("outspoken.pot")) == texts_in_the_source()


@pytest.mark.parametrize("name", catalogues())
def test_a_catalogue_translates_every_text_in_every_form(name):
    catalogue = catalogue_of(name)

    assert texts_in(catalogue) == texts_in(read("outspoken.pot"))
    for message in messages(catalogue):
        assert all(forms(message)), f"not translated: {message.id}"
        assert len(forms(message)) == (catalogue.num_plurals if message.pluralizable else 1), message.id
        assert not message.fuzzy, f"only guessed: {message.id}"


@pytest.mark.parametrize("name", catalogues())
def test_a_translation_has_the_same_places_for_values_as_the_text(name):
    catalogue = catalogue_of(name)

    for message in messages(catalogue):
        asked = places(message.id[-1] if message.pluralizable else message.id)
        for form, text in enumerate(forms(message)):
            # Where a form is for one number only, that number may be in the word.
            may_lack = {"num"} if message.pluralizable and is_for_one_number(catalogue, form) else set()
            assert asked - may_lack <= places(text) <= asked, text
            assert "%" not in PLACE.sub("", text).replace("%%", ""), text


@pytest.mark.parametrize("name", catalogues())
def test_a_translation_brings_no_markup_and_no_odd_spaces(name):
    for message in messages(catalogue_of(name)):
        for text in forms(message):
            assert not set("<>&{}") & set(text), text
            assert text == unicodedata.normalize("NFC", text).strip(), text
            assert not [char for char in text if unicodedata.category(char) in ("Cc", "Cf")], text


@pytest.mark.parametrize("name", catalogues())
def test_a_translation_ends_as_its_text_does(name):
    """A sentence stays one: texts are put side by side, and read out one after the other."""
    for message in messages(catalogue_of(name)):
        source = message.id[-1] if message.pluralizable else message.id
        for text in forms(message):
            assert ending(text) == ending(source), text


@pytest.mark.parametrize("name", catalogues())
def test_what_is_told_apart_in_english_is_told_apart_everywhere(name):
    spoken = language(name.replace("_", "-"))

    for group in APART:
        assert len({spoken.gettext(text) for text in group}) == len(group), group


def test_there_are_the_languages_that_the_manual_promises():
    assert catalogues() == ("ar", "de", "es", "fr", "pt", "ru", "zh_Hans")


def test_every_refusal_is_in_the_catalogues_as_it_is_raised():
    """A text that is put together on the way is in no catalogue: values travel beside it."""
    known = {
        text for found in texts_in(read("outspoken.pot")) for text in ([found] if isinstance(found, str) else found)
    }

    assert [said for said in refusals() if said not in known] == []
