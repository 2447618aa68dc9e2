"""A stand-in for juliacall, with Julia and the package behind it, as strict as the real ones.

Importing it asks juliapkg, which takes a lock in the Julia project, unless both
PYTHON_JULIACALL_EXE and PYTHON_JULIACALL_PROJECT are set, and warns where torch was imported
before.  A call from another thread than the main one never returns.  The first call of everything
compiles: it costs STAND_IN_COMPILE seconds and is printed.  A fit draws from the generator that
``Random.seed!`` seeds and that all fits of a process share.

``classo`` returns something of the right form that depends on the rows and on the start weights.
It is no contextual lasso.
"""

import os
import shutil
import subprocess
import sys
import threading
import time
import tomllib
import warnings
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import stand_in

if "torch" in sys.modules:
    warnings.warn("torch was imported before juliacall. This may cause a segfault.", stacklevel=2)


def _find():
    """The executable and the project, by the rules of juliacall 0.9.34."""
    told = [os.environ.get(f"PYTHON_JULIACALL_{name}") for name in ("EXE", "PROJECT")]
    if all(told):
        executable, project = shutil.which(told[0]), told[1]
        if executable is None:
            raise ValueError("PYTHON_JULIACALL_EXE: executable not found")
        if not os.path.exists(project):
            raise ValueError("PYTHON_JULIACALL_PROJECT: path does not exist")
        return executable, project
    if any(told):
        raise Exception("Both PYTHON_JULIACALL_PROJECT and PYTHON_JULIACALL_EXE must be set")
    import juliapkg

    return juliapkg.executable(), juliapkg.project()


EXECUTABLE, PROJECT = _find()
_answer = subprocess.run([EXECUTABLE], check=True, capture_output=True, text=True).stdout
VERSION, BINDIR = _answer.split()
stand_in.JuliaError.__module__ = __name__  # as Python names it where nobody catches it


def _packages():
    """The packages of the project that lie in the depot, as Julia would find them."""
    try:
        listed = tomllib.loads((Path(PROJECT) / "Manifest.toml").read_text())["deps"]
    except FileNotFoundError:
        listed = {}
    return listed


def _missing(name):
    """Julia's words for a package, followed as there by a hint and stack frames."""
    hint = f'- Run `import Pkg; Pkg.add("{name}")` to install the {name} package.'
    frames = "Stacktrace:\n  [1] macro expansion\n    @ PythonCall.JlWrap.Cjl ~/C.jl:63"
    if name in _packages():
        text = f"Package {name} [uuid] is required but does not seem to be installed:"
        hint = " - Run `Pkg.instantiate()` to install all recorded dependencies."
    else:
        text = f"Package {name} not found in current path."
    return f"ArgumentError: {text}\n{hint}\n{frames}"


_depot = os.environ.get("JULIA_DEPOT_PATH")
EMPTY = _depot is not None and not any(Path(_depot).glob("packages"))
if EMPTY or "PythonCall" not in _packages():
    print("ERROR:", _missing("PythonCall"), file=sys.stderr)
    raise Exception("PythonCall.jl did not start properly")


def _only_in_the_main_thread(function):
    def call(*arguments, **keywords):
        if threading.current_thread() is not threading.main_thread():
            threading.Event().wait()
        return function(*arguments, **keywords)

    return call


class _Main(stand_in.Main):
    def __init__(self):
        super().__init__()
        self._random = np.random.default_rng()
        self._compiled = set()

    def _compile(self, *what):
        if what not in self._compiled:
            time.sleep(float(os.environ.get("STAND_IN_COMPILE", 0)))
            print("stand-in compiles", *what, flush=True)
            self._compiled.add(what)

    classo = _only_in_the_main_thread(stand_in.Main.classo)
    coef = _only_in_the_main_thread(stand_in.Main.coef)
    predict = _only_in_the_main_thread(stand_in.Main.predict)

    @_only_in_the_main_thread
    def seval(self, code):
        if code == "using ContextualLasso; import Flux, Random":
            for name in ("ContextualLasso", "Flux"):
                if name not in _packages():
                    raise stand_in.JuliaError(_missing(name))
            self.Flux = stand_in.flux()
        elif code.startswith("Random.seed!("):
            self._random = np.random.default_rng(int(code[13:-1]))
        else:
            return {
                "string(VERSION)": VERSION,
                "Base.active_project()": f"{PROJECT}/Project.toml",
                "joinpath(Sys.BINDIR, Base.julia_exename())": f"{BINDIR}/julia",
            }[code]

    def fitted(self, rows, keywords):
        loss, intercept = keywords["loss"].name, keywords["intercept"]
        self._compile("classo", loss, intercept, len(keywords["hidden_layers"].values))
        x, y, x_val, y_val = (rows[name] for name in ("x", "y", "x_val", "y_val"))
        start = self._random.normal(size=x.shape[1])
        offset = y.mean() if intercept else 0.0
        slopes = np.linalg.lstsq(x, y - offset)[0] + 0.01 * start
        lambdas = np.linspace(np.abs(slopes).sum(), 0, keywords["lambda_n"], dtype=np.float32)
        paths = np.outer(lambdas / lambdas[0], slopes)
        losses = ((x_val @ paths.T + offset - y_val[:, None]) ** 2).mean(0).astype(np.float32)
        best = int(losses.argmin())
        return SimpleNamespace(
            **{"lambda": lambdas},
            paths=paths.astype(np.float32),
            offset=np.float32(offset),
            has_intercept=intercept,
            theta=np.zeros(len(lambdas), np.float32),
            train_loss=losses,
            val_loss=losses,
            val_loss_se=0 * losses,
            val_nonzero=(paths != 0).sum(1),
            epochs=np.ones(len(lambdas), int),
            gamma=np.zeros(1, np.float32),
            lambda_min=float(lambdas[best]),
            lambda_1se=float(lambdas[best]),
            gamma_min=0.0,
            gamma_1se=0.0,
        )

    def _row(self, fit, keywords):
        return fit.paths[int(np.abs(getattr(fit, "lambda") - keywords["lambda"]).argmin())]

    def coefficients(self, fit, z, keywords):
        self._compile("coef")
        row = self._row(fit, keywords)
        if fit.has_intercept:
            row = np.append(fit.offset, row)
        return np.tile(row, (len(z), 1))

    def predictions(self, fit, x, z, keywords):
        self._compile("predict")
        return x @ self._row(fit, keywords).astype(float) + float(fit.offset)


Main = _Main()
convert = _only_in_the_main_thread(stand_in.convert)
