import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from contextual_lasso.projection import L1Ball, Mask, ball_threshold, group_norms
from contextual_lasso.single import active_count, lane_sum, pairwise_cumsum


def bisected_threshold(magnitudes, radius):
    low, high = 0.0, float(magnitudes.max())
    for _ in range(100):
        middle = (low + high) / 2
        inside = np.maximum(magnitudes - middle, 0).sum() <= radius
        low, high = (low, middle) if inside else (middle, high)
    return high


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 700) | st.just(10000), st.floats(0.01, 3), st.integers(0, 2**31))
def test_threshold_meets_the_bound(size, mean_norm, seed):
    magnitudes = np.abs(np.random.default_rng(seed).normal(size=size)).astype(np.float32)
    theta = ball_threshold(magnitudes, mean_norm, size)
    if magnitudes.sum(dtype=float) <= size * mean_norm * (1 - 1e-5):
        assert theta == 0
    elif magnitudes.sum(dtype=float) > size * mean_norm * (1 + 1e-5):
        reference = bisected_threshold(magnitudes.astype(float), size * mean_norm)
        assert theta == pytest.approx(reference, rel=1e-4, abs=1e-5)


def test_zero_bound_thresholds_everything_unless_there_is_nothing():
    assert ball_threshold(np.ones(5, np.float32), 0.0, 5) == np.inf
    assert ball_threshold(np.zeros(5, np.float32), 0.0, 5) == 0


@pytest.mark.parametrize("size", [1, 2, 5, 33, 34, 127, 128, 129, 130, 600, 5000])
def test_single_precision_sums(size):
    values = np.random.default_rng(size).uniform(size=size).astype(np.float32)
    assert lane_sum(values) == pytest.approx(values.sum(dtype=float), rel=1e-6)
    sums = pairwise_cumsum(values)
    assert sums.dtype == np.float32
    np.testing.assert_allclose(sums, np.cumsum(values, dtype=float), rtol=1e-6)


def test_active_count_of_a_close_call():
    # two values tied with the threshold: the count may hold them, theta may not change
    ordered = np.array([3, 2, 1, 1, 0.5], np.float32)
    count = active_count(ordered, np.float32(3))  # theta = 1
    assert count in (2, 3, 4)
    assert (ordered[:count].sum() - 3) / count == 1


def reference_projection(raw, mean_norm, groups):
    """The projection with theta as an explicit function of the raw outputs, for autograd."""
    norms = raw.abs()
    if groups is not None:
        k = int(groups.max()) + 1
        norms = torch.stack([(raw[:, groups == g] ** 2).sum(1).sqrt() for g in range(k)], 1)
    theta = bisected_threshold(norms.detach().numpy(), mean_norm * len(raw))
    active = norms > theta
    theta = (norms[active].sum() - mean_norm * len(raw)) / active.sum()
    shrunk = torch.where(active, norms - theta, 0.0)
    return raw.sign() * shrunk if groups is None else raw * (shrunk / norms)[:, groups]


@pytest.mark.parametrize("groups", [None, torch.tensor([0, 1, 0, 2])])
@pytest.mark.parametrize("mean_norm", [0.3, 1.5, 100.0, 0.0])
def test_projection_and_its_gradient(groups, mean_norm):
    generator = torch.Generator().manual_seed(0)
    raw = torch.randn(40, 4, generator=generator, dtype=torch.float64)
    upstream = torch.randn(30, 4, generator=generator, dtype=torch.float64)
    ball = L1Ball(mean_norm, 30, groups)
    coef, theta = ball.forward(raw.float())
    gradient = ball.backward(upstream.float())
    leaf = raw[:30].clone().requires_grad_()
    if mean_norm == 100:
        assert theta == 0
        expected = leaf * 1
    elif mean_norm == 0:
        assert theta == np.inf
        expected = leaf * 0
    else:
        expected = reference_projection(leaf, mean_norm, groups)
        norms = coef[:30].abs() if groups is None else group_norms(coef[:30], groups)
        assert norms.sum().item() == pytest.approx(30 * mean_norm, rel=1e-5)
    expected.backward(upstream)
    torch.testing.assert_close(coef[:30].double(), expected.detach(), rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(gradient.double(), leaf.grad, rtol=1e-3, atol=1e-5)
    # validation rows are thresholded, not projected
    norms = raw.abs() if groups is None else group_norms(raw, groups)
    zero = norms <= theta
    rows = coef[30:] == 0
    torch.testing.assert_close(rows, (zero if groups is None else zero[:, groups])[30:])


def test_a_group_of_zeros_has_a_finite_gradient():
    raw = torch.ones(5, 3)
    raw[2, :2] = 0
    ball = L1Ball(0.5, 5, torch.tensor([0, 0, 1]))
    ball.forward(raw)
    assert torch.isfinite(ball.backward(torch.ones(5, 3))).all()


def test_mask():
    mask = Mask(torch.tensor([[1.0, 0.0], [0.0, 1.0]]), 1)
    coef, _ = mask.forward(torch.full((2, 2), 3.0))
    assert coef.tolist() == [[3, 0], [0, 3]]
    assert mask.backward(torch.ones(1, 2)).tolist() == [[1, 0]]
