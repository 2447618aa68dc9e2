"""Whether every method of a configuration has its rule in the workflow."""

from __future__ import annotations

import re

import baselines
from benchmark import ROOT
from benchmark.config_file import ConfigError

RULES = "workflow/rules/methods.smk"
#: what a method needs there
RULE = """\
use rule fit as {name} with:
    input:
        **needs("{name}"),
    pathvars:
        method="{name}",
"""
_NAMED_IN_RULE = r"""\b(?:needs\(|method\s*=)\s*["'](\w+)["']"""


def check(config):
    """Look for the rule of every method of a validated configuration.

    Raises
    ------
    ConfigError
        A method has no rule, or one that names another, and the message holds the lines to write;
        or a rule has no method.
    """
    files = sorted((ROOT / RULES).parent.glob("*.smk"))
    text = "\n".join(path.read_text() for path in files) + "\n"
    found = re.findall(r"^use rule fit as (\w+) with:(.*\n(?:[ \t]+.*\n|\n)*)", text, re.MULTILINE)
    rules = {name: re.findall(_NAMED_IN_RULE, body) for name, body in found}
    for name in map(baselines.base, config["methods"]):
        if name not in rules:
            what = f"{name} has no rule; add to {RULES}:"
        elif rules[name] != [name, name]:
            what = f"the rule of {name} does not name it; in {RULES} it must read:"
        else:
            continue
        raise ConfigError(f'"methods": {what}\n\n{RULE.format(name=name)}')
    if without := sorted(set(rules) - set(baselines.names())):
        raise ConfigError(
            f"{RULES}: the rule of {without[0]} has no method; there is no "
            f"baselines/{without[0]}.py"
        )
