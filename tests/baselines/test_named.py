"""Names of methods that set parameters."""

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
import yaml

import baselines
from baselines import _named
from baselines.contract import Method
from benchmark.fitting.key import grid_of, key
from nimo.paper.settings import Ablation


@pytest.mark.parametrize(
    "name, written, path",
    [
        ("nimo", "nimo", "nimo"),
        ("nimo[input_noise=0]", "nimo[input_noise=0]", "nimo-input_noise=0"),
        (" nimo[ relax = true,input_noise=1e-1 ]", "nimo[input_noise=0.1,relax=True]", None),
        ("nimo[alpha=auto]", "nimo[alpha=auto]", "nimo-alpha=auto"),
        ("svm[C=-1]", "svm[C=-1]", "svm-C=-1"),
    ],
)
def test_names_are_written_in_one_way(name, written, path):
    assert baselines.canonical(name) == written == baselines.canonical(written)
    assert path is None or baselines.file_id(written) == path


@pytest.mark.parametrize(
    "name, said",
    [
        ("nimo[input_noise]", '"input_noise" is not written parameter=value'),
        ("nimo[]", '"" is not written parameter=value'),
        ("nimo[input_noise=0", "is no name of a method"),
        ("nimo[input_noise=0,input_noise=1]", "gives input_noise twice"),
        (
            "nimo[input_noise={}]",
            "input_noise must be a number, True, False, None or a word, got {}",
        ),
        ("nimo[input_noise=../x]", "input_noise must be a number"),
        ("nimo[noises=0]", "nimo has no parameter noises; it has: alpha, "),
        ("tabnet[wrong=0]", "tabnet has no parameter wrong; it has: "),
        ("svm[random_state=0]", "svm has no parameter random_state"),
    ],
)
def test_a_wrong_name_is_refused_with_what_is_wrong(name, said):
    with pytest.raises(ValueError) as refusal:
        baselines.load(name)
    assert said in str(refusal.value)


def test_a_parameter_is_fixed_and_the_rest_is_as_it_was():
    plain, method = baselines.load("nimo"), baselines.load("nimo[input_noise=0,mask_self=False]")
    assert method.label == "NIMO, input_noise=0, mask_self=False"
    assert method.grid == {"mask_self": [False], "input_noise": [0]}
    assert method.smoke == {**plain.smoke, **method.grid}
    assert (method.tasks, method.build) == (plain.tasks, plain.build)


def test_a_fixed_parameter_of_a_list_of_configurations_leaves_those_that_differ():
    method = Method(
        "m",
        "M",
        ("regression",),
        None,
        "",
        configurations=({"a": 1, "b": 1}, {"a": 2, "b": 1}, {"a": 1, "b": 3}),
        smoke={"b": [2]},
    )
    named = _named.with_params(method, "m[a=5]")
    assert named.configurations == ({"a": 5, "b": 1}, {"a": 5, "b": 3})
    assert named.smoke == {"a": [5], "b": [2]} and named.grid == {}


def test_every_parameter_that_can_be_set_is_one_of_the_estimator():
    for name in ("nimo", "nimo_paper", "nimo_relaxed", "nimo_plus"):
        method = baselines.load(name)
        known = set(method.build("regression", {}, 0).get_params())
        if name != "nimo_plus":
            known |= {one.name for one in fields(Ablation)}
        assert set(method.settable) <= known


def test_switches_of_the_ablation_reach_the_network():
    method = baselines.load("nimo[delta=0.5,mask_self=False,relax=True]")
    params = {key: value for key, (value,) in method.grid.items()}
    model = method.build("classification", params, 0)
    assert model.network == Ablation(delta=0.5, mask_self=False) and model.relax
    assert method.build("regression", {}, 0).network is None


def test_the_later_code_s_choices_are_a_column_with_a_key_of_its_own():
    plain = baselines.load("nimo_paper")
    method = baselines.load("nimo_paper[group_power=0.25,first_slope=0.3]")
    assert method.label == "NIMO (paper's algorithm), first_slope=0.3, group_power=0.25"
    params = {key: one for key, (one,) in method.grid.items()}
    model = method.build("regression", params | {"max_iter": 20}, 0)
    assert model.selection == "paper"
    assert model.network == Ablation(first_slope=0.3, group_power=0.25)
    X = np.random.default_rng(0).uniform(-2, 2, (60, 3))
    y = X[:, 0] * (1 + np.tanh(X[:, 1]))
    before = plain.build("regression", {"max_iter": 20}, 0).fit(X, y).predict(X)
    assert not np.array_equal(model.fit(X, y).predict(X), before)
    keys = {
        key(method=m.name, grid=grid_of(m, False), code="", data="", seed=0, versions={})
        for m in (plain, method)
    }
    assert len(keys) == 2


@pytest.mark.parametrize("former", sorted(_named.FORMER))
def test_names_in_published_snapshots_can_still_be_read(former):
    method = baselines.load(former)
    assert method.name == former and former not in baselines.names()
    assert method.grid == baselines.load(_named.FORMER[former]).grid != {}


def test_each_column_of_the_ablation_takes_one_part_away():
    config = yaml.safe_load(
        (Path(baselines.__file__).parents[1] / "config/ablation.yaml").read_text()
    )
    whole = Ablation()
    taken = []
    for name in config["methods"]:
        method = baselines.load(name)
        model = method.build("regression", {key: one for key, (one,) in method.grid.items()}, 0)
        network = model.network or whole
        taken.append(
            {key for key in ("alpha", "group_alpha", "input_noise") if getattr(model, key) == 0}
            | {one.name for one in fields(Ablation) if getattr(network, one.name) is False}
        )
    assert taken[0] == set() and all(len(part) == 1 for part in taken[1:])
    assert len(set.union(*taken)) == len(taken) - 1
