"""CITATION.cff has this version, the paper, and the reference of every method and explainer."""

import re
import tomllib

import pytest
import yaml

import baselines
import explainers
from benchmark import ROOT

CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
#: "own" is what a model says of itself: it has no publication of its own
OFFERED = [(name, baselines.load(name)) for name in baselines.names()]
OFFERED += [(name, explainers.load(name)) for name in explainers.names() if name != "own"]


def _referenced(name):
    """References whose scope names a method, before a colon that says what of it."""
    return [
        one
        for one in CITATION["references"]
        if name in re.split(r",\s*", one["scope"].partition(":")[0])
    ]


def _is_source(reference, source):
    """Whether a declared source names the reference's first author, and its year or arXiv id."""
    first = reference["authors"][0]["family-names"]
    marks = (str(reference["year"]), reference.get("notes", "").removeprefix("arXiv "))
    return first in source and any(mark and mark in source for mark in marks)


@pytest.mark.parametrize(("name", "declared"), OFFERED, ids=[name for name, _ in OFFERED])
def test_each_method_and_explainer_has_its_source_among_the_references(name, declared):
    assert any(_is_source(one, declared.source) for one in _referenced(name)), declared.source


def test_no_reference_is_of_something_that_is_not_offered():
    offered = {name for name, _ in OFFERED}
    for one in CITATION["references"]:
        scope = one["scope"].partition(":")[0]
        if not scope.startswith(("data set", "statistics")):
            assert set(re.split(r",\s*", scope)) <= offered, one["title"]


def test_the_paper_and_the_version_are_those_of_the_package():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert CITATION["version"] == project["version"]
    assert CITATION["preferred-citation"]["title"] == "NIMO: a Nonlinear Interpretable MOdel"
    changelog = (ROOT / "CHANGELOG.md").read_text()
    assert f"## {project['version']}" in changelog
