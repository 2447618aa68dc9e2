"""The original package, ContextualLasso.jl, through juliacall.

``python -m contextual_lasso.julia install`` downloads Julia and the packages that
``juliapkg.json`` pins, and compiles them; nothing else in this package downloads anything.
``python -m contextual_lasso.julia probe`` loads what is installed and prints what it is.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import threading
import tomllib
import urllib.error
import urllib.request
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path as File
from typing import Any

import numpy as np

from contextual_lasso import project
from contextual_lasso.project import Unavailable
from contextual_lasso.resolve import JULIACALL, PINS, cause, find_julia
from contextual_lasso.settings import Path, Settings

LOSSES = {"squared": "mse", "logistic": "logitbinarycrossentropy"}


class Session:
    """Conversions between numpy and Julia.

    Parameters
    ----------
    jl : Julia's module Main, with ContextualLasso, Flux and Random loaded
    convert : juliacall.convert
    """

    def __init__(self, jl, convert):
        self.jl, self._convert = jl, convert

    def matrix(self, values):
        """``Matrix{Float64}``: the package has no method for Python arrays."""
        values = np.ascontiguousarray(values, np.float64)
        return self._convert(self.jl.Matrix[self.jl.Float64], values)

    def vector(self, values):
        """``Vector{Float64}``."""
        return self._convert(self.jl.Vector[self.jl.Float64], np.asarray(values, np.float64))

    def integers(self, values):
        """``Vector{Int}``."""
        return self._convert(self.jl.Vector[self.jl.Int], [int(v) for v in values])

    def seed(self, seed):
        """Seed Julia's default generator, which the package draws from."""
        self.jl.seval(f"Random.seed!({int(seed)})")


def _check_thread():
    """Refuse to call Julia where it would never answer: it started in the main thread."""
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError(
            "Julia answers in the main thread of a process only, this is thread "
            f"{threading.current_thread().name!r}: fit and predict in the main thread, "
            "use processes instead of threads, or choose the port: backend='torch'"
        )


@lru_cache(maxsize=1)
def session():
    """The one session of this process; loading takes seconds, the first fit compiles.

    Where torch was imported before, juliacall warns that the process may crash.
    """
    os.environ.setdefault("PYTHON_JULIAPKG_OFFLINE", "yes")
    root = str(File(__file__).parents[1])
    if root not in sys.path:  # juliapkg looks for juliapkg.json in the folders below sys.path
        sys.path.append(root)
    from juliacall import Main, convert

    Main.seval("using ContextualLasso; import Flux, Random")
    return Session(Main, convert)


@dataclass(frozen=True)
class JuliaPath(Path):
    """A path fitted by the original, which stays in Julia."""

    fit: Any
    session: Session
    intercept: bool
    relax: bool

    def _at(self, point):
        i, j = point
        keywords = {"lambda": float(self.lambdas[i])}
        return keywords | ({"gamma": float(self.gammas[j])} if self.relax else {})

    def coef(self, Z, point):
        """Coefficients (n, d) and intercepts (n,) or None, on the original scale, float32."""
        _check_thread()
        s = self.session
        coef = np.array(s.jl.coef(self.fit, s.matrix(Z), **self._at(point)))
        return (coef[:, 1:], coef[:, 0]) if self.intercept else (coef, None)

    def predict(self, X, Z, point):
        """Linear predictor (n,), float64."""
        _check_thread()
        s = self.session
        return np.array(s.jl.predict(self.fit, s.matrix(X), s.matrix(Z), **self._at(point)))


def fit_path(X, Z, y, X_val, Z_val, y_val, settings, seed, julia=None):
    """Fit every lambda with the original package.

    Parameters
    ----------
    X : (n, d), Z : (n, m), y : (n,) arrays, and the validation rows likewise
    settings : Settings
    seed : int
    julia : Session, that of this process where not given

    Returns
    -------
    JuliaPath

    Raises
    ------
    ValueError
        For groups whose features are not neighbours: the original would return their coefficients
        in another order.
    RuntimeError
        In another thread than the main one.
    """
    _check_thread()
    s = session() if julia is None else julia
    keywords = _keywords(s, settings, X.shape[1])
    s.seed(seed)
    fit = s.jl.classo(
        s.matrix(X),
        s.matrix(Z),
        s.vector(y),
        s.matrix(X_val),
        s.matrix(Z_val),
        s.vector(y_val),
        **keywords,
    )
    lambdas = np.array(getattr(fit, "lambda"))
    gammas = np.array(fit.gamma) if settings.relax else np.zeros(1)
    chosen = {}
    for rule in ("min", "1se"):
        i = _index(lambdas, getattr(fit, f"lambda_{rule}"))
        j = _index(gammas, getattr(fit, f"gamma_{rule}")) if settings.relax else 0
        chosen[rule] = (i, j)
    names = ("theta", "train_loss", "val_loss", "val_loss_se", "val_nonzero", "epochs")
    return JuliaPath(
        lambdas=lambdas,
        gammas=gammas,
        chosen=chosen,
        relaxed_val_loss=np.array(fit.val_loss_relax) if settings.relax else None,
        **{name: np.array(getattr(fit, name)) for name in names},
        fit=fit,
        session=s,
        intercept=settings.intercept,
        relax=settings.relax,
    )


@lru_cache
def warm_up(loss="squared", intercept=True, n_hidden_layers=2):
    """Compile what a fit calls, by a tiny one: once per process for each kind of fit.

    A process pays half a minute for its first fit.  Called beforehand, this keeps that out of the
    seconds of a fit.  Every fit seeds Julia's generator, so no number depends on it.

    Parameters
    ----------
    loss : {"squared", "logistic"}
    intercept : bool
    n_hidden_layers : int
        Their number is part of the network's type in Julia, their width is not.
    """
    X = np.sin(np.arange(60.0) ** 2).reshape(20, 3)
    y = X[:, 0] if loss == "squared" else (X[:, 0] > 0).astype(float)
    settings = Settings(
        loss=loss,
        intercept=intercept,
        hidden_layers=(2,) * n_hidden_layers,
        n_lambdas=3,
        max_epochs=5,
    )
    path = fit_path(X, X, y, X, X, y, settings, seed=0)
    for point in path.chosen.values():
        path.coef(X, point)
        path.predict(X, X, point)


def _index(values, value):
    return int(np.flatnonzero(values == np.asarray(value, values.dtype))[0])


def _keywords(s, settings, n_features):
    """Keyword arguments of ``classo``; the optimiser stays the default, Adam."""
    keywords = {
        "loss": getattr(s.jl.Flux, LOSSES[settings.loss]),
        "intercept": bool(settings.intercept),
        "relax": bool(settings.relax),
        "device": s.jl.Flux.cpu,
        "hidden_layers": s.integers(settings.hidden_layers),
        "dropout": float(settings.dropout),
        "initialise": settings.start,
        "early_stop": bool(settings.early_stopping),
        "patience": int(settings.patience),
        "epoch_max": int(settings.max_epochs),
        "verbose": False,
    }
    if settings.lambdas is None:
        keywords["lambda_n"] = int(settings.n_lambdas)
    else:
        keywords["lambda"] = s.vector(settings.lambdas)
    if settings.relax:
        keywords["gamma"] = s.vector(settings.gammas)
    if settings.groups is not None:
        groups = np.asarray(settings.groups)
        if np.count_nonzero(np.diff(groups)) + 1 != len(np.unique(groups)):
            raise ValueError("the Julia backend needs the features of a group side by side")
        keywords["group"] = s.integers(groups + 1)
    if settings.signs is not None:
        keywords["sign_constraint"] = s.integers([0] * int(settings.intercept) + [*settings.signs])
    return keywords


def installed():
    """What the loaded session is.

    Returns
    -------
    dict : ``julia`` (version), ``commit`` (of ContextualLasso.jl, or None), ``packages`` (versions
        of the other pinned packages), ``executable`` and ``project`` (where Julia and the folder
        of its packages are).
    """
    _check_thread()
    jl = session().jl
    folder = File(str(jl.seval("Base.active_project()"))).parent
    packages = tomllib.loads((folder / "Manifest.toml").read_text())["deps"]
    others = [name for name in PINS["packages"] if name in packages and name != "ContextualLasso"]
    return {
        "julia": str(jl.seval("string(VERSION)")),
        "commit": packages["ContextualLasso"][0].get("repo-rev"),
        "packages": {name: packages[name][0]["version"] for name in others},
        "executable": str(jl.seval("joinpath(Sys.BINDIR, Base.julia_exename())")),
        "project": str(folder),
    }


def install():
    """Download Julia and its packages into the project, unless all is there.

    Returns
    -------
    dict, as :func:`installed`

    Raises
    ------
    Unavailable
        It cannot be done; the project is as it was.
    """
    found, reason = find_julia()
    if found:
        return found
    if importlib.util.find_spec("juliacall") is None:
        raise Unavailable(f"{reason}", f"pip install {JULIACALL}")
    if project.bypasses_juliapkg():
        raise Unavailable(
            f"{reason}", f"Unset {' and '.join(project.JULIACALL)}: juliapkg installs"
        )
    for url in (PINS["packages"]["ContextualLasso"]["url"], _package_server()):
        _check_reachable(url)
    os.environ["PYTHON_JULIAPKG_OFFLINE"] = "no"
    try:
        with project.restored_on_failure():
            return installed()
    except Exception as error:
        folder, _ = project.place()
        reason = cause(f"{type(error).__name__}: {error}".splitlines()[0])
        if isinstance(error, subprocess.CalledProcessError):
            reason = "a step in Julia failed, which says above why"
        raise Unavailable(reason, f"The project {folder} is as it was") from error


def _package_server():
    server = os.environ.get("JULIA_PKG_SERVER") or "pkg.julialang.org"
    return server if "://" in server else f"https://{server}"


def _check_reachable(url):
    try:
        urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=20).close()
    except urllib.error.HTTPError:
        pass  # it answers
    except OSError as error:
        reason = f"{url} cannot be reached ({getattr(error, 'reason', error)})"
        raise Unavailable(reason, "It needs a network; nothing has been changed") from None


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m contextual_lasso.julia", description=__doc__)
    parser.add_argument("command", choices=("install", "probe"))
    command = parser.parse_args(arguments).command
    try:
        if command == "probe":
            project.check()  # juliapkg would make a project folder that is not there
        found = install() if command == "install" else installed()
    except Unavailable as error:
        doing = "Julia could not be installed" if command == "install" else "Julia cannot be loaded"
        sys.exit(f"{doing}: {error}. {error.advice}.")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
