"""The grid through SLURM, with a cancelled job and a lost node: the same bytes as without."""

import json

import pytest

from tests.drivers import slurm_cluster

MEAN = '''
"""Predicts the mean of a few seconds' thought."""

from baselines.contract import Method


def build(task, params, seed):
    import time

    import numpy as np

    class Mean:
        def fit(self, X, y, X_val=None, y_val=None):
            time.sleep(10)
            self.mean = float(np.mean(y))
            return self

        def predict(self, X):
            return np.full(len(X), self.mean)

    return Mean()


METHOD = Method(
    name="mean", label="Mean", tasks=("regression",), build=build, source="tests", random=False
)
'''


@pytest.mark.slow
@pytest.mark.skipif(not slurm_cluster.installed(), reason="needs slurm-wlm, munge and root")
def test_a_cancelled_job_and_a_lost_node_change_no_byte(new_checkout):
    checkout = new_checkout("slurm")
    checkout.add_method("mean", MEAN)
    checkout.configure(datasets=["toy", "regression1"], methods=["lasso", "mean"], splits=3)
    trial = ["-m", "tests.drivers.slurm_trial", "--config", "test.yaml"]
    code, text = checkout.python(*trial, "--target", "results/<run>/fits.csv")
    assert code == 0, text
    report = json.loads(text.splitlines()[-1])
    assert (report["cancelled"], report["nodes_lost"], report["differ"]) == (1, 1, [])
    assert report["outputs"] == 4 * 3 * 2 + 2 * 3 * 2 + 2
