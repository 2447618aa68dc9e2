"""From stored fits to grades: nothing is fitted again, and nothing that fails is left out."""

import json
import shutil

import numpy as np
import pytest

import explainers
from benchmark import config, storage
from benchmark.datasets import splits
from benchmark.evaluation import grades
from benchmark.explanations import asking, explaining
from benchmark.fitting import records
from benchmark.fitting.driver import Fits
from explainers.contract import Explainer, Explanation
from tools import retry_failed

BASE = {
    "run": "r",
    "datasets": ["toy", "classification1"],
    "methods": ["lasso", "logistic"],
    "splits": 2,
    "rows": {"train": 40, "val": 20, "test": 20},
    "reduced": True,
}
ASKED = {"rows": 12, "posthoc": {"lasso": ["gradient"], "logistic": ["gradient"]}}


def settings(**changes):
    return config.validate(BASE | {"explanations": ASKED} | changes)


def fit(root, settings):
    for dataset, method in config.cells(settings):
        made = (splits.make(dataset, index, settings) for index in range(2))
        splits.write_all(made, settings, root)
        Fits(settings, dataset, method, f"logs/{dataset}.log", root).run(range(2))


def explain(root, settings):
    written = []
    for dataset, method in config.cells(settings):
        explanations = explaining.Explanations(settings, dataset, method, "logs/x.log", root)
        written += explanations.run(range(2))
    return written


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """Fits and explanations of the small run."""
    root = tmp_path_factory.mktemp("explained")
    fit(root, settings())
    explain(root, settings())
    return root


@pytest.fixture(scope="module")
def without_models(tmp_path_factory):
    """The same fits for a run that does not explain."""
    root = tmp_path_factory.mktemp("plain")
    fit(root, settings(explanations={}))
    return root


def facts(root, dataset="toy", method="lasso", index=0):
    path = root / explaining.folder_of("r", dataset, method) / f"split{index}.json"
    return explaining.read(path)[0]["facts"]


def test_a_linear_model_is_graded_without_an_error(root):
    outcomes, graded = grades.gather(settings(), root)
    assert set(outcomes.status) == {"ok"} and len(outcomes) == 2 * 2 * 3
    mean = graded[graded.dataset == "toy"].groupby(["explainer", "metric"]).value.mean()
    for explainer in ("own", "gradient"):
        assert mean[explainer, "self_fidelity_0.1"] == pytest.approx(1, abs=1e-6)
    assert mean["own", "infidelity"] == pytest.approx(0, abs=1e-12)
    assert mean["own", "faithfulness"] == pytest.approx(1)
    assert 0.2 < mean["own", "part_error"] < 0.9  # the truth is not linear
    assert set(graded.family) == {"correctness", "fidelity"}


def test_a_second_run_writes_nothing(root):
    before = {p: p.stat().st_mtime_ns for p in root.rglob("explanations/*/*/split*")}
    assert len(before) == 8
    explain(root, settings())
    assert before == {p: p.stat().st_mtime_ns for p in before}


def test_another_explainer_asks_stored_models_and_fits_nothing(root, monkeypatch, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(root, copy)
    monkeypatch.setattr(Fits, "run", None)
    more = ASKED | {"posthoc": {"lasso": ["gradient", "gradient_input"]}}
    explain(copy, settings(explanations=more))
    assert list(facts(copy)["explainers"]) == ["gradient", "gradient_input", "own"]
    assert all(o["status"] == "ok" for o in facts(copy)["explainers"].values())


def test_models_are_not_part_of_what_a_fit_is(root, without_models):
    paths = list(without_models.rglob("records/**/split*.json"))
    assert len(paths) == 4
    for path in paths:
        other = root / path.relative_to(without_models)
        assert records.read(path)["result"] == records.read(other)["result"]


def test_a_fit_without_its_model_says_so_and_is_fitted_for_a_run_that_explains(without_models):
    """Last of those with these fits, since it adds their models."""
    assert not list(without_models.rglob("*.model"))
    explain(without_models, settings())
    assert facts(without_models)["error"]["message"] == "its model was not kept"
    with pytest.raises(KeyError):
        grades.gather(settings(), without_models)[1].set_index("metric").loc["part_error"]
    fit(without_models, settings())
    explain(without_models, settings())
    assert facts(without_models)["status"] == "ok"


def test_a_fit_that_failed_is_explained_once_it_succeeds(root, monkeypatch, tmp_path):
    copy, read = tmp_path / "copy", records.read
    shutil.copytree(root, copy)
    for path in copy.rglob("explanations/*/*/split*.json"):
        path.unlink()

    def failed(path):
        record = read(path)
        return record | {"result": record["result"] | {"status": "timeout"}}

    with monkeypatch.context() as patch:
        patch.setattr(records, "read", failed)
        explain(copy, settings())
    assert (facts(copy)["status"], facts(copy)["why"]) == ("no_fit", "timeout")
    explain(copy, settings())
    assert facts(copy)["status"] == "ok"


def test_an_explanation_that_failed_is_forgotten_on_request(root, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(root, copy)
    folder = copy / explaining.folder_of("r", "toy", "lasso")
    document = explaining.read(folder / "split1.json")[0]
    document["facts"]["explainers"]["gradient"] = {"status": "error"}
    storage.write_document(folder / "split1.json", document)
    (folder / "manifest.json").write_text("{}")
    told = retry_failed.forget_explanations(settings(), copy)
    assert told == [str(folder / "split1.json")]
    assert {path.name for path in folder.glob("*.*")} - {".lock"} == {"split0.json", "split0.npz"}
    assert retry_failed.forget_explanations(settings(), copy) == []
    explain(copy, settings())
    assert facts(copy, index=1)["explainers"]["gradient"]["status"] == "ok"


def test_an_altered_model_is_not_used(root, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(root, copy)
    for path in copy.rglob("*.model"):
        path.write_bytes(b"something else")
    for path in copy.rglob("explanations/*/*/split*.json"):
        path.unlink()
    explain(copy, settings())
    assert facts(copy)["error"]["class"] == "NoModel"


def test_an_explanation_that_was_altered_is_refused_with_its_name(root, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(root, copy)
    path = copy / explaining.folder_of("r", "toy", "lasso") / "split1.json"
    document = json.loads(path.read_text())
    document["facts"]["status"] = "no_fit"
    path.write_text(json.dumps(document))
    with pytest.raises(storage.DamagedFile, match="split1.json: altered"):
        grades.gather(settings(), copy)


def test_an_explainer_that_fails_costs_the_others_nothing(root, monkeypatch):
    def broken(name, explain):
        return Explainer(name, name, False, lambda model: True, explain, "nobody")

    def raises(model, rows, rng):
        raise RuntimeError("no idea")

    found = {
        "own": explainers.load("own"),
        "raises": broken("raises", raises),
        "shapeless": broken("shapeless", lambda m, rows, r: Explanation(part=rows[:, :1])),
        "infinite": broken("infinite", lambda m, rows, r: Explanation(slope=rows * np.inf)),
    }
    monkeypatch.setattr(explainers, "load", found.__getitem__)
    split = splits.read(root / splits.path_of("r", "toy", 0))
    data = root / "data.npz"
    storage.write_arrays(data, split.shown_to_methods() | {"background": split.arrays["X_train"]})
    model = next(root.rglob("*.model"))
    job = {
        "task": "regression",
        "seed": 1,
        "rows": 5,
        "data": str(data),
        "model": str(model),
        "model_sha256": storage.sha256_file(model),
    }
    told, arrays = asking.explain_one(job, list(found))
    assert [o["status"] for o in told["explainers"].values()] == ["ok", "error", "error", "error"]
    assert told["explainers"]["raises"]["error"] == {"class": "RuntimeError", "message": "no idea"}
    assert "shapeless: part has shape" in told["explainers"]["shapeless"]["error"]["message"]
    assert {name.split(".")[0] for name in arrays if "." in name} == {"own"}


@pytest.mark.parametrize(
    "asked, message",
    [
        ({"posthoc": {"nimo": ["gradient"]}}, "nimo is not a method of this run"),
        ({"posthoc": {"lasso": ["grad"]}}, 'did you mean "gradient"'),
        ({"rows": 3}, "3 is less than"),
        ({"row": 30}, "row"),
    ],
)
def test_a_wrong_request_is_refused_with_its_key(asked, message):
    with pytest.raises(config.ConfigError, match=message):
        settings(explanations=asked)


def test_a_package_that_is_missing_is_refused_or_skipped(root, monkeypatch):
    from benchmark import provenance

    monkeypatch.setattr(provenance, "missing", lambda d: ["shap"] if "shap" in d.name else [])
    asked = {"posthoc": {"lasso": ["permutation_shap"]}}
    with pytest.raises(config.ConfigError, match=r'needs shap.*pip install ".\[explanations\]"'):
        settings(explanations=asked)
    assert settings(explanations=asked, missing_packages="skip")["explanations"]["rows"] == 40
