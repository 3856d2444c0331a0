import pytest

from outspoken.discussion.errors import NotFound
from outspoken.store.database import Database
from outspoken.store.sites import add_site, all_sites, site_named
from tests.factories import a_site


def test_a_site_comes_back_as_it_was_added(database: Database) -> None:
    site = a_site(origins=("https://a.example", "https://b.example"), language="de", indexed=False)
    with database.writing() as connection:
        add_site(connection, site)

    with database.reading() as connection:
        assert site_named(connection, "harbour") == site


def test_adding_a_site_again_changes_it(database: Database) -> None:
    with database.writing() as connection:
        add_site(connection, a_site())
        add_site(connection, a_site(title="Another title"))

    with database.reading() as connection:
        assert [site.title for site in all_sites(connection)] == ["Another title"]


def test_sites_are_listed_by_name(database: Database) -> None:
    with database.writing() as connection:
        add_site(connection, a_site("zeta"))
        add_site(connection, a_site("alpha"))

    with database.reading() as connection:
        assert [site.name for site in all_sites(connection)] == ["alpha", "zeta"]


def test_a_site_that_is_not_there_is_not_found(database: Database) -> None:
    with database.reading() as connection, pytest.raises(NotFound):
        site_named(connection, "nowhere")
