"""Which pieces there are: lines, then what the residual asks for, then what the evidence keeps.

A piece that is not there has a variance of 0, the end of its range.  There twice the log of the
ratio of evidences is 0 for half of all draws and chi-squared with one degree of freedom for the
other half (Self and Liang, JASA 82, 1987).  The threshold of a kind of piece follows from that and
the number of its candidates.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from math import comb

import numpy as np
from scipy.stats import chi2

from nimo.plus import candidates
from nimo.plus.basis import FeatureBasis
from nimo.plus.candidates import TRIPLE_FEATURES, Products, worth_trying
from nimo.plus.pieces import Piece
from nimo.plus.problem import Problem, State
from nimo.plus.refinement import Start, modulated

PIECE_KINDS = ("line", "lines", "curve", "steps", "missing", "levels", "product", "modulation")
#: Standard deviations of the score of three features that may have no room as a product.
ACTING = 8.0
ROUNDS = 3
#: Nats below which one more round has gained nothing.
GAIN = 0.1
#: Columns of a design at most; one round adds half as many as there are rows at most.
DESIGN_COLUMNS = 1000
START_NOISE = 0.3
#: Rows beyond which products are not refined, and features of all modulations at most.
REFINED_ROWS, FEATURES = 500, 6


def threshold(level: float, count: float) -> float:
    """Log ratio of evidences that ``level`` of ``count`` absent pieces exceed, in nats."""
    share = min(0.5, level / max(1, count))
    return 0.5 * float(chi2.isf(2 * share, 1))


@dataclass(frozen=True)
class Thresholds:
    """What each kind of piece has to gain among d features, those set aside before included.

    Lines of the features ``kept`` stay whatever they gain.
    """

    level: float
    d: int
    kept: frozenset[int] = frozenset()

    def stays(self, piece: Piece) -> bool:
        return piece.kind == "line" and piece.features[0] in self.kept

    def of(self, piece: Piece) -> float:
        """Nats; lines with a variance in common were not chosen one by one."""
        if piece.kind == "lines" or self.stays(piece):
            return 0.0
        if piece.kind == "line":
            return threshold(self.level, self.d)
        if piece.kind == "product":
            return threshold(self.level, comb(self.d, len(piece.features)))
        if piece.kind == "modulation":  # any of its features may be the one that is modulated
            own = len(piece.features)
            return threshold(self.level, own * comb(self.d, own))
        return threshold(self.level, 2 * self.d)

    def by_chance(self, piece: Piece) -> float:
        """What the best of as many absent pieces gains in half of all draws."""
        return replace(self, level=float(np.log(2))).of(piece)


@dataclass
class Search:
    """The search over one problem.

    Parameters
    ----------
    problem : Problem
    thresholds : Thresholds
    max_order : 1, 2 or 3
        Features of a product at most.
    common : bool
        Whether lines may have one variance for all.  Not those that were picked from many: they
        look as if they had one.
    may : callable
        Whether features, in ascending order, may act together.
    """

    problem: Problem
    thresholds: Thresholds
    max_order: int = 3
    common: bool = True
    may: Callable[[tuple[int, ...]], bool] = lambda features: True

    def main_effects(self, heavy: bool = False) -> State:
        """Lines, with a variance each or one for all, and the shapes that are asked for."""
        problem = self.problem
        used = self._used
        found = []
        for each in (True, False) if self.common and used else (True,):
            own = used if each else [j for j in used if j in self.thresholds.kept]
            pieces = [Piece("line", (j,)) for j in own]
            if rest := tuple(j for j in used if j not in own):
                pieces.append(Piece("lines", rest))
            start = np.full(len(pieces), problem.unit / max(1, len(pieces)))
            state = problem.fit(pieces, start, START_NOISE, heavy=heavy)
            for _ in range(ROUNDS):
                grown = self._grown(state, candidates.shapes(problem, state), heavy)
                if grown is None:
                    break
                state = grown
            # a choice of lines one by one has to pay for it
            price = sum(self.thresholds.of(p) for p in state.present if p.straight)
            found.append((state.value + price, each, state))
        return min(found, key=lambda one: one[:2])[2]

    def interactions(self, state: State, heavy: bool) -> State:
        """The products that are asked for as well, and shapes that show beside them."""
        d = len(self.problem.functions.bases)
        if self.max_order < 2 or d < 2:
            return state
        for order in range(2, self.max_order + 1):
            # a product of two that is not there yet looks like many of three
            for _ in range(ROUNDS):
                # and what a product hid of one feature may show now
                asked = self.products.pairs(state) + candidates.shapes(self.problem, state)
                if order > 2:
                    asked += self.products.triples(state, self._strongest(state))
                asked = [one for one in asked if self.may(one.piece.features)]
                grown = self._grown(state, asked, heavy)
                if grown is None:
                    break
                state = grown
        return state

    @cached_property
    def products(self) -> Products:
        """Of the rows, whatever the state is."""
        return Products(self.problem)

    @property
    def _used(self) -> list[int]:
        """Features that are not constant."""
        return [j for j, b in enumerate(self.problem.functions.bases) if b.low < b.high]

    def _strongest(self, state: State) -> list[int]:
        """Features of the pieces of most evidence first, then those that are in none."""
        factors = state.solution.factors[1:]
        found: list[int] = []
        common: list[int] = []
        places = list(self.problem.functions.places(state.pieces))
        for i in np.argsort(-factors):
            piece, columns = places[i]
            if piece.kind == "lines":
                # a variance in common says little of one of them: the steepest first
                slopes = state.solution.coefficients[columns]
                steepest = np.argsort(-(slopes**2).sum(axis=1), kind="stable")
                common = [piece.features[k] for k in steepest]
            elif np.isfinite(factors[i]):
                found += [j for j in piece.features if j not in found]
        found += [j for j in common if j not in found]
        # what shows in threes alone is in none
        found += [j for j in self._used if j not in found]
        return found[:TRIPLE_FEATURES]

    def modulations(self, state: State, heavy: bool) -> Start | None:
        """Where to start with modulations; None where nothing acts together."""
        if self.max_order < 3 or len(self.problem.u) > REFINED_ROWS:
            return None
        sparse = self.pruned(state, ("product",), heavy)
        features = self._acting(sparse)
        if not features:
            return None
        # that these features act is known: what is chosen is which modulates which
        price = threshold(self.thresholds.level, len(features) * (len(features) - 1))
        return modulated(self.problem, sparse, features, price)

    def refined(self, state: State, start: Start, heavy: bool) -> State:
        """With modulations, if that is better."""
        fitted = [state, self.problem.fit(*start, start=state, heavy=heavy)]
        if any(piece.kind == "lines" for piece in start.pieces):
            # with less left to noise, lines may be told apart
            fitted.append(self.problem.fit(*apart(start), start=fitted[1], heavy=heavy))
        return min(fitted, key=lambda one: self._price(self.pruned(one, PIECE_KINDS, heavy)))

    def _acting(self, state: State) -> list[int]:
        """Features of products, of triples that have had no room, and then the strongest others."""
        factors, strongest = state.solution.factors[1:], self._strongest(state)
        order = (i for i in np.argsort(-factors) if np.isfinite(factors[i]))
        together = [state.pieces[i].features for i in order if state.pieces[i].kind == "product"]
        asked = self.products.triples(state, strongest)
        asked = [one for one in asked if one.score > ACTING]
        together += [one.piece.features for one in sorted(asked, reverse=True)]
        together = [features for features in together if self.may(features)]
        if not together:
            return []
        # what acts with them may show only once they are told apart
        found: list[int] = []
        for j in dict.fromkeys(j for features in [*together, strongest] for j in features):
            # a category has no distance for a kernel to measure
            number = isinstance(self.problem.functions.bases[j], FeatureBasis)
            if number and self.may(tuple(sorted([*found, j]))):
                found.append(j)
        return sorted(found[:FEATURES]) if len(found) > 1 else []

    def _price(self, state: State) -> float:
        """-log evidence, and what all pieces have to pay."""
        return state.value + sum(map(self.thresholds.of, state.present))

    def _grown(self, state: State, asked, heavy: bool = False) -> State | None:
        """With the pieces that are asked for most, as many as the rows allow; None if no better."""
        problem = self.problem
        width = problem.width
        present = state.present
        room = min(DESIGN_COLUMNS - sum(map(width, present)), len(problem.u) // 2)
        new, noise = [], state.solution.noise
        for piece in worth_trying(asked):
            piece = problem.resolved(piece, noise)
            if width(piece) > room:
                break
            new.append(piece)
            room -= width(piece)
        if not new:
            return None
        pieces = present + new
        start = np.full(len(new), 0.1 * problem.unit / len(pieces))
        variance = np.r_[state.variance[state.variance > 0], start]
        grown = problem.fit(pieces, variance, noise, start=state, heavy=heavy)
        if grown.value >= state.value - GAIN:
            return None
        # with less left to noise, finer columns stand out from it
        finer = [problem.resolved(piece, grown.solution.noise) for piece in grown.pieces]
        if finer != grown.pieces and sum(map(width, finer)) <= DESIGN_COLUMNS:
            noise = grown.solution.noise
            again = problem.fit(finer, grown.variance, noise, start=grown, heavy=heavy)
            return min(grown, again, key=lambda one: one.value)
        return grown

    def pruned(self, state: State, kinds: tuple[str, ...], heavy: bool) -> State:
        """Without pieces of the given kinds that do not pass their threshold."""
        needed: set[Piece] = set()
        while True:
            factors = state.solution.factors[1:]
            least = np.array(
                [
                    self.thresholds.of(p)
                    if p.kind in kinds and not self.thresholds.stays(p) and p not in needed
                    else -np.inf
                    for p in state.pieces
                ]
            )
            absent = np.isneginf(factors)
            short = np.where(absent, -np.inf, np.where(absent, 0.0, factors) - least)
            bad = np.flatnonzero(short < 0)
            if len(bad) == 0:
                return state
            # what two pieces say, one may say alone: half of them at a time, the worst first
            gone = [state.pieces[i] for i in bad[np.argsort(short[bad], kind="stable")]]
            while True:
                gone = gone[: (len(gone) + 1) // 2]
                left = self._left(state, gone, heavy)
                if self._lost(state, left, gone):
                    state = left
                    break
                if len(gone) == 1:
                    needed |= {*gone}
                    break

    def _lost(self, state: State, left: State, gone: list[Piece]) -> bool:
        """Whether it costs no more to be without pieces than they have to gain.

        With noise their factors say so.  Where labels are nearly sure the likelihood is flat, and
        factors of what makes them sure are small (Hauck and Donner, JASA 72, 1977).
        """
        if self.problem.family.has_noise:
            return True
        return left.value - state.value <= GAIN + sum(map(self.thresholds.of, gone))

    def _left(self, state: State, gone: list[Piece], heavy: bool = False) -> State:
        """Without the given pieces, and those that are absent."""
        sizes = zip(state.pieces, state.variance, strict=True)
        kept = {p: size for p, size in sizes if size > 0 and p not in gone}
        noise = state.solution.noise
        variance = np.maximum(list(kept.values()), 1e-4 * self.problem.unit / (1 + len(kept)))
        return self.problem.fit(list(kept), variance, noise, start=state, heavy=heavy)


def apart(start: Start) -> Start:
    """With a variance for each line."""
    pieces, variance = [], []
    for piece, size in zip(start.pieces, start.variance, strict=True):
        lines = [Piece("line", (j,)) for j in piece.features] if piece.kind == "lines" else [piece]
        pieces += lines
        variance += [size] * len(lines)
    return Start(pieces, np.array(variance), start.noise)
