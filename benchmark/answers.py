"""The four requests of the paper's reviews, each answered by numbers of a run."""

from __future__ import annotations

import numpy as np

import baselines
from benchmark.evaluation.importance import MEASURES, mean_correlations
from benchmark.tables.cells import dataset_label, number
from benchmark.tables.explained import models

HEAD = (
    "Made from the grades of this run by `benchmark/answers.py`. Errors are relative "
    "root mean squares: 0 is exact, an explanation of 0 has 1. Means over splits."
)
#: explanations that come with the model that they explain
OWN = "own"


def _is_in(pair, group) -> bool:
    """Whether the method of a pair of method and explainer declares a group."""
    return group in baselines.load(pair[0]).groups


def _mean(results, dataset, pair, metric) -> float:
    values = results.grades(dataset, *pair, metric)
    return float(values.mean()) if len(values) else np.nan


def _by_pair(results, metric, pairs, task="regression") -> dict[tuple, float]:
    """Median over the data sets of a task, of pairs with a value on all of them; best first."""
    found = {}
    for pair in pairs:
        means = [_mean(results, dataset, pair, metric) for dataset in results.datasets(task)]
        if means and not np.isnan(means).any():
            found[pair] = float(np.median(means))
    return dict(sorted(found.items(), key=lambda item: item[1]))


def _listed(results, found, most=6) -> str:
    return ", ".join(
        f"{results.label(*pair)} {number(value)}" for pair, value in list(found.items())[:most]
    )


def local_explanations(results) -> list[str]:
    """Local explanations, and not only global ones."""
    pairs = results.explanations()
    lines = []
    for metric, words in (
        ("gradient_error", "Error of slopes against the true gradient"),
        ("local_coef_error", "Error of slopes against the true local coefficients"),
        ("part_error", "Error of parts against the true Shapley values"),
    ):
        found = _by_pair(results, metric, pairs)
        if found:
            n = len(results.datasets("regression"))
            lines.append(
                f"{words}, median over {n} regression data sets: {_listed(results, found)}."
            )
    return lines


def _contest(results, metric, words, ours, whose) -> list[str]:
    """How often the best of some explanations beats the best of a network afterwards."""
    cases = []
    for dataset in results.datasets():
        errors = {
            pair: value
            for pair in results.explanations(dataset)
            if not np.isnan(value := _mean(results, dataset, pair, metric))
        }
        own = {pair: v for pair, v in errors.items() if ours(pair)}
        post = {pair: v for pair, v in errors.items() if _is_in(pair, "network")}
        if own and post:
            best, rival = min(own, key=own.get), min(post, key=post.get)
            cases.append((own[best] / post[rival], dataset, best, own[best], rival, post[rival]))
    if not cases:
        return []

    def told(case):
        _, dataset, best, mine, rival, theirs = case
        return (
            f"{dataset_label(dataset)}: {results.label(*best)} {number(mine)}, "
            f"{results.label(*rival)} {number(theirs)}"
        )

    wins = sum(case[0] < 1 for case in cases)
    text = (
        f"By the error of {words} the best {whose} beats the best of a network afterwards on "
        f"{wins} of {len(cases)} data sets"
    )
    text += f"; most clearly on {told(min(cases))}" if wins else ""
    text += f"; it loses most on {told(max(cases))}" if wins < len(cases) else ""
    return [f"{text}."]


def built_in_or_afterwards(results) -> list[str]:
    """Cases where what is built in beats what is said afterwards, and the others, quantified."""

    def built_in(pair):
        return pair[1] == OWN

    def readable(pair):
        return not _is_in(pair, "black_box")

    lines = []
    for metric, words in (("gradient_error", "slopes"), ("part_error", "parts")):
        lines += _contest(results, metric, words, built_in, "built-in explanation")
    what = "explanation of a model that can be read, its gradient included,"
    return lines + _contest(results, "gradient_error", "slopes", readable, what)


def effects(explained) -> list[str]:
    """The marginal effect at the baseline beside other effects."""
    results, lines = explained.results, []
    pairs = models(results)
    for metric, words in (
        ("relative_error", "the marginal effect at the baseline"),
        ("average_effect_error", "the average marginal effect"),
        ("forward_effect_error", "forward effects of one standard deviation"),
        ("shapley_error", "Shapley values of the model"),
        ("feature_matrix_error", "the feature matrix"),
    ):
        found = _by_pair(results, metric, pairs)
        if found:
            lines.append(f"Error of {words}, median over regression: {_listed(results, found)}.")
    truth = mean_correlations(explained, None)
    if truth is not None:
        told = [
            f"{MEASURES[i]} and {MEASURES[k]} {number(truth[i, k])}"
            for i, k in ((0, 1), (0, 2), (1, 2))
        ]
        lines.append(
            "They answer different questions: of the true functions themselves the rankings of "
            f"features have rank correlations {', '.join(told)}."
        )
    return lines


def page(explained) -> str:
    """The answers as Markdown.

    Parameters
    ----------
    explained : benchmark.evaluation.grades.Explained
    """
    results = explained.results
    sections = {
        "Local explanations, and not only global ones": local_explanations(results),
        "Built in, or explained afterwards": built_in_or_afterwards(results),
        "The marginal effect at the baseline beside other effects": effects(explained),
    }
    parts = ["# What explanations are worth", HEAD]
    for title, lines in sections.items():
        text = "\n".join(f"* {line}" for line in lines) or "* This run has no numbers for it."
        parts += [f"## {title}", text]
    return "\n\n".join(parts) + "\n"
