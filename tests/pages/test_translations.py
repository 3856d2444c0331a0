import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone

import pytest

from outspoken.discussion.errors import Invalid, NotFound
from outspoken.pages.environment import environment
from outspoken.pages.translations import language, marked, spoken_tag

AT = datetime(2026, 3, 14, 14, 5, tzinfo=UTC)


def test_each_language_writes_dates_its_own_way():
    assert language("de").moment(AT) == "14.03.2026, 14:05"
    assert language("en-GB").moment(AT) == "14 Mar 2026, 14:05"
    assert language("de").day(AT) == "14. März 2026"


def test_times_are_shown_in_utc():
    late = datetime(2026, 3, 15, 0, 5, tzinfo=timezone(timedelta(hours=3)))

    assert language("en-GB").moment(late) == "14 Mar 2026, 21:05"
    assert language("en-GB").day(late) == "14 March 2026"


@pytest.mark.parametrize(("count", "text"), [(0, "0 Antworten"), (1, "1 Antwort"), (1234, "1.234 Antworten")])
def test_counts_take_the_right_form_and_grouping(count, text):
    assert language("de").ngettext("%(num)s reply", "%(num)s replies", count) == text


def test_english_needs_no_catalogue():
    assert language("en").gettext("Reply") == "Reply"
    assert language("en").ngettext("%(num)s reply", "%(num)s replies", 2) == "2 replies"
    assert language("en-GB").tag == "en-GB"


HOSTILE = [
    "",
    "not a language",
    "../../etc",
    "de/../ru",
    "x" * 100_000,
    "zh" + "-Hans" * 10_000,
    "ru\n",
    "e\u0301s",
    "_",
    "de--",
    "\0",
]


@pytest.mark.parametrize("tag", ["ja", "xx", "zh-TW", "zh-Hant", "zh-Hant-HK", *HOSTILE])
def test_a_language_without_a_catalogue_is_answered_in_english_throughout(tag):
    assert language(tag) is language("en")
    assert language(tag).direction == "ltr"
    assert spoken_tag(tag) == ""


@pytest.mark.parametrize(
    ("asked", "catalogue"),
    [
        *(("de-AT", "de"), ("de_AT", "de"), ("DE-at", "de"), ("es-419", "es"), ("es-MX", "es"), ("fr-CA", "fr")),
        *(("pt-PT", "pt"), ("pt-BR", "pt"), ("ru-KZ", "ru"), ("en-GB", "en"), ("en-US", "en")),
        *(("ar", "ar"), ("ar-EG", "ar"), ("ar-MA", "ar")),
        *(
            ("zh", "zh_Hans"),
            ("zh-CN", "zh_Hans"),
            ("zh-SG", "zh_Hans"),
            ("zh-Hans", "zh_Hans"),
            ("zh-Hans-HK", "zh_Hans"),
        ),
        *(("de-XX", "de"), ("de-1996", "de"), ("ru-Latn-petr1708", "ru")),
    ],
)
def test_a_country_uses_the_catalogue_of_its_language_and_script(asked, catalogue):
    spoken = language(asked)

    assert spoken.catalogue == catalogue
    assert spoken.tag == asked.replace("_", "-")
    assert spoken.direction == ("rtl" if catalogue == "ar" else "ltr")
    assert spoken_tag(asked) == catalogue.replace("_", "-")


def test_a_country_writes_dates_its_own_way():
    assert language("de-AT").gettext("Reply") == "Antworten"
    assert language("pt-PT").moment(AT) == "14/03/2026, 14:05"
    assert language("en-US").moment(AT) == "Mar 14, 2026, 2:05\u202fPM"


def test_strangers_tags_have_no_catalogue_read_again_and_nothing_kept_without_end():
    german = language("de").translations
    for number in range(2_000):
        language(f"de-x{number}")
        spoken_tag(f"ru-x{number}")

    assert language("de").translations is german
    assert language.cache_info().currsize <= 64
    assert spoken_tag.cache_info().currsize <= 256
    assert environment("de-x1999") is environment("de")


def test_a_language_is_read_when_it_is_first_spoken_and_not_before():
    """In a process of its own, because here others have spoken already."""
    script = (
        "from outspoken.pages import translations as it; import outspoken.web.app\n"
        "begun = it._translations.cache_info().currsize\n"
        "it.language('ru').gettext('Reply'); it.language('ru-KZ'); it.spoken_tag('ar'); it.catalogues()\n"
        "print(begun, it._translations.cache_info().currsize)"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)

    assert told.stdout.split() == ["0", "1"]


@pytest.mark.parametrize(
    ("tag", "texts"),
    [
        ("ru", {1: "1 ответ", 3: "3 ответа", 5: "5 ответов", 11: "11 ответов", 21: "21 ответ", 112: "112 ответов"}),
        ("ar", {0: "لا ردود", 1: "ردّ واحد", 2: "ردّان", 3: "3 ردود", 11: "11 ردًّا", 100: "100 ردّ", 103: "103 ردود"}),
        ("fr", {0: "0 réponse", 1: "1 réponse", 2: "2 réponses"}),
        ("pt", {0: "0 respostas", 1: "1 resposta", 2: "2 respostas"}),
        ("zh", {0: "0 条回复", 1: "1 条回复", 2000: "2,000 条回复"}),
    ],
)
def test_every_number_takes_its_form(tag, texts):
    said = {count: language(tag).ngettext("%(num)s reply", "%(num)s replies", count) for count in texts}

    assert said == texts


def test_a_refusal_is_told_with_its_values_as_the_language_writes_them():
    refusal = Invalid(
        "body", "The text is too long: %(size)s bytes, where %(most)s fit. Please shorten it.", size=20_000, most=16_384
    )

    assert str(refusal) == "The text is too long: 20,000 bytes, where 16,384 fit. Please shorten it."
    assert language("en").tell(refusal) == str(refusal)
    assert language("de").tell(refusal).startswith("Der Text ist zu lang: 20.000 Bytes, wo 16.384 Platz haben.")
    assert language("de").tell(NotFound("100% of nothing")) == "100% of nothing"
    assert language("de").tell("Reply") == "Antworten"


def test_the_empty_text_is_not_the_header_of_the_catalogue():
    assert language("de").gettext("") == ""


def test_a_text_without_a_translation_stays_as_it_is():
    assert language("de").gettext("100% of nothing") == "100% of nothing"
    assert marked("as it is") == "as it is"
