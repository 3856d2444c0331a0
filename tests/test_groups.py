"""Tests that share something costly run in one process: without that, each process would make it once more."""

import os

import pytest

_RUN_HERE: list[int] = []


@pytest.mark.xdist_group("kept together")
@pytest.mark.parametrize("number", range(4))
def test_tests_of_one_group_run_in_one_process_one_after_the_other(number: int) -> None:
    _RUN_HERE.append(number)

    if "PYTEST_XDIST_WORKER" in os.environ:
        assert list(range(number + 1)) == _RUN_HERE
