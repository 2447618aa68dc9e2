"""The pieces of the paper's model that the rows ask for: linear terms, and their modulations.

What acts together is, in the paper's model, the modulation of a feature that has a linear term.
Linear terms, curves and products are searched as for NIMO+; then products become modulations, whose
relevances are sought by the evidence, and what is modulated without a linear term is offered to
what acts with it.  Curves compete, so that a nonlinearity is not taken for a modulation.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from nimo.plus import candidates
from nimo.plus.pieces import Piece
from nimo.plus.problem import State
from nimo.plus.refinement import UNIT, Start, modulated
from nimo.plus.search import ACTING, FEATURES, PIECE_KINDS, Search, apart, threshold

CURVES = ("curve", "steps")
ACT = ("product", "modulation")
#: Groups of features that act together, at most.
GROUPS = 6


@dataclass
class TiedSearch(Search):
    """
    Parameters
    ----------
    pairs : (d, d) bool, symmetric, True on the diagonal
        Pairs of features that may act together.
    curves : bool
        Whether curves compete.
    """

    pairs: np.ndarray | None = None
    curves: bool = False

    def structure(self) -> State:
        """Linear terms and modulations; the noise takes up the curves."""
        main = self.main_effects()
        state, best = self._first(main), self._sparse(main)
        starts = [] if self.problem.family.has_noise else [best]
        known: list[set[int]] = []
        for _ in range(GROUPS):
            # a curve can say what a line does, and would not give it back
            state = self.pruned(state, CURVES, False)
            state = self.pruned(state, (*CURVES, "product"), False)
            features = self._next_group(state, known)
            if not features:
                break
            known.append(set(features))
            # where products nearly tell labels apart, working responses of lines say more
            found = [self._carried(one, features) for one in (state, *starts)]
            best = min([best, *found], key=self._price)
            # with less left to noise, more may be asked for
            state = self.interactions(best, False)
        best = self._left(best, [piece for piece in best.pieces if piece.kind == "product"])
        return self._straightened(self._with_the_best_lines(best))

    def _first(self, main: State) -> State:
        """Lines, curves and products, whichever of both has come in first.

        Where labels are nearly told apart, what is nonlinear leaves nothing to ask for.
        """
        found = [self.interactions(main, False)]
        curves = [piece for piece in main.pieces if piece.kind in CURVES]
        if curves:
            straight = self.interactions(self._left(main, curves), False)
            bent = self._grown(straight, candidates.shapes(self.problem, straight))
            found.append(bent or straight)
        return min(found, key=lambda one: one.value)

    def _straightened(self, state: State) -> State:
        """Without curves; what had one gets a linear term, if that says something of it."""
        curves = [piece for piece in state.present if piece.kind in CURVES]
        if not curves:
            return state
        straight = {j for piece in state.present if piece.straight for j in piece.features}
        bent = {piece.features[0] for piece in curves} - straight
        sizes = {p: v for p, v in zip(state.pieces, state.variance, strict=True) if v > 0}
        sizes = {p: v for p, v in sizes.items() if p.kind not in CURVES}
        sizes |= {Piece("line", (j,)): UNIT * self.problem.unit for j in sorted(bent)}
        variance, noise = np.array(list(sizes.values())), state.solution.noise
        return self.pruned(self.problem.fit(list(sizes), variance, noise), ("line",), False)

    def _with_the_best_lines(self, state: State) -> State:
        """Lines of their own, a variance in common, or both, whichever the evidence prefers."""
        state = self._sparse(state)
        common = [piece for piece in state.pieces if piece.kind == "lines"]
        if not common:
            return state
        alone = threshold(self.thresholds.level, self.thresholds.d)
        start = Start(state.pieces, state.variance, state.solution.noise)
        each = self.problem.fit(*apart(start), start=state)
        found = [self._sparse(one) for one in (state, self._left(state, common), each)]

        def price(one):
            return self._price(one) + alone * sum(piece.kind == "lines" for piece in one.present)

        return min(found, key=price)

    def _sparse(self, state: State) -> State:
        return self.pruned(self.pruned(state, CURVES, False), PIECE_KINDS, False)

    def pruned(self, state: State, kinds: tuple[str, ...], heavy: bool) -> State:
        """Without pieces that fall short of their threshold, and whose absence costs no more.

        With labels that are told apart nearly all, the ratio that a piece is judged by says little.
        """
        needed: set[Piece] = set()
        while True:
            least = {p: self.thresholds.of(p) for p in state.present if p.kind in kinds}
            ratio = dict(zip(state.pieces, state.solution.factors[1:], strict=True))
            short = {p: ratio[p] - one for p, one in least.items() if p not in needed}
            bad = sorted((p for p, one in short.items() if one < 0), key=short.__getitem__)
            gone = bad[: (len(bad) + 1) // 2]
            while gone:
                less = self._left(state, gone, heavy)
                if less.value - state.value <= sum(least[p] for p in gone):
                    state = less
                    break
                if len(gone) == 1:
                    needed.add(gone[0])
                gone = gone[: len(gone) // 2]
            if not bad:
                return state

    def _grown(self, state, asked, heavy=False):
        return super()._grown(state, [one for one in asked if self._allowed(one.piece)], heavy)

    def _allowed(self, piece: Piece) -> bool:
        if piece.kind in CURVES:
            return self.curves
        inside = np.ix_(piece.features, piece.features)
        return self.pairs is None or bool(self.pairs[inside].all())

    def _next_group(self, state: State, known: list[set[int]]) -> list[int]:
        """Up to six features that act together and were not told apart so far."""
        factors, strongest = state.solution.factors[1:], self._strongest(state)
        order = [state.pieces[i] for i in np.argsort(-factors) if np.isfinite(factors[i])]
        asked = sorted(self.products.triples(state, strongest), reverse=True)
        together = [piece.features for piece in order if piece.kind == "product"]
        acting = [one.piece for one in asked if one.score > ACTING]
        together += [piece.features for piece in acting if self._allowed(piece)]
        new = [one for one in together if not any(set(one) <= group for group in known)]
        if not new:
            # a modulation may be there without a product that shows it: try all where few
            few = not known and 2 <= len(self.problem.functions.bases) <= FEATURES
            return sorted(strongest) if few else []
        found = list(new[0])
        others = [piece.features for piece in order if piece.kind == "modulation"] + together
        for one in [*others, strongest]:
            more = [j for j in one if j not in found]
            if one is strongest:
                # what acts with them may show only once they are told apart; labels say too little
                # for a search among so many
                room = FEATURES if self.problem.family.has_noise else len(found)
                found += more[: room - len(found)]
            elif len(more) < len(one) and len(found) + len(more) <= FEATURES:
                found += more
        return sorted(found)

    def _carried(self, state: State, features: list[int]) -> State:
        """With modulations of these features, each of one that has a line, where there is one."""
        may = np.ones((len(features),) * 2, dtype=bool)
        if self.pairs is not None:
            may = self.pairs[np.ix_(features, features)].copy()
        best = self._modulated(state, features, may)
        unsure = self._unsure(best, features)
        if not unsure:
            return best
        may[[features.index(j) for j in unsure]] = False
        other = self._modulated(state, features, may)
        limit = threshold(self.thresholds.level, self.thresholds.d)
        return other if self._price(other) - self._price(best) < limit else best

    def _modulated(self, state: State, features: list[int], may: np.ndarray) -> State:
        price = threshold(self.thresholds.level, len(features) * (len(features) - 1))
        bare = _told_apart_anew(state, features)
        start = modulated(self.problem, bare, features, price, may, single=True)
        if start is None:
            inside = [p for p in state.pieces if p.kind in ACT and set(p.features) <= set(features)]
            return self._sparse(self._left(state, inside))
        fitted = [self.problem.fit(*start, start=state)]
        if any(piece.kind == "lines" for piece in start.pieces):
            fitted.append(self.problem.fit(*apart(start), start=fitted[0]))
        return min(map(self._sparse, fitted), key=self._price)

    def _unsure(self, state: State, features: list[int]) -> list[int]:
        """Which of the features are modulated without a line that passes its threshold."""
        found = {j for p in state.present if (j := self.modulated_by(p)) in features}
        return sorted(found - {p.features[0] for p in state.present if p.kind == "line"})

    def modulated_by(self, piece: Piece) -> int:
        """The feature that a modulation is of, -1 for other pieces."""
        if piece.kind != "modulation":
            return -1
        return piece.features[self.problem.functions.modulations[piece].own]


def _told_apart_anew(state: State, features: list[int]) -> State:
    """Without modulations among the features; the predictor stays, as working responses need it."""
    inside = [p.kind == "modulation" and set(p.features) <= set(features) for p in state.pieces]
    kept = np.flatnonzero(~np.array(inside, dtype=bool))
    variance = state.solution.variance[np.r_[0, 1 + kept]]
    pieces = [state.pieces[i] for i in kept]
    return replace(state, pieces=pieces, solution=replace(state.solution, variance=variance))
