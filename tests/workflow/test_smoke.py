"""The reduced grid: every rule, every method, every table and figure."""

import pandas as pd
import pytest
import yaml

import baselines
from benchmark import provenance
from benchmark.config import validate
from benchmark.figures import figures_of
from benchmark.page.document import read_contents
from benchmark.tables import TABLES


@pytest.fixture(scope="module")
def smoke(new_checkout):
    checkout = new_checkout("smoke")
    file = checkout.folder / "config/smoke.yaml"
    checkout.configure(**yaml.safe_load(file.read_text()))
    checkout.make()
    return checkout


def test_config_names_every_method(smoke):
    named = smoke.config["methods"]
    assert set(named) == set(baselines.names())
    full = yaml.safe_load((smoke.folder / "config/paper.yaml").read_text())
    plain = [name for name in full["methods"] if name == baselines.base(name)]
    assert [name for name in named if name in plain] == plain


def test_every_cell_is_ok_or_skipped_for_want_of_a_package(smoke):
    fits = pd.read_csv(smoke.folder / smoke.fits_csv)
    for name, rows in fits.groupby("method"):
        lacks = provenance.missing(baselines.load(name))
        assert set(rows.status) == ({"skipped"} if lacks else {"ok"}), name
    assert set(fits.method) == set(smoke.config["methods"])
    assert set(fits.dataset) == set(smoke.config["datasets"])
    scores = pd.read_csv(smoke.folder / "results/smoke/scores.csv")
    assert scores.value.notna().all()
    primary = scores[scores.metric.isin(["mse", "accuracy"])]
    assert len(primary) == (fits.status == "ok").sum()


def test_the_tuning_budget_is_in_the_records(smoke):
    found = smoke.record("toy", "boosting", 0)["result"]["info"]["tuning"]
    assert found["configurations"] == smoke.config["tuning"] == 2


def test_second_run_has_nothing_to_do(smoke):
    assert "Nothing to be done" in smoke.make()


def test_tables_and_figures_are_there(smoke):
    tables = smoke.folder / "results/smoke/tables"
    for name in TABLES:
        for kind in ("csv", "md", "tex"):
            assert (tables / f"{name}.{kind}").stat().st_size > 0
    for kind in ("png", "pdf", "csv"):
        figures = {p.stem for p in (smoke.folder / "figures/smoke").glob(f"*.{kind}")}
        assert figures == set(figures_of(validate(dict(smoke.config))))


def test_the_results_page_has_every_fit(smoke):
    data = read_contents(smoke.folder / "results/smoke/index.html")
    fits = pd.read_csv(smoke.folder / smoke.fits_csv)
    assert sum(cell["n"] for cell in data["cells"]) == len(fits) and data["kept"]
    assert sum(cell["n_ok"] for cell in data["cells"]) == (fits.status == "ok").sum()
    tables = smoke.folder / "results/smoke/tables"
    filled = {name for name in TABLES if len(pd.read_csv(tables / f"{name}.csv"))}
    # the leaderboard stands by itself, above the others
    assert {table["name"] for table in data["tables"]} == filled - {"leaderboard"}
    assert data["leaderboard"] and len(filled) >= 5
    assert set(data["links"]["figures"]) == set(figures_of(validate(dict(smoke.config))))
    assert all("chosen" in cell for cell in data["cells"])


def test_full_grid_is_untouched(smoke):
    assert [p.name for p in (smoke.folder / "results").iterdir()] == ["smoke"]


def test_lint(smoke):
    code, text = smoke.snakemake("--lint")
    assert code == 0, text


def test_report(smoke):
    smoke.make("--report", "report.html")
    assert (smoke.folder / "report.html").stat().st_size > 10_000
