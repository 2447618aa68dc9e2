"""Names of methods as a config writes them: ``nimo``, or ``nimo[input_noise=0]``."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from typing import Any

from baselines.contract import Method

_NAME = re.compile(r"(\w+)(?:\[(.*)\])?", re.DOTALL)
_WORD = re.compile(r"[A-Za-z]\w*")
#: names of published snapshots, of files that parameters have replaced
FORMER = {
    "nimo_no_correction": "nimo[use_correction=False]",
    "nimo_no_group_penalty": "nimo[group_alpha=0]",
    "nimo_no_noise": "nimo[input_noise=0]",
    "nimo_no_sparsity": "nimo[alpha=0]",
    "nimo_no_zero_point": "nimo[zero_at_baseline=False]",
    "nimo_sees_self": "nimo[mask_self=False]",
}


def parse(name: str) -> tuple[str, dict[str, Any]]:
    """The file that a name stands for, and parameters in alphabetical order.

    Raises
    ------
    ValueError
        The name is not written so, or gives a parameter twice.
    """
    match = _NAME.fullmatch(FORMER.get(name, name).strip())
    if match is None:
        raise ValueError(f'"{name}" is no name of a method; write name[parameter=value, ...]')
    base, inside = match.groups()
    params: dict[str, Any] = {}
    for part in inside.split(",") if inside is not None else ():
        key, equals, text = (word.strip() for word in part.partition("="))
        if not (key.isidentifier() and equals and text):
            raise ValueError(f'"{name}": "{part.strip()}" is not written parameter=value')
        if key in params:
            raise ValueError(f'"{name}" gives {key} twice')
        params[key] = _value(name, key, text)
    return base, dict(sorted(params.items()))


def _value(name, key, text):
    """A number, a truth value, None or a word; true and false also as YAML writes them."""
    try:
        value = ast.literal_eval({"true": "True", "false": "False"}.get(text, text))
    except (ValueError, SyntaxError):
        value = text if _WORD.fullmatch(text) else ...
    if value is not None and not isinstance(value, bool | int | float | str):
        raise ValueError(
            f'"{name}": {key} must be a number, True, False, None or a word, got {text}'
        )
    return value


def _written(params) -> str:
    return ",".join(f"{key}={value}" for key, value in params.items())


def base(name: str) -> str:
    """The file of a method, by its name."""
    return parse(name)[0]


def canonical(name: str) -> str:
    """A name as results have it: parameters in order, no spaces."""
    if name in FORMER:
        return name
    file, params = parse(name)
    return f"{file}[{_written(params)}]" if params else file


def file_id(name: str) -> str:
    """A name as paths have it: ``nimo-input_noise=0``, without the signs that a shell expands."""
    return name.replace("[", "-").replace("]", "")


def with_params(method: Method, name: str) -> Method:
    """A method whose ``name`` sets parameters.

    Raises
    ------
    ValueError
        A parameter that the method does not have; the message lists those it has.
    """
    _, params = parse(name)
    allowed = method.settable
    unknown = [key for key in params if key not in allowed]
    if unknown:
        valid = f"it has: {', '.join(allowed)}" if allowed else "it has none to set"
        raise ValueError(f'"{name}": {method.name} has no parameter {unknown[0]}; {valid}')
    fixed = {key: [value] for key, value in params.items()}
    configurations: list[dict] = []
    for configuration in method.configurations:
        if (one := {**configuration, **params}) not in configurations:
            configurations.append(one)
    return replace(
        method,
        name=name,
        label=", ".join([method.label, *(f"{key}={value}" for key, value in params.items())]),
        grid=method.grid if configurations else {**method.grid, **fixed},
        configurations=tuple(configurations),
        smoke={**method.smoke, **fixed},
    )
