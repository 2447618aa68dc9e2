"""Intervals, paired differences, Holm, ranks: against known values and by simulation."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from benchmark import tables
from benchmark.evaluation.comparisons import compare, rankings
from benchmark.evaluation.statistics import (
    FEWEST,
    bounds,
    cannot_tell,
    critical_difference,
    holm,
    improvability,
    mean_interval,
    merged,
    overlap_of,
    paired_difference,
    rank_methods,
)


def test_mean_interval_is_the_t_interval_for_independent_splits():
    values = [0.1, 0.4, 0.2, 0.6, 0.3]
    expected = stats.t.interval(0.95, 4, loc=np.mean(values), scale=stats.sem(values))
    np.testing.assert_allclose(mean_interval(values), expected)


def test_mean_interval_widens_by_the_corrected_variance():
    values = [0.1, 0.4, 0.2, 0.6, 0.3]
    plain, corrected = mean_interval(values), mean_interval(values, overlap=1 / 3)
    ratio = (corrected[1] - corrected[0]) / (plain[1] - plain[0])
    assert ratio == pytest.approx(math.sqrt((1 / 5 + 1 / 3) / (1 / 5)))


def test_mean_interval_of_one_value_is_unknown():
    assert all(math.isnan(v) for v in mean_interval([1.0]))


def test_accuracies_are_compared_by_the_paired_t_test():
    rng = np.random.default_rng(0)
    a, b = rng.uniform(0.6, 0.9, (2, 10))
    found = paired_difference(a, b, "accuracy")
    expected = stats.ttest_rel(a, b)
    assert found.p == pytest.approx(expected.pvalue)
    np.testing.assert_allclose([found.lower, found.upper], expected.confidence_interval(0.95))
    assert found.estimate == pytest.approx(np.mean(a - b))


def test_errors_are_compared_as_a_ratio():
    a, b = np.array([0.1, 0.2, 0.4, 0.2, 0.3]), np.array([0.3, 0.5, 0.9, 0.6, 0.7])
    found = paired_difference(a, b, "mse")
    assert found.p == pytest.approx(stats.ttest_rel(np.log(a), np.log(b)).pvalue)
    assert found.estimate == pytest.approx(stats.gmean(a) / stats.gmean(b))
    assert found.lower < found.estimate < found.upper < 1
    turned = paired_difference(b, a, "mse")
    assert turned.lower == pytest.approx(1 / found.upper)


def test_difference_without_spread_claims_no_certainty():
    a = [0.5, 0.6, 0.5, 0.7, 0.6]
    assert paired_difference(a, a, "accuracy").p == 1.0
    apart = paired_difference([0.5] * 5, [0.75] * 5, "accuracy")
    assert apart.estimate == -0.25 and math.isnan(apart.p)
    assert math.isnan(apart.lower) and math.isnan(apart.upper)
    assert math.isnan(paired_difference([0.5], [0.75], "accuracy").p)
    assert math.isnan(paired_difference([], [], "accuracy").estimate)


def test_an_error_of_zero_has_a_ratio():
    assert 0 <= paired_difference([0.0, 0.0], [0.1, 0.2], "mse").estimate < 1e-100


def test_the_correction_keeps_the_level_where_the_plain_test_does_not():
    """Two equally good methods on random 60/20/20 splits of one small table."""
    rng = np.random.default_rng(1)
    plain = corrected = 0
    repetitions = 100
    for _ in range(repetitions):
        X, y = rng.normal(size=(100, 2)), rng.normal(size=100)  # neither feature says anything
        errors = np.empty((20, 2))
        for i in range(20):
            order = rng.permutation(100)
            train, test = order[:60], order[80:]
            for j in (0, 1):  # one competitor per feature
                slope = X[train, j] @ y[train] / (X[train, j] @ X[train, j])
                errors[i, j] = np.mean((y[test] - slope * X[test, j]) ** 2)
        plain += paired_difference(*errors.T, "mse").p < 0.05
        corrected += paired_difference(*errors.T, "mse", overlap=20 / 60).p < 0.05
    assert plain / repetitions > 0.10
    assert corrected / repetitions <= 0.05


def unequal(counts, seed=0):
    """Scores of two methods on data sets of so many splits."""
    rng = np.random.default_rng(seed)
    return {
        dataset: {m: list(rng.uniform(0.4, 0.6, n) * f) for m, f in (("lasso", 1), ("mlp", 0.5))}
        | {"nimo": list(rng.uniform(0.3, 0.4, n))}
        for dataset, n in counts.items()
    }


SYNTHETIC = ("toy", "vanilla", "regression1", "regression2", "regression3")


def test_a_table_is_tested_by_its_own_splits_and_several_by_the_fewest(make_run):
    counts = dict.fromkeys(SYNTHETIC, 5) | {"regression2": 10}
    results = make_run(unequal(counts))
    pairs = compare(results, "mse").set_index(["dataset", "method_a", "method_b"])
    for dataset, n in counts.items():
        row = pairs.loc[dataset, "lasso", "mlp"]
        assert row.n == n and row.p < 0.05
    (ranking,) = rankings(results, ["mse"])
    assert not math.isnan(ranking.friedman_p)
    for dataset, n in counts.items():
        mean = results.values(dataset, "mlp", "mse").mean()
        assert ranking.scores.loc[dataset, "mlp"] == mean and len(results.ok(dataset, "mlp")) == n
    assert set(tables.make("pairs", results).tidy.n_tables) == {5}


def test_one_table_of_few_splits_leaves_those_over_tables_without_a_test(make_run):
    results = make_run(unequal(dict.fromkeys(SYNTHETIC, 10) | {"regression2": 2}))
    pairs = compare(results, "mse").set_index("dataset")
    assert pairs.loc["regression2"].p.isna().all() and pairs.loc["toy"].p.notna().all()
    (ranking,) = rankings(results, ["mse"])
    assert math.isnan(ranking.friedman_p)
    assert tables.make("pairs", results).tidy.empty
    notes = " ".join(tables.make("differences", results).notes)
    assert "the difference is significant" in notes and "Two cuts cannot tell" in notes
    notes = " ".join(tables.make("regression", results).notes)
    assert "prediction interval" in notes and "Two cuts cannot tell" in notes


def test_holm_on_a_known_example():
    np.testing.assert_allclose(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02])


def test_holm_leaves_out_what_was_not_tested_and_stops_at_one():
    adjusted = holm([0.9, math.nan, 0.8])
    np.testing.assert_allclose(adjusted, [1.0, math.nan, 1.0])
    assert holm([]).shape == (0,)


# Demsar (2006), table 5: q_0.05 / sqrt(2) for 2 to 5 classifiers
@pytest.mark.parametrize("k, q", [(2, 1.960), (3, 2.343), (4, 2.569), (5, 2.728)])
def test_critical_difference_has_demsars_constants(k, q):
    assert critical_difference(k, 14) == pytest.approx(q * math.sqrt(k * (k + 1) / 84), rel=1e-3)


def test_critical_difference_needs_two_of_each():
    assert math.isnan(critical_difference(1, 5))
    assert math.isnan(critical_difference(5, 1))


def test_ranks_share_ties_and_put_failures_last():
    scores = pd.DataFrame(
        {"a": [0.1, 0.2, 0.3], "b": [0.2, 0.2, math.nan], "c": [0.3, 0.1, 0.4]},
        index=["x", "y", "z"],
    )
    ranking = rank_methods("regression", "real", "mse", scores)
    assert ranking.ranks.loc["y"].to_dict() == {"a": 2.5, "b": 2.5, "c": 1.0}
    assert ranking.ranks.loc["z", "b"] == 3
    assert ranking.failed == [("z", "b")]
    assert list(ranking.average.index)[0] == "a"
    expected = stats.friedmanchisquare(*ranking.ranks.to_numpy().T).pvalue
    assert ranking.friedman_p == pytest.approx(expected)


def test_ranks_that_are_all_tied_have_no_friedman_test():
    scores = pd.DataFrame(0.5, index=["x", "y"], columns=["a", "b", "c"])
    assert math.isnan(rank_methods("regression", "real", "mse", scores).friedman_p)


def test_overlap_is_zero_for_draws_and_test_over_train_for_a_table(make_run):
    results = make_run({"toy": {"lasso": [1.0, 2.0]}, "diabetes": {"lasso": [0.5, 0.6]}})
    assert overlap_of(results, "toy") == 0.0
    assert overlap_of(results, "diabetes") == pytest.approx(89 / 265)


def test_compare_pairs_common_splits_and_corrects_within_a_data_set(make_run):
    results = make_run(
        {
            "toy": {
                "lasso": [20.0, 21.0, 19.0, 22.0, 20.0, 21.0],
                "mlp": [0.5, "timeout", 0.6, 0.4, 0.5, 0.6],
                "nimo": [0.1, 0.2, 0.1, 0.15, 0.1, 0.2],
            },
            "diabetes": {
                "lasso": [0.5, 0.6, 0.5, 0.55, 0.5, 0.6],
                "mlp": ["error"] * 6,
                "nimo": [0.5, 0.61, 0.52, 0.55, 0.5, 0.61],
            },
        }
    )
    table = compare(results, "mse").set_index(["dataset", "method_a", "method_b"])
    assert len(table) == 6
    assert table.loc[("toy", "lasso", "mlp"), "n"] == 5
    assert table.loc[("toy", "lasso", "nimo"), "n"] == 6
    assert table.loc[("diabetes", "lasso", "mlp"), "n"] == 0
    assert math.isnan(table.loc[("diabetes", "lasso", "mlp"), "p"])
    np.testing.assert_allclose(table.loc["toy"].p_holm, holm(table.loc["toy"].p))
    # two of the three pairs of diabetes could not be tested: nothing is left to correct for
    row = table.loc[("diabetes", "lasso", "nimo")]
    assert row.p_holm == row.p
    plain = paired_difference(
        [0.5, 0.6, 0.5, 0.55, 0.5, 0.6], [0.5, 0.61, 0.52, 0.55, 0.5, 0.61], "mse"
    )
    assert row.p > plain.p  # corrected for overlapping splits


def test_rankings_never_mix_tasks_or_groups(make_run):
    results = make_run(
        {
            "toy": {"lasso": [20.0, 21.0], "mlp": [0.5, 0.6], "nimo": [0.1, 0.2]},
            "diabetes": {"lasso": [0.5, 0.5], "mlp": [0.6, 0.6], "nimo": [0.7, 0.7]},
            "auto": {"lasso": [0.5, 0.5], "mlp": [0.6, 0.6], "nimo": [0.4, 0.4]},
            "carseats": {"lasso": [0.1, 0.1], "mlp": [0.6, 0.6], "nimo": [0.2, 0.2]},
            "classification1": {"logistic": [0.6, 0.6], "mlp": [0.9, 0.8], "nimo": [0.9, 0.9]},
        }
    )
    found = {(ranking.task, ranking.group): ranking for ranking in rankings(results)}
    assert {key: list(ranking.ranks.index) for key, ranking in found.items()} == {
        ("regression", "synthetic"): ["toy"],
        ("regression", "control"): ["carseats"],
        ("regression", "real"): ["diabetes", "auto"],
        ("classification", "synthetic"): ["classification1"],
    }
    assert list(found["regression", "control"].average.index) == ["lasso", "nimo", "mlp"]
    real = found["regression", "real"]
    assert real.average.to_dict() == {"lasso": 1.5, "nimo": 2.0, "mlp": 2.5}
    assert real.critical_difference == pytest.approx(critical_difference(3, 2))


def test_improvability_is_the_share_of_error_that_the_best_does_not_make():
    errors = pd.DataFrame(
        {"a": [1.0, 0.0, 3.0], "b": [4.0, 2.0, math.nan], "c": [2.0, 0.0, 6.0]},
        index=["x", "y", "z"],
    )
    found = improvability(errors)
    np.testing.assert_allclose(found.loc["x"], [0.0, 0.75, 0.5])
    np.testing.assert_allclose(found.loc["y"], [0.0, 1.0, 0.0])
    np.testing.assert_allclose(found.loc["z"], [0.0, np.nan, 0.5])


def test_a_method_that_was_skipped_is_not_ranked_and_one_that_failed_is_last(make_run):
    results = make_run(
        {
            "toy": {
                "lasso": [1.0, 2.0],
                "lassonet": ["skipped", "skipped"],
                "mlp": ["error", "timeout"],
                "nimo": [0.5, 0.6],
            }
        }
    )
    (ranking,) = rankings(results)
    assert ranking.average.to_dict() == {"nimo": 1.0, "lasso": 2.0, "mlp": 3.0}


def test_one_method_is_not_ranked(make_run):
    assert rankings(make_run({"toy": {"lasso": [1.0, 2.0]}})) == []


# ------------------------------------------------------- rounding, few splits, possible values

#: the same accuracies, added in another order: 0.1 + 0.2 is not 0.3
NOISY = [0.1 + 0.2, 0.6 + 0.1, 0.7 + 0.1, 0.8 - 0.1, 0.9 - 0.3]
EXACT = [0.3, 0.7, 0.8, 0.7, 0.6]


@pytest.mark.parametrize("metric", ["mse", "accuracy", "auroc", "r2", "log_loss"])
@pytest.mark.parametrize("n", [5, 10, 30])
def test_differences_that_are_rounding_are_ties(metric, n):
    a = np.random.default_rng(n).uniform(0.2, 0.9, n)
    for noise in (1e-16, 1e-12, -3e-10):
        found = paired_difference(a, a * (1 + noise), metric)
        assert found.p == 1.0
        assert found.estimate == (1.0 if metric in ("mse", "log_loss") else 0.0)
    # one tie among real differences is no difference either
    b = a * 1.1
    b[0] = a[0] * (1 + 1e-12)
    exact = b.copy()
    exact[0] = a[0]
    assert paired_difference(a, b, metric) == paired_difference(a, exact, metric)


def test_a_difference_that_varies_by_rounding_alone_is_no_evidence():
    assert paired_difference(NOISY, EXACT, "accuracy").p == 1.0
    a = np.array([0.31, 0.65, 0.72, 0.85, 0.91])
    for metric, b in (("accuracy", a - 0.1), ("mse", 0.7 * a), ("r2", a - 0.1)):
        found = paired_difference(a, b, metric)
        assert np.ptp(a - b) > 0
        assert math.isnan(found.p) and math.isnan(found.lower)
    assert found.estimate == pytest.approx(0.1)


def test_scores_near_zero_are_tied_by_the_size_that_they_were_computed_at():
    # R2 is 1 - share: that of a constant is 0 but for the rounding of 1
    assert paired_difference([2e-16] * 5, [-1e-16] * 5, "r2").p == 1.0
    assert paired_difference([2e-16] * 5, [1e-16] * 5, "mse").estimate == pytest.approx(2)


@pytest.mark.parametrize("n", [2, 3, 4])
@pytest.mark.parametrize("metric", ["mse", "accuracy"])
def test_below_five_splits_nothing_is_tested(n, metric, make_run):
    a, b = np.linspace(0.1, 0.2, n), np.linspace(0.8, 0.85, n)
    found = paired_difference(a, b, metric)
    assert math.isnan(found.p) and not math.isnan(found.estimate)
    dataset, linear = ("toy", "lasso") if metric == "mse" else ("classification1", "logistic")
    results = make_run({dataset: {linear: list(b), "mlp": list(a), "nimo": [0.3] * n}})
    table = tables.make("differences", results)
    assert table.tidy[["p", "p_holm"]].isna().all(axis=None)
    text = table.markdown()
    assert f"{cannot_tell(n).capitalize()}: below five" in text
    assert "\\*" not in text and "significant" not in text and "p <" not in text
    assert rankings(results)[0].average.index[0] and "p " not in tables.make("ranks", results).csv()


def test_friedmans_test_needs_five_splits_and_five_data_sets(make_run):
    names = ("vanilla", "toy", "regression1", "regression2", "regression3")
    values = {"lasso": 3.0, "mlp": 2.0, "nimo": 1.0}

    def p_of(n_datasets, n_splits):
        scores = {d: {m: [v] * n_splits for m, v in values.items()} for d in names[:n_datasets]}
        return rankings(make_run(scores))[0].friedman_p

    assert p_of(5, 5) < 0.01
    assert math.isnan(p_of(5, 4)) and math.isnan(p_of(4, 5))


def test_cannot_tell_has_the_number_in_words():
    told = [cannot_tell(n) for n in range(FEWEST)]
    assert told[1:] == [
        "one cut cannot tell",
        "two cuts cannot tell",
        "three cuts cannot tell",
        "four cuts cannot tell",
    ]


@pytest.mark.parametrize(
    "metric, values",
    [
        ("mse", [0.01, 5.0]),
        ("log_loss", [0.1, 2.0, 0.0]),
        ("miscalibration", [0.0, 0.001, 0.03]),
        ("relative_error", [0.1, 4.0]),
        ("fit_seconds", [0.1, 90.0]),
        ("mse_lambda_min", [0.01, 5.0]),
        ("accuracy", [0.5, 1.0]),
        ("auroc", [0.55, 0.99]),
        ("beta_f1", [0.0, 1.0]),
        ("r2", [-3.0, 0.99]),
        ("r2", [0.97, 0.99, 0.9]),
        ("part_correlation", [-0.9, 0.99]),
    ],
)
@pytest.mark.parametrize("overlap", [0.0, 1 / 3])
def test_no_interval_leaves_the_values_that_are_possible(metric, values, overlap):
    low, high = bounds(metric)
    plain = mean_interval(values, overlap)
    assert plain[0] < low or plain[1] > high or metric == "r2"
    lower, upper = mean_interval(values, overlap, bounds=(low, high))
    assert low <= lower < np.mean(values) < upper <= high


def test_the_interval_of_an_error_is_even_on_the_log_scale_and_small_ones_are_the_plain_ones():
    values = [1.0, 2.0, 4.0, 2.5, 1.5]
    lower, upper = mean_interval(values, bounds=bounds("mse"))
    assert upper / np.mean(values) == pytest.approx(np.mean(values) / lower)
    for metric in ("mse", "accuracy", "r2"):
        close = 0.5 + 1e-4 * np.array(values)
        plain, kept = mean_interval(close), mean_interval(close, bounds=bounds(metric))
        np.testing.assert_allclose(kept, plain, rtol=1e-6)


def test_an_interval_without_spread_is_a_point():
    for metric, value in (("mse", 0.0), ("accuracy", 1.0), ("accuracy", 0.0), ("r2", 1.0)):
        assert mean_interval([value] * 5, bounds=bounds(metric)) == (value, value)


def test_the_interval_of_a_difference_of_scores_stays_within_what_is_possible():
    found = paired_difference([0.9, 0.5], [0.2, 0.4], "accuracy")
    assert (found.lower, found.upper) == (-1.0, 1.0)
    ratio = paired_difference([1e-30, 1.0], [1.0, 1e-30], "mse")
    assert ratio.lower == 0.0 and ratio.upper == math.inf


def test_means_that_are_equal_but_for_rounding_share_a_rank():
    scores = pd.DataFrame(
        {"a": [0.3, 1.0], "b": [0.1 + 0.2, 1.0 + 1e-15], "c": [0.2, 1.0 + 1e-6]}, index=["x", "y"]
    )
    ranking = rank_methods("regression", "real", "mse", scores)
    assert ranking.ranks.loc["x"].to_dict() == {"a": 2.5, "b": 2.5, "c": 1.0}
    assert ranking.ranks.loc["y"].to_dict() == {"a": 1.5, "b": 1.5, "c": 3.0}
    turned = rank_methods("classification", "real", "accuracy", -scores)
    assert turned.ranks.loc["x"].to_dict() == {"a": 1.5, "b": 1.5, "c": 3.0}
    np.testing.assert_array_equal(
        merged([2.0, math.nan, 2.0 + 1e-12, 1.0], "mse"), [2.0, math.nan, 2.0, 1.0]
    )
