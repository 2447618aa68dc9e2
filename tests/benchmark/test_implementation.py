"""A run does not change silently to another implementation than its fits have."""

import json

import pytest

from baselines import _contextual_lasso as module
from benchmark import check, config
from benchmark.fitting import implementation, records

METHODS = ["contextual_lasso", "contextual_lasso_sparse"]
NAMES = {"julia": "julia 1.10.4, ContextualLasso.jl 81e2b34", "torch": "torch 2.9"}


class Machine:
    """Answers for the module, as a machine with or without Julia does, and counts the questions."""

    def __init__(self, monkeypatch):
        self.here, self.asked = "torch", 0
        monkeypatch.setattr(module, "resolve", self.resolve)
        monkeypatch.setattr(module, "setup", lambda: {"environment": {"here": self.here}})

    def resolve(self, choice):
        self.asked += 1
        word = self.here if choice == "auto" else choice
        return {"name": NAMES[word], "params": {"backend": word}, "reason": f"{word} is here"}


@pytest.fixture
def machine(monkeypatch):
    return Machine(monkeypatch)


@pytest.fixture
def run(tmp_path):
    """A run in a folder: its config, and fits of it by an implementation, as a run leaves them."""

    def make(choice=None, **fits):
        settings = config.validate(
            {
                "run": "r",
                "splits": 2,
                "datasets": ["toy"],
                "methods": [*METHODS, "lasso"],
                "implementation": dict.fromkeys(METHODS, choice) if choice else {},
            }
        )
        for method, made_by in fits.items():
            path = tmp_path / records.path_of("r", "toy", method, 0)
            path.parent.mkdir(parents=True, exist_ok=True)
            result = {"implementation": NAMES[made_by], "params": {"backend": made_by}}
            path.write_text(json.dumps({"result": result}))
        return settings

    return make


def answer(tmp_path, name="baselines._contextual_lasso"):
    found = implementation.resolve(name, "auto")
    implementation.write(found, tmp_path / implementation.path_of("r", name))


@pytest.mark.parametrize(("before", "now"), [("julia", "torch"), ("torch", "julia")])
def test_another_one_is_refused_before_anything_is_fitted(machine, run, tmp_path, before, now):
    machine.here = before
    answer(tmp_path)
    settings = run(contextual_lasso=before, contextual_lasso_sparse=before)
    machine.here = now
    with pytest.raises(implementation.Changed) as raised:
        implementation.check_kept(settings, tmp_path)
    assert str(raised.value) == (
        '"implementation": run "r" has fits of contextual_lasso and contextual_lasso_sparse by '
        f"{NAMES[before]}; here they would be made anew by {NAMES[now]} ({now} is here). To keep "
        "them, run where the former is found, with the same variables; to make them anew, ask for "
        f"it: implementation: {{contextual_lasso: {now}, contextual_lasso_sparse: {now}}}"
    )
    implementation.check_kept(run(now), tmp_path)  # asked for
    implementation.check_kept(run(before), tmp_path)  # demanded: whether it is here, the run says


def test_the_fits_count_also_where_the_answer_is_gone(machine, run, tmp_path):
    settings = run(contextual_lasso="torch", contextual_lasso_sparse="julia")
    with pytest.raises(implementation.Changed, match="by julia 1.10.4, .*anew by torch"):
        implementation.check_kept(settings, tmp_path)


def test_julia_is_not_started_where_nothing_has_changed(machine, run, tmp_path, monkeypatch):
    machine.here = "julia"
    answer(tmp_path)
    settings = run(contextual_lasso="julia")
    machine.asked = 0
    implementation.check_kept(settings, tmp_path)
    assert machine.asked == 0
    implementation.check_kept(run(), tmp_path / "another")  # without fits there is nothing to keep
    assert machine.asked == 0
    monkeypatch.setattr(module, "setup", lambda: {"environment": {"another": "variable"}})
    implementation.check_kept(settings, tmp_path)
    assert machine.asked == 1


def test_a_damaged_record_is_no_matter_here(machine, run, tmp_path):
    settings = run(contextual_lasso="torch")
    for text in ("", "{}", '{"result": null}', '{"result": {"params": null}}'):
        (tmp_path / records.path_of("r", "toy", "contextual_lasso", 1)).write_text(text)
        implementation.check_kept(settings, tmp_path)


def test_the_check_of_a_configuration_says_it_too(machine, run, tmp_path, monkeypatch, capsys):
    run(contextual_lasso="julia")
    monkeypatch.chdir(tmp_path)
    text = "run: r\nsplits: 2\ndatasets: [toy]\nmethods: [contextual_lasso]\n"
    (tmp_path / "c.yaml").write_text(text)
    assert check.main("c.yaml") == 2
    said = capsys.readouterr().err
    assert said.startswith('configuration refused: "implementation": run "r" has fits of context')
    (tmp_path / "c.yaml").write_text(text + "implementation: {contextual_lasso: torch}\n")
    assert check.main("c.yaml") == 0


@pytest.mark.parametrize("word", ["jula", "Julia", "", "none", "port"])
def test_a_choice_that_does_not_exist_is_refused(word):
    asked = {"run": "r", "datasets": ["toy"], "methods": ["contextual_lasso"]}
    with pytest.raises(config.ConfigError) as raised:
        config.validate(asked | {"implementation": {"contextual_lasso": word}})
    text = str(raised.value)
    assert text.startswith(f'"implementation.contextual_lasso": unknown value "{word}"; ')
    assert text.endswith("valid: auto, julia, torch") and ('did you mean "julia"' in text) == (
        word in ("jula", "Julia")
    )
