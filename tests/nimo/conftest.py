import pytest

from tests.nimo.toy import FAST, TASKS

# What holds for both tasks is looked at in regression by the first tier; what is the classifier's
# own stands in test_classification, test_labels and among scikit-learn's checks.
SECOND = {"classification": pytest.mark.slow}


@pytest.fixture(params=[pytest.param(task, marks=SECOND.get(task, ())) for task in TASKS])
def task(request):
    return request.param


@pytest.fixture
def fast(task):
    """An estimator of the task that fits within a fraction of a second."""
    return TASKS[task](**FAST)
