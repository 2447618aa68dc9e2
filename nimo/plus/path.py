"""Fewer terms to read: one after the other goes, the one of least evidence first.

A line goes after the curves and surfaces of its feature, which would else stand in for it.

All of it is linear algebra on the sums over rows of one structure.  A normal response has these
sums whatever its coefficients are; labels, counts and t noise have those of the working responses
and weights of the whole model, of whose log-likelihood they are the second-order expansion.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from nimo.plus.evidence import Solution, Sums, maximise
from nimo.plus.families import Family
from nimo.plus.knowledge import Knowledge
from nimo.plus.left_out import LeftOut
from nimo.plus.members import Member
from nimo.plus.monotone import constrained, constraints
from nimo.plus.pieces import Functions, Piece
from nimo.plus.problem import Problem, State
from nimo.plus.structures import Structure
from nimo.plus.terms import Key, Worth, columns_of, factor, numbered

PATH_STEPS = 20


@dataclass(frozen=True)
class Step:
    """A model of the path.

    Attributes
    ----------
    gone : Key of the term that the model before it still had; None for the whole one
    worth : dict of Key to Worth, of the terms that are left
    log_evidence : float
    error, std_error : float
        Mean over rows of the loss of each row by the model without it, and its standard error: the
        squared error of a normal response, on the inner scale, and else the loss of the family.
    pieces : list of Piece
    variance : (b,) of the pieces
    noise : float
    member : Member
    """

    gone: Key | None
    worth: dict[Key, Worth]
    log_evidence: float
    error: float
    std_error: float
    pieces: list[Piece]
    variance: np.ndarray
    noise: float
    member: Member

    @property
    def n_terms(self) -> int:
        return len(self.worth)

    def numbered(self, kept: np.ndarray) -> Step:
        """For features whose numbers in the whole table are ``kept``."""

        def piece(of: Piece) -> Piece:
            return of._replace(features=tuple(int(kept[j]) for j in of.features))

        gone = None if self.gone is None else next(iter(numbered({self.gone: 0}, kept)))
        return replace(
            self, gone=gone, worth=numbered(self.worth, kept), member=self.member.renumbered(piece)
        )


def cut(problem: Problem, one: Structure, max_terms: int, known: Knowledge) -> Structure:
    """The model of the path with so many terms at most, fitted to the rows; ValueError if none."""
    steps = Origin.of(problem, one, known).steps()
    if steps[0].n_terms <= max_terms:
        return one
    if steps[-1].n_terms > max_terms:
        raise ValueError(
            f"max_terms must be at least {steps[-1].n_terms}, the number of features to keep, got "
            f"{max_terms}"
        )
    step = next(step for step in steps if step.n_terms <= max_terms)
    state = problem.fit(step.pieces, step.variance, step.noise, start=one.state, heavy=one.heavy)
    return replace(one, state=state)


@dataclass(frozen=True)
class Origin:
    """What the path of a structure needs; it is followed where somebody asks for it.

    Attributes
    ----------
    functions : Functions
    family : Family
    known : Knowledge
        The lines that it keeps do not go.
    pieces : list of Piece
    solution : Solution
    value : float, -log evidence
    heavy : bool
    fixed : (b,) bool, blocks whose variance was given
    sums : list of Sums, of each predictor
    left_out : LeftOut
    numbers : (d,) int, of the features in the whole table
    """

    functions: Functions
    family: Family
    known: Knowledge
    pieces: list[Piece]
    solution: Solution
    value: float
    heavy: bool
    fixed: np.ndarray
    sums: list[Sums]
    left_out: LeftOut
    numbers: np.ndarray

    @staticmethod
    def of(
        problem: Problem, one: Structure, known: Knowledge, numbers: np.ndarray | None = None
    ) -> Origin:
        """
        Parameters
        ----------
        problem : Problem
            Whose rows the structure has been fitted to.
        one : Structure
        known : Knowledge
        numbers : (d,) int
            Of the features in the whole table; in order unless given.
        """
        state, pieces = one.state, one.state.pieces
        weight, target = _working(problem, state)
        d = problem.u.shape[1]
        return Origin(
            problem.functions,
            problem.family,
            known,
            pieces,
            # its posteriors say nothing that the sums do not
            replace(state.solution, posteriors=[]),
            state.value,
            one.heavy,
            np.array([True, *(problem.open(piece) for piece in pieces)]),
            _sums(problem, pieces, weight, target),
            LeftOut.of(problem, weight, target),
            np.arange(d) if numbers is None else numbers,
        )

    def steps(self) -> list[Step]:
        """Models from the whole structure down to the intercept."""
        functions, pieces, solution = self.functions, self.pieces, self.solution
        left_out = self.left_out.designed(functions, pieces)
        widths = [functions.width(piece) for piece in pieces]
        scale = np.r_[1.0, np.repeat([functions.scale[piece] for piece in pieces], widths)]
        terms = columns_of(functions, pieces)
        stay = {("line", (j,)) for j in self.known.kept}
        directions = constraints(functions, pieces, self.known.direction)
        kept = np.flatnonzero(solution.variance[solution.blocks] > 0)
        blocks, variance, noise = solution.blocks, solution.variance, solution.noise
        found: list[Step] = []
        gone, whole = None, 0.0
        while True:
            numbers, own = np.unique(blocks[kept], return_inverse=True)
            several = [sums.of(kept) for sums in self.sums]
            at = self._fitted(several, own, numbers, variance, noise, bool(found))
            if found and self.family.dispersed:
                # what a term explained scatters now
                noise = left_out.dispersion(self.family, at, kept)
                at = self._fitted(several, own, numbers, variance, noise, True)
            left = kept[at.variance[own] > 0]
            variance = variance.copy()
            variance[numbers], noise = at.variance, at.noise
            whole = at.value if not found else whole
            places = {key: _places(kept, columns, at) for key, columns in terms.items()}
            here = {key: own for key, own in places.items() if len(own)}
            factors = {key: factor(at, own) for key, own in here.items()}
            left_pieces = _pieces(functions, pieces, kept, at)
            held = constrained(at, directions[:, kept])
            shares = left_out.shares(held, kept, here)
            rows = self.sums[0].rows if self.family.has_noise else np.inf
            member = Member.of_solution(held, left_pieces, scale[kept], 1.0, self.heavy, rows)
            error, std_error = left_out.error(self.family, held, kept)
            step = Step(
                gone,
                {key: Worth(factors[key], shares[key]) for key in here},
                -(self.value + at.value - whole),
                error,
                std_error,
                left_pieces,
                np.array([v for v in at.variance[1:] if v > 0]),
                noise,
                member,
            )
            found.append(step.numbered(self.numbers))
            bent = {j for kind, features in here if kind != "line" for j in features}
            may_go = here.keys() - stay - {("line", (j,)) for j in bent}
            if not may_go:
                return found
            gone = min(sorted(may_go), key=factors.__getitem__)
            kept = np.setdiff1d(left, terms[gone])

    def _fitted(self, several: list[Sums], blocks, numbers, variance, noise, moving: bool):
        """Solution of the blocks with these numbers; their variances stay unless ``moving``."""
        return maximise(
            several,
            blocks,
            variance[numbers],
            noise,
            free_noise=self.family.has_noise,
            steps=PATH_STEPS if moving else 0,
            fixed=self.fixed[numbers],
        )


def _places(kept: np.ndarray, columns: np.ndarray, at: Solution) -> np.ndarray:
    """Of a term's columns among those kept, where they are in the model."""
    places = np.flatnonzero(np.isin(kept, columns))
    return places[at.variance[at.blocks[places]] > 0]


def _pieces(functions: Functions, pieces, kept, at: Solution) -> list[Piece]:
    active = set(kept[at.variance[at.blocks] > 0].tolist())
    found, first = [], 1
    for piece in pieces:
        last = first + functions.width(piece)
        inside = [i for i in range(first, last) if i in active]
        if piece.straight:
            features = tuple(piece.features[i - first] for i in inside)
            piece = piece._replace(features=features)
        if inside:
            found.append(piece)
        first = last
    return found


def _working(problem: Problem, state: State) -> tuple[np.ndarray, np.ndarray]:
    """Weights and targets of least squares, (n, k) each."""
    family = problem.family
    if family.has_noise:
        return (problem.weight * state.robust)[:, None], problem.y
    curve = family.curvature(state.eta, problem.y)
    target = state.eta + family.score(state.eta, problem.y) / curve
    return problem.weight[:, None] * curve, target


def _sums(problem: Problem, pieces, weight, target) -> list[Sums]:
    p = 1 + sum(map(problem.functions.width, pieces))
    k, rows = weight.shape[1], float(problem.weight.sum())
    gram, cross, square = np.zeros((k, p, p)), np.zeros((k, p)), np.zeros(k)
    for part, design in problem.functions.chunks(pieces, problem.u):
        for c in range(k):
            weighted = design * weight[part, c, None]
            gram[c] += weighted.T @ design
            cross[c] += weighted.T @ target[part, c]
            square[c] += float(weight[part, c] @ target[part, c] ** 2)
    return [Sums(gram[c], cross[c], float(square[c]), rows) for c in range(k)]
