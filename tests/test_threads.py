"""Every process has one thread: in the tests, in what they start, and under `make`."""

import os
import subprocess
import sys

import pytest
import torch
from threadpoolctl import threadpool_info

from benchmark import ROOT, threads

LOOK = (
    "import numpy, scipy.linalg, sklearn, torch, threadpoolctl\n"
    "print({p['num_threads'] for p in threadpoolctl.threadpool_info()}, torch.get_num_threads())"
)


def test_here():
    assert {pool["num_threads"] for pool in threadpool_info()} == {1}
    assert torch.get_num_threads() == 1


def test_in_a_process_that_a_test_starts():
    found = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=True)
    assert found.stdout == "{1} 1\n"


@pytest.mark.parametrize("inherited", [{}, dict.fromkeys(threads.VARIABLES, "8")])
def test_in_what_make_starts(inherited):
    bare = {name: text for name, text in os.environ.items() if name not in threads.VARIABLES}
    found = subprocess.run(
        ["make", "--silent", "--eval", f'look:; @{sys.executable} -c "$$LOOK"', "look"],
        env=bare | inherited | {"LOOK": LOOK},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert found.stdout == "{1} 1\n", found.stderr
