"""How much of NIMO+ there is to read: terms, what they are worth, models with fewer."""

import pickle

import numpy as np
import pytest
from sklearn.metrics import log_loss

from nimo import NIMOPlusClassifier, NIMOPlusRegressor


def mixed(X):
    return 2 * X[:, 0] - X[:, 1] + np.sin(2 * X[:, 2]) + X[:, 0] * X[:, 3] + X[:, 4] ** 2


def draw(n, seed):
    X = np.random.default_rng(seed).normal(size=(n, 6))
    return X, mixed(X)


@pytest.fixture(scope="module")
def rows():
    X, eta = draw(400, 0)
    return X, eta + np.random.default_rng(1).normal(size=400)


@pytest.fixture(scope="module")
def fitted(rows):
    return NIMOPlusRegressor(max_order=2).fit(*rows)


def test_terms_are_what_the_model_is_made_of(fitted, rows):
    X, _ = rows
    keys = {(term.kind, term.features) for term in fitted.terms_}
    assert keys >= {("line", (0,)), ("line", (1,)), ("curve", (2,)), ("curve", (4,))}
    assert ("surface", (0, 3)) in keys
    curves = {features for kind, features in keys if kind != "line"}
    assert curves == set(fitted.model_.terms)
    assert {features[0] for kind, features in keys if kind == "line"} == set(
        np.flatnonzero(fitted.coef_)
    )
    share = [term.share for term in fitted.terms_]
    assert sum(share) == pytest.approx(1) and share == sorted(share, reverse=True)
    eta, own = fitted.predict(X), fitted.coef_[0] * (X[:, 0] - fitted.baseline_[0])
    (first,) = [term for term in fitted.terms_ if term[:2] == ("line", (0,))]
    assert first.share == pytest.approx(np.cov(own, eta)[0, 1] / np.var(eta, ddof=1))
    assert first.names == ("x1",) and first.log_bayes_factor > 20


def test_terms_as_a_data_frame(fitted):
    pytest.importorskip("pandas")
    frame = fitted.terms()
    assert list(frame.columns) == ["kind", "features", "log_bayes_factor", "share"]
    assert len(frame) == len(fitted.terms_) and "x1, x4" in set(frame.features)


def test_the_path_says_what_a_shorter_model_costs(fitted):
    Z, truth = draw(4000, 2)
    z = truth + np.random.default_rng(3).normal(size=4000)
    path = fitted.path_
    counts = [step.n_terms for step in path]
    assert counts == sorted(set(counts), reverse=True) and counts[-1] == 0
    for step in path:
        shorter = fitted.with_terms(step.n_terms)
        assert len(shorter.terms_) == step.n_terms
        assert shorter.path_ == path[counts.index(step.n_terms) :]
        error = np.mean((shorter.predict(Z) - z) ** 2)
        assert abs(step.error - error) < 4 * step.std_error
    assert np.diff([step.log_evidence for step in path]).max() < 0
    assert fitted.with_terms(100).path_ == path
    constant = fitted.with_terms(0)
    assert constant.terms_ == [] and np.ptp(constant.predict(Z)) == 0
    assert fitted.terms_ != constant.terms_, "the model itself stays"


def test_the_path_is_followed_when_it_is_asked_for(rows):
    model = NIMOPlusRegressor(max_order=1).fit(*rows)
    stored = pickle.dumps(model)
    assert model._path is None, "a fit does not pay for it"
    path = model.path_
    assert len(path) > 3 and pickle.loads(stored).path_ == path
    assert model._origin is None, "no rows are kept any longer"
    assert len(pickle.dumps(model.with_terms(2))) < len(stored)


def test_a_shorter_model_reads_like_any_other(fitted, rows):
    X, _ = rows
    shorter = pickle.loads(pickle.dumps(fitted.with_terms(3)))
    total = shorter._at_baseline + sum(shorter.term_contributions(X).values())
    np.testing.assert_allclose(total, shorter.predict(X), atol=1e-9)
    low, high = shorter.predict_interval(X).T
    assert np.all(low < high) and "x3" not in shorter.formula()
    with pytest.raises(ValueError, match="n_terms"):
        fitted.with_terms(-1)


def test_left_out_errors_are_those_of_fits_without_the_row():
    """Variances are held, as the closed form has it; a fit anew finds nearly the same."""
    X = np.random.default_rng(0).normal(size=(40, 3))
    y = X[:, 0] - X[:, 1] + 0.5 * np.random.default_rng(1).normal(size=40)
    model = NIMOPlusRegressor(max_order=1, n_structures=1, noise="normal").fit(X, y)
    errors = []
    for i in range(40):
        kept = np.arange(40) != i
        one = NIMOPlusRegressor(max_order=1, n_structures=1, noise="normal").fit(X[kept], y[kept])
        errors.append((one.predict(X[[i]])[0] - y[i]) ** 2)
    assert model.path_[0].error == pytest.approx(np.mean(errors), rel=0.1)


def test_max_terms_is_a_cap(rows):
    for cap in (1, 3):
        model = NIMOPlusRegressor(max_terms=cap, max_order=2).fit(*rows)
        assert len(model.terms_) == cap and len(model.fit_info_["structures"]) == 1
        assert model.coef_[0] == pytest.approx(2, abs=0.4)
    with pytest.raises(ValueError, match="max_terms"):
        NIMOPlusRegressor(max_terms=0).fit(*rows)


def test_labels_are_as_good_without_a_new_fit():
    X, eta = draw(400, 0)
    y = eta + np.random.default_rng(1).logistic(size=400) > 1
    Z, truth = draw(4000, 2)
    z = truth + np.random.default_rng(3).logistic(size=4000) > 1
    model = NIMOPlusClassifier(max_order=2).fit(X, y)
    loss = log_loss(z, model.with_terms(2).predict_proba(Z))
    again = NIMOPlusClassifier(max_order=2, max_terms=2).fit(X, y)
    assert loss < log_loss(z, again.predict_proba(Z)) + 0.03
    step = model.path_[1]
    loss = log_loss(z, model.with_terms(step.n_terms).predict_proba(Z))
    assert abs(step.error - loss) < 4 * step.std_error
    several = NIMOPlusClassifier(max_order=1).fit(X, np.digitize(eta, [-1, 2]))
    assert several.with_terms(2).predict_proba(Z).shape == (4000, 3)


def test_many_rows_and_few():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(6000, 3))
    model = NIMOPlusRegressor(max_order=1).fit(X, X[:, 0] + X[:, 1] ** 2 + rng.normal(size=6000))
    assert len(model.with_terms(1).terms_) == 1
    X = rng.normal(size=(40, 60))
    wide = NIMOPlusRegressor(max_order=2).fit(X, 3 * X[:, 50] + 0.3 * rng.normal(size=40))
    assert wide.with_terms(1).terms_[0].features == (50,)
    assert wide.with_terms(1).coef_[50] == pytest.approx(3, abs=0.3)


def test_the_path_can_be_drawn(fitted, tmp_path):
    pytest.importorskip("matplotlib")
    fitted.draw_path().savefig(tmp_path / "path.png")
    assert (tmp_path / "path.png").stat().st_size > 10_000
