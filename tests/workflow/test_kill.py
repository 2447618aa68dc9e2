"""kill -9 at random moments, then the same command: the same bytes as without."""

import json

import pytest

pytestmark = pytest.mark.slow


def _kill_and_resume(checkout, *arguments):
    code, text = checkout.python("-m", "tests.drivers.kill_and_resume", *arguments)
    assert code == 0, text
    return json.loads(text.splitlines()[-1])


def test_three_kills(new_checkout):
    checkout = new_checkout("kill")
    checkout.configure()
    report = _kill_and_resume(
        checkout, "--times", "3", "--config", "test.yaml", "--target", "results/<run>/fits.csv"
    )
    assert report["kills"] == 3 and report["differ"] == []


@pytest.mark.long
def test_twenty_kills_on_the_smoke_grid(new_checkout):
    report = _kill_and_resume(new_checkout("kill_smoke"), "--times", "20")
    assert report["kills"] == 20 and report["differ"] == []
