import pytest

from tests.nimo.toy import FAST, TASKS


@pytest.fixture(params=TASKS)
def task(request):
    return request.param


@pytest.fixture
def fast(task):
    """An estimator of the task that fits within a fraction of a second."""
    return TASKS[task](**FAST)
