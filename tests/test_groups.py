"""Tests that share something costly run in one process: without that, each process would make it once more."""

import os

import pytest

from tests.conftest import strewn

_RUN_HERE: list[int] = []


@pytest.mark.xdist_group("kept together")
@pytest.mark.parametrize("number", range(4))
def test_tests_of_one_group_run_in_one_process_one_after_the_other(number: int) -> None:
    _RUN_HERE.append(number)

    if "PYTEST_XDIST_WORKER" in os.environ:
        assert list(range(number + 1)) == _RUN_HERE


def test_groups_are_strewn_among_what_stands_alone_and_nothing_is_lost() -> None:
    assert strewn([["a"], ["b", "b"]], list("123456")) == ["b", "b", "1", "2", "a", "3", "4", "5", "6"]
    assert strewn([["a"], ["b"]], ["1"]) == ["a", "b", "1"]
    assert strewn([], ["1"]) == ["1"]
