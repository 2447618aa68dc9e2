"""What keys and values a configuration may have, and one sentence for what it may not."""

from __future__ import annotations

import difflib
import json
import math

import jsonschema
import yaml

import baselines
import explainers
from benchmark import ROOT, datasets, metrics
from benchmark.config_file import ConfigError

SCHEMA = ROOT / "workflow" / "schemas" / "config.schema.yaml"


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


def check(config, own=(), named=()):
    """Hold a configuration against :func:`schema`, which has the parameters.

    Raises
    ------
    ConfigError
        The first violation, in the outermost key.
    """
    validator = _VALIDATOR(schema(own, named))
    errors = sorted(validator.iter_errors(config), key=lambda e: (len(e.absolute_path), str(e)))
    if errors:
        raise ConfigError(_explain(errors[0]))


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
    known = [*datasets.declared(), *own]
    properties["datasets"]["items"]["enum"] = known
    properties["more_splits"]["propertyNames"]["enum"] = known
    properties["metrics"]["items"]["enum"] = [metric.name for metric in metrics.METRICS]
    properties["labels"]["propertyNames"]["enum"] = methods
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


def nearest(word, choices) -> str:
    """Which of the choices was meant, and what they are."""
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
        return f'unknown key "{full}"; {nearest(unknown, known)}'
    if error.validator == "enum":
        hint = nearest(error.instance, error.schema["enum"])
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
        also = " or hyphens" if "-]" in error.validator_value else ""
        return (
            f'{at}"{error.instance}" is not a valid name: '
            f"small letters, digits and underscores{also}, starting with a letter"
        )
    return f"{at}{error.message}"
