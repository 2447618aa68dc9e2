"""``selection="auto"``: supports by the evidence, networks taught on them."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from nimo import NIMOClassifier, NIMORegressor
from nimo.paper.families import FAMILIES
from nimo.paper.network import Network, positional_code
from nimo.paper.problem import Problem
from nimo.paper.settings import Settings
from nimo.selection import distillation, supports, training
from nimo.selection_settings import SelectionSettings

# Whole fits on a hundred rows and more; what the selection promises is held by test_selection too.
pytestmark = pytest.mark.slow

RNG = np.random.default_rng(20)
X = RNG.uniform(-2, 2, (400, 6))
#: the first feature is modulated by the second; the last three do nothing
F = 3 * X[:, 0] * (1 + np.tanh(X[:, 1])) - 2 * X[:, 1] + X[:, 2]
FIT = {"random_state": 0, "baseline": "zero"}


def fitted(noise, relax=True, **options):
    y = F + noise * np.random.default_rng(1).normal(size=len(F))
    model = NIMORegressor(relax=relax, **{**FIT, **options})
    return model.fit(X[:200], y[:200], X_val=X[200:300], y_val=y[200:300])


@pytest.fixture(
    scope="module",
    params=[0.1, pytest.param(1.0, marks=pytest.mark.slow)],
    ids=lambda noise: f"noise {noise}",
)
def relaxed(request):
    return request.param, fitted(request.param)


def test_supports_hold_at_little_and_at_much_noise(relaxed):
    _, model = relaxed
    assert model.selected_features_.tolist() == [True] * 3 + [False] * 3
    assert model.interaction_features_.tolist() == [False, True] + [False] * 4
    assert model.fit_info_["structure"] == "sparse"


def test_the_relaxed_model_is_near_the_function(relaxed):
    noise, model = relaxed
    error = np.mean((model.predict(X[300:]) - F[300:]) ** 2)
    assert error < 0.06 * noise**2 + 0.005  # a straight line has 3.3


@pytest.mark.slow
def test_the_sparse_model_is_that_of_the_papers_algorithm():
    model = fitted(0.1, relax=False)
    assert model.fit_info_["phase"] == "sparse"
    assert model.fit_info_["members"] <= 7  # one for each group penalty, and those trained on
    assert model.selected_features_.tolist() == [True] * 3 + [False] * 3
    assert np.mean((model.predict(X[300:]) - F[300:]) ** 2) < 0.1


def test_the_same_seed_gives_the_same_model():
    first, second = (fitted(0.1, max_iter=30, relax=False) for _ in range(2))
    np.testing.assert_array_equal(first.predict(X), second.predict(X))


def problem(y, family):
    """300 rows for training, 100 for validation."""
    rows, target = torch.tensor(X).float(), torch.tensor(y)
    net = Network(positional_code(X.shape[1]), FAMILIES[family].g_range)
    parts = (rows[:300], target[:300], rows[300:], target[300:])
    return Problem(*parts, FAMILIES[family], net, torch.Generator().manual_seed(0))


class TestSupports:
    def found(self, y, family="gaussian", **settings):
        return supports.find_supports(problem(y, family), Settings(**settings), SelectionSettings())

    def test_a_product_without_an_effect_gets_a_coefficient_to_be_moved(self):
        found = self.found(3 * X[:, 0] * X[:, 1])
        assert found.modulators.any() and found.coefs[:2].any()
        assert not found.coefs[2:].any() and not found.modulators[2:].any()

    def test_a_straight_line_opens_no_column(self):
        found = self.found(X[:, 0] - X[:, 3] + 0.1 * RNG.normal(size=400))
        assert found.coefs.tolist() == [True, False, False, True, False, False]
        assert not found.modulators.any()

    @pytest.mark.slow
    def test_noise_alone_keeps_next_to_nothing(self):
        counts = [
            int(self.found(np.random.default_rng(seed).normal(size=400)).coefs.sum())
            for seed in range(5)
        ]
        assert sum(counts) <= 2

    def test_a_penalty_of_0_asks_for_no_zeros(self):
        found = self.found(F, alpha=0.0)
        assert found.coefs.all() and found.modulators.tolist() == [False, True] + [False] * 4
        assert self.found(F, group_alpha=0.0).modulators.all()

    @pytest.mark.slow
    @pytest.mark.parametrize("family", ["binomial", "poisson"])
    def test_other_families(self, family):
        rng = np.random.default_rng(2)
        if family == "binomial":
            y = (rng.random(400) < 1 / (1 + np.exp(-2 * F))).astype(float)
        else:
            y = rng.poisson(np.exp(0.3 * F)).astype(float)
        found = self.found(y, family=family)
        assert found.coefs[:2].all() and found.modulators[1] and not found.modulators[3:].any()


def test_a_constant_response_is_a_constant_model():
    model = NIMORegressor(**FIT).fit(X[:60], np.full(60, 3.0))
    assert not model.selected_features_.any()
    assert model.predict(X) == pytest.approx(3.0)


@pytest.mark.slow
def test_two_classes():
    y = (np.random.default_rng(3).random(400) < 1 / (1 + np.exp(-2 * F))).astype(int)
    model = NIMOClassifier(relax=True, **FIT)
    model.fit(X[:200], y[:200], X_val=X[200:300], y_val=y[200:300])
    assert np.mean(model.predict(X[300:]) == (F[300:] > 0)) > 0.9


def test_given_penalties_are_kept():
    model = fitted(0.1, relax=False, alpha=2e-3, group_alpha=1e-3, max_iter=60)
    assert model.fit_info_["alpha"] == 2e-3 and model.fit_info_["group_alpha"] == 1e-3


@pytest.mark.slow
def test_more_rows_than_gauss_newton_can_afford(monkeypatch):
    monkeypatch.setattr(training, "affordable", lambda *_: False)
    model = fitted(0.1, max_iter=100)
    assert model.interaction_features_.tolist() == [False, True] + [False] * 4
    assert np.mean((model.predict(X[300:]) - F[300:]) ** 2) < 0.5


class TestLessons:
    def given(self, noise=1.0, **options):
        y = F + noise * np.random.default_rng(7).normal(size=len(F))
        asked = problem(y, "gaussian")
        asked.network = replace(asked.network, **options)
        return asked, supports.find_supports(asked, Settings(), SelectionSettings())

    def test_the_answers_are_nearer_to_the_function_than_the_responses(self):
        asked, found = self.given()
        taught = distillation.distilled(asked, found.structure, SelectionSettings())
        error = (taught.y[:300] - torch.tensor(F[:300])).square().mean()
        assert error < 0.1  # the noise has variance 1
        assert (taught.y_val - torch.tensor(F[300:])).square().mean() < 0.2

    def test_made_rows_fill_up_to_a_number_and_lie_within_the_data(self):
        asked, found = self.given()
        taught = distillation.distilled(asked, found.structure, SelectionSettings(distil_rows=700))
        assert len(taught.y) == len(taught.x) == 700 and taught.batch_rows == 300
        torch.testing.assert_close(taught.x[:300], asked.x)
        assert (taught.x.amax(0) <= asked.x.amax(0)).all()
        assert (taught.x.amin(0) >= asked.x.amin(0)).all()
        none = distillation.distilled(asked, found.structure, SelectionSettings(distil_rows=0))
        assert len(none.y) == 300 and none.batch_rows is None

    def test_a_made_row_lies_in_the_box_between_a_row_and_a_neighbour(self):
        corner = torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.5, 0.0]])
        x = torch.cat([corner, corner + torch.tensor([10.0, 5.0])])
        near = torch.tensor([0])  # two neighbours: with one feature they surround a point
        made = distillation.rows_between(x, near, 600, torch.Generator().manual_seed(0))
        left = made[:, 0] < 5
        assert int(left.sum()) == 300
        assert (made[left, 0] <= 1).all() and (made[left, 1] == 0).all()
        assert (made[~left, 0] >= 10).all() and (made[~left, 1] == 5).all()
        assert 0.4 < float(made[left, 0].mean()) < 0.6

    def test_nothing_is_learned_from_the_responses_of_the_validation_rows(self):
        asked, found = self.given()
        first = distillation.distilled(asked, found.structure, SelectionSettings(distil_rows=0))
        asked.y_val = asked.y_val + 100
        second = distillation.distilled(asked, found.structure, SelectionSettings(distil_rows=0))
        assert torch.equal(first.y, second.y) and torch.equal(first.y_val, second.y_val)

    @pytest.mark.slow
    @pytest.mark.parametrize("option", ["mask_self", "zero_at_baseline"])
    def test_a_network_of_another_form_learns_from_the_responses(self, monkeypatch, option):
        def refuse(*_):
            raise AssertionError("no distillation for this network")

        monkeypatch.setattr(training, "distilled", refuse)
        settings = Settings(n_hidden=8, max_iter=4)
        usual = SelectionSettings()
        training.fit_on_evidence(self.given(**{option: False})[0], settings, numbers=usual)
        with pytest.raises(AssertionError, match="no distillation"):
            training.fit_on_evidence(self.given()[0], settings, numbers=usual)
        for numbers in (SelectionSettings(distil=False), SelectionSettings(distil_max_rows=299)):
            training.fit_on_evidence(self.given()[0], settings, numbers=numbers)

    @pytest.mark.slow
    def test_taught_networks_do_better_than_untaught_ones(self):
        errors = {}
        for taught in (True, False):
            model = fitted(1.0, settings=SelectionSettings(distil=taught))
            errors[taught] = np.mean((model.predict(X[300:]) - F[300:]) ** 2)
        assert errors[True] < 0.9 * errors[False]


def test_settings_reach_the_search():
    strict = fitted(0.1, relax=False, max_iter=20, settings=SelectionSettings(level=1e-12))
    assert strict.selected_features_.tolist() == [True] * 3 + [False] * 3
    few = fitted(0.1, relax=False, max_iter=20, settings=SelectionSettings(groups=(1e-3,)))
    assert few.fit_info_["members"] <= 3
