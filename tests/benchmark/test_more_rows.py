"""tools/more_rows.py: two runs on the same tables are set side by side."""

import pandas as pd

from tools import inserted, more_rows, snapshot

#: errors of 2000 rows, of all rows
ERRORS = {
    "diamonds": {"lasso": (2.0, 2.0), "ebm": (4.0, 1.0)},
    "schools": {"lasso": (1.0, 1.0), "ebm": (2.0, 0.5)},
}
AUROC = {"pension": {"logistic": (0.8, 0.8), "ebm": (0.6, 0.9)}}


def run(which, rows):
    scores, fits, splits = [], [], []
    for metric, tables in (("mse", ERRORS), ("auroc", AUROC)):
        for dataset, methods in tables.items():
            splits.append({"dataset": dataset, "n_train": rows, "n_val": 5, "n_test": 5})
            for method, values in methods.items():
                place = {"dataset": dataset, "method": method, "split": 0}
                scores.append({**place, "metric": metric, "value": values[which]})
                fits.append({**place, "status": "ok", "fit_seconds": rows / 100})
    return more_rows.Run(*map(pd.DataFrame, (scores, fits, splits)))


def test_the_order_with_all_rows_and_what_they_are_worth():
    few, many = run(0, 90), run(1, 990)
    block = more_rows.block("regression", few, many)
    assert [row[0] for row in block.rows] == ["EBM", "Lasso"]
    assert block.rows[0][1:] == ["50.0 %", "0.0 %", "2.0", "1.0", "0.25", "0.900", "9.90"]
    assert block.rows[1][1:6] == ["0.0 %", "50.0 %", "1.0", "2.0", "1.00"]
    assert "2 tables of 1000 to 1000 rows" in block.title and "-1.00" in block.title


def test_an_auroc_is_turned_and_a_method_of_one_run_is_left_out():
    few, many = run(0, 90), run(1, 990)
    many.scores.loc[len(many.scores)] = ["diamonds", "svm", 0, "mse", 0.1]
    text = more_rows.page(few, many)
    assert "SVM" not in text and "Classification, 1 table" in text
    assert "Logistic regression" in text


def test_either_snapshot_brings_the_page_that_it_replaced(tmp_path, monkeypatch):
    names = ("scores.csv", "fits.csv", "data_manifest.csv")
    monkeypatch.setattr(inserted, "fill", list)
    monkeypatch.setattr(more_rows, "PAGE", tmp_path / "MORE" / "order.md")
    for which, folder in enumerate(("FEWER", "MORE")):
        monkeypatch.setattr(more_rows, folder, tmp_path / folder)
        (tmp_path / folder).mkdir()
        of = run(which, 90)
        for name, table in zip(names, (of.scores, of.fits, of.splits), strict=True):
            table.to_csv(tmp_path / folder / name, index=False)
    for folder in (more_rows.FEWER, more_rows.MORE):
        snapshot.publish(folder)
        assert more_rows.PAGE.read_text() == more_rows.page(run(0, 90), run(1, 90))
        more_rows.PAGE.unlink()
