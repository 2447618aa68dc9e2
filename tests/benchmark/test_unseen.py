"""measurements/unseen.py: seen and unseen tables are told apart, and the best other is named."""

import pandas as pd
import pytest

from measurements import unseen


def scores():
    values = {"concrete": (1.0, 2.0), "guns": (3.0, 1.0), "bdims": (0.1, 9.0)}
    rows = [
        {"dataset": name, "method": method, "metric": "mse", "value": value}
        for name, pair in values.items()
        for method, value in zip(("nimo_plus", "lasso"), pair, strict=True)
    ]
    auroc = [{**row, "metric": "auroc", "value": 0.5 + row["value"] / 20} for row in rows]
    names = {"concrete": "oj", "guns": "recid", "bdims": "default"}
    auroc = [{**row, "dataset": names[row["dataset"]]} for row in auroc]
    return pd.DataFrame(rows + auroc)


def test_controls_are_left_out_and_an_auroc_is_turned():
    errors = unseen.errors_of(scores(), "regression")
    assert list(errors.index) == ["concrete", "guns"]
    turned = unseen.errors_of(scores(), "classification")
    assert list(turned.index) == ["oj", "recid"] and turned.loc["oj", "nimo_plus"] == pytest.approx(
        0.45
    )


def test_a_row_for_seen_and_for_unseen_tables_of_each_task():
    lines = [
        line for line in unseen.page(scores()).splitlines() if "seen" in line or "made" in line
    ]
    assert len(lines) == 4
    assert "0.0 %, rank 1.0" in lines[0] and "lasso 50.0 %, rank 2.0" in lines[0]
    assert "66.7 %, rank 2.0" in lines[1] and "lasso 0.0 %, rank 1.0" in lines[1]
