"""Methods over tables: improvability, Elo, win rates, halves; against libraries where they are."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from benchmark.evaluation.statistics import (
    critical_difference,
    halves,
    holm,
    improvability,
    mean_over_tables,
    over_tables,
    ratio_over_tables,
    share_interval,
)
from benchmark.evaluation.statistics.association import spearman
from benchmark.evaluation.statistics.between import elo, wins


def drawn(n, k, seed=0):
    """Errors of k methods on n tables; the first are the better ones."""
    rng = np.random.default_rng(seed)
    errors = np.exp(rng.normal(np.linspace(0, 0.6, k), 0.4, (n, k)))
    names = [f"m{i}" for i in range(k)]
    return pd.DataFrame(errors, index=[f"t{i}" for i in range(n)], columns=names)


def test_wins_count_ties_as_half_and_what_is_missing_as_lost():
    errors = pd.DataFrame({"a": [1.0, 1.0], "b": [2.0, 1.0], "c": [3.0, math.nan]})
    np.testing.assert_array_equal(wins(errors), [[2, 1, 0], [1.5, 1.5, 0]])


def test_elo_of_two_methods_is_the_logarithm_of_their_odds():
    won, n = 7.0, 10
    found = elo(np.array([won, n - won]), n, drawn=0)
    assert found[0] - found[1] == pytest.approx(400 * math.log10(7 / 3), abs=1e-4)
    assert found.mean() == pytest.approx(1000)
    drawn_too = elo(np.array([won, n - won]), n, drawn=1)
    assert drawn_too[0] - drawn_too[1] == pytest.approx(400 * math.log10(7.5 / 3.5), abs=1e-4)


def test_a_method_that_wins_everywhere_has_a_rating_that_few_tables_can_bear():
    errors = pd.DataFrame({"a": [1.0] * 5, "b": [2.0] * 5, "c": [3.0] * 5})
    found = over_tables(errors)
    assert found.elo["a"] > found.elo["b"] > found.elo["c"]
    assert found.elo["a"] - found.elo["c"] < 1200
    assert found.win_rate.to_list() == [1.0, 0.5, 0.0]


def test_measures_have_intervals_from_five_tables_on():
    errors = drawn(12, 4)
    found = over_tables(errors)
    np.testing.assert_allclose(found.improvability, improvability(errors).mean())
    np.testing.assert_allclose(found.win_rate, wins(errors).mean(0) / 3)
    for measure in ("improvability", "elo", "win_rate"):
        assert (found[f"{measure}_lower"] < found[measure]).all()
        assert (found[measure] < found[f"{measure}_upper"]).all()
    assert (found.improvability_lower >= 0).all() and (found.win_rate_upper <= 1).all()
    pd.testing.assert_frame_equal(found, over_tables(errors))  # the seed decides
    few = over_tables(errors.iloc[:4])
    assert few.filter(like="er").filter(regex="_(low|upp)er").isna().all(axis=None)
    assert few.elo.isna().all() and few.improvability.notna().all()


def test_a_missing_value_is_lost_and_not_averaged():
    errors = drawn(8, 3)
    errors.iloc[0, 0] = math.nan
    found = over_tables(errors)
    shares = improvability(errors)
    assert found.improvability["m0"] == pytest.approx(shares.m0.iloc[1:].mean())
    assert found.win_rate["m0"] == pytest.approx(wins(errors)[:, 0].mean() / 2)
    assert np.isfinite(found.to_numpy()).all()


def test_the_bootstrap_interval_holds_the_mean_of_other_tables():
    inside = 0
    for seed in range(60):
        values = np.random.default_rng(seed).normal(0.3, 0.1, 25)
        _, lower, upper = mean_over_tables(values, repetitions=400)
        inside += lower < 0.3 < upper
    assert inside >= 50


def test_a_ratio_over_tables_is_a_geometric_mean():
    a, b = [1.0, 2.0, 4.0, 8.0, 2.0], [2.0, 2.0, 2.0, 2.0, 1.0]
    middle, lower, upper = ratio_over_tables(a, b)
    assert middle == pytest.approx(stats.gmean(np.divide(a, b)))
    assert lower < middle < upper
    assert math.isnan(ratio_over_tables(a[:4], b[:4])[1])
    assert math.isnan(mean_over_tables([])[0])


def test_a_share_has_wilsons_interval():
    # Brown, Cai and DasGupta (2001): bounds for 0 of n and symmetry
    low, high = share_interval(0, 10)
    assert low == 0 and high == pytest.approx(3.8415 / (10 + 3.8415), rel=1e-3)
    assert share_interval(3, 10)[0] == pytest.approx(1 - share_interval(7, 10)[1])
    assert all(map(math.isnan, share_interval(0, 0)))


def test_halves_of_tables_that_agree_and_of_tables_that_do_not():
    same = pd.DataFrame(np.tile([1.0, 2, 3, 4, 5], (10, 1)))
    found = halves(same)
    assert (found.n, found.first, found.lower, found.upper) == pytest.approx((5, 1, 1, 1))
    noise = pd.DataFrame(np.random.default_rng(0).random((20, 6))).rank(axis=1)
    found = halves(noise)
    assert found.lower < 0 < found.upper and found.lower <= found.median <= found.upper
    assert halves(noise.iloc[:3]) is None and halves(noise.iloc[:, :2]) is None


def test_spearman_leaves_out_what_is_missing_and_needs_five_tables():
    x, y = np.arange(8.0), np.array([0.0, 1, 3, 2, 4, 5, 7, math.nan])
    rho, lower, upper, n = spearman(x, y)
    assert n == 7 and rho == pytest.approx(stats.spearmanr(x[:7], y[:7]).statistic)
    assert lower < rho <= upper <= 1
    assert math.isnan(spearman(x[:4], y[:4])[0]) and math.isnan(spearman(x, np.ones(8))[0])


# ------------------------------------------------------------------ against libraries


@pytest.mark.parametrize("n, k", [(40, 12), (9, 5)])
def test_the_measures_are_those_of_bencheval(n, k):
    elo_utils = pytest.importorskip("bencheval.elo_utils")
    from bencheval.evaluator import BenchmarkEvaluator

    errors = drawn(n, k, seed=n)
    long = errors.rename_axis("task").reset_index().melt("task", None, "method", "metric_error")
    long = long.assign(time_train_s=1.0, time_infer_s=1.0)
    helper = elo_utils.EloHelper()
    theirs = helper.compute_mle_elo_from_ranks(long)[errors.columns]
    ours = elo(wins(errors).sum(0), n, drawn=0)
    np.testing.assert_allclose(ours, theirs, atol=0.01)
    board = BenchmarkEvaluator().leaderboard(long, include_elo=False).loc[errors.columns]
    found = over_tables(errors)
    np.testing.assert_allclose(found.improvability, board.improvability, atol=1e-9)
    np.testing.assert_allclose(found.win_rate, board.winrate, atol=1e-9)


def test_holm_is_that_of_statsmodels():
    multitest = pytest.importorskip("statsmodels.stats.multitest")
    p = np.random.default_rng(0).uniform(0, 0.2, 30)
    np.testing.assert_allclose(holm(p), multitest.multipletests(p, method="holm")[1])


def test_shares_have_the_interval_of_statsmodels():
    proportion = pytest.importorskip("statsmodels.stats.proportion")
    for k, n in ((0, 7), (5, 13), (48, 56)):
        theirs = proportion.proportion_confint(k, n, method="wilson")
        np.testing.assert_allclose(share_interval(k, n), theirs, atol=1e-12)


def test_pairs_beyond_the_critical_difference_are_those_of_scikit_posthocs():
    posthocs = pytest.importorskip("scikit_posthocs")
    errors = drawn(20, 6, seed=3)
    p = posthocs.posthoc_nemenyi_friedman(errors.to_numpy()).to_numpy()
    ranks = errors.rank(axis=1).mean().to_numpy()
    apart = np.abs(ranks[:, None] - ranks) > critical_difference(6, 20)
    np.testing.assert_array_equal(apart, p < 0.05)
    assert apart.any() and not apart.all()
