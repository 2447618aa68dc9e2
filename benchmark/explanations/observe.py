"""What a fitted model answers to the probes, and what each explainer says of it.

Nothing is judged here: these are evaluations of the model, kept so that measures can be added
without asking it again.
"""

from __future__ import annotations

import time

import numpy as np

from benchmark.explanations import shapley

REPEATS = 5  # permutations of a column of the validation rows


def model_arrays(model, probes, data) -> dict[str, np.ndarray]:
    """Answers of the model itself.

    Parameters
    ----------
    model : explainers.model.Model
    probes : benchmark.explanations.probes.Probes
    data : mapping with X_val and y_val

    Returns
    -------
    dict of arrays; m rows, d features
        response (m,); gradient (m, d), left out for a function made of steps, as is feature_matrix
        (d, d), see :func:`feature_matrix`; moved (radii, m,
        steps), change of the response along the steps; ablated (m, d) and removed (m, groups),
        response minus its mean when features are drawn from the other explained rows; forward
        (m, d), f(x + h e_j) - f(x); shapley and shapley_error (m, d); permutation (d,), growth of
        the validation loss when a column is shuffled.
    """
    f, rows = model.response, probes.rows
    m, d = rows.shape
    response = f(rows)
    steps = probes.steps
    moved = f((rows[None, :, None, :] + steps).reshape(-1, d)).reshape(steps.shape[:3])
    found = {
        "response": response,
        "moved": moved - response[None, :, None],
        "ablated": _taken_away(f, rows, response, np.eye(d, dtype=bool)),
        "removed": _taken_away(f, rows, response, probes.groups),
        "forward": forward_effects(f, rows, probes.forward),
        "permutation": _permutation(model, data, probes.seed),
    }
    rng = np.random.default_rng(probes.seed)
    found["shapley"], found["shapley_error"] = shapley.values(f, rows, probes.background, rng)
    slopes = {"gradient": model.gradient(rows), "feature_matrix": feature_matrix(model, probes)}
    return found | {name: values for name, values in slopes.items() if values is not None}


def feature_matrix(model, probes):
    """(d, d) mean outer product of the gradients at the training rows; None if there are none.

    A feature that matters has a large entry on the diagonal, two that act together have one beside
    it (Beaglehole et al., 2025).  A model that is fitted by its own says it itself, ``agop_``.
    """
    if hasattr(model.estimator, "agop_"):
        return np.asarray(model.estimator.agop_, dtype=float)
    slopes = model.gradient(probes.training)
    return None if slopes is None else mean_product(slopes)


def mean_product(slopes):
    """(d, d) mean over (n, d) gradients of the product of each with itself."""
    return slopes.T @ slopes / len(slopes)


def forward_effects(f, rows, step):
    """(m, d) f(x + h_j e_j) - f(x) (Scholbeck et al., 2024)."""
    m, d = rows.shape
    moved = rows[None] + np.diag(step)[:, None, :]
    return (f(moved.reshape(-1, d)).reshape(d, m) - f(rows)).T


def _taken_away(f, rows, response, groups):
    """(m, groups) response minus its mean when the features of a group come from other rows.

    The other rows are the explained ones: an additive model is then explained without any error by
    its centred terms.
    """
    m, d = rows.shape
    found = np.empty((m, len(groups)))
    for column, group in enumerate(groups):
        mixed = np.where(group, rows[None, :, :], rows[:, None, :])
        values = shapley.in_pieces(f, mixed.reshape(-1, d)).reshape(m, m)
        found[:, column] = response - values.mean(axis=1)
    return found


def _permutation(model, data, seed):
    """Permutation importance on the validation rows (Breiman, 2001; Fisher et al., 2019)."""
    X, y = np.array(data["X_val"], dtype=float), data["y_val"]
    rng = np.random.default_rng(seed)

    def loss(rows):
        response = model.response(rows)
        if model.task == "regression":
            return float(np.mean((response - y) ** 2))
        return float(np.mean(np.logaddexp(0, np.where(y == 1, -response, response))))

    base, found = loss(X), np.zeros(X.shape[1])
    for j in range(X.shape[1]):
        for _ in range(REPEATS):
            shuffled = X.copy()
            shuffled[:, j] = rng.permutation(shuffled[:, j])
            found[j] += (loss(shuffled) - base) / REPEATS
    return found


def explained(explainer, model, probes) -> tuple[dict[str, np.ndarray], float]:
    """What an explainer says of the rows and of their neighbours.

    Returns
    -------
    arrays : dict
        slope and part (m, d), near_slope and near_part (cubes, near rows, neighbours, d), as far as
        it gives them.
    seconds : float
        Per explained row; the neighbours are not counted.

    Raises
    ------
    ValueError
        The explainer's arrays are not finite or of another shape than the rows.
    """
    rows, near = probes.rows, probes.near
    start = time.perf_counter()
    here = explainer.explain(model, rows, np.random.default_rng(probes.seed))
    seconds = (time.perf_counter() - start) / len(rows)
    flat = near.reshape(-1, rows.shape[1])
    there = explainer.explain(model, flat, np.random.default_rng(probes.seed))
    found = {}
    for name in ("slope", "part"):
        for prefix, explanation, shape in (("", here, rows.shape), ("near_", there, near.shape)):
            values = getattr(explanation, name)
            if values is None:
                continue
            values = np.asarray(values, dtype=float)
            if values.size != np.prod(shape) or not np.isfinite(values).all():
                raise ValueError(
                    f"{explainer.name}: {name} has shape {values.shape} or is not finite, "
                    f"expected finite numbers of shape {(len(flat) if prefix else len(rows),)}"
                )
            found[prefix + name] = values.reshape(shape)
    return found, seconds
