"""Small pictures whose label lies in a known place, and a network trained on them.

A digit of scikit-learn's (8 x 8, from the UCI repository) at a random place of a dark 24 x 24
picture, with noise; beside it, not touching it, a digit of another class at less than half its
brightness.  The label is the bright one's.  The faint digit is what makes pointing a question: a
map that marks whatever is drawn is wrong half of the time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

SIDE, DIGIT = 24, 8
FAINT = 0.4  # brightness of the other digit; the bright one has 1
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
    places : (m, 24, 24) bool tensor
        The 8 x 8 square that the bright digit is drawn in.
    """

    x: torch.Tensor
    classes: torch.Tensor
    places: torch.Tensor


def parts(seed):
    """Training, validation and test digits: pairs of (m, 8, 8) values in [0, 1] and (m,) labels."""
    from sklearn.datasets import load_digits

    data = load_digits()
    order = np.random.default_rng(seed).permutation(len(data.target))
    images, labels = data.images[order] / 16.0, data.target[order]
    cuts = np.cumsum(PARTS)[:-1]
    return list(zip(np.split(images, cuts), np.split(labels, cuts), strict=True))


def placed(images, labels, rng) -> Pictures:
    """Each digit once as the bright one, with a faint one of another class drawn from the rest."""
    m = len(labels)
    x = rng.normal(0.0, NOISE, (m, SIDE, SIDE))
    places = np.zeros((m, SIDE, SIDE), dtype=bool)
    for i in range(m):
        other = rng.choice(np.flatnonzero(labels != labels[i]))
        (a, b), (c, d) = apart(rng)
        x[i, a : a + DIGIT, b : b + DIGIT] += images[i]
        x[i, c : c + DIGIT, d : d + DIGIT] += FAINT * images[other]
        places[i, a : a + DIGIT, b : b + DIGIT] = True
    x = torch.tensor(x)[:, None]
    return Pictures(x, torch.tensor(labels, dtype=torch.long), torch.tensor(places))


def apart(rng):
    """Corners of two squares that do not overlap."""
    while True:
        first, second = rng.integers(0, SIDE - DIGIT + 1, (2, 2))
        if np.abs(first - second).max() >= DIGIT:
            return first, second


def classifier() -> nn.Sequential:
    """Four convolutions with batch norm, a max pooling, the mean over places, ten classes."""
    named, channels_in = {}, 1
    for k, channels in enumerate((8, 16, 32, 32), start=1):
        named[f"conv{k}"] = nn.Conv2d(channels_in, channels, 3, padding=1)
        named[f"norm{k}"] = nn.BatchNorm2d(channels)
        named[f"relu{k}"] = nn.ReLU()
        if k == 2:
            named["pool"] = nn.MaxPool2d(2, 2)
        channels_in = channels
    named |= {"mean": nn.AdaptiveAvgPool2d(1), "flat": nn.Flatten(), "dense": nn.Linear(32, 10)}
    network = nn.Sequential()
    for name, module in named.items():
        network.add_module(name, module)
    return network


def trained(seed, epochs=25, batch=64, learning_rate=3e-3):
    """A network after training, and its accuracy on validation pictures.

    Every epoch draws places, faint digits and noise anew.  Adam, the learning rate falling to 0
    along a cosine.

    Returns
    -------
    network : torch module in evaluation mode
    accuracy : float
    """
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
                nn.functional.cross_entropy(scores, drawn.classes[rows]).backward()
                optimizer.step()
            schedule.step()
    network.eval()
    held = placed(*validation, rng)
    with torch.no_grad():
        right = network(held.x.float()).argmax(1) == held.classes
    return network, right.double().mean().item()
