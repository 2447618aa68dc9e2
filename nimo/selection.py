"""Regression, from the search to the final model: what the validation rows decide between.

Only training and validation rows are seen here.
"""

from __future__ import annotations

from dataclasses import dataclass

from nimo.model import NimoModel
from nimo.polishing import polish
from nimo.problem import Problem, State, validation_loss
from nimo.relaxation import relax
from nimo.search import Settings, more_members, search_linear, search_sparse
from nimo.trimming import Bar, row_losses, trim

# Drops after the search, while the residual still hides small effects.
TRIM = Bar(1.0, 0.02, 0.3)
# Stretches of training on the trimmed support; what the relaxed phase does need not be done before.
STRETCHES = 3
STRETCHES_RELAXED = 1
# A network that leaves less than this share of the lasso's loss has found the structure, and a mean
# would only blur its support.
RESOLVED = 0.1
# Initialisations that are added where it has not.
MORE_MEMBERS = 6
# Models whose loss is above this many times the best one are no members of a mean: it would
# dilute their error, but take over every feature they use.
MEMBER = 1.5
# What a mean of more models may cost.
MEAN = Bar(1.0, 0.05)
# What the corrections as a whole must gain over the lasso: standard errors, share of its loss.
WORTH_ERRORS, WORTH_SHARE = 1.5, 0.25


def is_worth(problem: Problem, larger: State, linear: State) -> bool:
    """Whether corrections gain surely and visibly on the validation rows.

    A network can be harmless on the validation rows and wrong between them: with g = 1 everywhere
    but in a dip around the baseline, half of every coefficient is hidden in g.
    """
    base = row_losses(problem, linear)
    gain = base - row_losses(problem, larger)
    surely = gain.mean() > WORTH_ERRORS * gain.std() / len(gain) ** 0.5
    return bool(surely and gain.mean() > WORTH_SHARE * base.mean().abs())


def best_mean(problem: Problem, candidates: State) -> tuple[State, list[int]]:
    """The mean of the k best candidates that has most members and is about as good as the best.

    A mean varies less from one draw of the rows to the next, which the loss on one draw cannot
    show.

    Returns
    -------
    State of the members, and which of the candidates they are
    """
    loss = validation_loss(problem, candidates)
    order = loss.argsort()
    order = order[loss[order] - loss.min() <= (MEMBER - 1) * loss.min().abs()]
    means = [candidates.select(order[:k]) for k in range(1, len(order) + 1)]
    losses = [row_losses(problem, state) for state in means]
    best = min(losses, key=lambda rows: float(rows.mean()))
    members = max(k for k, rows in enumerate(losses, 1) if MEAN.passes(best, rows))
    return means[members - 1], order[:members].tolist()


@dataclass
class SparseFit:
    """What the sparse phase hands on."""

    model: State  # the members of the sparse model
    support: State  # one model, on whose support the relaxed phase goes on
    survivors: State  # of the search, before trimming
    candidates: State  # for a mean; one network where it has found the structure
    info: dict


def fit_sparse(problem: Problem, settings: Settings, kinds: list[str], progress) -> SparseFit:
    """Search, trim, train on; then one network, a mean of several, or the lasso.

    The lasso is the end of the grid: an infinite group penalty closes every column, and then the
    best penalty is found on a finer grid than the network could afford.  It is not trimmed: the
    penalty has chosen.
    """
    best, records, penalties = search_sparse(problem, settings, progress)
    choice = best.loss.argmin()
    record, penalty = records[int(choice)], penalties[choice][None]
    trimmed = trim(problem, best.state.select(choice[None]), penalty, kinds, TRIM)
    stretches = STRETCHES_RELAXED if settings.relax else STRETCHES
    one, better = polish(problem, settings, trimmed, record, penalty, kinds, stretches, progress)
    fit = SparseFit(one, one, best.state, one, record | better)
    if settings.group_penalty != "auto":
        return fit
    linear, record_linear = search_linear(problem, settings)
    left, alone, several = (
        float(row_losses(problem, state).mean()) for state in (linear, one, best.state)
    )
    if several < left and (left <= 0 or alone > RESOLVED * left):
        more = more_members(problem, settings, record, MORE_MEMBERS, progress)
        # Survivors as they were before trimming, which may have hurt a little without being seen.
        fit.candidates = State.join([one, best.state, more])
        fit.model, _ = best_mean(problem, fit.candidates)
    if is_worth(problem, fit.model, linear):
        return fit
    return SparseFit(linear, linear, linear, linear, record_linear)


def fit_model(problem: Problem, settings: Settings, unit: float, progress=None):
    """Search, select on the validation rows, and return the model with a record of the choice.

    Parameters
    ----------
    unit : float
        Size of one unit of the training response on the user's scale.

    Returns
    -------
    NimoModel, dict of JSON scalars
    """
    # A penalty that is switched off asks for no zeros.
    strengths = {"columns": settings.group_penalty, "coefs": settings.penalty}
    kinds = [kind for kind, strength in strengths.items() if strength != 0]
    if problem.network is None:
        linear, record = search_linear(problem, settings)
        fit = SparseFit(linear, linear, linear, linear, record)
    else:
        fit = fit_sparse(problem, settings, kinds, progress)
    chosen = fit.model
    info = {"phase": "sparse", "members": len(chosen.intercept), **fit.info}
    if settings.relax and bool((fit.support.coef != 0).any()):
        relaxed = relax(problem, settings, fit.survivors, fit.support, kinds, progress)
        sparse = len(fit.candidates.intercept)
        chosen, members = best_mean(problem, State.join([fit.candidates, relaxed.state]))
        steps = [int(relaxed.step[m - sparse]) for m in members if m >= sparse]
        info["members"] = len(members)
        if steps:
            info |= {"phase": "relaxed", "steps": max(steps) or info["steps"]}
    value = float(row_losses(problem, chosen).mean())
    info["validation_loss"] = value * unit**2
    return NimoModel.from_state(problem.network, chosen, unit), info
