"""Small pictures of two digits in known places, and a network trained to name both.

Two of scikit-learn's digits (8 x 8, from the UCI repository), of different classes and equally
bright, at random places of a dark 24 x 24 picture, not touching, with noise.  The network gives
each class a logit of its own: is it there?  A map is asked for one of the two, and points right if
it points at that one: a map that marks whatever is drawn is wrong half of the time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

SIDE, DIGIT, CLASSES = 24, 8, 10
NOISE = 0.1  # standard deviation in every pixel
PARTS = (1200, 200, 397)  # of the 1797 digits: training, validation, test
LAYER = "relu4"  # the last convolution's activations, for class activation maps


@dataclass(frozen=True)
class Pictures:
    """m pictures.

    Attributes
    ----------
    x : (m, 1, 24, 24) float64 tensor
    classes : (m,) int64 tensor
        The one that is asked for.
    places : (m, 24, 24) bool tensor
        The 8 x 8 square that it is drawn in.
    present : (m, 10) bool tensor
        Both classes that are there.
    """

    x: torch.Tensor
    classes: torch.Tensor
    places: torch.Tensor
    present: torch.Tensor


def parts(seed):
    """Training, validation and test digits: pairs of (m, 8, 8) values in [0, 1] and (m,) labels."""
    from sklearn.datasets import load_digits

    data = load_digits()
    order = np.random.default_rng(seed).permutation(len(data.target))
    images, labels = data.images[order] / 16.0, data.target[order]
    cuts = np.cumsum(PARTS)[:-1]
    return list(zip(np.split(images, cuts), np.split(labels, cuts), strict=True))


def placed(images, labels, rng) -> Pictures:
    """Each digit once as the one asked for, beside one of another class drawn from the rest."""
    m = len(labels)
    x = rng.normal(0.0, NOISE, (m, SIDE, SIDE))
    places = np.zeros((m, SIDE, SIDE), dtype=bool)
    present = np.zeros((m, CLASSES), dtype=bool)
    for i in range(m):
        other = rng.choice(np.flatnonzero(labels != labels[i]))
        present[i, [labels[i], labels[other]]] = True
        for which, (a, b) in zip((i, other), apart(rng), strict=True):
            x[i, a : a + DIGIT, b : b + DIGIT] += images[which]
            places[i, a : a + DIGIT, b : b + DIGIT] = which == i
    return Pictures(
        torch.tensor(x)[:, None],
        torch.tensor(labels, dtype=torch.long),
        torch.tensor(places),
        torch.tensor(present),
    )


def apart(rng):
    """Corners of two squares that do not overlap."""
    while True:
        first, second = rng.integers(0, SIDE - DIGIT + 1, (2, 2))
        if np.abs(first - second).max() >= DIGIT:
            return first, second


def classifier() -> nn.Sequential:
    """Four convolutions with batch norm, a max pooling, the mean over places, ten classes."""
    modules, channels_in = {}, 1
    for k, channels in enumerate((8, 16, 32, 32), start=1):
        modules[f"conv{k}"] = nn.Conv2d(channels_in, channels, 3, padding=1)
        modules[f"norm{k}"] = nn.BatchNorm2d(channels)
        modules[f"relu{k}"] = nn.ReLU()
        if k == 2:
            modules["pool"] = nn.MaxPool2d(2, 2)
        channels_in = channels
    modules |= {
        "mean": nn.AdaptiveAvgPool2d(1),
        "flat": nn.Flatten(),
        "dense": nn.Linear(32, CLASSES),
    }
    network = nn.Sequential()
    for name, module in modules.items():
        network.add_module(name, module)
    return network


def trained(seed, epochs=60, batch=64, learning_rate=5e-3):
    """A network after training, and the share of validation pictures that it gets right.

    Cross-entropy of each class by itself.  Every epoch draws places, neighbours and noise anew.
    Adam, the learning rate falling to 0 along a cosine.

    Returns
    -------
    network : torch module in evaluation mode
    accuracy : float
    """
    loss = nn.functional.binary_cross_entropy_with_logits
    rng = np.random.default_rng(seed)
    training, validation, _ = parts(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = classifier()
        optimizer = torch.optim.Adam(network.parameters(), lr=learning_rate)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
        for _ in range(epochs):
            drawn = placed(*training, rng)
            for rows in torch.randperm(len(drawn.classes)).split(batch):
                optimizer.zero_grad()
                scores = network(drawn.x[rows].float())
                loss(scores, drawn.present[rows].float()).backward()
                optimizer.step()
            schedule.step()
    network.eval()
    held = placed(*validation, rng)
    with torch.no_grad():
        right = named(network(held.x.float()), held)
    return network, right.double().mean().item()


def named(scores, pictures):
    """(m,) bool: both digits that are there have a positive logit, and no other class has."""
    return ((scores > 0) == pictures.present).all(1)
