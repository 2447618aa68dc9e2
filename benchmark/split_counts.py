"""How many splits each data set of a run has: ``splits``, or more where ``more_splits`` says so."""

from __future__ import annotations

from collections.abc import Iterable


def splits_of(config, dataset: str) -> int:
    """The number of splits of a data set, in a validated configuration."""
    return config["more_splits"].get(dataset, config["splits"])


def fewest_splits(config, datasets: Iterable[str]) -> int:
    """What a statement over several data sets rests on: the least number that one of them has."""
    return min(splits_of(config, dataset) for dataset in datasets)


def most_splits(config, datasets: Iterable[str]) -> int:
    """The largest number of splits that one of several data sets has."""
    return max(splits_of(config, dataset) for dataset in datasets)


def told_splits(config, datasets: Iterable[str]) -> str:
    """``1 split``, ``10 splits``, or ``5 to 10 splits`` where data sets differ."""
    datasets = list(datasets)
    fewest, most = fewest_splits(config, datasets), most_splits(config, datasets)
    numbers = str(most) if fewest == most else f"{fewest} to {most}"
    return f"{numbers} split{'s' if most > 1 else ''}"
