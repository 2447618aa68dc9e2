"""Whether the parts of a configuration go together, and whether what it asks for can be had.

Each function raises :class:`benchmark.config_file.ConfigError`, which names the key.
"""

from __future__ import annotations

import baselines
import explainers
from benchmark import datasets, provenance
from benchmark.config_file import ConfigError
from benchmark.config_schema import nearest
from benchmark.datasets import tabular
from benchmark.fitting import implementation
from benchmark.split_counts import splits_of

#: what holds where a config asks for explanations and says no more
EXPLANATIONS = {"rows": 40, "posthoc": {}}


def simplest(task) -> str:
    """A method of a task that costs next to nothing."""
    declared = [baselines.load(name) for name in baselines.names()]
    return next(m.name for m in declared if "linear" in m.groups and task in m.tasks)


def tuning(config, methods):
    """A budget that a method's list cannot fill would favour the methods with longer ones."""
    for name, method in methods.items():
        if method.configurations and config["tuning"] > len(method.configurations):
            raise ConfigError(
                f'"tuning": {config["tuning"]} configurations, '
                f"but {name} has {len(method.configurations)}"
            )


def more_splits(config):
    """A number of splits of a data set of the run; fewer than all have would be a mistake."""
    for name, number in config["more_splits"].items():
        if name not in datasets.asked_for(config):
            raise ConfigError(f'"more_splits.{name}": {name} is not a data set of this run')
        if number < config["splits"]:
            raise ConfigError(
                f'"more_splits.{name}": {number} is below "splits", which is {config["splits"]}'
            )


def labels(config, methods):
    """A name of one's own for a method of the run, and no name twice."""
    shown = {name: config["labels"].get(name, method.label) for name, method in methods.items()}
    for name, label in config["labels"].items():
        if name not in methods:
            raise ConfigError(f'"labels.{name}": {name} is not a method of this run')
        if others := [m for m in methods if m != name and shown[m] == label]:
            raise ConfigError(f'"labels.{name}": "{label}" is the name of {others[0]} already')


def data(config):
    """A data set whose package is not here is refused, unless the config lets it be left out."""
    if config["missing_data"] == "skip":
        if not any(dataset.downloaded for dataset in datasets.asked_for(config).values()):
            _refuse_empty(config)
        return
    for name, dataset in datasets.asked_for(config).items():
        if dataset.downloaded:
            continue  # they are fetched when the run begins
        if why := dataset.missing():
            raise ConfigError(
                f'"datasets": {name} {why}, or let it be left out with "missing_data: skip"'
            )


def _refuse_empty(config):
    if not datasets.of_run(config):
        name, why = next(iter(datasets.left_out(config).items()))
        raise ConfigError(f'"datasets": none of them can be had here; {name} {why}')


def packages(config, methods):
    """A method whose package is not here is refused, unless the config says that it may be left."""
    if config["missing_packages"] == "skip":
        return
    for name, method in methods.items():
        missing = provenance.missing(method)
        if missing:
            extra = f'pip install ".[{method.extra}]"' if method.extra else "install it"
            raise ConfigError(
                f'"methods": {name} needs {", ".join(missing)}, which is not installed; {extra}, '
                'or let it be skipped with "missing_packages: skip"'
            )


def implementations(config, methods):
    for name, choice in config["implementation"].items():
        if name not in methods:
            raise ConfigError(f'"implementation.{name}": {name} is not a method of this run')
        valid = implementation.valid(methods[name].implementation)
        if valid and choice not in valid:
            raise ConfigError(
                f'"implementation.{name}": unknown value "{choice}"; {nearest(choice, valid)}'
            )
    try:
        implementation.choices(config)
    except ValueError as error:
        raise ConfigError(f'"implementation": {error}') from None


def explanations(config, methods):
    """Explainers must look at methods of this run, and have their packages here."""
    if not config["explanations"]:
        return
    asked = config["explanations"] = EXPLANATIONS | config["explanations"]
    for name, wanted in asked["posthoc"].items():
        if name not in methods:
            raise ConfigError(f'"explanations.posthoc.{name}": {name} is not a method of this run')
        if config["missing_packages"] == "skip":
            continue
        for explainer in map(explainers.load, wanted):
            if missing := provenance.missing(explainer):
                extra = explainer.extra
                how = f'pip install ".[{extra}]"' if extra else "install it"
                raise ConfigError(
                    f'"explanations.posthoc.{name}": {explainer.name} needs {", ".join(missing)}, '
                    f"which is not installed; {how}, or let it be skipped with "
                    '"missing_packages: skip"'
                )


def methods_of_today(config):
    """Refuse a method that nothing can fit.

    Raises
    ------
    ConfigError
        A name is one that published results alone have; the message says today's.
    """
    for name in config["methods"]:
        if name in baselines.FORMER:
            raise ConfigError(
                f'"methods": {name} is known from published results only; '
                f"write {baselines.FORMER[name]}"
            )


def tables(config):
    """Read every CSV file of a validated configuration, so that a wrong one is refused at once.

    Data sets that no package ships are downloaded, once for all runs.

    Raises
    ------
    ConfigError
        The file cannot be used; the message names the key, the file, the column and the value.
        Or a data set cannot be downloaded, and the config does not let it be left out.
    """
    for name, dataset in datasets.asked_for(config).items():
        try:
            dataset.obtain()
        except datasets.TableError as error:
            if config["missing_data"] != "skip":
                raise ConfigError(
                    f'"datasets": {name} {error}; '
                    'let it be left out with "missing_data: skip", or try again'
                ) from None
    _refuse_empty(config)
    for name in config["csv"]:
        dataset = datasets.of_run(config)[name]
        try:
            dataset.split(0, config)
            for index in range(1, splits_of(config, name)):  # which rows go where is soon told
                tabular.rows_of(dataset, index, config, dataset.table())
        except datasets.TableError as error:
            raise ConfigError(f'"csv.{name}": {error}') from None
