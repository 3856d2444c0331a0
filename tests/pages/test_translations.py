from datetime import UTC, datetime, timedelta, timezone

import pytest

from outspoken.pages.translations import language, marked

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


@pytest.mark.parametrize("tag", ["ar", "xx", "", "not a language", "../../etc"])
def test_a_language_without_a_catalogue_is_answered_in_english_throughout(tag):
    assert language(tag) is language("en")
    assert language(tag).direction == "ltr"


def test_a_country_uses_the_catalogue_of_its_language():
    assert language("de-AT").gettext("Reply") == "Antworten"
    assert language("de-AT").tag == "de-AT"


def test_the_empty_text_is_not_the_header_of_the_catalogue():
    assert language("de").gettext("") == ""


def test_a_text_without_a_translation_stays_as_it_is():
    assert language("de").gettext("100% of nothing") == "100% of nothing"
    assert marked("as it is") == "as it is"
