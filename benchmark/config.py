"""Reading a configuration and refusing a wrong one with a message that a user can act on."""

from __future__ import annotations

import copy
import difflib
import hashlib
import json
import math
from pathlib import Path

import jsonschema
import yaml

import baselines
import explainers
from benchmark import ROOT, datasets, metrics, provenance, storage
from benchmark.datasets import real_table
from benchmark.fitting import implementation

SCHEMA = ROOT / "workflow" / "schemas" / "config.schema.yaml"
DEFAULTS = {
    "seed": 0,
    "splits": 10,
    "datasets": [],
    "csv": {},
    "rows": {"train": 200, "val": 100, "test": 100},
    "sample": real_table.SAMPLE,
    "reduced": False,
    "tuning": 1,
    "refit": 0,
    "chunk_size": 10,
    "limits": {"seconds": 1800, "memory_mb": 8192},
    "implementation": {},
    "missing_packages": "refuse",
    "missing_data": "refuse",
    "metrics": list(metrics.PRIMARY.values()),
    "explanations": {},
}
#: what holds where a config asks for explanations and says no more
EXPLANATIONS = {"rows": 40, "posthoc": {}}


def _is_integer(_, value):
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(_, value):
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


# JSON Schema takes 2.0 for an integer, and would let NaN pass every limit.
_BASE = jsonschema.Draft202012Validator
_VALIDATOR = jsonschema.validators.extend(
    _BASE,
    type_checker=_BASE.TYPE_CHECKER.redefine("integer", _is_integer).redefine("number", _is_number),
)


class ConfigError(ValueError):
    """A configuration that cannot be run; the message names the key and the value."""


def dataset_tasks(config) -> dict[str, str]:
    """The data sets of a run and their tasks, in the order of tables."""
    return {name: dataset.task for name, dataset in datasets.of_run(config).items()}


def schema(own=(), named=()) -> dict:
    """The JSON schema, with the names of methods, data sets and metrics that exist.

    Parameters
    ----------
    own : names of the user's own data sets
    named : names of methods beside those of files, with parameters
    """
    methods = [*baselines.names(), *named]
    document = yaml.safe_load(SCHEMA.read_text())
    properties = document["properties"]
    properties["methods"]["items"]["enum"] = methods
    properties["datasets"]["items"]["enum"] = [*datasets.declared(), *own]
    properties["metrics"]["items"]["enum"] = [metric.name for metric in metrics.METRICS]
    posthoc = properties["explanations"]["properties"]["posthoc"]
    posthoc["propertyNames"]["enum"] = methods
    posthoc["additionalProperties"]["items"]["enum"] = [n for n in explainers.names() if n != "own"]
    properties["implementation"]["propertyNames"]["enum"] = [
        name for name in methods if _alternatives(name)
    ]
    return document


def _alternatives(name) -> bool:
    """Whether a method may run in more than one way; a file that cannot be used is no matter."""
    try:
        return baselines.load(name).implementation is not None
    except Exception:
        return False


def _nearest(word, choices) -> str:
    match = difflib.get_close_matches(str(word), [str(c) for c in choices], n=1, cutoff=0.5)
    hint = f'did you mean "{match[0]}"? ' if match else ""
    return f"{hint}valid: {', '.join(str(c) for c in choices)}"


def _explain(error) -> str:
    """One sentence for one schema violation."""
    key = ".".join(str(p) for p in error.absolute_path if not isinstance(p, int))
    at = f'"{key}": ' if key else ""
    if error.validator == "additionalProperties":
        known = list(error.schema["properties"])
        unknown = sorted(set(map(str, error.instance)) - set(known))[0]
        full = f"{key}.{unknown}" if key else unknown
        return f'unknown key "{full}"; {_nearest(unknown, known)}'
    if error.validator == "enum":
        hint = _nearest(error.instance, error.schema["enum"])
        return f'{at}unknown value "{error.instance}"; {hint}'
    if error.validator == "required":
        missing = [k for k in error.schema["required"] if k not in error.instance]
        return f'{at}the key "{missing[0]}" is missing'
    if error.validator == "type":
        return (
            f"{at}expected {error.validator_value}, got {json.dumps(error.instance, default=str)}"
        )
    if error.validator == "uniqueItems":
        double = next(x for x in error.instance if error.instance.count(x) > 1)
        return f'{at}"{double}" is listed more than once'
    if error.validator == "minItems":
        return f"{at}the list is empty; name at least one"
    if error.validator == "pattern":
        return (
            f'{at}"{error.instance}" is not a valid name: '
            "small letters, digits and underscores, starting with a letter"
        )
    return f"{at}{error.message}"


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
    for key in ("datasets", "csv", "rows", "limits", "implementation", "metrics"):
        if config.get(key, 0) is None:
            raise ConfigError(f'"{key}": the key is there but has no value')
    given = config.get("csv")
    named = _canonical_names(config)
    validator = _VALIDATOR(schema(given if isinstance(given, dict) else (), named))
    errors = sorted(validator.iter_errors(config), key=lambda e: (len(e.absolute_path), str(e)))
    if errors:
        raise ConfigError(_explain(errors[0]))
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
    _check_data(config)
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
                f'add one that does under "methods", such as {_simplest(task)}'
            )
    _check_tuning(config, methods)
    _check_packages(config, methods)
    _check_implementations(config, methods)
    _check_explanations(config, methods)
    return config


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
                    f"{_nearest(file, baselines.names())}"
                )
            found[name] = baselines.canonical(name)
            baselines.load(found[name])
        except ValueError as error:
            raise ConfigError(f'"{key}": {error}') from None
        return found[name]

    if isinstance(config.get("methods"), list):
        config["methods"] = [rewritten(name, "methods") for name in config["methods"]]
    explanations = config.get("explanations")
    for above, key in ((config, "implementation"), (explanations, "posthoc")):
        if isinstance(above, dict) and isinstance(above.get(key), dict):
            above[key] = {rewritten(name, key): value for name, value in above[key].items()}
    return list(found.values())


def _simplest(task) -> str:
    """A method of a task that costs next to nothing."""
    declared = [baselines.load(name) for name in baselines.names()]
    return next(m.name for m in declared if "linear" in m.groups and task in m.tasks)


def _check_tuning(config, methods):
    """A budget that a method's list cannot fill would favour the methods with longer ones."""
    for name, method in methods.items():
        if method.configurations and config["tuning"] > len(method.configurations):
            raise ConfigError(
                f'"tuning": {config["tuning"]} configurations, '
                f"but {name} has {len(method.configurations)}"
            )


def _check_data(config):
    """A data set whose package is not here is refused, unless the config lets it be left out."""
    if config["missing_data"] == "skip":
        if not any(dataset.downloaded for dataset in datasets.asked_for(config).values()):
            _refuse_empty(config)
        return
    for name, dataset in datasets.asked_for(config).items():
        if dataset.downloaded:
            continue  # check_tables fetches it
        if why := dataset.missing():
            raise ConfigError(
                f'"datasets": {name} {why}, or let it be left out with "missing_data: skip"'
            )


def _refuse_empty(config):
    if not datasets.of_run(config):
        name, why = next(iter(datasets.left_out(config).items()))
        raise ConfigError(f'"datasets": none of them can be had here; {name} {why}')


def _check_packages(config, methods):
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


def _check_implementations(config, methods):
    for name, choice in config["implementation"].items():
        if name not in methods:
            raise ConfigError(f'"implementation.{name}": {name} is not a method of this run')
        valid = implementation.valid(methods[name].implementation)
        if valid and choice not in valid:
            raise ConfigError(
                f'"implementation.{name}": unknown value "{choice}"; {_nearest(choice, valid)}'
            )
    try:
        implementation.choices(config)
    except ValueError as error:
        raise ConfigError(f'"implementation": {error}') from None


def _check_explanations(config, methods):
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


def _load(name):
    try:
        return baselines.load(name)
    except Exception as error:  # a method's file may fail in any way
        raise ConfigError(
            f'"methods": baselines/{name}.py cannot be used: {type(error).__name__}: {error}'
        ) from None


def check_methods(config):
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


def check_tables(config):
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
        try:
            datasets.of_run(config)[name].split(0, config)
        except datasets.TableError as error:
            raise ConfigError(f'"csv.{name}": {error}') from None


class _Loader(yaml.SafeLoader):
    """YAML that refuses a key given twice, of which PyYAML would silently take the last."""

    def get_single_node(self):
        node = super().get_single_node()
        self._refuse_doubles(node, "", set())
        return node

    def _refuse_doubles(self, node, above, done):
        """Look at every mapping as it is written.

        Parameters
        ----------
        above : str, the keys that it stands under
        done : set of the nodes that have been looked at: one with an anchor stands in many places
        """
        if id(node) in done:
            return
        done.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            for entry in node.value:
                self._refuse_doubles(entry, above, done)
        if isinstance(node, yaml.MappingNode):
            lines: dict[str, int] = {}
            for key, value in node.value:
                name = f"{above}.{key.value}" if above else str(key.value)
                if name in lines:
                    what = f'the key "{name}" is given twice, first in line {lines[name]}'
                    raise yaml.constructor.ConstructorError(None, None, what, key.start_mark)
                lines[name] = key.start_mark.line + 1
                self._refuse_doubles(value, name, done)


def parse(path) -> object:
    """What a YAML or JSON file says.

    Raises
    ------
    ConfigError
        The file cannot be read, is not YAML, or gives a key twice, at any level.
    """
    try:
        text = Path(path).read_text()
        if Path(path).suffix == ".json":
            text = text.expandtabs()  # which YAML, otherwise the wider of both, does not take
        return yaml.load(text, Loader=_Loader)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        where = getattr(error, "problem_mark", None)
        line = f", line {where.line + 1}" if where else ""
        what = getattr(error, "problem", None) or "not a text file"
        raise ConfigError(f"{path}{line}: not valid YAML: {what}") from None


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
