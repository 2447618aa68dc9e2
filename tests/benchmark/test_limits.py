"""The script behind docs/limits.md: what it measures, on functions known by hand, and its page."""

import json

import numpy as np
import pytest

from measurements import limits, limits_page


def test_shapley_values_of_a_line_and_of_a_product():
    rng = np.random.default_rng(0)
    rows, background = rng.uniform(-2, 2, (20, 3)), rng.uniform(-2, 2, (40, 3))
    line = limits.shapley(lambda X: X @ [2.0, -1.0, 0.0] + 5, rows, background)
    np.testing.assert_allclose(line, [2, -1, 0] * (rows - background.mean(0)), atol=1e-12)
    mirrored = np.vstack([background, background * [-1, 1, 1]])
    mirrored = np.vstack([mirrored, mirrored * [1, -1, 1]])  # means 0, and no correlation
    found = limits.shapley(limits.product, rows, mirrored)
    half = 1.5 * rows[:, 0] * rows[:, 1]
    np.testing.assert_allclose(found, np.column_stack([half, half, 0 * half]), atol=1e-12)


def test_shapley_values_add_up_to_the_prediction():
    rng = np.random.default_rng(1)
    rows, background = rng.normal(size=(10, 4)), rng.normal(size=(15, 4))

    def f(X):
        return np.sin(X[:, 0] * X[:, 1]) + np.maximum(X[:, 2], X[:, 3])

    total = limits.shapley(f, rows, background).sum(1)
    np.testing.assert_allclose(total, f(rows) - f(background).mean(), atol=1e-12)


def test_a_product_has_no_slope_at_0_and_an_effect_all_the_same():
    found = limits.truths(6100)
    assert found["mem"] == 0 and abs(found["ame"]) < 0.2
    # E |3 x2| = 3; E |1.5 x1 x2| = 1.5, from 100 rows
    assert found["step"] == pytest.approx(3, abs=0.1)
    assert found["shapley"] == pytest.approx(1.5, abs=0.5)


def test_correlated_features_are_uniform_and_correlated():
    X = limits.features(np.random.default_rng(0), 20000, 5, limits.PAIR)
    assert np.abs(X).max() <= 2
    np.testing.assert_allclose(X.std(0), 4 / np.sqrt(12), rtol=0.02)
    # A Gaussian copula of 0.9 has a rank correlation of 6 / pi arcsin(0.45).
    expected = 6 / np.pi * np.arcsin(limits.CORRELATION / 2)
    assert np.corrcoef(X.T)[0, 1] == pytest.approx(expected, abs=0.01)
    assert abs(np.corrcoef(X.T)[0, 2]) < 0.03


def test_support_score_by_hand():
    found, true = np.array([1, 1, 0, 0], dtype=bool), np.array([0, 1, 1, 1], dtype=bool)
    assert limits.f1(found, true) == pytest.approx(2 * 1 / (2 + 3))
    assert limits.f1(true, true) == 1
    assert limits.f1(np.zeros(4, dtype=bool), true) == 0


@pytest.mark.parametrize("word", ["squares", "correlated", "noise-1.0"])
def test_a_lasso_is_measured_and_kept(word, tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "RESULTS", tmp_path)
    monkeypatch.setattr(limits, "MODELS", {"lasso": "lasso"})
    arguments = type("A", (), {"cases": [word], "seeds": [6100]})
    limits.fits(arguments)
    (path,) = tmp_path.iterdir()
    before = path.stat().st_mtime_ns
    limits.fits(arguments)
    assert path.stat().st_mtime_ns == before, "a fit that is there is not repeated"
    kept = json.loads(path.read_text())
    path.write_text(json.dumps(kept | {"code": "another"}))
    limits.fits(arguments)
    assert json.loads(path.read_text())["code"] == kept["code"], "one of other code is"
    X, y, X_test = limits.draw(limits.CASES[word], 6100)
    least = np.linalg.lstsq(np.column_stack([X, np.ones(300)]), y, rcond=None)[0]
    straight = np.column_stack([X_test, np.ones(2000)]) @ least
    error = np.mean((straight - limits.CASES[word].f(X_test)) ** 2)
    assert kept["figures"]["error"] == pytest.approx(error, rel=0.05)
    assert len(kept["seen"]) == len(limits.view(limits.CASES[word]))


def test_the_page_has_the_tables_of_its_figures():
    """And tests/test_docs.py that the page shows these files."""
    text = (limits_page.FOLDER.parent / "limits.md").read_text()
    for name, table in limits_page.tables(limits_page.read()).items():
        assert (limits_page.FOLDER / f"{name}.md").read_text() == table
        assert f"<!-- from limits/{name}.md -->" in text
    for picture in limits_page.FOLDER.glob("*.png"):
        assert f"](limits/{picture.name})" in text


def test_a_cell_says_what_it_rests_on():
    assert limits_page.cell([]) == "-"
    assert limits_page.cell([-1e-9]) == "0.0000"
    assert limits_page.cell([1.5]) == "1.50"
    assert limits_page.cell([1.0, 2.0]) == "1.50 ± 0.71"
