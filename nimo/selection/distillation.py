"""Distillation: networks learn what the found structure expects, between the rows too.

Given lines and modulations with normal priors there is a posterior mean.  It has the noise taken
out, and it is a function: it can be asked for rows that nobody has observed.  A network that learns
it, there too, comes near it everywhere, and not in the training rows alone (Bucila, Caruana and
Niculescu-Mizil, Model Compression, 2006; Hinton, Vinyals and Dean, 2015).  The posterior is that of
the training rows; of the validation rows only the features are seen here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor

from nimo.paper.problem import Problem
from nimo.selection.supports import Structure
from nimo.selection_settings import SelectionSettings


def can_distil(problem: Problem, numbers: SelectionSettings) -> bool:
    """Whether the structure knows better than the responses what networks should learn.

    It knows the paper's model alone, not one where g sees its own feature or is not 0 at the
    baseline (the ablations).  With many rows networks average the noise out by themselves.
    """
    network = problem.correction
    of_the_paper = network.mask_self and network.zero_at_baseline
    return of_the_paper and len(problem.y) <= numbers.distil_max_rows


def teacher(problem: Problem, structure: Structure) -> Callable[[Tensor], Tensor]:
    """The posterior mean of the response as a function of the features, (n, d) to (n,)."""
    expectation = structure.expectation(problem.x64.cpu().numpy(), problem.y.cpu().numpy())

    def expected(rows: Tensor) -> Tensor:
        return torch.tensor(expectation(rows.cpu().numpy()), device=rows.device)

    return expected


def rows_between(x: Tensor, features: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """Rows (count, d) in the boxes between rows of x (n, d) and their neighbours.

    Each value lies somewhere between those of a row and of one of its nearest neighbours, of which
    there are as many as surround a point: one more than ``features`` (q,) int, which say what is
    near.
    """
    n = len(x)
    distance = torch.cdist(x[:, features], x[:, features]).fill_diagonal_(torch.inf)
    near = distance.argsort(dim=1)[:, : min(len(features) + 1, n - 1)].cpu()
    one = torch.arange(count) % n
    which = torch.randint(near.shape[1], (count,), generator=generator)
    share = torch.rand(count, x.shape[1], generator=generator, dtype=x.dtype).to(x.device)
    return x[one] + share * (x[near[one, which]] - x[one])


def distilled(problem: Problem, structure: Structure, numbers: SelectionSettings) -> Problem:
    """The problem with the teacher's answers, on more rows where there are few.

    Each gradient step sees as many rows as there were; networks are judged by how near they come to
    the teacher on the validation rows.
    """
    expected = teacher(problem, structure)
    x, n = problem.x64, len(problem.y)
    if 1 < n < numbers.distil_rows:
        features = torch.tensor(structure.acting, device=x.device)
        made = rows_between(x, features, numbers.distil_rows - n, problem.generator)
        x = torch.cat([x, made])
    return replace(
        problem,
        x=x.float(),
        y=expected(x),
        y_val=expected(problem.x_val64),
        batch_rows=problem.batch_rows or (n if len(x) > n else None),
    )
