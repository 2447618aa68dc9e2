"""One thread here and in what a test starts; the longest files first; the tests in parts."""

import os

from benchmark import threads

os.environ.update(threads.ONE)  # before NumPy and torch are imported

import pytest  # noqa: E402
import torch  # noqa: E402

from tests import tiers  # noqa: E402
from tests.drivers import chromium  # noqa: E402

torch.set_num_threads(1)


def pytest_addoption(parser):
    parser.addoption("--part", help="k/n: of the files with tests to run, every n-th from the k-th")


@pytest.hookimpl(trylast=True)  # after -m and -k
def pytest_collection_modifyitems(config, items):
    items.sort(key=lambda item: tiers.order(item.path))
    if part := config.getoption("part"):
        try:
            kept = tiers.in_part([item.path for item in items], part)
        except ValueError as error:
            raise pytest.UsageError(str(error)) from None
        config.hook.pytest_deselected(items=[item for item in items if item.path not in kept])
        items[:] = [item for item in items if item.path in kept]


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """One browser for all tests; skipped where there is none."""
    program = chromium.find()
    if program is None:
        pytest.skip(f"no browser: none of {', '.join(chromium.NAMES)} is installed")
    driven = chromium.Chromium(program, tmp_path_factory.mktemp("profile"))
    yield driven
    driven.close()
