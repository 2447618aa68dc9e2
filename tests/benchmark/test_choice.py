"""The table that a reader chooses by."""

import math

from benchmark import choice

TABLES = ("auto", "hitters", "wage", "college", "concrete")
ERRORS = {"lasso": [0.4] * 3, "nam": [0.3] * 3, "mlp": [0.2] * 3, "boosting": [0.6] * 3}


def only_lines_and_curves(results, datasets, method):
    return {"lasso": 7.0, "nam": 12.0}.get(method, math.nan)


def test_readable_methods_stand_by_error_and_the_best_other_last(make_run, monkeypatch):
    monkeypatch.setattr(choice, "reading_size", only_lines_and_curves)
    head, _, *rows = choice.choice(make_run(dict.fromkeys(TABLES, ERRORS))).splitlines()
    assert "regression, real tables (5)" in head
    names = [row.split("|")[1].strip() for row in rows]
    assert names == ["NAM", "Lasso", "MLP (not readable, the best of these)"]
    nam, lasso, mlp = ([cell.strip() for cell in row.split("|")] for row in rows)
    # 1 - 0.2 / 0.3, and the same on every table
    assert nam[2].startswith("33.3 %") and nam[3] == "12"
    assert lasso[2].startswith("50.0 %") and lasso[3] == "7"
    assert mlp[2].startswith("0.0 %") and mlp[3] == "–"


def test_few_real_tables_are_nothing_to_choose_by(make_run, monkeypatch):
    monkeypatch.setattr(choice, "reading_size", only_lines_and_curves)
    assert choice.choice(make_run(dict.fromkeys(TABLES[:4], ERRORS))) == ""
