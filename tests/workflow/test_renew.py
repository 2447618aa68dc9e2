"""A snapshot that a run of some methods brings up to date."""

import json
import shutil

import pandas as pd
import pytest
from PIL import Image

pytestmark = pytest.mark.slow

SCORED = ("classification", "further_scores", "ranks", "differences", "real")
TABLES = {"datasets": ["breast_cancer"], "rows": None}
KEPT = "docs/kept"


@pytest.fixture(scope="module")
def project(new_checkout):
    """A snapshot of two methods; then a run of one of them and of a third."""
    project = new_checkout("renew")
    (project.folder / "docs").mkdir()
    project.configure(methods=["logistic", "svm"], **TABLES)
    project.make()
    code, text = project.python("-m", "tools.snapshot", "test.yaml", "--to", KEPT)
    assert code == 0, text
    project.configure(run="mine", methods=["extra_trees", "svm"], **TABLES)
    project.make()
    return project


def renew(project, *more):
    return project.python("-m", "tools.renew", "test.yaml", KEPT, *more)


def test_it_is_what_a_run_of_all_methods_would_be(project):
    code, text = renew(project, "--to", "docs/renewed")
    assert code == 0, text
    assert text.endswith("6 fits in renewed, those of 1 methods kept\n")
    folder = project.folder / "docs/renewed"
    made_by = json.loads((folder / "provenance.json").read_text())
    assert made_by["kept"]["methods"] == ["logistic"]
    assert set(made_by["code"]["methods"]) == {"logistic", "svm", "extra_trees"}
    fits = pd.read_csv(folder / "fits.csv")
    before = pd.read_csv(project.folder / KEPT / "fits.csv")
    pd.testing.assert_frame_equal(fits[fits.method == "logistic"], before[:2])
    text = (folder / "README.md").read_text()
    assert "Extra trees" in text
    assert "with the seconds of the machine behind it: Logistic regression.\n" in text
    assert "`python -m tools.results_page` builds" in text
    kinds = {path.suffix for path in folder.rglob("*") if path.is_file()}
    assert kinds == {".csv", ".md", ".png", ".yaml", ".json", ".gz"}
    with Image.open(folder / "figures/who_wins.png") as picture:
        assert picture.mode == "P"

    project.configure(run="all", methods=["logistic", "svm", "extra_trees"], **TABLES)
    project.make()
    for name in SCORED:
        for kind in ("csv", "md"):
            own = project.folder / f"results/all/tables/{name}.{kind}"
            assert (folder / f"tables/{name}.{kind}").read_text() == own.read_text(), name
    project.configure(run="mine", methods=["extra_trees", "svm"], **TABLES)


def test_a_kept_row_that_would_not_come_out_the_same_is_refused(project):
    path = project.folder / KEPT / "provenance.json"
    noted = path.read_text()
    for change, said in (
        ({"methods": {"logistic": "0" * 64}}, "logistic has changed since docs/kept was made"),
        ({"scoring": "0" * 64}, "were computed by other code than today's"),
    ):
        made_by = json.loads(noted)
        made_by["code"] |= change
        path.write_text(json.dumps(made_by))
        code, text = renew(project)
        assert code == 1 and said in text and text.count("\n") == 1, text
    path.write_text(noted)
    manifest = project.folder / KEPT / "data_manifest.csv"
    rows = manifest.read_text()
    sha256 = pd.read_csv(manifest).sha256[1]
    manifest.write_text(rows.replace(sha256, "0" * 64))
    code, text = renew(project)
    assert code == 1 and "breast_cancer split 1: the rows are not those of" in text, text
    manifest.write_text(rows)
    config = project.folder / KEPT / "config.yaml"
    settings = config.read_text()
    config.write_text(settings.replace("seed: 0", "seed: 1"))
    code, text = renew(project)
    assert code == 1 and '"seed" is 1 in docs/kept/config.yaml, and 0 in this run' in text, text
    config.write_text(settings)
    project.configure(run="absent", methods=["svm"], **TABLES)
    code, text = renew(project)
    assert code == 1 and "results/absent is not complete: run it first" in text, text
    assert pd.read_csv(project.folder / KEPT / "fits.csv").method.tolist() == 2 * [
        "logistic"
    ] + 2 * ["svm"]
    assert not (project.folder / "docs/kept.new").exists()


def test_data_sets_that_only_one_of_both_has(project):
    two = {"datasets": ["pima", "breast_cancer"]}
    project.configure(run="two", methods=["svm"], **TABLES | two)
    project.make()
    code, text = project.python("-m", "tools.snapshot", "test.yaml", "--to", "docs/two")
    assert code == 0, text
    code, text = renew(project, "--to", "docs/renewed")  # pima is the run's alone
    assert code == 0, text
    rows = pd.read_csv(project.folder / "docs/renewed/fits.csv")
    assert set(rows.dataset) == {"breast_cancer"} and set(rows.method) == {"logistic", "svm"}

    project.configure(run="mine", methods=["extra_trees", "svm"], **TABLES)
    of_two = ("-m", "tools.renew", "test.yaml", "docs/two")
    code, text = project.python(*of_two)
    assert code == 1 and "pima: in docs/two, and not in this run" in text, text
    code, text = project.python(*of_two, "--shared")
    assert code == 2 and "--shared needs --to" in text, text
    code, text = project.python(*of_two, "--shared", "--to", "docs/shared")
    assert code == 0, text
    folder = project.folder / "docs/shared"
    for name in ("fits", "scores", "data_manifest"):
        assert set(pd.read_csv(folder / f"{name}.csv").dataset) == {"breast_cancer"}
    own = pd.read_csv(project.folder / "results/mine/scores.csv")
    ours = pd.read_csv(folder / "scores.csv")
    assert set(ours.method) == {"svm", "extra_trees"} and len(ours) == len(own)
    assert project.python("-m", "tools.remake", "docs/shared")[0] == 0


def test_rows_of_a_changed_method_are_kept_on_request_and_it_stays_noted(project):
    project.configure(run="mine", methods=["extra_trees", "svm"], **TABLES)
    path = project.folder / KEPT / "provenance.json"
    noted = path.read_text()
    made_by = json.loads(noted)
    made_by["code"]["methods"]["logistic"] = "0" * 64
    path.write_text(json.dumps(made_by))
    code, text = renew(project, "--to", "docs/changed", "--other-code", "svm")
    assert code == 1 and "--other-code svm: no method whose rows would be kept" in text, text
    code, text = renew(project, "--to", "docs/changed", "--other-code", "logistic")
    assert code == 0, text
    made_by = json.loads((project.folder / "docs/changed/provenance.json").read_text())
    assert made_by["code"]["methods"]["logistic"] == "0" * 64  # so that pages say it
    path.write_text(noted)


def test_a_figure_that_needs_what_is_not_kept_says_which_method_to_fit(new_checkout):
    project = new_checkout("renew_figures")
    (project.folder / "docs").mkdir()
    project.configure(methods=["lasso"], datasets=["toy"])
    project.make()
    assert project.python("-m", "tools.snapshot", "test.yaml", "--to", KEPT)[0] == 0
    project.configure(run="mine", methods=["svm"], datasets=["toy"])
    project.make()
    code, text = renew(project)
    assert code == 1, text
    assert "a figure draws what lasso has found on toy, and docs/kept keeps no arrays" in text


def test_a_snapshot_is_made_anew_from_its_own_scores(project):
    kept, again = project.folder / KEPT, project.folder / "docs/again"
    shutil.copytree(kept, again)
    for path in (*again.glob("tables/*"), *again.glob("*.md")):
        if path.name != "README.md":
            path.unlink()
    code, text = project.python("-m", "tools.remake", "docs/again")
    assert code == 0 and text == "docs/again: made anew; figures kept: none\n", text
    for path in kept.rglob("*"):
        if path.suffix in (".csv", ".md", ".yaml", ".json") and path.name != "README.md":
            if path.name != "provenance.json":
                assert (again / path.relative_to(kept)).read_text() == path.read_text(), path
    before, after = (json.loads((f / "provenance.json").read_text()) for f in (kept, again))
    told = after.pop("tables")
    assert after == before and told.keys() == {"commit", "uncommitted_changes", "figures_kept"}

    # of a snapshot of one table that table alone
    shutil.rmtree(again / "figures")
    for path in (*again.glob("tables/*"), *again.glob("*.md")):
        if path.name not in ("README.md", "real.md"):
            path.unlink()
    assert project.python("-m", "tools.remake", "docs/again")[0] == 0
    assert {path.name for path in again.glob("tables/*")} == {"real.md", "real.csv"}
    assert {path.name for path in again.glob("*.md")} == {"README.md"}

    rows = (again / "data_manifest.csv").read_text()
    sha256 = pd.read_csv(again / "data_manifest.csv").sha256[0]
    (again / "data_manifest.csv").write_text(rows.replace(sha256, "0" * 64))
    code, text = project.python("-m", "tools.remake", "docs/again")
    assert code == 1 and text.startswith("error: breast_cancer split 0: the rows are not those of")
    shutil.rmtree(again)
