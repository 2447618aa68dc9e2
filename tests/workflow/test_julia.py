"""A whole run of both Contextual Lassos through Julia: the real one where it is, and a stand-in."""

import json
import os
import shutil
import subprocess

import pandas as pd
import pytest

from contextual_lasso.resolve import find_julia
from tests.contextual_lasso import installed

METHODS = ["contextual_lasso", "contextual_lasso_sparse"]


@pytest.fixture
def with_stand_in(new_checkout, tmp_path, monkeypatch):
    """A checkout on a machine with the stand-in, and that machine."""
    checkout = new_checkout("stand-in")
    shutil.copytree(installed.STRICT, checkout.folder, dirs_exist_ok=True)
    machine = installed.Machine(tmp_path)
    for name, value in machine.variables().items():
        if name != "PYTHONPATH":
            monkeypatch.setenv(name, value)
    return checkout, machine


def check_run(checkout, version, commit, *target):
    """Run everything, or up to a target, and look at every record."""
    choice = {method: "julia" for method in METHODS}
    checkout.configure(methods=METHODS, implementation=choice)
    checkout.make(*target)
    results = checkout.folder / "results" / checkout.run
    table = pd.read_csv(results / "fits.csv")
    assert len(table) == 2 * 2 * 2 and set(table.status) == {"ok"}
    assert set(table.implementation) == {f"julia {version}, ContextualLasso.jl {commit}"}
    for dataset in checkout.config["datasets"]:
        for method in METHODS:
            log = checkout.folder / "logs" / checkout.run / dataset / f"{method}.log"
            assert "torch was imported before juliacall" not in log.read_text()
            for split in range(2):
                versions = checkout.record(dataset, method, split)["result"]["versions"]
                assert versions["julia"] == version and versions["ContextualLasso.jl"] == commit
            seconds = table[(table.dataset == dataset) & (table.method == method)].fit_seconds
            # starting Julia and compiling take half a minute, a fit of the reduced grid a second
            assert seconds.max() < 15
    (found,) = (json.loads(p.read_text()) for p in (results / "implementation").glob("*.json"))
    assert found["params"] == {"backend": "julia"} and found["versions"]["julia"] == version
    assert "Nothing to be done" in checkout.make(*target)


@pytest.mark.slow
def test_all_fits_with_the_stand_in_and_anew_after_a_change_of_julia(with_stand_in):
    checkout, machine = with_stand_in
    check_run(checkout, "1.10.4", installed.COMMIT, "results/small/fits.csv")
    machine.install("1.10.5")
    check_run(checkout, "1.10.5", installed.COMMIT, "results/small/fits.csv")


@pytest.fixture
def without_julia(new_checkout, monkeypatch):
    """A checkout on a machine where Julia is told to be where it is not."""
    for name in [n for n in os.environ if n.startswith(("PYTHON_JULIA", "JULIA_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PYTHON_JULIAPKG_PROJECT", "/nosuch/project")
    return new_checkout("without")


@pytest.mark.slow
def test_a_run_that_demands_julia_says_last_why_it_has_none(without_julia):
    without_julia.configure(methods=METHODS, implementation=dict.fromkeys(METHODS, "julia"))
    answer = "results/small/implementation/baselines._contextual_lasso.json"
    code, text = without_julia.snakemake(answer)
    assert code == 1
    lines = text.strip().splitlines()
    assert lines[-1].startswith("implementation: The Julia backend is not available: ")
    error = lines[-1].replace("implementation: ", "error: ", 1)
    assert len(lines) - lines.index(error) < 8
    for noise in ("Logfile", "CalledProcessError", "jobid"):
        assert noise not in text
    process = subprocess.Popen(
        without_julia.command(answer),
        cwd=without_julia.folder,
        env=without_julia.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    process.stdout.readline()
    process.stdout.close()  # whoever reads no more does not stop it
    try:
        assert process.wait(timeout=120) == 1
    finally:
        process.kill()


@pytest.mark.slow
def test_fits_by_julia_are_not_silently_made_anew_by_the_port(without_julia):
    checkout = without_julia
    checkout.configure(methods=METHODS)
    path = checkout.record_path("toy", METHODS[0], 0)
    path.parent.mkdir(parents=True)
    result = {"implementation": "julia 1.10.4", "params": {"backend": "julia"}}
    path.write_text(json.dumps({"result": result}))
    code, text = checkout.snakemake()
    assert code == 1 and 'run "small" has fits of contextual_lasso' in text
    assert "ask for it: implementation: {contextual_lasso: torch, contextual_las" in text
    assert path.exists() and not (checkout.folder / "data").joinpath("small").exists()
    checkout.configure(methods=METHODS, implementation=dict.fromkeys(METHODS, "torch"))
    assert checkout.planned()["contextual_lasso"] == 2


@pytest.mark.julia
def test_whole_run_with_julia(new_checkout):
    found, reason = find_julia()
    if not found:
        pytest.skip(f"Julia is not available: {reason}")
    checkout = new_checkout("julia")
    check_run(checkout, found["julia"], found["commit"])
    table = checkout.folder / "results" / checkout.run / "tables" / "runtime.md"
    assert f"julia {found['julia']}" in table.read_text()
