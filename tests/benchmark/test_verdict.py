"""The rule of the verdict, and that "agrees" comes out at its nominal rate."""

import math

import numpy as np
import pytest
from scipy import integrate, stats

from benchmark.evaluation import published as paper
from benchmark.evaluation.published import Published
from benchmark.evaluation.verdict import MEDIAN_OF_FIVE, judge, prediction_interval


def told(text, metric="mse", place="table1"):
    return Published("v1", "toy", "nimo", metric, float(text), text, place)


ERRORS = [0.20, 0.25, 0.22, 0.30, 0.18, 0.21, 0.27, 0.24, 0.19, 0.26]
ACCURACIES = [0.83, 0.85, 0.82, 0.88, 0.86, 0.84, 0.80, 0.87, 0.85, 0.84]


def test_prediction_interval_of_errors_is_the_textbook_one_on_the_log_scale():
    logs = np.log(ERRORS)
    half = stats.t.ppf(0.975, 9) * logs.std(ddof=1) * math.sqrt(1 + 1 / 10)
    expected = np.exp([logs.mean() - half, logs.mean() + half])
    np.testing.assert_allclose(prediction_interval(ERRORS, "mse"), expected)


def test_prediction_interval_of_accuracies_stays_between_0_and_1():
    lower, upper = prediction_interval([0.99, 1.0, 0.98, 1.0], "accuracy")
    assert 0.9 < lower < 0.99
    assert upper == 1.0


def test_interval_of_a_median_is_narrower():
    one = prediction_interval(ERRORS, "mse")
    median = prediction_interval(ERRORS, "mse", MEDIAN_OF_FIVE)
    assert one[0] < median[0] < median[1] < one[1]


def test_variance_of_the_median_of_five():
    """Second moment of the third order statistic of five normal values."""

    def density(x):
        c = stats.norm.cdf(x)
        return x**2 * 30 * c**2 * (1 - c) ** 2 * stats.norm.pdf(x)

    assert integrate.quad(density, -10, 10)[0] == pytest.approx(MEDIAN_OF_FIVE, abs=1e-5)


@pytest.mark.parametrize(
    "text, word", [("0.05", "worse"), ("0.20", "agrees"), ("0.30", "agrees"), ("0.60", "better")]
)
def test_smaller_errors_are_better(text, word):
    assert judge(ERRORS, told(text)).word == word


@pytest.mark.parametrize(
    "text, word", [("0.70", "better"), ("0.80", "agrees"), ("0.88", "agrees"), ("0.99", "worse")]
)
def test_larger_accuracies_are_better(text, word):
    assert judge(ACCURACIES, told(text, "accuracy")).word == word


def test_rounding_decides_nothing():
    """With identical splits the interval is a point; what is printed is off by half a digit."""
    same = [0.0304] * 5
    assert judge(same, told("0.030")).word == "agrees"
    assert judge(same, told("0.0300")).word == "worse"
    assert judge([0.835] * 5, told("0.83", "accuracy")).word == "agrees"


@pytest.mark.parametrize("n", [0, 1, 2, 4])
def test_fewer_than_five_splits_give_no_verdict(n):
    assert judge(ERRORS[:n], told("0.2")) is None
    assert judge(ERRORS[:n], told("20.0")) is None
    assert judge(ERRORS[:5], told("20.0")).word == "better"


def test_one_split_has_no_prediction_interval():
    with pytest.raises(ValueError, match="two splits"):
        prediction_interval([0.2], "mse")


def test_a_median_read_off_a_figure_has_a_reading_error():
    assert told("0.245", place="figure6-median").tolerance == paper.READING_ERROR
    assert told("0.245", place="table1").tolerance == pytest.approx(0.0005)
    assert told("0.9", place="figure6-median").tolerance == pytest.approx(0.05)


@pytest.mark.parametrize("n", [5, 10])
@pytest.mark.parametrize(
    "metric, draw",
    [
        ("mse", lambda rng, n: 0.2 * np.exp(0.3 * rng.normal(size=n))),
        ("accuracy", lambda rng, n: np.sin(rng.normal(1.1, 0.05, size=n)) ** 2),
    ],
)
def test_agrees_at_its_nominal_rate(metric, draw, n):
    rng = np.random.default_rng(7)
    words = []
    for _ in range(2000):
        value = draw(rng, 1)[0]
        words.append(judge(draw(rng, n), told(f"{value:.8f}", metric)).word)
    # four standard errors of a share of 95 % (2.5 %) in 2000
    assert words.count("agrees") / 2000 == pytest.approx(0.95, abs=0.02)
    assert words.count("better") / 2000 == pytest.approx(0.025, abs=0.014)


def test_medians_of_five_agree_at_their_nominal_rate():
    rng = np.random.default_rng(8)
    agreed = 0
    for _ in range(2000):
        value = np.median(50 * np.exp(0.1 * rng.normal(size=5)))
        ours = 50 * np.exp(0.1 * rng.normal(size=10))
        agreed += judge(ours, told(f"{value:.8f}", place="figure5-median")).word == "agrees"
    assert agreed / 2000 == pytest.approx(0.95, abs=0.02)


def test_published_values_are_read_with_versions_apart():
    found = paper.read()
    cell = paper.of_cell(found, "regression1", "nimo", "mse")
    assert {version: p.text for version, p in cell.items()} == {"v1": "0.030", "v2": "0.024"}
    assert paper.of_cell(found, "vanilla", "contextual_lasso", "mse") == {}


def test_a_value_published_twice_is_refused(tmp_path):
    header = "version,dataset,method,metric,value,place\n"
    row = "v1,toy,nimo,mse,0.1,table1\n"
    (tmp_path / "a.csv").write_text(header + row)
    (tmp_path / "b.csv").write_text(header + row)
    with pytest.raises(ValueError, match="twice"):
        paper.read(tmp_path)
