"""Ames as it is published, from a frame to a fit to its exports, on one core.

    python -m measurements.ames [--seed 9300]

All 2930 rows and 73 columns, 33 of numbers and 40 of text, with what is missing.  Nothing is
encoded, ordered or filled.  A fifth of the rows, drawn by the seed, is kept apart; the log of the
price is predicted.  Then a model of all rows is written as a document, as Python, as SQL, and each
predicts all rows.  CPU seconds.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import time

import numpy as np

from benchmark import datasets
from nimo import NIMOPlusRegressor


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=9300)
    seed = parser.parse_args(arguments).seed
    frame = datasets.declared()["ames"].origin.read()
    price = np.log(frame.pop("Sale_Price"))
    order = np.random.default_rng(seed).permutation(len(frame))
    test, train = np.split(order, [len(frame) // 5])
    apart = NIMOPlusRegressor().fit(frame.iloc[train], price.iloc[train])
    score = apart.score(frame.iloc[test], price.iloc[test])
    print(f"{len(frame)} rows, {frame.shape[1]} columns, {frame.isna().sum().sum()} missing cells")
    print(f"R^2 of {len(test)} rows kept apart: {score:.3f}")

    start = time.process_time()
    model = NIMOPlusRegressor().fit(frame, price)
    print(f"fit of all rows: {time.process_time() - start:.1f} s, {len(model.terms_)} terms")
    print(model.level_effects("Neighborhood").round(3).iloc[[0, 1, -2, -1]].to_string(index=False))
    wanted = model.predict(frame)
    done = time.process_time()

    def report(word: str, size: int, found) -> None:
        nonlocal done
        now = time.process_time()
        worst = np.abs(np.asarray(found) / wanted - 1).max()
        print(f"{word}: {size / 1e6:.1f} MB, {now - done:.1f} s, differs by {worst:.0e}")
        done = now

    text = json.dumps(model.to_dict())
    report("document", len(text), NIMOPlusRegressor.from_dict(json.loads(text)).predict(frame))
    module: dict = {}
    text = model.to_python()
    exec(text, module)
    report("Python", len(text), [module["predict"](row) for row in frame.to_dict("records")])
    connection = sqlite3.connect(":memory:")
    frame.to_sql("ames", connection, index_label="id")
    text = model.to_sql("ames", keys=["id"])
    report("SQL", len(text), [row[1] for row in sorted(connection.execute(text))])
    print(f"all of it: {time.process_time() - start:.1f} s")


if __name__ == "__main__":
    main()
