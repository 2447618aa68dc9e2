"""Reading a configuration and refusing a wrong one with a message that a user can act on."""

from __future__ import annotations

import copy
import hashlib
import json
from pathlib import Path

import yaml

import baselines
from benchmark import config_checks, config_schema, datasets, metrics, storage
from benchmark.config_file import ConfigError, parse
from benchmark.datasets import real_table

DEFAULTS = {
    "seed": 0,
    "splits": 10,
    "more_splits": {},
    "datasets": [],
    "csv": {},
    "rows": {"train": 200, "val": 100, "test": 100},
    "sample": real_table.SAMPLE,
    "reduced": False,
    "tuning": 1,
    "protocol": "paper",
    "refit": 0,
    "chunk_size": 10,
    "limits": {"seconds": 1800, "memory_mb": 8192},
    "implementation": {},
    "labels": {},
    "missing_packages": "refuse",
    "missing_data": "refuse",
    "metrics": list(metrics.PRIMARY.values()),
    "explanations": {},
}


#: keys that are not to stand there empty
WITH_VALUES = (
    "more_splits",
    "datasets",
    "csv",
    "rows",
    "limits",
    "implementation",
    "labels",
    "metrics",
)


def dataset_tasks(config) -> dict[str, str]:
    """The data sets of a run and their tasks, in the order of tables."""
    return {name: dataset.task for name, dataset in datasets.of_run(config).items()}


def validate(raw) -> dict:
    """Check a configuration and fill in the defaults.

    Parameters
    ----------
    raw : mapping, as read from YAML

    Returns
    -------
    dict : a new, complete configuration

    Raises
    ------
    ConfigError
        Unknown or missing key, wrong type, misspelt method or data set, a data set named twice, a
        method that can do none of the tasks asked for.
    """
    if not isinstance(raw, dict):
        raise ConfigError("the configuration is empty or not a mapping of keys to values")
    config = copy.deepcopy(dict(raw))
    for key in WITH_VALUES:
        if config.get(key, 0) is None:
            raise ConfigError(f'"{key}": the key is there but has no value')
    given = config.get("csv")
    named = _canonical_names(config)
    config_schema.check(config, given if isinstance(given, dict) else (), named)
    for key, default in DEFAULTS.items():
        if isinstance(default, dict) and key in config:
            config[key] = default | config[key]
        else:
            config.setdefault(key, copy.deepcopy(default))
    double = sorted(set(config["csv"]) & set(datasets.declared()))
    if double:
        raise ConfigError(f'"csv.{double[0]}": a built-in data set has this name; choose another')
    asked = {name: dataset.task for name, dataset in datasets.asked_for(config).items()}
    if not asked:
        raise ConfigError('no data set: name at least one under "datasets" or "csv"')
    if config["run"] in ("published", "reference", "downloads"):
        raise ConfigError(f'"run": "{config["run"]}" is taken by values of others; choose another')
    config_checks.more_splits(config)
    config_checks.data(config)
    methods = {name: _load(name) for name in config["methods"]}
    for name, method in methods.items():
        able = method.tasks
        if not set(able) & set(asked.values()):
            raise ConfigError(
                f'"methods": {name} does {" and ".join(able)} only, '
                f"and no data set of this run is of that task"
            )
    for name, task in asked.items():
        if not any(task in method.tasks for method in methods.values()):
            raise ConfigError(
                f'"datasets": no method of this run does {task}, the task of {name}; '
                f'add one that does under "methods", such as {config_checks.simplest(task)}'
            )
    config_checks.tuning(config, methods)
    config_checks.packages(config, methods)
    config_checks.implementations(config, methods)
    config_checks.labels(config, methods)
    config_checks.explanations(config, methods)
    return config


def _load(name):
    try:
        return baselines.load(name)
    except Exception as error:  # a method's file may fail in any way
        raise ConfigError(
            f'"methods": baselines/{name}.py cannot be used: {type(error).__name__}: {error}'
        ) from None


def _canonical_names(config) -> list[str]:
    """Write names with parameters as results have them, in place; return those there are.

    Raises
    ------
    ConfigError
        A name that is not written so, or a parameter that the method does not have.
    """
    found = {}

    def rewritten(name, key):
        if name in found.values() or name in baselines.names() or not isinstance(name, str):
            return name
        try:
            file, params = baselines.parse(name)
            if not params:
                return name
            if file not in baselines.names():
                raise ConfigError(
                    f'"{key}": unknown value "{file}" in "{name}"; '
                    f"{config_schema.nearest(file, baselines.names())}"
                )
            found[name] = baselines.canonical(name)
            baselines.load(found[name])
        except ValueError as error:
            raise ConfigError(f'"{key}": {error}') from None
        return found[name]

    if isinstance(config.get("methods"), list):
        config["methods"] = [rewritten(name, "methods") for name in config["methods"]]
    explanations = config.get("explanations")
    places = (config, "implementation"), (config, "labels"), (explanations, "posthoc")
    for above, key in places:
        if isinstance(above, dict) and isinstance(above.get(key), dict):
            above[key] = {rewritten(name, key): value for name, value in above[key].items()}
    return list(found.values())


def read(path) -> dict:
    """Read and validate a YAML file.

    Raises
    ------
    ConfigError
        As :func:`parse` and :func:`validate`; the message names the file.
    """
    raw = parse(path)
    try:
        return validate(raw)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None


def _kept_path(run) -> Path:
    return Path(".snakemake") / f"{run}.yaml"


def keep(config):
    """Write a validated configuration down, for the jobs of its run."""
    storage.write_text(_kept_path(config["run"]), yaml.safe_dump(config, sort_keys=False))


def kept(raw) -> dict:
    """The configuration that the run of a job was started with, valid and complete.

    What has become of the user's file since then is no matter.

    Parameters
    ----------
    raw : mapping, as read from YAML; says which run

    Raises
    ------
    ConfigError
        Nobody has started such a run here.
    """
    path = _kept_path(raw.get("run"))
    try:
        return yaml.safe_load(path.read_text())
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None


def cells(config) -> list[tuple[str, str]]:
    """All (data set, method) pairs of a run whose tasks agree."""
    return [
        (dataset, method)
        for dataset, task in dataset_tasks(config).items()
        for method in config["methods"]
        if task in baselines.load(method).tasks
    ]


def digest(config) -> str:
    """sha256 of a validated configuration, the same for any order of keys."""
    return hashlib.sha256(json.dumps(config, sort_keys=True).encode()).hexdigest()
