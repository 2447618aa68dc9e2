"""Julia in workers, keys, threads and seconds, against a stand-in that is as strict as Julia."""

import os
import subprocess
import sys
import textwrap

import pytest

from benchmark import config as configuration
from benchmark.datasets import splits
from benchmark.fitting import implementation, processes, records
from benchmark.fitting.driver import Fits
from tests.contextual_lasso import installed

pytestmark = pytest.mark.slow


COMPILE = 1.5  # seconds that the first call of everything costs
METHODS = ("contextual_lasso", "contextual_lasso_sparse")
CONFIG = configuration.validate(
    {
        "run": "r",
        "splits": 2,
        "datasets": ["toy", "classification1"],
        "methods": list(METHODS),
        "rows": {"train": 40, "val": 20, "test": 20},
        "reduced": True,
        "implementation": {method: "julia" for method in METHODS},
    }
)


class Suite:
    """The suite's own steps in a folder: resolve, then fit."""

    def __init__(self, root, variables):
        self.root, self.variables = root, variables
        for dataset in CONFIG["datasets"]:
            made = (splits.make(dataset, index, CONFIG) for index in range(CONFIG["splits"]))
            splits.write_all(made, CONFIG, root)

    def resolve(self):
        """What rule ``implementation`` does, in a process of its own."""
        ((module, choice),) = implementation.choices(CONFIG).items()
        path = self.root / implementation.path_of("r", module)
        code = (
            "import sys; from benchmark.fitting.implementation import resolve, write\n"
            "write(resolve(*sys.argv[1:3]), sys.argv[3])"
        )
        command = [sys.executable, "-c", code, module, choice, str(path)]
        subprocess.run(command, env=os.environ | self.variables, check=True)

    def fits(self, dataset="toy", method="contextual_lasso"):
        return Fits(CONFIG, dataset, method, f"{dataset}-{method}.log", self.root)

    def run(self, dataset="toy", method="contextual_lasso"):
        """Fit all splits in a worker; return the records and the worker's log."""
        fits = self.fits(dataset, method)
        fits.run(range(CONFIG["splits"]))
        paths = [records.path_of("r", dataset, method, i) for i in range(CONFIG["splits"])]
        return [records.read(self.root / path) for path in paths], fits.log.read_text()


@pytest.fixture
def suite(tmp_path, monkeypatch):
    """Make a suite on a machine with Julia, where it is found or told."""
    for name in [n for n in os.environ if n.startswith("PYTHON_JULIA")]:
        monkeypatch.delenv(name)
    environment = processes.environment

    def installed_in_workers(*arguments):
        env = environment(*arguments)
        return env | {"PYTHONPATH": f"{installed.STRICT}{os.pathsep}{env['PYTHONPATH']}"}

    monkeypatch.setattr(processes, "environment", installed_in_workers)

    def make(told=False):
        machine = installed.Machine(tmp_path / "machine")
        variables = machine.variables(told)
        for name, value in variables.items():
            if name != "PYTHONPATH":
                monkeypatch.setenv(name, value)
        suite = Suite(tmp_path / "root", variables)
        suite.machine = machine
        suite.resolve()
        return suite

    return make


@pytest.mark.parametrize(("dataset", "method"), list(zip(CONFIG["datasets"], METHODS, strict=True)))
def test_fits_succeed_though_juliapkg_takes_a_lock_outside_the_workers_folder(
    suite, dataset, method
):
    suite = suite()
    assert (suite.machine.project / "lock.pid").exists()
    documents, log = suite.run(dataset, method)
    for document in documents:
        assert document["result"]["error"] is None
        made_by = document["result"]["implementation"]
        assert made_by == "julia 1.10.4, ContextualLasso.jl 81e2b34"
        assert document["result"]["params"]["backend"] == "julia"


def test_start_and_compilation_are_not_part_of_a_fits_seconds(suite, monkeypatch):
    monkeypatch.setenv("STAND_IN_COMPILE", str(COMPILE))
    (first, second), log = suite(told=True).run()
    compiled = [line for line in log.splitlines() if line.startswith("stand-in compiles")]
    assert compiled == [
        "stand-in compiles classo mse True 2",
        "stand-in compiles coef",
        "stand-in compiles predict",
    ]
    assert first["run"]["fit_seconds"] < COMPILE and second["run"]["fit_seconds"] < COMPILE


def test_juliacall_is_imported_before_torch(suite):
    documents, log = suite(told=True).run()
    assert {document["result"]["status"] for document in documents} == {"ok"}
    assert "torch was imported before juliacall" not in log


def test_a_change_of_julia_or_of_its_packages_changes_the_key(suite):
    suite = suite()
    keys = [suite.fits().cell.key(0)]
    changes = (
        {"version": "1.10.5"},
        {"commit": f"{installed.COMMIT}00"},
        {"flux": "0.16.11"},
    )
    for change in changes:
        suite.machine.install(**change)
        suite.resolve()
        keys.append(suite.fits().cell.key(0))
    assert len(set(keys)) == 4
    suite.machine.install()
    suite.resolve()
    assert suite.fits().cell.key(0) == keys[0]


def python(machine, code, told=True, timeout=60):
    """Run code in a process with the stand-in; return its output's lines."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        env=os.environ | machine.variables(told),
        capture_output=True,
        text=True,
        timeout=timeout,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("call", ["model.fit(X, y)", "model.predict(X)", "model.local_coef(X)"])
def test_another_thread_is_refused_with_a_way_out(tmp_path, call):
    code = f"""
        import os, threading
        import numpy as np
        from contextual_lasso import ContextualLassoRegressor
        X = np.random.default_rng(0).normal(size=(40, 3)); y = X[:, 0]
        model = ContextualLassoRegressor(backend="julia", hidden_layers=(4, 4), random_state=0)
        if "fit" not in {call!r}:
            model.fit(X, y)
        def run():
            try:
                {call}
            except Exception as error:
                print(type(error).__name__, error)
        thread = threading.Thread(target=run, name="other")
        thread.start()
        thread.join(20)
        print("never returned" if thread.is_alive() else "returned", flush=True)
        os._exit(0)
    """
    lines = python(installed.Machine(tmp_path), code)
    assert lines[-1] == "returned"
    assert lines[-2] == (
        "RuntimeError Julia answers in the main thread of a process only, this is thread 'other': "
        "fit and predict in the main thread, use processes instead of threads, or choose the "
        "port: backend='torch'"
    )


def test_warming_up_happens_once_and_changes_no_number(tmp_path):
    code = """
        import sys
        import numpy as np
        from contextual_lasso import ContextualLassoRegressor
        X = np.random.default_rng(0).normal(size=(40, 3)); y = X[:, 0]
        if WARM:
            from contextual_lasso.julia import session, warm_up
            main = session().jl
            classo, calls = main.classo, []
            main.classo = lambda *a, **k: calls.append(k) or classo(*a, **k)
            for _ in range(3):
                warm_up("squared", True, 2)
            assert len(calls) == 1
        model = ContextualLassoRegressor(backend="julia", hidden_layers=(4, 4), random_state=0)
        print(model.fit(X, y).predict(X).tolist())
    """
    machine = installed.Machine(tmp_path)
    cold, warm = (
        python(machine, f"WARM = {flag}\n" + textwrap.dedent(code))[-1] for flag in (0, 1)
    )
    assert cold == warm


def test_workers_do_not_ask_again_what_the_run_has_found(suite):
    """Asking means to start Julia a second time, in a process beside the worker."""
    suite = suite()
    suite.run()
    code = """
        import subprocess
        from contextual_lasso.julia import warm_up
        from contextual_lasso.resolve import resolve
        warm_up()
        def refuse(*a, **k): raise AssertionError("asked")
        subprocess.run = refuse
        print(resolve("julia")["version"])
    """
    assert python(suite.machine, code)[-1] == "1.10.4"
