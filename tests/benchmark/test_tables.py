"""The tables of a run, from invented records with chosen scores."""

import io
import math
import re

import numpy as np
import pandas as pd
import pytest

from benchmark import datasets, tables
from benchmark.fingerprint import NOT_COMPARED
from benchmark.metrics.coefficients import relative_error, scaled_error, sign_agreement
from benchmark.metrics.support import precision_recall_f1
from benchmark.tables.cells import dataset_label, number
from benchmark.tables.table import Block, Table, escape_latex

EQUATIONS = datasets.declared()
TOY = {"toy": {"lasso": [19.0, 21.0, 20.0], "mlp": [0.5, "timeout", 0.7], "nimo": ["error"] * 3}}
FIVE = {"toy": {"lasso": [19.0, 21.0, 20.0, 19.0, 21.0]}}
BOTH_TASKS = {"toy": {"lasso": [20.0, 21.0]}, "classification1": {"logistic": [0.6, 0.7]}}


def read(table):
    return pd.read_csv(io.StringIO(table.csv())).set_index(["dataset", "method"])


def cells_of(block):
    """Text cells by (row name, column name)."""
    return {
        (row[0], name): text
        for row in block.rows
        for name, text in zip(block.header[1:], row[1:], strict=True)
    }


def test_a_cell_shows_mean_sd_and_count(make_run):
    table = tables.make("regression", make_run(FIVE))
    shown = cells_of(table.blocks[0])
    assert shown["toy", "Lasso"] == "20.0 ± 1.0 (5/5)"
    assert shown["paper v1", "Lasso"] == "18.982 ✓ agrees"
    row = read(table).loc[("toy", "lasso")]
    assert (row["mean"], row.sd, row.n_ok, row.n) == (20.0, 1.0, 5, 5)
    assert (row.published, row.verdict, row.place) == (18.982, "agrees", "table1")
    assert row.lower < 20 < row.upper
    assert row.predicted_lower < row.lower and row.upper < row.predicted_upper


def test_a_cell_with_failures_is_marked_and_never_a_zero(make_run):
    table = tables.make("regression", make_run(TOY))
    shown = cells_of(table.blocks[0])
    assert shown["toy", "MLP"] == "0.600 ± 0.141 (2/3, timeout 1)"
    assert shown["toy", "NIMO"] == "failed (error 3/3)"
    row = read(table).loc[("toy", "nimo")]
    assert math.isnan(row["mean"]) and row.failures == "error:3"
    assert read(table).loc[("toy", "mlp")].failures == "timeout:1"
    assert any("2 cells" in note for note in table.notes)


def test_without_a_success_there_is_a_published_value_but_no_verdict(make_run):
    table = tables.make("regression", make_run(TOY))
    assert cells_of(table.blocks[0])["paper v1", "NIMO"] == "0.166 (no verdict)"
    assert pd.isna(read(table).loc[("toy", "nimo")].verdict)


def test_better_and_worse(make_run):
    scores = {
        "vanilla": {"mlp": [0.10, 0.11, 0.12, 0.10, 0.11], "nimo": [0.2, 0.21, 0.22, 0.2, 0.21]}
    }
    table = read(tables.make("regression", make_run(scores)))
    assert table.loc[("vanilla", "mlp")].verdict == "better"  # published 0.939
    assert table.loc[("vanilla", "nimo")].verdict == "worse"  # published 0.048


def test_one_split_has_no_spread_and_no_verdict(make_run):
    table = tables.make("regression", make_run({"toy": {"lasso": [20.0]}}))
    shown = cells_of(table.blocks[0])
    assert shown["toy", "Lasso"] == "20.0 (1/1)"
    assert shown["paper v1", "Lasso"] == "18.982 (no verdict)"
    assert math.isnan(read(table).loc[("toy", "lasso")].sd)


def test_versions_of_the_paper_are_kept_apart(make_run):
    scores = {"regression1": {"lasso": [3.0, 3.2, 2.9], "nimo": [0.030, 0.028, 0.033]}}
    table = tables.make("regression", make_run(scores))
    shown = cells_of(table.blocks[0])
    assert shown["paper v1", "NIMO"].startswith("0.030")
    assert shown["paper v2", "NIMO"].startswith("0.024")
    assert shown["paper v2", "Lasso"] == ""
    row = read(table).loc[("regression1", "nimo")]
    assert (row.published, row.published_v2) == (0.030, 0.024)


def test_a_method_without_published_value_has_no_verdict(make_run):
    table = tables.make("regression", make_run({"toy": {"nimo_relaxed": [0.02, 0.03, 0.02]}}))
    assert [row[0] for row in table.blocks[0].rows] == ["toy"]
    assert pd.isna(read(table).loc[("toy", "nimo_relaxed")].verdict)


def test_reference_columns(make_run):
    results = make_run(BOTH_TASKS)
    regression = tables.make("regression", results)
    assert cells_of(regression.blocks[0])["toy", "noise floor"] == "0.010"
    split = results.split("toy", 0).arrays
    constant = read(regression).loc[("toy", "constant")]
    expected = [
        np.mean((s["y_test"] - s["y_train"].mean()) ** 2)
        for s in (split, results.split("toy", 1).arrays)
    ]
    assert constant["mean"] == pytest.approx(np.mean(expected))
    classification = read(tables.make("classification", results))
    bayes = [results.truth("classification1", i).bayes_accuracy for i in (0, 1)]
    assert classification.loc[("classification1", "bayes"), "mean"] == pytest.approx(np.mean(bayes))
    assert ("classification1", "noise_floor") not in classification.index


def test_a_method_that_does_not_do_the_task_is_not_in_the_table(make_run):
    results = make_run(BOTH_TASKS)
    assert "Logistic regression" not in tables.make("regression", results).blocks[0].header
    both = cells_of(tables.make("runtime", results).blocks[0])
    assert both["toy", "Logistic regression"] == "–"


def test_classification_only(make_run):
    scores = {
        "classification1": {"logistic": [0.60, 0.55, 0.63] * 2, "mlp": [0.70, 0.71, 0.72] * 2}
    }
    results = make_run(scores)
    empty = tables.make("regression", results)
    assert empty.blocks == [] and len(empty.tidy) == 0
    assert "No data set" in empty.markdown()
    shown = cells_of(tables.make("classification", results).blocks[0])
    assert shown["classification 1", "Logistic regression"].startswith("0.593 ± 0.036")
    assert shown["paper v1", "MLP"] == "0.90 ▼ worse"


def test_real_data_of_both_tasks_with_the_users_own(make_run):
    results = make_run(
        {
            "diabetes": {"lasso": [0.5, 0.52, 0.48] * 2, "mlp": [0.5, 0.6, 0.7] * 2},
            "wine": {"lasso": [0.9, 0.8, 0.9] * 2, "mlp": [0.8, 0.8, 0.7] * 2},
            "churn": {"mlp": [0.5, 0.6, 0.7] * 2},
        },
        csv={"wine": "regression", "churn": "classification"},
    )
    table = tables.make("real", results)
    first, second = table.blocks
    assert [row[0] for row in first.rows] == ["diabetes", "paper v1", "wine"]
    assert [row[0] for row in second.rows] == ["churn"]
    assert second.header == ["data set", "MLP", "constant"]  # no Bayes rule, no noise floor
    assert read(table).loc[("diabetes", "lasso")].place == "figure5-median"
    assert any("box plots" in note for note in table.notes)
    assert tables.make("regression", results).blocks == []


def test_users_data_alone_make_every_table(make_run):
    results = make_run({"wine": {"lasso": [0.9, 0.8]}}, csv={"wine": "regression"})
    for name in tables.TABLES:
        table = tables.make(name, results)
        assert table.csv() and table.markdown() and table.latex()
    assert tables.make("coefficients", results).blocks == []


def test_csv_files_have_ten_significant_digits(make_run):
    table = tables.make("regression", make_run({"toy": {"lasso": [1 / 3, 1 / 7, 2e-9 / 3]}}))
    kept = read(table).loc[("toy", "lasso")]
    assert kept["mean"] == float(f"{table.tidy['mean'][0]:.10g}") != table.tidy["mean"][0]


def test_intervals_of_real_data_are_wider(make_run):
    values = [0.5, 0.6, 0.7]
    results = make_run({"toy": {"lasso": values}, "diabetes": {"lasso": values}})
    toy = read(tables.make("regression", results)).loc[("toy", "lasso")]
    real = read(tables.make("real", results)).loc[("diabetes", "lasso")]
    assert real.upper - real.lower > toy.upper - toy.lower


def test_a_missing_record_refuses_every_table(make_run):
    results = make_run(TOY)
    results.fits = results.fits[~((results.fits.method == "mlp") & (results.fits.split == 1))]
    for name in tables.TABLES:
        with pytest.raises(tables.IncompleteTable, match="toy mlp split 1"):
            tables.make(name, results)


def test_an_unknown_table_is_named(make_run):
    with pytest.raises(KeyError, match="no table 'regresion'"):
        tables.make("regresion", make_run(TOY))


def _explained(split, method):
    d = split.arrays["X_test"].shape[1]
    if method == "contextual_lasso":
        local = np.tile(np.array([3.0, -1.0, 0.0]), (100, 1))
        local[::2, 0] += 1.0
        local[1::2, 0] -= 1.0
        return {"local_coef": local}
    if method == "nimo":
        return {
            "coef": np.array([3.0, 3.0, 0.5]),
            "interaction_features": np.array([True, False, True]),
        }
    return {} if method == "mlp" else {"coef": np.zeros(d)}


def test_coefficients_are_held_against_the_marginal_effect(make_run):
    scores = {
        "toy": {m: [1.0, 1.0] for m in ("contextual_lasso", "lasso", "mlp", "nimo")},
    }
    results = make_run(scores, arrays=_explained, local={"contextual_lasso"})
    table = tables.make("coefficients", results)
    tidy = table.tidy.set_index(["metric", "method"])
    size = math.sqrt(18)  # truth: 3, -3, 0
    assert tidy.loc[("relative_error", "nimo"), "mean"] == pytest.approx(math.sqrt(36.25) / size)
    assert tidy.loc[("relative_error", "contextual_lasso"), "mean"] == pytest.approx(2 / size)
    assert tidy.loc[("local_spread", "contextual_lasso"), "mean"] == pytest.approx(1 / size)
    assert tidy.loc[("sign_agreement", "nimo"), "mean"] == 0.5
    assert tidy.loc[("beta_precision", "nimo"), "mean"] == pytest.approx(2 / 3)
    assert tidy.loc[("beta_recall", "lasso"), "mean"] == 0.0
    assert math.isnan(tidy.loc[("relative_error", "mlp"), "mean"])
    shown = cells_of(table.blocks[0])
    assert shown["toy", "MLP"] == "–"
    assert shown["toy", "Contextual Lasso"].endswith("local")
    assert not shown["toy", "NIMO"].endswith("local")
    assert "scaled_error" not in set(table.tidy.metric)  # of classification only


def test_logits_are_also_compared_on_a_common_scale(make_run):
    def halved(split, method):
        return {"coef": EQUATIONS[split.dataset].true_coef() / 2}

    results = make_run({"classification2": {"nimo": [0.8, 0.9]}}, arrays=halved)
    tidy = tables.make("coefficients", results).tidy.set_index("metric")
    assert tidy.loc["relative_error", "mean"] == pytest.approx(0.5)
    assert tidy.loc["scaled_error", "mean"] == pytest.approx(0.0)
    assert tidy.loc["beta_f1", "mean"] == 1.0


def test_first_layer_support(make_run):
    scores = {"toy": {"mlp": [1.0, 1.0], "nimo": [1.0, "error"]}}
    table = tables.make("first_layer", make_run(scores, arrays=_explained))
    tidy = table.tidy.set_index(["metric", "method"])  # truth: x1, x2; found: x1, x3
    assert tidy.loc[("interaction_precision", "nimo"), "mean"] == 0.5
    assert tidy.loc[("interaction_recall", "nimo"), "mean"] == 0.5
    assert tidy.loc[("interaction_exact", "nimo"), "mean"] == 0.0
    assert tidy.loc[("interaction_exact", "nimo"), "n_values"] == 1
    assert cells_of(table.blocks[0])["toy", "MLP"] == "–"


def test_support_measures_where_there_is_nothing():
    none, one = np.array([False, False]), np.array([True, False])
    assert precision_recall_f1(none, none) == (1.0, 1.0, 1.0)
    assert precision_recall_f1(one, none) == (0.0, 1.0, 0.0)
    assert precision_recall_f1(none, one) == (1.0, 0.0, 0.0)


def test_coefficient_measures():
    truth = np.array([2.0, -4.0, 0.0])
    assert relative_error(truth, truth) == 0.0
    assert relative_error(np.zeros(3), truth) == 1.0
    assert scaled_error(10 * truth, truth) == pytest.approx(0.0)
    assert scaled_error(np.zeros(3), truth) == 1.0
    assert sign_agreement(np.array([1.0, 0.0, 5.0]), truth) == 0.5


def test_every_table_says_which_implementation_made_a_cell(make_run):
    scores = {
        "toy": {"contextual_lasso": [1.0, 2.0], "lasso": [1.0, 2.0]},
        "regression1": {"contextual_lasso": [1.0, 2.0], "lasso": [1.0, 3.0]},
    }
    same = {(d, "contextual_lasso"): "julia" for d in scores}
    results = make_run(
        scores, implementations=same, arrays=_explained_for_all, local={"contextual_lasso"}
    )
    for name in ("regression", "coefficients", "first_layer", "runtime", "differences", "ranks"):
        notes = tables.make(name, results).notes
        assert "Implementation of Contextual Lasso: julia in all its cells." in notes, name
    assert read(tables.make("regression", results)).loc[
        ("toy", "contextual_lasso")
    ].implementation == ("julia")


def _explained_for_all(split, method):
    d = split.arrays["X_test"].shape[1]
    return {"local_coef": np.ones((100, d))} if method == "contextual_lasso" else {}


def test_different_implementations_are_told_apart(make_run):
    scores = {
        "toy": {"contextual_lasso": [1.0, 2.0]},
        "regression1": {"contextual_lasso": [1.0, 2.0]},
    }
    names = {("toy", "contextual_lasso"): "julia", ("regression1", "contextual_lasso"): "torch"}
    notes = tables.make("regression", make_run(scores, implementations=names)).notes
    assert "Implementation of Contextual Lasso: julia on toy; torch on regression 1." in notes


def test_differences_are_ratios_of_errors_with_stars(make_run):
    scores = {
        "toy": {"lasso": [19.0, 20.0, 21.0, 20.0, 20.0], "nimo": [0.19, 0.2, 0.22, 0.19, 0.2]}
    }
    table = tables.make("differences", make_run(scores))
    shown = cells_of(table.blocks[0])
    assert shown["Lasso", "NIMO"] == "100*"
    assert shown["NIMO", "Lasso"] == "0.01*"
    assert shown["NIMO", "NIMO"] == ""
    assert list(table.tidy.columns[-6:-2]) == ["lower", "upper", "p", "p_holm"]


def test_differences_of_accuracy_are_points(make_run):
    scores = {"classification1": {"logistic": [0.6, 0.5, 0.7], "mlp": [0.7, 0.6, 0.7]}}
    shown = cells_of(tables.make("differences", make_run(scores)).blocks[0])
    assert shown["MLP", "Logistic regression"] == "+6.7"
    assert shown["Logistic regression", "MLP"] == "-6.7"


def test_ranks_mark_methods_that_failed(make_run):
    table = tables.make("ranks", make_run(TOY | {"vanilla": TOY["toy"]}))
    shown = cells_of(table.blocks[0])
    assert shown["NIMO", "toy"] == "3 failed"
    assert shown["MLP", "average"] == "1.00"
    assert list(table.tidy.method) == ["mlp", "lasso", "nimo"]


def test_runtime_counts_successful_fits(make_run):
    table = tables.make("runtime", make_run(TOY))
    tidy = table.tidy.set_index(["metric", "method"])
    assert tidy.loc[("fit_seconds", "mlp"), "mean"] == 2.0
    assert tidy.loc[("fit_seconds", "mlp"), "n_values"] == 2
    assert cells_of(table.blocks[0])["toy", "NIMO"] == "failed (error 3/3)"


def test_only_what_the_fingerprint_leaves_out_depends_on_the_clock(make_run):
    results = make_run(TOY)
    names = [name for name in tables.TABLES if name not in NOT_COMPARED]
    before = {name: tables.make(name, results).csv() for name in names}
    results.fits[["fit_seconds", "predict_seconds", "peak_memory_mb"]] *= 3
    assert {name: tables.make(name, results).csv() for name in names} == before


def test_three_formats_are_written(make_run, tmp_path):
    table = tables.make("regression", make_run(TOY))
    paths = [tmp_path / f"out.{end}" for end in ("csv", "md", "tex")]
    table.write(*paths)
    assert len(pd.read_csv(paths[0])) == 5  # three methods, two references
    lines = paths[1].read_text().splitlines()
    grid = [line for line in lines if line.startswith("|")]
    assert len({len(line) for line in grid}) == 1  # aligned for reading in a terminal
    assert paths[2].read_text().count(r"\begin{tabular}") == 1


def test_latex_is_escaped_and_balanced():
    block = Block("50 % of a_b & c", ["x_1", "a|b"], [["0.1 ± 0.2", "✓ agrees"], ["–", "{#}"]])
    table = Table("made_up", "title", pd.DataFrame(), [block], ["note: 5 % < 1"])
    text = table.latex()
    assert r"50 \% of a\_b \& c" in text
    assert r"0.1 $\pm$ 0.2 & $\checkmark$ agrees \\" in text
    assert r"-- & \{\#\} \\" in text
    assert text.isascii()
    for environment in ("table", "tabular"):
        assert text.count(rf"\begin{{{environment}}}") == text.count(rf"\end{{{environment}}}") == 1
    unescaped = re.sub(r"\\.", "", text)
    assert unescaped.count("{") == unescaped.count("}")


def test_latex_of_a_whole_run_has_equal_numbers_of_cells(make_run):
    results = make_run(TOY | {"vanilla": TOY["toy"]})
    for name in tables.TABLES:
        table = tables.make(name, results)
        grids = re.findall(
            r"\\begin\{tabular\}\{(l?c*)\}(.*?)\\end\{tabular\}", table.latex(), re.DOTALL
        )
        assert len(grids) == len(table.blocks)
        for columns, body in grids:
            rows = [line for line in body.splitlines() if line.endswith(r"\\")]
            assert rows
            assert {len(re.findall(r"(?<!\\)&", row)) + 1 for row in rows} == {len(columns)}


def test_markdown_cells_cannot_break_the_grid():
    block = Block("t", ["a", "b|c"], [["x", "0.5*"]])
    assert block.markdown().splitlines()[0] == r"| a   | b\|c  |"
    assert block.markdown().splitlines()[2] == r"| x   | 0.5\* |"


@pytest.mark.parametrize(
    "value, text",
    [(0.0304, "0.030"), (0.9996, "1.00"), (3.164, "3.16"), (9.996, "10.0"), (18.98, "19.0")],
)
def test_numbers_have_about_three_digits(value, text):
    assert number(value) == text


def test_labels_of_data_sets():
    assert dataset_label("regression3") == "regression 3"
    assert dataset_label("toy") == "toy"
    assert dataset_label("wine_2020") == "wine_2020"


def test_escape_covers_every_special_character():
    assert escape_latex("~^\\") == r"\textasciitilde{}\textasciicircum{}\textbackslash{}"
