"""Saliency maps on networks whose answer is known by hand; the grades; the pictures."""

import numpy as np
import pytest
import torch
from torch import nn

from saliency import digits, grades, maps
from saliency.network import steps


def detector():
    """Two channels, dark and bright, summed: class 0 is the sum of what is above 1/2."""
    module = nn.Sequential()
    module.add_module("conv", nn.Conv2d(1, 2, 1))
    module.add_module("relu", nn.ReLU())
    module.add_module("mean", nn.AdaptiveAvgPool2d(1))
    module.add_module("flat", nn.Flatten())
    module.add_module("dense", nn.Linear(2, 2))
    with torch.no_grad():
        module.conv.weight.copy_(torch.tensor([1.0, -1.0]).reshape(2, 1, 1, 1))
        module.conv.bias.copy_(torch.tensor([-0.5, 0.25]))
        module.dense.weight.copy_(16 * torch.tensor([[1.0, -1.0], [0.0, 0.0]]))
        module.dense.bias.zero_()
    return steps(module)


X = torch.zeros(1, 1, 4, 4, dtype=torch.float64)
X[0, 0, 1, 2], X[0, 0, 3, 3] = 1.0, 0.4
CLASS = torch.tensor([0])
AT, DIM = (0, 1, 2), (0, 3, 3)


class TestMaps:
    """f = sum over pixels of relu(x - .5) - relu(.25 - x): slope 1 if x > .5, 1 if x < .25."""

    def test_gradient(self):
        found = maps.gradient(detector(), X, CLASS)
        assert found[AT] == pytest.approx(1) and found[DIM] == 0
        assert found.sum() == pytest.approx(15)

    def test_gradient_times_input(self):
        expected = torch.zeros(1, 4, 4, dtype=torch.float64)
        expected[AT] = 1.0
        torch.testing.assert_close(maps.gradient_input(detector(), X, CLASS), expected)

    def test_guided_backprop_drops_what_goes_back_negative(self):
        expected = torch.zeros(1, 4, 4, dtype=torch.float64)
        expected[AT] = 1.0
        torch.testing.assert_close(maps.guided_backprop(detector(), X, CLASS), expected)

    def test_class_activation_maps(self):
        """Gradients of the channels are 1 and -1 everywhere; activations .5 in one place, .25."""
        expected = torch.zeros(1, 4, 4, dtype=torch.float64)
        expected[AT] = 0.5
        torch.testing.assert_close(maps.grad_cam(detector(), X, CLASS, "relu"), expected)
        torch.testing.assert_close(maps.layer_cam(detector(), X, CLASS, "relu"), expected)

    def test_split_cam_at_one_half_is_half_of_activation_times_gradient(self):
        expected = torch.zeros(1, 4, 4, dtype=torch.float64)
        expected[AT] = 0.25
        found = maps.split_cam(detector(), X, CLASS, "relu", alpha=0.5)
        torch.testing.assert_close(found, expected)

    def test_split_cam_at_0_is_all_that_goes_into_the_convex_stream(self):
        """g of the dense layer = 16 (mean of p of the first channel + mean of q of the second).

        First channel: z_p = x, z_q = .5, p = max. Second: z_p = .25, z_q = x, q = z_q.
        """
        found = maps.split_cam(detector(), X, CLASS, "relu", alpha=0.0)
        torch.testing.assert_close(found, torch.clamp(X[0], min=0.5) + X[0])

    def test_lrp_is_damped_gradient_times_input(self):
        """By hand for one dense layer: z / (z + .25 rms) of each term."""
        module = nn.Sequential(nn.Flatten(), nn.Linear(4, 1, bias=False))
        with torch.no_grad():
            module[1].weight.copy_(torch.tensor([[1.0, 2.0, -1.0, 0.0]]))
        x = torch.tensor([3.0, 1.0, 1.0, 5.0], dtype=torch.float64).reshape(1, 1, 2, 2)
        found = maps.lrp(steps(module), x, torch.tensor([0]))
        expected = torch.tensor([3.0, 2.0, -1.0, 0.0]).double() / 1.25
        torch.testing.assert_close(found.flatten(), expected)

    @pytest.mark.parametrize("name", maps.MAPS)
    def test_each_is_finite_and_does_not_depend_on_its_neighbours(self, name):
        torch.manual_seed(0)
        network = steps(digits.classifier().eval())
        x = torch.rand(3, 1, 24, 24, dtype=torch.float64)
        classes = torch.tensor([1, 2, 3])
        together = maps.MAPS[name](network, x, classes, digits.LAYER)
        assert together.shape == (3, 24, 24) and torch.isfinite(together).all()
        assert not together.requires_grad and together.any()
        alone = maps.MAPS[name](network, x[1:2], classes[1:2], digits.LAYER)
        torch.testing.assert_close(alone[0], together[1], rtol=1e-9, atol=1e-12)


class TestGrades:
    def test_pointing_game(self):
        found = torch.zeros(3, 4, 4)
        found[0, 1, 1] = found[1, 3, 3] = 1.0
        places = torch.zeros(3, 4, 4, dtype=torch.bool)
        places[:, :2, :2] = True
        assert grades.pointing_game(found, places).tolist() == [1.0, 0.0, 0.25]

    def test_selectivity_prefers_the_map_that_tells_the_truth(self):
        x = torch.zeros(1, 1, 8, 8, dtype=torch.float64)
        x[0, 0, :4, :4] = 1.0
        module = nn.Sequential(nn.Flatten(), nn.Linear(64, 2))
        with torch.no_grad():
            module[1].weight.copy_(torch.stack([torch.ones(64), torch.zeros(64)]))
            module[1].bias.zero_()
        true, false = x[:, 0], 1 - x[:, 0]
        gone, there = 0.5, torch.sigmoid(torch.tensor(16.0)).item()
        found = [grades.selectivity(steps(module), x, CLASS, m).item() for m in (true, false)]
        assert found == pytest.approx([(there + 4 * gone) / 5, (4 * there + gone) / 5])

    def test_max_sensitivity_of_a_linear_map(self):
        x = torch.ones(2, 1, 4, 4, dtype=torch.float64)

        def explain(x):
            return x[:, 0]

        found = [
            grades.max_sensitivity(
                explain, x, explain(x), torch.Generator().manual_seed(0), radius, draws
            )
            for radius, draws in ((0.1, 1), (0.1, 50), (0.2, 50))
        ]
        # uniform noise has the root mean square radius / sqrt 3, and at most the radius
        assert (found[0] < found[1]).all() and (found[1] < 0.1).all()
        torch.testing.assert_close(found[2], 2 * found[1])
        assert found[0].mean().item() == pytest.approx(0.1 / np.sqrt(3), rel=0.3)


@pytest.fixture(scope="module")
def drawn():
    images, labels = digits.parts(0)[2]
    return images, digits.placed(images, labels, np.random.default_rng(0))


class TestPictures:
    def test_parts_share_no_digit_and_are_all_of_them(self):
        assert [len(labels) for _, labels in digits.parts(0)] == list(digits.PARTS)
        assert sum(digits.PARTS) == 1797

    def test_the_digit_asked_for_is_where_it_is_said_to_be(self, drawn):
        images, found = drawn
        assert (found.places.sum((1, 2)) == 64).all()
        inside = found.x[:, 0][found.places].reshape(-1, 8, 8).numpy()
        assert np.abs(inside - images).mean() < 1.2 * digits.NOISE

    def test_another_class_is_there_and_as_bright(self, drawn):
        images, found = drawn
        assert (found.present.sum(1) == 2).all()
        assert found.present.gather(1, found.classes[:, None]).all()
        outside = torch.where(found.places, 0.0, found.x[:, 0]).sum((1, 2)).mean().item()
        assert outside == pytest.approx(images.sum((1, 2)).mean(), rel=0.05)

    def test_digits_do_not_touch(self):
        rng = np.random.default_rng(0)
        for _ in range(200):
            first, second = digits.apart(rng)
            assert np.abs(first - second).max() >= 8
            assert 0 <= min(first.min(), second.min()) and max(first.max(), second.max()) <= 16

    def test_a_picture_counts_if_both_and_no_other_are_named(self, drawn):
        _, found = drawn
        scores = torch.where(found.present, 1.0, -1.0)
        assert digits.named(scores, found).all()
        assert not digits.named(torch.ones_like(scores), found).any()
        assert not digits.named(-scores, found).any()

    def test_training_learns_and_leaves_the_callers_random_state(self, drawn):
        torch.manual_seed(5)
        expected = torch.rand(3)
        torch.manual_seed(5)
        network, _ = digits.trained(0, epochs=6)
        assert torch.equal(torch.rand(3), expected)
        _, found = drawn
        with torch.no_grad():
            top = network(found.x.float()).topk(2).indices
        share = (top == found.classes[:, None]).any(1).double().mean().item()
        assert share > 0.4  # guessing: 0.2
