"""The split of convolutional networks: exact, its derivatives, and the dense split beside it."""

import numpy as np
import pytest
import torch
from torch import nn

from explainers import _dc_split
from saliency import architectures, maps
from saliency.network import Affine, Carrier, Residual, run, steps, walk
from saliency.split import THRESHOLD, errors, split


def residual_network(seed=0):
    """Small, with all that ResNet18 has: batch norm, overlapping pooling, both kinds of block."""
    torch.manual_seed(seed)
    from saliency.network import BasicBlock

    network = nn.Sequential()
    for name, module in {
        "conv1": nn.Conv2d(3, 8, 5, 2, 2, bias=False),
        "bn1": nn.BatchNorm2d(8),
        "relu": nn.ReLU(),
        "maxpool": nn.MaxPool2d(3, 2, 1),
        "layer1": nn.Sequential(BasicBlock(8, 8, 1), BasicBlock(8, 16, 2)),
        "avgpool": nn.AdaptiveAvgPool2d(1),
        "flatten": nn.Flatten(),
        "fc": nn.Linear(16, 4),
    }.items():
        network.add_module(name, module)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            for tensor in (module.weight, module.running_var):
                nn.init.uniform_(tensor, 0.5, 1.5)
            for tensor in (module.bias, module.running_mean):
                nn.init.normal_(tensor, std=0.3)
    return network.eval()


def plain_network(seed=0):
    """Small, with all that VGG16 has."""
    torch.manual_seed(seed)
    return nn.Sequential(
        *(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 8, 3, padding=1), nn.ReLU()),
        *(nn.MaxPool2d(2, 2), nn.AdaptiveAvgPool2d(4), nn.Flatten()),
        *(nn.Linear(128, 32), nn.ReLU(), nn.Dropout(), nn.Linear(32, 4)),
    ).eval()


def pictures(m=3, side=20, seed=1):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(m, 3, side, side, generator=generator, dtype=torch.float64)


BOTH = pytest.mark.parametrize("build", [plain_network, residual_network])
CLASSES = torch.tensor([0, 3, 1])


def torch_gradient(module, x, classes):
    x = x.clone().requires_grad_()
    score = module.double()(x).gather(1, classes[:, None]).sum()
    return torch.autograd.grad(score, x)[0]


@BOTH
class TestSteps:
    def test_they_are_the_module(self, build):
        module, x = build(), pictures()
        with torch.no_grad():
            torch.testing.assert_close(
                run(steps(module), x), module.double()(x), rtol=0, atol=1e-12
            )

    def test_batch_norm_is_gone(self, build):
        for step in steps(build()):
            assert not isinstance(step, nn.Module)


def test_batch_norm_without_a_convolution_is_refused():
    with pytest.raises(ValueError, match="'0' does not follow"):
        steps(nn.Sequential(nn.BatchNorm2d(3)))


def test_an_unknown_module_is_named():
    with pytest.raises(TypeError, match="Sigmoid"):
        steps(nn.Sequential(nn.Sigmoid()))


@BOTH
class TestStreams:
    @pytest.mark.parametrize("recentre", [True, False])
    def test_their_difference_is_the_network_after_each_step(self, build, recentre):
        found = errors(steps(build()), pictures(), recentre)
        largest = max(size for _, _, size in found)
        assert max(error for _, error, _ in found) < 1e-15 * (1 + largest) * 10
        assert largest > 10

    def test_streams_are_not_negative_and_recentred_below_the_threshold(self, build):
        network = steps(build())
        p, _, streams = split(network, 100 * pictures())
        for step in network:
            one, other = streams.kept[step.name]
            if not isinstance(step, Affine):
                assert one.min() >= 0 and other.min() >= 0
            if type(step).__name__ in ("ReLU", "MaxPool"):
                assert torch.minimum(one, other).max() <= THRESHOLD
        assert p.max() > THRESHOLD

    def test_streams_are_convex(self, build):
        network = steps(build())
        a, b = pictures(40, seed=2), pictures(40, seed=3)
        for k in (0, 1):
            ends = [split(network, x, recentre=False)[k].detach() for x in (a, b)]
            middle = split(network, (a + b) / 2, recentre=False)[k].detach()
            gap = (ends[0] + ends[1]) / 2 - middle
            assert gap.min() > 0

    def test_streams_increase_away_from_0(self, build):
        network, x = steps(build()), pictures(40)
        for k in (0, 1):
            near, far = (split(network, y, recentre=False)[k] for y in (x, 1.1 * x))
            assert (far > near).all()

    @pytest.mark.parametrize("alpha", [0.0, 0.3, 0.4])
    def test_sensitivities_of_both_make_the_gradient(self, build, alpha):
        module, x = build(), pictures()
        expected = torch_gradient(module, x, CLASSES)
        p, q, streams = split(steps(module), x, alpha=alpha)
        pg, qg = torch.autograd.grad(
            p.gather(1, CLASSES[:, None]).sum(), streams.origin, retain_graph=True
        )
        ph, qh = torch.autograd.grad(q.gather(1, CLASSES[:, None]).sum(), streams.origin)
        atol = 1e-13 * pg.abs().max().item()
        torch.testing.assert_close(pg - ph, expected, rtol=0, atol=atol)
        torch.testing.assert_close(qh - qg, expected, rtol=0, atol=atol)
        assert alpha or min(s.min() for s in (pg, qg, ph, qh)) >= 0

    def test_alpha_one_half_is_the_plain_gradient(self, build):
        module, x = build(), pictures()
        expected = torch_gradient(module, x, CLASSES)
        found = maps.split_grad(steps(module), x, CLASSES, alpha=0.5)
        torch.testing.assert_close(found, expected.abs().sum(1), rtol=0, atol=1e-12)
        other = maps.split_grad(steps(module), x, CLASSES, alpha=0.4)
        assert (other - found).abs().max() > 0.01 * found.max()

    def test_relevance_without_recentring_is_gradient_times_input(self, build):
        network, x = steps(build()), pictures()
        found = maps.split_lrp(network, x, CLASSES, recentre=False)
        expected = maps.gradient_input(network, x, CLASSES)
        torch.testing.assert_close(found, expected, rtol=0, atol=1e-4 * expected.abs().max().item())


def test_wrong_alpha_is_named():
    with pytest.raises(ValueError, match="0.7"):
        split(steps(plain_network()), pictures(), alpha=0.7)


@pytest.fixture(scope="module")
def both():
    """The same network twice: as a picture's (torch) and as a table's (numpy)."""
    torch.manual_seed(0)
    module = nn.Sequential(
        *(nn.Flatten(), nn.Linear(12, 40), nn.ReLU(), nn.Linear(40, 40), nn.ReLU()),
        *(nn.Linear(40, 40), nn.ReLU(), nn.Linear(40, 1)),
    )
    dense = [m for m in module if isinstance(m, nn.Linear)]
    for linear in dense:
        nn.init.normal_(linear.weight, std=0.4)
    layers = [(m.weight.detach().double().numpy(), m.bias.detach().double().numpy()) for m in dense]
    return steps(module), layers, pictures(6, side=2)


class TestBesideTheDenseSplit:
    def test_streams(self, both):
        network, layers, x = both
        rows = x.flatten(1).numpy()
        for recentre in (True, False):
            found = _dc_split.split(layers, rows, recentre)
            p, q, _ = split(network, x, recentre=recentre)
            np.testing.assert_allclose(p.detach().numpy(), found.p[-1], rtol=1e-12)
            np.testing.assert_allclose(q.detach().numpy(), found.q[-1], rtol=1e-12)
        assert _dc_split.split(layers, rows).shifts[-1].any()

    @pytest.mark.parametrize("alpha", [0.0, 0.4])
    def test_sensitivities(self, both, alpha):
        network, layers, x = both
        p, _, streams = split(network, x, alpha=alpha)
        found = torch.autograd.grad(p.sum(), streams.origin)
        rows = x.flatten(1).numpy()
        expected = _dc_split.sensitivities(layers, _dc_split.masks(layers, rows), "g", alpha)
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_allclose(one.flatten(1).numpy(), other, rtol=1e-10, atol=1e-12)

    def test_relevances_with_recentring(self, both):
        network, layers, x = both
        classes = torch.zeros(len(x), dtype=torch.long)
        found = maps.split_lrp(network, x, classes)
        rows = x.flatten(1).numpy()
        expected, _ = _dc_split.relevance(layers, _dc_split.split(layers, rows), maps.EPSILON)
        expected = expected.reshape(x.shape).sum(1)
        np.testing.assert_allclose(found.numpy(), expected, atol=1e-9 * np.abs(expected).max())


class TestArchitectures:
    """Counts of parameters as torchvision's documentation has them."""

    def test_vgg16(self):
        with torch.device("meta"):
            network = architectures.vgg16()
        assert sum(p.numel() for p in network.parameters()) == 138_357_544
        assert list(network.state_dict())[0] == "features.0.weight"
        assert "classifier.6.bias" in network.state_dict()

    def test_resnet18(self):
        network = architectures.resnet18()
        assert sum(p.numel() for p in network.parameters()) == 11_689_512
        assert "layer4.0.downsample.1.running_var" in network.state_dict()

    @pytest.mark.parametrize("name", ["vgg16", "resnet18"])
    def test_they_are_torchvisions(self, name):
        try:
            from torchvision import models
        except (ImportError, RuntimeError) as problem:
            pytest.skip(f"torchvision does not load here: {problem}")
        theirs, ours = getattr(models, name)(weights=None), getattr(architectures, name)()
        ours.load_state_dict(theirs.state_dict())
        x = pictures(2, side=64).float()
        with torch.no_grad():
            torch.testing.assert_close(ours(x), theirs.eval()(x))

    def test_resnet18_is_split_exactly(self):
        torch.manual_seed(0)
        network = architectures.with_statistics(
            architectures.resnet18(10), pictures(8, side=32).float()
        )
        found = errors(steps(network), pictures(2, side=32))
        # to rounding: the longest sum, of 512 channels under a 3 x 3 window, in the larger stream;
        # its order, and so the error, differs between processors
        largest = max(size for _, _, size in found)
        assert max(error for _, error, _ in found) < 512 * 9 * np.finfo(float).eps * largest
        assert largest < 1000
        residual = [step for step in steps(network) if isinstance(step, Residual)]
        assert len(residual) == 8 and sum(bool(step.shortcut) for step in residual) == 3

    def test_without_recentring_its_digits_are_lost(self):
        torch.manual_seed(0)
        network = steps(
            architectures.with_statistics(architectures.resnet18(10), pictures(8, side=32).float())
        )
        assert errors(network, pictures(2, side=32), recentre=False)[-1][1] > 1e-3


def test_choices_are_met_in_the_same_order():
    network, x = steps(residual_network()), pictures()
    plain = Carrier()
    walk(network, x, plain)
    streams = split(network, x)[2]
    assert next(streams.coming, None) is None and len(plain.choices) == 6
