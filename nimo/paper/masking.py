"""The first layer on masked inputs, in two ways that give the same numbers.

Term j of a row is the input [x with entry j set to 0, code of j, 1].  :class:`Explicit` writes
these inputs out once and multiplies, the fastest way where the rows stay the same from step to step
and the features are few.  :class:`RankOne` never builds an array of shape (n, k, d): masking is a
rank-one change, W (x - x_j e_j) = W x - x_j W_j, so W x is computed once for all terms.

Shapes: M models, n rows, d features, k terms per model, h hidden units, p = d + bits + 1 columns of
the first layer: features, positional code, bias.  Row n of what is computed is the baseline x = 0,
so that value and baseline are one computation.
"""

from __future__ import annotations

import torch
from torch import Tensor

# Columns up to which inputs written out are the faster way: about as many as hidden units.
EXPLICIT_COLUMNS = 80
# Floats that written-out inputs may take.
EXPLICIT_FLOATS = 4_000_000


class RankOne:
    """Masking as a rank-one change.

    Parameters
    ----------
    x : Tensor (n, d)
    terms : Tensor (M, k) int64
        Feature index of each term.
    code : Tensor (bits, d)
    mask_self : bool
        False: entry j is not set to 0 (ablation).
    unseen : Tensor (P, 2) int64, optional
        Pairs (j, k): for term j entry k is set to 0 too.
    """

    def __init__(
        self,
        x: Tensor,
        terms: Tensor,
        code: Tensor,
        mask_self: bool,
        unseen: Tensor | None = None,
    ):
        self.x, self.terms, self.mask_self = x, terms, mask_self
        self.unseen = None if unseen is None else _Unseen(x, terms, unseen)
        self.n, self.k = x.shape[0], terms.shape[1]
        self.x_terms = x.T[terms].mT  # (M, n, k)
        self.code = code.to(x.dtype).T[terms]  # (M, k, bits)

    def forward(self, first: Tensor, noise: Tensor | None) -> Tensor:
        """First layer before its activation, (M, (n + 1) k, h).

        Parameters
        ----------
        first : (M, h, p)
        noise : (M, n or n + 1, k, h), optional
        """
        models, hidden, _ = first.shape
        features, code, bias = self._parts(first)
        position = self.code @ code.mT + bias[:, None]  # (M, k, h)
        shared = self.x @ features.mT  # (M, n, h)
        layer = first.new_empty(models, self.n + 1, self.k, hidden)
        rows = layer[:, : self.n]
        torch.add(shared[:, :, None], position[:, None], out=rows)
        if self.mask_self:
            own = features.gather(2, self._index(hidden)).mT  # (M, k, h)
            rows.addcmul_(self.x_terms[..., None], own[:, None], value=-1)
        if self.unseen is not None:
            self.unseen.take_away(rows, features)
        layer[:, self.n] = position
        if noise is not None:
            layer[:, : noise.shape[1]].add_(noise)
        return layer.flatten(1, 2)

    def backward(self, gradient: Tensor) -> Tensor:
        """Gradient (M, h, p) of the first layer from that of its output (M, (n + 1) k, h)."""
        hidden = gradient.shape[-1]
        gradient = gradient.unflatten(1, (self.n + 1, self.k))
        rows = gradient[:, : self.n]
        features = rows.sum(2).mT @ self.x
        if self.mask_self:
            own = torch.einsum("mnk,mnkh->mhk", self.x_terms, rows)
            features.scatter_add_(2, self._index(hidden), -own)
        if self.unseen is not None:
            self.unseen.take_back(features, rows)
        by_term = gradient.sum(1)  # (M, k, h)
        return torch.cat([features, by_term.mT @ self.code, by_term.sum(1)[..., None]], dim=2)

    def _parts(self, first: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        d = self.x.shape[1]
        return first[..., :d], first[..., d:-1], first[..., -1]

    def _index(self, hidden: int) -> Tensor:
        return self.terms[:, None].expand(-1, hidden, -1)


class _Unseen:
    """What terms do not see beside their own feature, in :class:`RankOne`."""

    def __init__(self, x: Tensor, terms: Tensor, pairs: Tensor):
        self.features = pairs[:, 1].unique()  # (q,)
        self.x = x[:, self.features]
        self.hidden = _hidden(terms, pairs, x.shape[1])[..., self.features].to(x.dtype)  # (M, k, q)

    def take_away(self, rows: Tensor, features: Tensor) -> None:
        """From the first layer (M, n, k, h), given its columns (M, h, d), in place."""
        columns = self.hidden[..., None] * features[..., self.features].mT[:, None]  # (M, k, q, h)
        rows.sub_(torch.einsum("nq,mkqh->mnkh", self.x, columns))

    def take_back(self, gradient: Tensor, rows: Tensor) -> None:
        """From the gradient (M, h, d) of the columns, given that of the rows, in place."""
        each = torch.einsum("nq,mnkh->mkqh", self.x, rows) * self.hidden[..., None]
        gradient[..., self.features] -= each.sum(1).mT


def _hidden(terms: Tensor, pairs: Tensor, d: int) -> Tensor:
    """(M, k, d) bool, the features that ``pairs`` (P, 2) keep from each term (M, k)."""
    found = torch.zeros(*terms.shape, d, dtype=torch.bool, device=terms.device)
    model, term, pair = (terms[..., None] == pairs[:, 0]).nonzero(as_tuple=True)
    found[model, term, pairs[pair, 1]] = True
    return found


class Explicit:
    """Masked inputs written out; the parameters are those of :class:`RankOne`."""

    def __init__(
        self,
        x: Tensor,
        terms: Tensor,
        code: Tensor,
        mask_self: bool,
        unseen: Tensor | None = None,
    ):
        n, d = x.shape
        models = terms.shape[0]
        if models > 1 and bool((terms == terms[:1]).all()):
            terms = terms[:1]
        kept = (
            1 - torch.nn.functional.one_hot(terms, d)
            if mask_self
            else terms.new_ones(*terms.shape, d)
        )
        if unseen is not None:
            kept = kept * ~_hidden(terms, unseen, d)
        rows = x[None, :, None] * kept[:, None].to(x.dtype)
        rows = torch.cat([rows, torch.zeros_like(rows[:, :1])], dim=1)
        position = code.to(x.dtype).T[terms]
        rest = torch.cat([position, torch.ones_like(position[..., :1])], dim=2)
        rows = torch.cat([rows, rest[:, None].expand(-1, n + 1, -1, -1)], dim=3)
        self.n, self.k = n, terms.shape[1]
        self.rows = rows.flatten(1, 2).expand(models, -1, -1)

    def forward(self, first: Tensor, noise: Tensor | None) -> Tensor:
        """As :meth:`RankOne.forward`."""
        if noise is None:
            return torch.bmm(self.rows, first.mT)
        if noise.shape[1] == self.n + 1:
            return torch.baddbmm(noise.flatten(1, 2), self.rows, first.mT)
        layer = torch.bmm(self.rows, first.mT)
        layer[:, : self.n * self.k].add_(noise.flatten(1, 2))
        return layer

    def backward(self, gradient: Tensor) -> Tensor:
        """As :meth:`RankOne.backward`."""
        return torch.bmm(gradient.mT, self.rows)


def faster_repeated(x: Tensor, terms: Tensor, code: Tensor) -> type[RankOne] | type[Explicit]:
    """The faster way for inputs that are used many times."""
    width = x.shape[1] + len(code) + 1
    floats = (len(x) + 1) * terms.numel() * width
    written_out = width <= EXPLICIT_COLUMNS and floats <= EXPLICIT_FLOATS
    return Explicit if written_out else RankOne
