"""No test is in no part, and the files of the slow folders come first."""

import re
import subprocess
import sys

import pytest

from benchmark import ROOT
from tests import tiers

FILES = sorted((ROOT / "tests").rglob("test_*.py"))


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_every_file_is_in_one_part(n):
    parts = [tiers.in_part(FILES, f"{k}/{n}") for k in range(1, n + 1)]
    assert sum(map(len, parts)) == len(FILES) and set().union(*parts) == set(FILES)
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


@pytest.mark.parametrize("part", ["0/3", "4/3", "3", "1/2/3", "a/b", "-1/3", "1/0"])
def test_another_part_is_refused_by_name(part):
    with pytest.raises(ValueError, match=f"--part must be k/n with k from 1 to n, got '{part}'"):
        tiers.in_part(FILES, part)


def test_workflow_comes_first():
    folders = [path.relative_to(tiers.TESTS).parts[0] for path in sorted(FILES, key=tiers.order)]
    places = [folders.index(folder) for folder in tiers.FIRST]
    assert places == sorted(places) and places[0] == 0
    assert not set(folders[folders.index("benchmark") :]) & set(tiers.FIRST)


def test_what_is_not_asked_for_is_left_out_before_the_tests_are_divided():
    """Of the two files one has slow tests, so it is all of the only part."""
    files = ["tests/test_tiers.py", "tests/test_docs.py"]
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "--collect-only",
            "-qq",
            "-m",
            "slow",
            "--part=1/1",
            *files,
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    (line,) = done.stdout.split("\n\n")[0].splitlines()[:1]
    assert re.fullmatch(r"tests/test_docs\.py: [1-9]\d*", line), done.stdout + done.stderr
    assert "test_tiers" not in done.stdout
