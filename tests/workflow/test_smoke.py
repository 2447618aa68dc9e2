"""The reduced grid: every rule, every method, every table and figure."""

import pandas as pd
import pytest
import yaml


@pytest.fixture(scope="module")
def smoke(new_checkout):
    checkout = new_checkout("smoke")
    file = checkout.folder / "config/smoke.yaml"
    checkout.configure(**yaml.safe_load(file.read_text()))
    checkout.make()
    return checkout


def test_config_names_every_method_of_the_full_grid(smoke):
    full = yaml.safe_load((smoke.folder / "config/paper.yaml").read_text())
    assert smoke.config["methods"] == full["methods"]


def test_every_cell_is_ok(smoke):
    table = pd.read_csv(smoke.folder / smoke.records_csv)
    assert set(table.status) == {"ok"}
    assert table.value.notna().all()
    assert set(table.method) == set(smoke.config["methods"])
    assert set(table.dataset) == set(smoke.config["datasets"])


def test_second_run_has_nothing_to_do(smoke):
    assert "Nothing to be done" in smoke.make()


def test_tables_and_figures_are_there(smoke):
    tables = smoke.folder / "results/smoke/tables"
    for name in ("regression", "classification", "real", "coefficients", "first_layer", "runtime"):
        for kind in ("csv", "md", "tex"):
            assert (tables / f"{name}.{kind}").stat().st_size > 0
    figures = {p.stem for p in (smoke.folder / "figures/smoke").glob("*.png")}
    assert figures == {p.stem for p in (smoke.folder / "figures/smoke").glob("*.pdf")}
    assert len(figures) >= 6


def test_full_grid_is_untouched(smoke):
    assert [p.name for p in (smoke.folder / "results").iterdir()] == ["smoke"]


def test_lint(smoke):
    code, text = smoke.snakemake("--lint")
    assert code == 0, text


def test_report(smoke):
    smoke.make("--report", "report.html")
    assert (smoke.folder / "report.html").stat().st_size > 10_000
