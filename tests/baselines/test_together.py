"""Networks trained side by side are the networks that each would be alone."""

import numpy as np
import pytest
import torch

import baselines
from baselines import _adam, _layers, _stacked, _together
from baselines._localglmnet import LocalGLMnet
from baselines._mesomorphic import Mesomorphic
from baselines._mlp import MLP
from baselines._monotone import MonotoneDifference
from baselines._nam import NAM
from baselines._together import fit_together

#: of each method three that differ in all that may differ within a stack, and one of another shape
TRIED = {
    MLP: (
        {"max_epochs": 6, "dropout": 0.5, "width": 16},
        {"max_epochs": 9, "activations": ("gelu", "gelu"), "weight_decay": 0.3, "width": 16},
        {"max_epochs": 40, "patience": 3, "learning_rate": 0.05, "dropout": 0.2, "width": 16},
        {"max_epochs": 4, "width": 8},
    ),
    Mesomorphic: (
        {"epochs": 30, "width": 16, "oversample": True},
        {"epochs": 8, "width": 16, "dropout": 0.0, "schedule": "constant"},
        {"epochs": 20, "width": 16, "l1": 0.01, "learning_rate": 1e-3, "weight_decay": 0.1},
        {"epochs": 5, "width": 16, "backbone": "mlp", "fidelity": 10.0, "batch_norm": False},
    ),
    NAM: (
        {"epochs": 8, "hidden": (8, 4), "dropout": 0.4, "feature_dropout": 0.2},
        {"epochs": 12, "hidden": (8, 4), "learning_rate": 0.02, "decay": 0.9},
        {"epochs": 60, "hidden": (8, 4), "patience": 2, "learning_rate": 0.2},
        {"epochs": 5, "hidden": (8,), "n_members": 2},
    ),
    LocalGLMnet: (
        {"epochs": 10, "eta": 0.5, "alpha": 0.5},
        {"epochs": 20, "learning_rate": 0.02},
        {"epochs": 15, "start": "glm", "eta": 0.1},
        {"epochs": 5, "hidden": (7, 5, 3)},
    ),
    MonotoneDifference: (
        {"epochs": 10, "hidden": (8, 8)},
        {"epochs": 15, "hidden": (8, 8), "activation": "convex", "weight_decay": 0.1},
        {"epochs": 40, "hidden": (8, 8), "patience": 2, "learning_rate": 0.3},
        {"epochs": 5, "hidden": (8,), "gradient_penalty": 0.1},
    ),
}
CASES = [(kind, task) for kind in TRIED for task in ("regression", "classification")]


def rows(task, n=70, d=3):
    rng = np.random.default_rng(1000)
    X = rng.normal(size=(n, d))
    y = X[:, 0] - X[:, 1] * X[:, 2] + 0.1 * rng.normal(size=n)
    y = y if task == "regression" else (y > 0).astype(int)
    return X[:40], y[:40], X[40:], y[40:]


@pytest.fixture
def precise():
    """Double precision, where rounding has no time to grow in a short training."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


@pytest.mark.parametrize("kind, task", CASES)
def test_side_by_side_is_alone(kind, task, precise):
    data = rows(task)
    models = [kind(task, seed=at, **params) for at, params in enumerate(TRIED[kind])]
    assert len({model._shape(40) for model in models[:3]}) == 1
    assert fit_together(models, *data) == [None] * 4
    for at, (model, params) in enumerate(zip(models, TRIED[kind], strict=True)):
        alone = kind(task, seed=at, **params).fit(*data)
        assert model.n_epochs_ == alone.n_epochs_
        assert model.validation_loss_ == pytest.approx(alone.validation_loss_, rel=1e-6)
        np.testing.assert_allclose(
            model.decision_function(data[2]), alone.decision_function(data[2]), rtol=0, atol=1e-6
        )


@pytest.mark.parametrize("kind", list(TRIED))
def test_the_failure_of_one_leaves_the_others(kind, precise):
    data = rows("regression")
    params = dict(TRIED[kind][1])
    models = [kind(**params), kind(**params | {"learning_rate": float("inf")}), kind(**params)]
    errors = fit_together(models, *data)
    assert (errors[0], errors[2]) == (None, None)
    assert isinstance(errors[1], FloatingPointError) and "learning_rate" in str(errors[1])
    alone = kind(**params).fit(*data).decision_function(data[2])
    for model in (models[0], models[2]):
        np.testing.assert_allclose(model.decision_function(data[2]), alone, rtol=0, atol=1e-6)


def test_a_wrong_option_is_its_own_failure():
    models = [NAM(epochs=2), NAM(epochs=2, n_members=0), NAM("ranking", epochs=2)]
    errors = fit_together(models, *rows("regression"))
    assert errors[0] is None and models[0].n_epochs_ > 0
    assert "n_members must be at least 1" in str(errors[1]) and "'ranking'" in str(errors[2])


def test_a_stack_that_fails_as_a_whole_is_trained_one_after_the_other(monkeypatch):
    train = MLP._train

    def scarce(models, *others):
        if len(models) > 1:
            raise MemoryError
        return train(models, *others)

    monkeypatch.setattr(MLP, "_train", staticmethod(scarce))
    models = [MLP(max_epochs=2, seed=seed) for seed in (0, 1)]
    assert fit_together(models, *rows("regression")) == [None, None]
    assert all(model.n_epochs_ > 0 for model in models)


def test_large_layers_are_not_stacked(monkeypatch):
    sizes = []
    train = MLP._train
    monkeypatch.setattr(
        MLP,
        "_train",
        staticmethod(lambda models, *a: sizes.append(len(models)) or train(models, *a)),
    )
    monkeypatch.setattr(_together, "AT_ONCE", 2 * 32 * 8)
    fit_together([MLP(max_epochs=1, width=8, seed=k) for k in range(5)], *rows("regression"))
    assert sizes == [2, 2, 1]


@pytest.mark.parametrize("name", ["mlp_relu", "imn", "lfr_imn", "nam", "localglmnet"])
def test_the_suite_fits_their_configurations_together(name):
    assert baselines.load(name).fit_many is fit_together


def test_a_chain_is_differentiated_as_it_is_computed():
    rng = torch.Generator().manual_seed(0)
    shapes = [(4, 5, 3), (4, 5), (4, 5, 5), (4, 5), (4, 2, 5), (4, 2)]
    X, *parameters = (
        torch.randn(shape, dtype=torch.float64, generator=rng, requires_grad=True)
        for shape in [(4, 6, 3), *shapes]
    )
    words = [[("tanh", 1), ("sin", 2), ("relu", 1)], [("gelu", 4)]]
    masks = [(torch.rand(4, 6, 5, generator=rng) < 0.5).double(), None]
    assert torch.autograd.gradcheck(
        lambda X, *parameters: _layers.chain(X, parameters, words, masks), (X, *parameters)
    )


@pytest.mark.parametrize("kind", ["Adam", "NAdam"])
def test_steps_are_those_of_torch(kind):
    rng = torch.Generator().manual_seed(0)
    starts = [{"a": torch.randn(3, generator=rng)} for _ in range(2)]
    alone = [torch.nn.Parameter(start["a"].clone()) for start in starts]
    rates, decays = (1e-2, 0.3), (0.0, 0.2) if kind == "Adam" else (0.0, 0.0)
    theirs = [
        (torch.optim.AdamW if kind == "Adam" else torch.optim.NAdam)([p], lr=lr, weight_decay=wd)
        for p, lr, wd in zip(alone, rates, decays, strict=True)
    ]
    stack = _stacked.Stack(starts)
    ours = getattr(_adam, kind)(stack, rates, decays)
    for _ in range(20):
        slopes = torch.randn(2, 3, generator=rng)
        ours.step(slopes)
        for p, slope, optimizer in zip(alone, slopes, theirs, strict=True):
            p.grad = slope.clone()
            optimizer.step()
    torch.testing.assert_close(stack.rows, torch.stack([p.detach() for p in alone]))


def test_dropout_draws_for_each_network_what_it_draws_alone():
    def stack(*seeds):
        generators = [torch.Generator().manual_seed(seed) for seed in seeds]
        found = _stacked.Stack([{"a": torch.zeros(1)}] * len(seeds), generators)
        found.training = True
        return found

    rates = torch.tensor([0.6, 0.0, 0.3])
    mask = stack(0, 1, 2).mask((3, 500, 4), rates)
    assert (mask[1] == 1).all()
    for at, rate in ((0, 0.6), (2, 0.3)):
        alone = stack(at).mask((1, 500, 4), rates[at : at + 1])
        assert torch.equal(mask[at], alone[0])
        assert (alone == 0).float().mean().item() == pytest.approx(rate, abs=0.05)
        assert alone.max().item() == pytest.approx(1 / (1 - rate))
