"""Training of mesomorphic networks: rows and neighbours drawn, learning rates, snapshots."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import torch

from baselines._adam import Adam
from baselines._stacked import batches, epochs_within, n_batches

WARM_UP_EPOCHS = 5
# Cosine cycles of lengths T, 2 T and 4 T fill the training; a snapshot is taken after each.
CYCLE_FACTOR, N_CYCLES = 2, 3


class Neighbours:
    """A fresh synthetic neighbour for each training row.

    Parameters
    ----------
    scheme : {"gaussian", "interpolation"}
        x + sigma eps with eps standard normal, or x + u (x' - x) with u uniform on [0, 1] and x'
        one of the ``n_neighbors`` nearest training rows.
    X : (n, d) tensor
    sigma : float
    n_neighbors : int
    """

    def __init__(self, scheme, X, sigma, n_neighbors):
        self.scheme, self.X, self.sigma = scheme, X, sigma
        if scheme == "interpolation":
            from sklearn.neighbors import NearestNeighbors

            k = min(n_neighbors, len(X) - 1)
            found = NearestNeighbors(n_neighbors=k).fit(X.numpy()).kneighbors(return_distance=False)
            self.nearest = torch.as_tensor(found)

    def draw(self, rows, generator=None):
        """(len(rows), d) neighbours of the given training rows."""
        X = self.X[rows]
        if self.scheme == "gaussian":
            return X + self.sigma * torch.randn(X.shape, generator=generator)
        choice = torch.randint(self.nearest.shape[1], (len(rows),), generator=generator)
        other = self.X[self.nearest[rows, choice]]
        return X + torch.rand(len(rows), 1, generator=generator) * (other - X)


class Balanced:
    """Training rows drawn with replacement, both classes equally often.

    Attributes
    ----------
    log_odds : float
        Of class 1 in the data; 0 where one class is absent and there is nothing to balance.
    """

    def __init__(self, y):
        self.classes = [torch.nonzero(y == label).squeeze(1) for label in (0, 1)]
        counts = [len(rows) for rows in self.classes]
        self.possible = min(counts) > 0
        self.log_odds = math.log(counts[1] / counts[0]) if self.possible else 0.0

    def draw(self, rows, generator=None):
        """As many balanced rows as there are in ``rows``, which is used if one class is absent."""
        if not self.possible:
            return rows
        n = len(rows)
        zero, one = (c[torch.randint(len(c), (n,), generator=generator)] for c in self.classes)
        return torch.where(torch.rand(n, generator=generator) < 0.5, zero, one)


def learning_rate_factor(step, warm_up, cycle):
    """Factor of the learning rate: linear warm-up, then cosine cycles, each twice as long.

    Parameters
    ----------
    step : int
        From 0.
    warm_up, cycle : int
        Steps of the warm-up and of the first cycle.
    """
    if step < warm_up:
        return step / warm_up
    at, length = step - warm_up, cycle
    while at >= length:
        at, length = at - length, length * CYCLE_FACTOR
    return 0.5 * (1 + math.cos(math.pi * at / length))


def snapshot_steps(cycle):
    """Steps (counted from 1) after which a snapshot is taken: T, 3 T and 7 T."""
    return [cycle * (CYCLE_FACTOR ** (k + 1) - 1) // (CYCLE_FACTOR - 1) for k in range(N_CYCLES)]


@dataclass
class Plan:
    """The training of one network among several.

    Attributes
    ----------
    generator : torch.Generator
    epochs : int
    learning_rate, weight_decay : float
    warm_up, cycle : int or None
        Steps of the warm-up and of the first cycle; None: a constant learning rate.
    wanted : set of int
        Steps (from 1) after which a snapshot is taken.
    balanced : Balanced or None
    neighbours : Neighbours or None
    snapshots : list of networks
        What training leaves: the snapshots, or the last network alone.
    """

    generator: torch.Generator
    epochs: int
    learning_rate: float
    weight_decay: float
    warm_up: int | None = None
    cycle: int | None = None
    wanted: set[int] = field(default_factory=set)
    balanced: Balanced | None = None
    neighbours: Neighbours | None = None
    snapshots: list = field(default_factory=list)

    @classmethod
    def of(cls, model, X, y, size, generator):
        """The plan of a :class:`baselines._mesomorphic.Mesomorphic` on some rows."""
        plan = cls(
            generator,
            epochs_within(model.epochs, len(X), size, model.max_steps),
            model.learning_rate,
            model.weight_decay,
        )
        if model.schedule == "restarts":
            per_epoch = n_batches(len(X), size)
            plan.cycle = max(1, plan.epochs * per_epoch // (CYCLE_FACTOR**N_CYCLES - 1))
            plan.warm_up = WARM_UP_EPOCHS * per_epoch
            # A snapshot of the warm-up is of a network that has hardly been trained.
            plan.wanted = {s for s in snapshot_steps(plan.cycle) if s > plan.warm_up}
        if model.task == "classification" and model.oversample:
            plan.balanced = Balanced(y)
        if model.fidelity:
            plan.neighbours = Neighbours(model.neighbors, X, model.sigma, model.n_neighbors)
        return plan

    @property
    def shift(self) -> float:
        """Log-odds that balanced rows have taken from the logit."""
        return self.balanced.log_odds if self.balanced else 0.0

    def rate(self, step) -> float:
        """The learning rate of a step, counted from 0."""
        if self.cycle is None:
            return self.learning_rate
        return self.learning_rate * learning_rate_factor(step, self.warm_up, self.cycle)

    def rows(self, rows):
        """The rows of a batch."""
        return self.balanced.draw(rows, self.generator) if self.balanced else rows


def train_to_snapshots(networks, plans, objective, X, y, size):
    """Train networks side by side; each plan is left with its snapshots.

    Parameters
    ----------
    networks : Backbone
    plans : list of Plan, one for each network
    objective : callable (networks, X (K, n, d), y (K, n), neighbours (K, n, d) or None) -> (K,)
    X, y : tensors of the training rows
    size : int
        Rows of a batch.
    """
    left = list(plans)
    optimizer = Adam(networks, [p.learning_rate for p in plans], [p.weight_decay for p in plans])
    step = 0
    for epoch in range(1, max(plan.epochs for plan in plans) + 1):
        networks.training = True
        for order in batches(len(X), size, networks.generators):
            rows = [plan.rows(drawn) for plan, drawn in zip(left, order, strict=True)]
            neighbours = None
            if left[0].neighbours:
                pairs = zip(left, rows, strict=True)
                drawn = [plan.neighbours.draw(those, plan.generator) for plan, those in pairs]
                neighbours = torch.stack(drawn)
            rows = torch.stack(rows)
            optimizer.learning_rates = [plan.rate(step) for plan in left]
            optimizer.step(networks.gradient(objective(networks, X[rows], y[rows], neighbours)))
            step += 1
            for k, plan in enumerate(left):
                if step in plan.wanted:
                    plan.snapshots.append(networks.alone(k))
        for k, plan in enumerate(left):
            if epoch == plan.epochs and not plan.snapshots:
                plan.snapshots.append(networks.alone(k))
        going_on = [k for k, plan in enumerate(left) if epoch < plan.epochs]
        if going_on and len(going_on) < len(left):
            left = [left[k] for k in going_on]
            networks.keep(going_on)
            optimizer.keep(going_on)
