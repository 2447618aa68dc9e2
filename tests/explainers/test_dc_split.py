"""The split of a ReLU network: its identities to the rounding of float64, and what is read off."""

import numpy as np
import pytest

import baselines
import explainers
from explainers import _dc_split, split_grad, split_lrp
from explainers.model import Model

DEPTHS = range(2, 9)
ROUNDING = 1e-13  # of the larger stream: some hundred roundings of 2^-53


def network(depth, width=32, d=5, biases=True, seed=0):
    """He's weights, which keep the size of activations from layer to layer; random biases."""
    rng = np.random.default_rng(seed)
    sizes = [d, *[width] * depth, 1]
    return [
        (rng.normal(0, np.sqrt(2 / a), (b, a)), biases * rng.normal(0, 0.3, b))
        for a, b in zip(sizes[:-1], sizes[1:], strict=True)
    ]


def rows(m=20, d=5, seed=1):
    return np.random.default_rng(seed).normal(size=(m, d))


def autograd(layers, X):
    """Output and gradient by another route: torch's backpropagation."""
    torch = pytest.importorskip("torch")
    x = torch.tensor(X, requires_grad=True)
    a = x
    for k, (weight, bias) in enumerate(layers):
        a = a @ torch.tensor(weight).T + torch.tensor(bias)
        a = torch.relu(a) if k < len(layers) - 1 else a
    (slopes,) = torch.autograd.grad(a.sum(), x)
    return a.detach().numpy()[:, 0], slopes.numpy()


@pytest.mark.parametrize("depth", DEPTHS)
class TestStreams:
    def test_their_difference_is_the_network(self, depth):
        layers, X = network(depth), rows()
        f, _ = autograd(layers, X)
        plain = _dc_split.split(layers, X, recentre=False)
        size = plain.p[-1][:, 0]
        assert (np.abs(plain.difference - f) <= ROUNDING * size).all()

    def test_recentring_leaves_the_network_and_its_digits(self, depth):
        layers, X = network(depth), rows()
        f, _ = autograd(layers, X)
        found = _dc_split.split(layers, X)
        # the streams of the last layer grow from a common part of at most 10
        np.testing.assert_allclose(found.difference, f, rtol=0, atol=1e-11)
        for p, q in zip(found.p[1:-1], found.q[1:-1], strict=True):
            assert np.minimum(p, q).max() <= _dc_split.THRESHOLD
            assert p.min() >= 0 and q.min() >= 0

    def test_recentred_streams_and_shifts_are_the_streams(self, depth):
        layers, X = network(depth), rows()
        plain, found = _dc_split.split(layers, X, recentre=False), _dc_split.split(layers, X)
        assert found.shifts[-1].max() > 0
        for name in ("p", "q"):
            pairs = zip(getattr(plain, name), getattr(found, name), found.shifts, strict=True)
            for whole, carried, shift in pairs:
                np.testing.assert_allclose(carried + shift, whole, rtol=1e-12)

    def test_sensitivities_of_the_streams_make_the_gradient(self, depth):
        layers, X = network(depth), rows()
        _, slopes = autograd(layers, X)
        on = _dc_split.masks(layers, X)
        (pg, qg), (ph, qh) = (_dc_split.sensitivities(layers, on, s) for s in "gh")
        size = np.max([pg, qg, ph, qh], axis=0)
        assert (np.abs(pg - ph - slopes) <= ROUNDING * size).all()
        assert (np.abs(qg - qh + slopes) <= ROUNDING * size).all()
        # through the start p = relu(x), q = relu(-x) one stream of each feature is silent
        positive = X > 0
        four = positive * pg - ~positive * qg - positive * ph + ~positive * qh
        assert (np.abs(four - slopes) <= ROUNDING * size).all()

    @pytest.mark.parametrize("alpha", [0.1, 0.3, 0.4, 0.5])
    def test_the_shift_keeps_the_gradient(self, depth, alpha):
        layers, X = network(depth), rows()
        _, slopes = autograd(layers, X)
        on = _dc_split.masks(layers, X)
        (pg, qg), (ph, qh) = (_dc_split.sensitivities(layers, on, s, alpha) for s in "gh")
        size = np.max(np.abs([pg, qg, ph, qh]), axis=0) + np.abs(slopes).max()
        assert (np.abs(pg - ph - slopes) <= 10 * ROUNDING * size).all()
        assert (np.abs(qg - qh + slopes) <= 10 * ROUNDING * size).all()

    def test_alpha_one_half_is_the_plain_gradient(self, depth):
        layers, X = network(depth), rows()
        _, slopes = autograd(layers, X)
        np.testing.assert_allclose(
            split_grad.slopes(layers, X, 0.5), slopes, rtol=0, atol=1e-13 * np.abs(slopes).max()
        )

    def test_alpha_0_is_the_split_and_differs(self, depth):
        layers, X = network(depth), rows()
        dp, dq = _dc_split.sensitivities(layers, _dc_split.masks(layers, X), "g")
        np.testing.assert_array_equal(split_grad.slopes(layers, X, 0.0), dp - dq)
        assert dp.min() >= 0 and dq.min() >= 0
        _, slopes = autograd(layers, X)
        assert np.abs(dp - dq - slopes).max() > np.abs(slopes).max()

    def test_sensitivities_are_derivatives_of_the_convex_stream(self, depth):
        layers, X = network(depth), rows(5)
        dp, dq = _dc_split.sensitivities(layers, _dc_split.masks(layers, X), "g")
        positive, h = X > 0, 1e-7
        for j in range(X.shape[1]):
            move = h * np.eye(X.shape[1])[j]
            above, below = (_dc_split.split(layers, X + s * move, False).p[-1] for s in (1, -1))
            slope = np.where(positive[:, j], dp[:, j], -dq[:, j])
            np.testing.assert_allclose((above - below)[:, 0] / (2 * h), slope, rtol=1e-5)

    def test_relevance_is_conserved(self, depth):
        X = rows()
        for biases, recentre in ((False, False), (False, True), (True, False), (True, True)):
            layers = network(depth, biases=biases)
            f, _ = autograd(layers, X)
            found = _dc_split.split(layers, X, recentre)
            relevances, kept = _dc_split.relevance(layers, found, epsilon=0.0)
            gap = np.abs(relevances.sum(axis=1) + kept - f)
            assert (gap <= 10 * ROUNDING * found.p[-1][:, 0]).all()
            assert biases or not kept.any()

    @pytest.mark.parametrize("biases", [True, False])
    def test_relevance_is_gradient_times_input_where_nothing_is_recentred(self, depth, biases):
        layers, X = network(depth, biases=biases), rows()
        _, slopes = autograd(layers, X)
        found = _dc_split.split(layers, X, recentre=False)
        relevances, _ = _dc_split.relevance(layers, found, epsilon=0.0)
        gap = np.abs(relevances - X * slopes)
        assert (gap <= 10 * ROUNDING * found.p[-1]).all()

    def test_recentring_makes_relevance_another(self, depth):
        layers, X = network(depth), rows()
        _, slopes = autograd(layers, X)
        found = _dc_split.split(layers, X)
        relevances, _ = _dc_split.relevance(layers, found, epsilon=0.0)
        moved = found.shifts[-2].any(axis=1)
        gap = np.abs(relevances - X * slopes).max(axis=1)
        assert moved.any() and (gap[moved] > 0.01).all()


class TestShape:
    @pytest.mark.parametrize("depth", [2, 4, 8])
    def test_streams_are_convex(self, depth):
        layers = network(depth)
        a, b = rows(200, seed=2), rows(200, seed=3)
        for stream in ("p", "q"):
            ends, middle = (
                [getattr(_dc_split.split(layers, X, False), stream)[-1] for X in Xs]
                for Xs in ((a, b), ((a + b) / 2,))
            )
            gap = (ends[0] + ends[1]) / 2 - middle[0]
            assert gap.min() >= -ROUNDING * middle[0].max()
            assert gap.max() > 0.01 * middle[0].max()

    @pytest.mark.parametrize("depth", [2, 4, 8])
    def test_streams_increase_in_both_parts_of_the_input(self, depth):
        """Away from 0 on either side: relu(x) grows, or relu(-x) does, and the other stays."""
        layers, X = network(depth), rows(200)
        further = X + np.sign(X) * np.random.default_rng(4).random(X.shape)
        for stream in ("p", "q"):
            near, far = (
                getattr(_dc_split.split(layers, x, False), stream)[-1] for x in (X, further)
            )
            assert (far > near).all()

    def test_streams_blow_up_with_depth_and_recentring_stops_it(self):
        X = rows()
        plain = [_dc_split.split(network(k), X, False).p[-1].max() for k in (2, 5, 8)]
        kept = [_dc_split.split(network(k), X).p[-1].max() for k in (2, 5, 8)]
        assert plain[0] < plain[1] / 100 < plain[2] / 10000
        assert max(kept) < 1000


class TestRecentring:
    def test_a_small_common_part_is_left(self):
        p, q = np.array([[11.0, 3.0]]), np.array([[9.0, 3.0]])
        assert not _dc_split.recentred(p, q).any()

    def test_a_large_one_is_multiplied_by_the_factor_until_it_is_small(self):
        p, q = np.array([[5000.0, 3.0], [4.0, 5.0]]), np.array([[2000.0, 3.0], [4.0, 4.0]])
        away = _dc_split.recentred(p, q)
        np.testing.assert_allclose(np.minimum(p, q) - away, [[2.0, 0.003], [4.0, 4.0]])


class TestRelevanceByHand:
    def test_one_hidden_unit(self):
        """f = 2 relu(3 x1 - x2) at (1, 1): g = 6 of z_p = 3, h = 2 of z_q = 1."""
        layers = [(np.array([[3.0, -1.0]]), np.zeros(1)), (np.array([[2.0]]), np.zeros(1))]
        relevances, kept = _dc_split.relevance(layers, _dc_split.split(layers, [[1.0, 1.0]]), 0.0)
        np.testing.assert_allclose(relevances, [[6.0, -2.0]])
        assert kept == 0

    def test_a_bias_keeps_its_share(self):
        """f = relu(x + 1) at 2: x has 2, the bias 1."""
        layers = [(np.array([[1.0]]), np.ones(1)), (np.array([[1.0]]), np.zeros(1))]
        relevances, kept = _dc_split.relevance(layers, _dc_split.split(layers, [[2.0]]), 0.0)
        np.testing.assert_allclose(relevances, [[2.0]])
        np.testing.assert_allclose(kept, [1.0])

    def test_epsilon_takes_little(self):
        layers, X = network(3, biases=False), rows()
        found = _dc_split.split(layers, X)
        exact, _ = _dc_split.relevance(layers, found, 0.0)
        stable, kept = _dc_split.relevance(layers, found, split_lrp.EPSILON)
        np.testing.assert_allclose(stable, exact, atol=1e-4 * np.abs(exact).max())
        np.testing.assert_allclose(
            stable.sum(axis=1) + kept, found.difference, atol=1e-11 * np.abs(exact).max()
        )


class TestWrongQuestions:
    def test_stream(self):
        with pytest.raises(ValueError, match="'f'"):
            _dc_split.sensitivities(network(2), _dc_split.masks(network(2), rows()), "f")

    @pytest.mark.parametrize("alpha", [-0.1, 0.6])
    def test_alpha(self, alpha):
        with pytest.raises(ValueError, match=str(alpha)):
            split_grad.slopes(network(2), rows(), alpha)


@pytest.fixture(scope="module", params=["regression", "classification"])
def model(request):
    rng = np.random.default_rng(0)
    X = rng.uniform(-2, 2, (160, 4))
    y = 30 * X[:, 0] * np.tanh(X[:, 1]) - 10 * X[:, 2] + 100
    if request.param == "classification":
        y = (y > 100).astype(int)
    estimator = baselines.load("mlp_relu").build(request.param, {"max_epochs": 60}, 0)
    return Model(estimator.fit(X[:100], y[:100], X[100:], y[100:]), request.param, X[:100])


class TestFittedNetwork:
    def test_its_layers_are_its_response(self, model):
        X = rows(30, 4)
        f, response = _dc_split.output(model.estimator.layers(), X), model.response(X)
        np.testing.assert_allclose(f, response, atol=1e-5 * np.abs(response).max())

    def test_its_gradient_is_that_of_its_layers(self, model):
        X = rows(30, 4)
        _, slopes = autograd(model.estimator.layers(), X)
        np.testing.assert_allclose(model.gradient(X), slopes, atol=1e-12 * np.abs(slopes).max())

    @pytest.mark.parametrize("name", ["split_grad", "split_lrp"])
    def test_it_is_explained(self, model, name):
        explainer = explainers.load(name)
        assert explainer.applies(model)
        X = rows(30, 4)
        found = explainer.explain(model, X, np.random.default_rng(0))
        values = found.slope if name == "split_grad" else found.part
        assert values.shape == X.shape and np.isfinite(values).all() and values.any()

    def test_relevances_and_the_shares_of_biases_are_the_response(self, model):
        X = rows(30, 4)
        layers = model.estimator.layers()
        found = _dc_split.split(layers, X, recentre=False)
        relevances, kept = _dc_split.relevance(layers, found, split_lrp.EPSILON)
        response = model.response(X)
        np.testing.assert_allclose(
            relevances.sum(axis=1) + kept, response, atol=1e-5 * np.abs(response).max()
        )
        np.testing.assert_array_equal(
            relevances, explainers.load("split_lrp").explain(model, X, None).part
        )

    def test_other_activations_are_not_split(self, model):
        X, y = model.X, model.response(model.X)
        smooth = baselines.load("mlp").build("regression", {"max_epochs": 2}, 0)
        other = Model(smooth.fit(X, y, X, y), "regression", X)
        assert not explainers.load("split_grad").applies(other)
        assert not explainers.load("split_lrp").applies(other)
