"""`outspoken check`: what is broken is named, and only then it fails."""

from outspoken.demo.loading import load_demo
from outspoken.store.database import open_database
from outspoken.store.upgrading import upgrade
from tests.factories import MOMENT


def test_a_site_without_comments_is_as_it_should_be(site):
    result = site("check")

    assert result.exit_code == 0
    assert result.stdout == "Everything is as it should be.\n"


def test_a_broken_row_is_named_and_fails_the_check(run, folder, entropy):
    database = open_database(folder)
    upgrade(database, MOMENT)
    thread = load_demo(database, MOMENT, entropy)
    with database.writing() as connection:
        connection.exec_driver_sql(f"UPDATE comments SET replies = 77 WHERE thread = '{thread}' AND number = 1")
    database.close()

    result = run("check")

    assert result.exit_code == 1
    assert thread in result.stdout
    assert "77" in result.stdout
    assert result.stderr == "1 findings.\n"
