"""What a valid configuration becomes."""

from dataclasses import replace

import pytest

import baselines
from benchmark import ROOT, config, split_counts

GOOD = {"run": "r", "datasets": ["toy", "classification1"], "methods": ["lasso", "logistic"]}


def test_defaults_are_filled_in_at_both_levels():
    done = config.validate(GOOD | {"limits": {"seconds": 5}})
    assert done["splits"] == 10 and done["csv"] == {}
    assert done["limits"] == {"seconds": 5, "memory_mb": config.DEFAULTS["limits"]["memory_mb"]}


def test_input_is_left_alone():
    raw = GOOD | {"rows": {"train": 30}}
    config.validate(raw)
    assert raw["rows"] == {"train": 30} and "limits" not in raw


def test_cells_are_the_pairs_whose_tasks_agree():
    assert config.cells(config.validate(GOOD)) == [
        ("toy", "lasso"),
        ("classification1", "logistic"),
    ]


def test_users_data_sets_come_last():
    spec = {"path": "x.csv", "target": "y", "task": "regression"}
    done = config.validate(GOOD | {"csv": {"mine": spec}})
    assert list(config.dataset_tasks(done)) == ["toy", "classification1", "mine"]


def test_a_run_of_the_users_own_tables_alone_needs_no_datasets():
    spec = {"path": "x.csv", "target": "y", "task": "regression"}
    done = config.validate({"run": "r", "csv": {"mine": spec}, "methods": ["lasso"]})
    assert list(config.dataset_tasks(done)) == ["mine"]


def test_the_users_data_sets_may_be_named_in_another_order():
    spec = {"path": "x.csv", "target": "y", "task": "regression"}
    raw = GOOD | {"datasets": ["mine", "toy", "classification1"], "csv": {"mine": spec}}
    assert list(config.dataset_tasks(config.validate(raw))) == ["mine", "toy", "classification1"]


def test_every_data_set_has_its_number_of_splits_and_texts_name_both_ends():
    spec = {"path": "x.csv", "target": "y", "task": "regression"}
    raw = GOOD | {"csv": {"mine": spec}, "splits": 5, "more_splits": {"mine": 7, "toy": 5}}
    done = config.validate(raw)
    numbers = {name: split_counts.splits_of(done, name) for name in config.dataset_tasks(done)}
    assert numbers == {"toy": 5, "classification1": 5, "mine": 7}
    assert split_counts.fewest_splits(done, numbers) == 5
    assert split_counts.most_splits(done, numbers) == 7
    assert split_counts.told_splits(done, numbers) == "5 to 7 splits"
    assert split_counts.told_splits(done, ["mine"]) == "7 splits"
    assert split_counts.told_splits(config.validate(GOOD | {"splits": 1}), ["toy"]) == "1 split"


def test_a_method_has_the_label_that_the_config_gives_it():
    methods = ["lasso", "nimo_paper[group_power=0.25, first_slope=0.3]", *GOOD["methods"][1:]]
    later = "nimo_paper[first_slope=0.3,group_power=0.25]"
    done = config.validate(GOOD | {"methods": methods, "labels": {methods[1]: "Later"}})
    assert done["labels"] == {later: "Later"}


@pytest.mark.parametrize(
    ("labels", "named"),
    [
        ({"svm": "Mine"}, "labels.svm.*is not a method of this run"),
        ({"lasso": "Logistic regression"}, "labels.lasso.*is the name of logistic already"),
        ({"lasso": 3}, "labels.lasso.*expected string"),
        ({"lasoo": "Mine"}, 'labels.*unknown value "lasoo"; did you mean "lasso"'),
        (None, "labels.*has no value"),
    ],
)
def test_a_label_that_cannot_be_used_is_named(labels, named):
    raw = GOOD | {"methods": ["lasso", "logistic"], "labels": labels}
    with pytest.raises(config.ConfigError, match=named):
        config.validate(raw)


def test_a_missing_package_is_refused_or_skipped_as_the_config_says(monkeypatch):
    lacks = replace(baselines.load("lasso"), requires=("no-such-package",), extra="lassonet")
    real = baselines.load
    monkeypatch.setattr(baselines, "load", lambda name: lacks if name == "lasso" else real(name))
    with pytest.raises(config.ConfigError) as refusal:
        config.validate(GOOD)
    assert str(refusal.value) == (
        '"methods": lasso needs no-such-package, which is not installed; '
        'pip install ".[lassonet]", or let it be skipped with "missing_packages: skip"'
    )
    assert config.validate(GOOD | {"missing_packages": "skip"})["methods"] == GOOD["methods"]


def test_digest_ignores_the_order_of_keys():
    backwards = dict(reversed(GOOD.items()))
    assert config.digest(config.validate(GOOD)) == config.digest(config.validate(backwards))


def test_digest_tells_configs_apart():
    other = config.validate(GOOD | {"seed": 1})
    assert config.digest(config.validate(GOOD)) != config.digest(other)


def test_jobs_read_the_config_that_their_run_was_started_with(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    valid = config.validate(
        GOOD | {"limits": {"seconds": 0.1}, "methods": ["nimo[input_noise=0]", "logistic"]}
    )
    with pytest.raises(config.ConfigError, match="r.yaml: cannot be read"):
        config.kept(GOOD)
    config.keep(valid)
    changed_meanwhile = GOOD | {"methods": ["no such method"]}
    assert config.kept(changed_meanwhile) == valid
    assert config.digest(config.kept(GOOD)) == config.digest(valid)


def test_own_configs_are_valid_and_name_every_method_between_them():
    named = set()
    for path in sorted((ROOT / "config").glob("*.yaml")):
        done = config.read(path)
        assert done["run"] == path.stem
        named |= {baselines.base(name) for name in done["methods"]}
    assert sorted(named) == baselines.names()


def test_broken_file_of_a_method_is_named(monkeypatch):
    def fail(name):
        raise SyntaxError("invalid syntax (lasso.py, line 3)")

    monkeypatch.setattr(baselines, "load", fail)
    with pytest.raises(config.ConfigError) as refusal:
        config.validate(GOOD)
    assert str(refusal.value) == (
        '"methods": baselines/lasso.py cannot be used: '
        "SyntaxError: invalid syntax (lasso.py, line 3)"
    )


def test_names_with_parameters_are_written_in_one_way():
    done = config.validate(GOOD | {"methods": ["lasso", "logistic", "nimo[ input_noise = 0 ]"]})
    assert done["methods"] == ["lasso", "logistic", "nimo[input_noise=0]"]
    assert config.validate(done) == done
    assert ("toy", "nimo[input_noise=0]") in config.cells(done)


@pytest.mark.parametrize(
    "names, said",
    [
        (["lasso", "nimo[noises=0]"], '"methods": "nimo[noises=0]": nimo has no parameter noises'),
        (["lasso", "nimo[input_noise=0"], '"methods": "nimo[input_noise=0" is no name of a method'),
        (
            ["lasso", "nemo[input_noise=0]"],
            '"methods": unknown value "nemo" in "nemo[input_noise=0]"; did you',
        ),
        (
            ["nimo[input_noise=0]", "nimo[input_noise= 0]"],
            '"nimo[input_noise=0]" is listed more than once',
        ),
    ],
)
def test_wrong_names_with_parameters_are_refused(names, said):
    with pytest.raises(config.ConfigError) as refusal:
        config.validate(GOOD | {"methods": names})
    assert said in str(refusal.value)
