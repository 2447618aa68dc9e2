import numpy as np
import pytest
import torch

from contextual_lasso.network import Adam, Network


def build(signs=None, dropout=0.0):
    generator = torch.Generator().manual_seed(1)
    network = Network([3, 6, 5, 4], signs, dropout, generator)
    network.initialise(generator)
    network.weights += 0.05 * torch.randn(len(network.weights), generator=generator)
    return network, generator


@pytest.mark.parametrize("signs", [None, torch.tensor([0.0, 1.0, -1.0, 0.0])])
def test_gradient_agrees_with_autograd(signs):
    network, generator = build(signs)
    Z, upstream = (torch.randn(20, k, generator=generator) for k in (3, 4))
    output = network.forward(Z)
    network.backward(upstream[:15])  # the last rows are validation rows
    layers = [(w.clone().requires_grad_(), b.clone().requires_grad_()) for w, b in network.layers]
    hidden = Z
    for i, (weight, bias) in enumerate(layers):
        hidden = hidden @ weight.t() + bias
        hidden = hidden.relu() if i < len(layers) - 1 else hidden
    if signs is not None:
        hidden = torch.where(signs == 0, hidden, signs * (signs * hidden).relu())
        assert (output * signs >= 0).all() and (output == 0).any()
    torch.testing.assert_close(output, hidden.detach())
    (hidden[:15] * upstream[:15]).sum().backward()
    expected = torch.cat([g for w, b in layers for g in (w.grad.ravel(), b.grad)])
    torch.testing.assert_close(network.gradient, expected, rtol=1e-4, atol=1e-5)


def test_dropout_acts_on_the_training_rows_only():
    network, generator = build(dropout=0.5)
    Z = torch.randn(20, 3, generator=generator)
    plain, dropped = network.forward(Z), network.forward(Z, n_dropout=12)
    torch.testing.assert_close(dropped[12:], plain[12:])
    assert not torch.isclose(dropped[:12], plain[:12]).all(1).any()
    mean = torch.stack([network.forward(Z, n_dropout=12)[:12] for _ in range(3000)]).mean(0)
    # dropped units are replaced in the mean: layer by layer not exactly, so loosely
    assert np.corrcoef(mean.ravel(), plain[:12].ravel())[0, 1] > 0.98


def test_dropout_gradient_uses_the_masks_of_the_forward_pass():
    network, generator = build(dropout=0.5)
    Z = torch.randn(12, 3, generator=generator)
    state = generator.get_state()
    upstream = torch.randn(12, 4)

    def loss():
        generator.set_state(state)
        return (network.forward(Z, n_dropout=12) * upstream).sum().item()

    loss()
    network.backward(upstream)
    gradient = network.gradient.clone()
    direction = torch.randn(len(gradient), generator=torch.Generator().manual_seed(3)) * 1e-3
    network.weights += direction
    up = loss()
    network.weights -= 2 * direction
    down = loss()
    assert (up - down) / 2 == pytest.approx((gradient * direction).sum().item(), rel=2e-2)


def test_glorot_initialisation():
    network, _ = build()
    network.initialise(torch.Generator().manual_seed(0))
    for weight, bias in network.layers:
        bound = np.sqrt(6 / sum(weight.shape))
        assert 0.5 * bound < weight.abs().max() <= bound
        assert (bias == 0).all()


def test_adam_agrees_with_torch():
    start = torch.randn(50, generator=torch.Generator().manual_seed(0))
    reference = start.clone().requires_grad_()
    optimiser = torch.optim.Adam([reference], lr=1e-3)
    weights, gradient = start.numpy().copy(), np.zeros(50, np.float32)
    adam = Adam(weights, gradient)
    for step in range(200):
        reference.grad = torch.sin(reference.detach() * (step + 1))
        gradient[:] = np.sin(weights * (step + 1))
        optimiser.step()
        adam.step()
    np.testing.assert_allclose(weights, reference.detach().numpy(), atol=2e-5)
