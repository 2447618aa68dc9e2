"""The page's data: what the tables say, and what the records tell beside them."""

import gzip
import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from benchmark import ROOT, found, storage
from benchmark import config as configuration
from benchmark.evaluation import published
from benchmark.evaluation.results import Results
from benchmark.page import details, printed
from benchmark.page.contents import contents
from benchmark.page.document import document, read_contents
from benchmark.report import summary
from benchmark.tables import TABLES, make
from benchmark.tables.scores import score_cells
from tools import results_page


def cell_of(data, dataset, method):
    (cell,) = [c for c in data["cells"] if (c["dataset"], c["method"]) == (dataset, method)]
    return cell


@pytest.fixture
def data(page):
    return read_contents(page)


def test_every_cell_of_the_run_is_there_with_its_fits(data, built):
    cells = [(c["dataset"], c["method"]) for c in data["cells"]]
    assert cells == configuration.cells(built["results"].config)
    assert cell_of(data, "toy", "mlp")["status"] == ["ok", "timeout", *["ok"] * 4]
    assert cell_of(data, "vanilla", "nimo")["text"] == "failed (error 6/6)"
    assert cell_of(data, "classification1", "nimo")["text"] == "skipped 6/6"


def test_values_are_those_of_scores_csv(data, scores):
    for row in scores.itertuples():
        value = cell_of(data, row.dataset, row.method)["values"][row.metric][row.split]
        assert value == pytest.approx(row.value, rel=1e-5)
    told = [
        v for c in data["cells"] for name, vs in c["values"].items() for v in vs if v is not None
    ]
    costs = 3 * sum(c["n_ok"] for c in data["cells"])  # seconds twice, memory
    assert len(told) == len(scores) + costs


def test_texts_and_verdicts_are_those_of_the_tables(data, built):
    results = built["results"]
    for task, metric in (("regression", "mse"), ("classification", "accuracy")):
        cells = score_cells(results, results.datasets(task), task, published.read())
        for (dataset, method), cell in cells.items():
            if not cell.values:
                continue
            stats = cell_of(data, dataset, method)["stats"][metric]
            assert stats["text"] == cell.text()
            told = {p["version"]: (p["text"], p["word"]) for p in stats.get("published", [])}
            expected = {v: (p.text, verdict.word) for v, (p, verdict) in cell.comparisons.items()}
            assert told == expected


def test_intervals_of_a_real_table_count_the_overlap_of_its_splits(data, page, built):
    table = pd.read_csv(page.parent / "tables" / "real.csv")
    row = table[(table.dataset == "diabetes") & (table.method == "lasso")].iloc[0]
    stats = cell_of(data, "diabetes", "lasso")["stats"]["mse"]
    assert stats["lower"] == pytest.approx(row.lower, rel=1e-5)
    assert stats["upper"] == pytest.approx(row.upper, rel=1e-5)


def test_metrics_have_their_declarations(data):
    by_name = {m["name"]: m for m in data["metrics"]}
    assert by_name["mse"] | {"compared": True, "larger": False, "scale": "log"} == by_name["mse"]
    assert by_name["accuracy"]["larger"] is True
    assert by_name["fit_seconds"]["kind"] == "cost"
    assert [m["name"] for m in data["metrics"]][:2] == ["mse", "accuracy"]


def test_a_score_under_another_selection_rule_is_told_by_its_metric(make_run):
    results = make_run({"toy": {"lasso": [1.0, 2.0]}})
    folder = results.root / "results/invented"
    rows = [["toy", "lasso", i, "mse_one_standard_error", 1.5] for i in range(2)]
    rows += [["toy", "lasso", i, "unheard_of", 3.0] for i in range(2)]
    table = pd.concat([results.scores, pd.DataFrame(rows, columns=results.scores.columns)])
    table.to_csv(folder / "scores.csv", index=False)
    by_name = {m["name"]: m for m in contents(folder, results.config)["metrics"]}
    rule = by_name["mse_one_standard_error"]
    assert rule["label"] == "test MSE, selected by one standard error" and rule["task"]
    assert by_name["unheard_of"]["larger"] is None


# ------------------------------------------------------------------ details


def test_parameters_facts_and_coefficients_come_from_the_records(data):
    cell = cell_of(data, "toy", "nimo")
    chosen = [cell["params"][at] for at in cell["chosen"]]
    assert [p["alpha"] for p in chosen] == [0.1, 0.25, 0.1] * 2 and len(cell["params"]) == 2
    assert cell["info"] == {"epochs": [10, 11, 12, 13, 14, 15], "kind": ["small 0.123457"]}
    (toy,) = [d for d in data["datasets"] if d["name"] == "toy"]
    assert len(cell["coef"]) == 6 and len(cell["coef"][0]) == len(toy["features"]) == 3
    assert cell["coef"][2][0] == pytest.approx(-0.98)
    assert len(toy["truth"]) == 1 and len(toy["truth"][0]) == 3
    (diabetes,) = [d for d in data["datasets"] if d["name"] == "diabetes"]
    assert diabetes["truth"] == []
    assert "coef" not in cell_of(data, "toy", "mlp")


def test_the_tail_of_a_failure_is_kept_without_places(data, built):
    cell = cell_of(data, "toy", "mlp")
    assert list(cell["tails"]) == ["1"] and cell["chosen"][1] is None
    assert cell["tails"]["1"].splitlines()[0] == "<project>/baselines/x.py"
    assert cell["tails"]["1"].endswith("singular & sad </script>")
    assert str(built["results"].root) not in json.dumps(data)
    assert "tails" not in cell_of(data, "classification1", "nimo")


def test_folders_of_the_machine_are_not_told(tmp_path):
    text = f'File "{tmp_path}/baselines/a.py"\nFile "/tmp/x/fit-abc123/data0.npz"'
    assert details.without_places(text, tmp_path) == (
        'File "<project>/baselines/a.py"\nFile "<folder>/data0.npz"'
    )


def test_wide_data_keep_the_largest_coefficients(monkeypatch):
    monkeypatch.setattr(details, "MAX_FEATURES", 3)
    first, second = np.zeros(8), np.zeros(8)
    first[[1, 6]], second[4] = [2.0, 1.0], -1e-3
    assert list(details._largest(8, [first, second], [])) == [1, 4, 6]
    assert list(details._largest(2, [np.zeros(2)], [])) == [0, 1]


def test_too_many_coefficients_become_means(folder, monkeypatch):
    results, _ = folder
    monkeypatch.setattr(details, "MAX_NUMBERS", 5)
    cell = details.gather(Results(results.config, results.root))["cells"]["toy"]["lasso"]
    assert "coef" not in cell
    assert cell["coef_mean"][0] == pytest.approx(-0.975) and cell["coef_sd"][0] == pytest.approx(
        0.01 * np.std(range(6), ddof=1), rel=1e-3
    )


def test_coefficients_of_splits_with_other_columns_stand_under_their_names(make_run, monkeypatch):
    """A level that is rare among one split's training rows has no column there."""
    read = Results.split

    def split_without_first(results, dataset, index):
        split = read(results, dataset, index)
        return replace(split, feature_names=split.feature_names[index == 1 :])

    monkeypatch.setattr(Results, "split", split_without_first)

    def coef(split, method):
        return {"coef": np.arange(10.0)[split.index == 1 :]}

    results = make_run({"diabetes": {"lasso": [0.5, 0.4, 0.6]}}, arrays=coef)
    found = details.gather(results)
    assert found["datasets"]["diabetes"]["n_features"] == 10
    first, second, _ = found["cells"]["diabetes"]["lasso"]["coef"]
    assert first == list(range(10)) and second == [None, *range(1, 10)]
    monkeypatch.setattr(details, "MAX_FEATURES", 3)
    assert details.gather(results)["datasets"]["diabetes"]["columns"] == [7, 8, 9]
    monkeypatch.setattr(details, "MAX_NUMBERS", 5)
    cell = details.gather(results)["cells"]["diabetes"]["lasso"]
    assert cell["coef_mean"] == [7, 8, 9] and cell["coef_sd"] == [0, 0, 0]


def test_too_many_values_leave_those_that_are_compared(folder, monkeypatch):
    results, where = folder
    monkeypatch.setattr("benchmark.page.contents.MAX_VALUES", 10)
    data = contents(where, results.config, "../..")
    cell = cell_of(data, "toy", "lasso")
    assert set(cell["values"]) == {"mse", "fit_seconds"} < set(cell["stats"])
    assert any("large" in remark for remark in data["remarks"])


def test_details_survive_writing_and_damage_is_named(tmp_path):
    path = tmp_path / "details.json.gz"
    assert details.read(path) is None
    details.write(path, {"schema_version": 1, "cells": {}})
    before = path.read_bytes()
    assert details.read(path)["cells"] == {}
    details.write(path, {"cells": {}, "schema_version": 1})
    assert path.read_bytes() == before
    path.write_bytes(before[:-6])
    with pytest.raises(storage.DamagedFile, match="details.json.gz"):
        details.read(path)
    path.write_bytes(gzip.compress(b'{"schema_version": 99}'))
    with pytest.raises(storage.DamagedFile, match="another format"):
        details.read(path)


# ------------------------------------------------------------------ tables, links, the document


TABLE = r"""**Title \* of it**

*First*

| data set | A \| B    | C   |
| -------- | --------- | --- |
| toy      | 1.0\*     | –   |
| paper v1 | 2 ✓       |     |
| paper v2 |           | 3   |
| vanilla  | 0.5       | 4   |

* A note.
* Another.
"""


def test_a_printed_table_is_read_back():
    found = printed.parse(TABLE)
    assert found["title"] == "Title * of it" and found["notes"] == ["A note.", "Another."]
    (block,) = found["blocks"]
    assert block["title"] == "First" and block["header"] == ["data set", "A | B", "C"]
    assert [row[0] for row in block["rows"]] == [
        "toy",
        "toy, paper v1",
        "toy, paper v2",
        "vanilla",
    ]
    assert block["rows"][0] == ["toy", "1.0*", "–"] and block["rows"][2][2] == "3"


def test_every_table_of_the_run_is_read_as_it_was_made(data, built, page):
    from benchmark.tables import make

    assert [t["name"] for t in data["tables"]] == [
        "regression",
        "classification",
        "real",
        "differences",
        "ranks",
    ]
    for table in data["tables"]:
        made = make(table["name"], built["results"])
        assert table["title"] == made.title and len(table["blocks"]) == len(made.blocks)
        for shown, block in zip(table["blocks"], made.blocks, strict=True):
            assert shown["header"] == block.header
            texts = [[text.strip() for text in row[1:]] for row in block.rows]
            assert [row[1:] for row in shown["rows"]] == texts


def test_links_name_files_that_are_there(data, page):
    links = data["links"]
    named = [name for name, _ in links["files"]]
    named += [link for kinds in links["tables"].values() for link in kinds.values()]
    assert {"README.md", "fits.csv", "tables/ranks.tex"} <= set(named)
    assert all((page.parent / link).exists() for link in named)
    assert links["logs"] == "../../"


def test_the_page_asks_the_network_for_nothing(page):
    text = page.read_text()
    assert not re.search(r"<(?:script|img|iframe)[^>]+src=", text)
    assert not re.search(r"<link[^>]+href=\"(?!data:)", text)
    assert not re.search(r"@import|url\(\s*['\"]?https?:", text)


def test_the_same_results_give_the_same_page(folder, page):
    results, where = folder
    again = document(contents(where, results.config, "../.."))
    assert again == (where / "index.html").read_text()


def test_data_cannot_end_the_script_that_holds_them(data, page):
    text = page.read_text()
    start = text.index('id="data">')
    assert "</script>" in cell_of(data, "toy", "mlp")["tails"]["1"]
    assert "singular" in text[start : text.index("</script>", start)]


def test_another_file_is_no_page(tmp_path):
    (tmp_path / "other.html").write_text("<p>hello</p>")
    for name in ("other.html", "nowhere.html"):
        with pytest.raises(storage.DamagedFile, match=name):
            read_contents(tmp_path / name)


def test_a_default_grid_stays_under_eight_megabytes(data):
    """Ten data sets, fourteen methods, ten splits, every cell as full as the fullest here."""
    fullest = max(data["cells"], key=lambda cell: len(json.dumps(cell)))
    features = [f"x{j}" for j in range(50)]
    full = fullest | {
        "values": {f"metric {i}": [0.123456 + k for k in range(10)] for i in range(16)},
        "stats": {f"metric {i}": fullest["stats"]["mse"] for i in range(16)},
        "coef": [[-0.1234] * len(features)] * 10,
        "params": [{"alpha": 0.1234567, "hidden": [32, 32], "learning_rate": 0.001}] * 10,
        "info": {f"fact {i}": [0.123456] * 10 for i in range(10)},
        "status": ["ok"] * 10,
    }
    size = len(document(data | {"cells": [full] * 140}).encode())
    assert size < 8e6, size


# ------------------------------------------------------------------ snapshots and two runs


def test_a_snapshot_rebuilds_the_page_without_the_records(folder, tmp_path):
    results, where = folder
    kept = tmp_path / "kept"
    (kept / "tables").mkdir(parents=True)
    for path in [*where.glob("*.csv"), *where.glob("*.gz"), *where.glob("tables/*")]:
        (kept / path.relative_to(where)).write_bytes(path.read_bytes())
    (kept / "config.yaml").write_text(json.dumps(results.config))
    results_page.main([str(kept)])
    ours, theirs = read_contents(where / "index.html"), read_contents(kept / "index.html")
    assert theirs["cells"] == ours["cells"] and theirs["tables"] == ours["tables"]
    assert theirs["kept"] and theirs["links"]["logs"] == ""


@pytest.mark.parametrize("name", ["results", "real"])
def test_the_page_of_a_published_run_can_be_built(name, tmp_path):
    text = document(results_page.contents_of(ROOT / "docs" / name))
    assert len(text.encode()) < 8e6
    storage.write_text(tmp_path / "index.html", text)
    assert read_contents(tmp_path / "index.html")["kept"]


def test_a_snapshot_without_details_says_what_it_lacks(folder):
    results, where = folder
    (where / details.NAME).unlink()
    data = contents(where, results.config)
    assert data["kept"] is False
    assert "parameters" in data["remarks"][0] and "log" in data["remarks"][0]
    cell = cell_of(data, "toy", "nimo")
    assert cell["stats"]["mse"]["text"] == "0.012 ± 0.000 (6/6)" and "coef" not in cell


def test_two_pages_become_one_comparison(folder, tmp_path, capsys):
    _, where = folder
    page, target = where / "index.html", tmp_path / "compared.html"
    results_page.main(["--compare", str(page), str(page), "--to", str(target)])
    assert read_contents(target) == read_contents(page)
    assert 'id="other">null' in page.read_text() and 'id="other">null' not in target.read_text()
    with pytest.raises(SystemExit, match="nowhere"):
        results_page.main(["--compare", str(page), "nowhere.html", "--to", str(target)])


def test_data_sets_of_different_numbers_of_splits_make_every_table_and_the_page(make_run):
    scores = {
        "toy": {"lasso": [0.4, 0.5, 0.6] * 2, "nimo": [0.1, 0.2, 0.3] * 2},
        "diabetes": {"lasso": [0.4, 0.5, 0.6, 0.5] * 2, "nimo": [*[0.1, 0.2] * 3, 0.1, "error"]},
    }
    results = make_run(scores, arrays=lambda split, _: {"coef": np.ones(len(split.feature_names))})
    for name in TABLES:
        paths = [results.folder / "tables" / f"{name}.{kind}" for kind in ("csv", "md", "tex")]
        make(name, results).write(*paths)
    details.write(results.folder / details.NAME, details.gather(results))
    told = contents(results.folder, results.config)
    assert told["splits"] == "6 to 8 splits"
    assert dict(told["facts"])["Cuts"] == "6 to 8 splits of each data set, seed 0"
    assert {d["name"]: d["splits"] for d in told["datasets"]} == {"toy": 6, "diabetes": 8}
    for dataset, n in (("toy", 6), ("diabetes", 8)):
        cell = cell_of(told, dataset, "lasso")
        assert len(cell["values"]["mse"]) == len(cell["coef"]) == n
        assert cell["stats"]["mse"]["text"].endswith(f"({n}/{n})")
    assert cell_of(told, "diabetes", "nimo")["stats"]["mse"]["text"].endswith("(7/8, error 1)")
    constant = pd.read_csv(results.folder / "tables/real.csv").set_index("method").loc["constant"]
    assert (constant.n_ok, constant.n) == (8, 8)
    assert "28 fits, 27 ok, 1 error" in summary(results)
    assert "Seed 0, 6 to 8 splits." in summary(results)
    assert "27 of 28 fits ok, 6 to 8 splits of each of 2 data sets." in found.page(results)


def test_a_leaderboard_of_one_block_has_its_title(make_run):
    results = make_run({"toy": {"lasso": [0.4] * 3, "mlp": ["error"] * 3, "nimo": [0.1] * 3}})
    paths = [results.folder / "tables" / f"leaderboard.{kind}" for kind in ("csv", "md", "tex")]
    make("leaderboard", results).write(*paths)
    (block,) = contents(results.folder, results.config)["leaderboard"]["blocks"]
    assert block["title"] == "Regression, synthetic data, by test MSE"
    assert [row[0] for row in block["rows"]] == ["NIMO", "Lasso", "MLP"]


def test_the_leaderboard_over_most_data_sets_is_first(make_run):
    errors = {"lasso": [0.4] * 3, "nimo": [0.1] * 3}
    results = make_run(dict.fromkeys(("toy", "auto", "hitters"), errors))
    paths = [results.folder / "tables" / f"leaderboard.{kind}" for kind in ("csv", "md", "tex")]
    make("leaderboard", results).write(*paths)
    blocks = contents(results.folder, results.config)["leaderboard"]["blocks"]
    assert [block["title"] for block in blocks] == [
        "Regression, real tables, by test MSE, 2 data sets",
        "Regression, synthetic data, by test MSE, 1 data set",
    ]


def test_the_page_of_two_cuts_says_that_they_cannot_tell(make_run):
    scores = {d: {"lasso": [0.4, 0.5], "nimo": [0.1, 0.2]} for d in ("vanilla", "toy", "diabetes")}
    results = make_run(scores)
    folder = results.root / "results" / results.run
    for name in ("regression", "real", "differences", "ranks"):
        paths = [folder / "tables" / f"{name}.{kind}" for kind in ("csv", "md", "tex")]
        make(name, results).write(*paths)
    told = contents(folder, results.config)
    assert "Two cuts cannot tell: below five splits nothing is tested or judged." in told["summary"]
    words = [p["word"] for c in told["cells"] for p in c["stats"]["mse"].get("published", [])]
    assert words and set(words) == {None} and told["legend"] == []
    assert all(ranking["friedman_p"] is None for ranking in told["rankings"])
    text = json.dumps(told["tables"])
    assert not any("mark" in c["stats"]["mse"] for c in told["cells"])
    assert "agrees" not in text and "significant" not in text and "Friedman" not in text
