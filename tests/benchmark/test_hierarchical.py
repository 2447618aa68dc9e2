"""The hierarchical correlated Bayesian t test: against integration, a library, and plain cases."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import special, stats

from benchmark.evaluation import pairwise
from benchmark.evaluation.statistics.hierarchical import (
    Summaries,
    _degrees,
    compare_over_tables,
    correlated_t,
)

REGION = 0.01


def summaries(x, overlap=0.25) -> Summaries:
    """Of one pair: the differences x of each table."""
    n = np.array([[len(row) for row in x]])
    mean = np.array([[np.mean(row) for row in x]])
    sd = np.array([[np.std(row, ddof=1) for row in x]])
    return Summaries(mean, sd, n, 1 / n + overlap)


def differences(q, n, centre, spread, noise, seed=0):
    rng = np.random.default_rng(seed)
    return (centre + spread * rng.normal(size=q))[:, None] + noise * rng.normal(size=(q, n))


def integrated(data: Summaries, grid=501, steps=(31, 30)):
    """Expected chances on a further table, by sums over m, t and nu and over each table's d."""
    mean, sd, n, factor = (array[0][:, None] for array in vars(data).values())
    d = np.linspace(-0.2, 0.2, grid)
    width = d[1] - d[0]
    logs = -(n - 1) / 2 * np.log((n - 1) * sd**2 + (mean - d) ** 2 / factor)
    likelihood = np.exp(logs - logs.max(1, keepdims=True))
    m, t = np.linspace(-0.06, 0.06, steps[0]), np.geomspace(5e-4, 0.15, steps[1])
    edges = np.append(d - width / 2, d[-1] + width / 2)
    total, sums = 0.0, np.zeros(3)
    for nu, prior in zip(*(values[::4] for values in _degrees()), strict=True):
        for scale, weight in zip(t, np.gradient(t), strict=True):
            cells = np.diff(special.stdtr(nu, (edges - m[:, None]) / scale), axis=1)
            logs = np.log(np.maximum(cells @ likelihood.T, 1e-300)).sum(1)
            mass = np.exp(logs + prior) * weight
            less = special.stdtr(nu, (-REGION - m) / scale)
            more = special.stdtr(nu, (m - REGION) / scale)
            total += mass.sum()
            sums += [mass @ less, mass @ (1 - less - more), mass @ more]
    return sums / total


@pytest.mark.parametrize(
    "centre, spread, noise", [(0.0, 0.002, 0.02), (0.012, 0.01, 0.01), (-0.02, 0.03, 0.02)]
)
def test_the_chains_find_what_integration_finds(centre, spread, noise):
    data = summaries(differences(9, 6, centre, spread, noise, seed=4))
    found = compare_over_tables(data, REGION)
    chances = [float(getattr(found, f"next_{word}")[0]) for word in ("less", "equal", "more")]
    np.testing.assert_allclose(chances, integrated(data), atol=0.03)


def test_tables_of_different_numbers_of_cuts_weigh_by_what_they_know():
    """Against integration; and cuts that pull to one side count more than a single one of them."""
    x = [row[: (5 if i % 2 else 10)] for i, row in enumerate(differences(9, 10, 0.01, 0.01, 0.03))]
    data = summaries(x, overlap=0.0)
    assert set(data.n.ravel()) == {5, 10}
    found = compare_over_tables(data, REGION)
    chances = [float(getattr(found, f"next_{word}")[0]) for word in ("less", "equal", "more")]
    np.testing.assert_allclose(chances, integrated(data), atol=0.03)
    few = compare_over_tables(summaries([row[:5] for row in x], overlap=0.0), REGION)
    assert found.upper[0] - found.lower[0] < few.upper[0] - few.lower[0]


def test_a_clear_case_of_each_outcome_and_the_mirror_of_a_case():
    for centre, word in ((-0.1, "less"), (0.0, "equal"), (0.1, "more")):
        x = differences(20, 5, centre, 0.002, 0.005)
        found = compare_over_tables(summaries(x), REGION, draws=800)
        assert getattr(found, word)[0] > 0.97
        assert found.lower[0] < centre < found.upper[0] or abs(found.mean[0] - centre) < 0.005
    x = differences(8, 5, 0.01, 0.02, 0.02)
    one, other = (compare_over_tables(summaries(sign * x), REGION, 2000) for sign in (1, -1))
    assert one.next_more[0] == pytest.approx(other.next_less[0], abs=0.03)
    assert one.mean[0] == pytest.approx(-other.mean[0], abs=0.003)


def test_pairs_side_by_side_do_not_mix_and_ties_are_equal():
    sets = [differences(8, 5, centre, 0.002, 0.005, seed=1) for centre in (-0.08, 0.08)]
    sets.append(np.zeros((8, 5)))
    parts = [summaries(x) for x in sets]
    whole = Summaries(*(np.vstack([getattr(p, f) for p in parts]) for f in vars(parts[0])))
    found = compare_over_tables(whole, REGION, draws=1000)
    assert found.less[0] > 0.97 and found.more[1] > 0.97 and found.equal[2] > 0.97
    assert np.isfinite([found.mean, found.lower, found.upper]).all()


def test_a_table_that_a_pair_lacks_changes_nothing():
    x = differences(8, 5, 0.02, 0.01, 0.01)
    full = summaries(x)
    more = Summaries(
        *(np.hstack([array, np.zeros((1, 3), array.dtype)]) for array in vars(full).values())
    )
    one, other = (compare_over_tables(data, REGION, 2000) for data in (full, more))
    assert one.next_more[0] == pytest.approx(other.next_more[0], abs=0.03)


def test_the_part_of_one_table_is_the_correlated_t_test():
    x = differences(1, 10, 0.02, 0.0, 0.02)[0]
    n, overlap = len(x), 1 / 9
    parts = correlated_t(x.mean(), x.std(ddof=1), n, 1 / n + overlap, REGION)
    assert sum(parts) == pytest.approx(1)
    plain = correlated_t(x.mean(), x.std(ddof=1), n, 1 / n, 0.0)
    assert plain[0] == pytest.approx(stats.ttest_1samp(x, 0, alternative="greater").pvalue)
    baycomp = pytest.importorskip("baycomp")
    # baycomp's correction is 1 / (folds - 1)
    theirs = baycomp.CorrelatedTTest.probs(np.zeros(n), x, rope=REGION)
    np.testing.assert_allclose(parts, theirs, atol=1e-9)


def test_many_cuts_of_the_same_table_say_less_than_many_tables():
    x = differences(6, 5, 0.015, 0.01, 0.01)
    apart, together = (
        compare_over_tables(summaries(x, overlap), REGION, 1000) for overlap in (0.0, 2.0)
    )
    assert together.upper[0] - together.lower[0] > apart.upper[0] - apart.lower[0]


# ------------------------------------------------------------------ from frames


def frame(by_method, tables=6, splits=5, seed=0):
    """Scores of methods with given levels: a row per table, method and split."""
    rng = np.random.default_rng(seed)
    rows = []
    for t in range(tables):
        base = np.exp(rng.normal())
        for s in range(splits):
            cut = np.exp(0.05 * rng.normal())
            for name, level in by_method.items():
                value = base * cut * level * np.exp(0.02 * rng.normal())
                rows.append((f"t{t}", name, s, value))
    return pd.DataFrame(rows, columns=["dataset", "method", "split", "value"])


def test_errors_are_told_as_ratios_and_the_pair_from_either_side():
    scores = frame({"a": 1.0, "b": 0.5})
    overlap = dict.fromkeys(scores.dataset, 0.3)
    found = pairwise.compared(scores, "mse", overlap)
    (row,) = found.to_dict("records")
    assert (row["method_a"], row["method_b"], row["n_tables"]) == ("a", "b", 6)
    assert row["estimate"] == pytest.approx(2, rel=0.05) and row["worse"] > 0.97
    assert row["lower"] < row["estimate"] < row["upper"]
    turned = pairwise.between(found, "b", "a")
    assert turned["better"] == row["worse"] and turned["next_worse"] == row["next_better"]
    assert turned["estimate"] == pytest.approx(1 / row["estimate"])
    assert turned["lower"] == pytest.approx(1 / row["upper"])
    assert pairwise.between(found, "a", "b") == row and pairwise.between(found, "a", "c") is None


def test_scores_are_told_as_differences_and_the_larger_is_better():
    scores = frame({"a": 1.0, "b": 1.0})
    scores["value"] = 0.8 - 0.05 * (scores.method == "b") + 0.001 * scores.value
    overlap = dict.fromkeys(scores.dataset, 0.0)
    (row,) = pairwise.compared(scores, "accuracy", overlap).to_dict("records")
    assert row["better"] > 0.97 and row["estimate"] == pytest.approx(0.05, abs=0.005)
    assert pairwise.region_of("accuracy") == 0.01
    assert pairwise.region_of("mse") == pytest.approx(math.log(1.01))


def test_ties_by_rounding_are_equal_and_few_cuts_or_tables_are_left_out():
    scores = frame({"a": 1.0, "b": 1.0})
    same = scores[scores.method == "a"].set_index(["dataset", "split"]).value
    other = scores.method == "b"
    places = list(zip(scores.dataset[other], scores.split[other], strict=True))
    scores.loc[other, "value"] = (same.loc[places] * (1 + 1e-12)).to_numpy()
    overlap = dict.fromkeys(scores.dataset, 0.3)
    (row,) = pairwise.compared(scores, "mse", overlap).to_dict("records")
    assert row["equal"] > 0.97
    few = scores[~((scores.dataset == "t0") & (scores.split == 0))]
    (row,) = pairwise.compared(few, "mse", overlap).to_dict("records")
    assert row["n_tables"] == 5
    assert pairwise.compared(few[few.dataset != "t1"], "mse", overlap).empty
    assert pairwise.compared(scores[~other], "mse", overlap).empty


def test_each_table_brings_its_own_number_of_cuts():
    scores = frame({"a": 1.0, "b": 0.9}, splits=10)
    scores = scores[scores.dataset.isin(["t0", "t3"]) | (scores.split < 5)]
    overlap = dict.fromkeys(scores.dataset, 0.25)
    data = pairwise.summaries(scores, [("a", "b")], "mse", overlap)
    assert data.n.tolist() == [[10, 5, 5, 10, 5, 5]]
    np.testing.assert_allclose(data.factor, 1 / data.n + 0.25)
    wide = scores[scores.dataset == "t3"].pivot(index="split", columns="method", values="value")
    assert data.mean[0, 3] == pytest.approx(np.log(wide.a / wide.b).mean())
    (row,) = pairwise.compared(scores, "mse", overlap).to_dict("records")
    assert row["n_tables"] == 6 and row["worse"] > 0.97


def test_a_run_with_few_splits_or_data_sets_compares_nobody(make_run):
    from benchmark import tables

    scores = {d: {"lasso": [0.4] * 5, "nimo": [0.3] * 5} for d in ("toy", "vanilla")}
    table = tables.make("pairs", make_run(scores))
    assert table.tidy.empty and "not 5 data sets" in table.markdown()
