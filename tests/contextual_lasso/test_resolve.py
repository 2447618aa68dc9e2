import json
import subprocess
import sys
import time

import pytest

from contextual_lasso import resolve as module
from contextual_lasso.resolve import COMMIT, PINS, find_julia, main, resolve

FOUND = {
    "julia": "1.10.4",
    "commit": COMMIT + "0" * 33,
    "packages": {"Flux": "0.16.10"},
    "executable": "/opt/julia/bin/julia",
    "project": "/opt/project",
}


@pytest.fixture(autouse=True)
def forget():
    find_julia.cache_clear()
    yield
    find_julia.cache_clear()


@pytest.fixture
def installed(monkeypatch):
    """Pretend that juliacall is there and that the probe ends in a given way."""

    def pretend(stdout="", stderr="", code=0, raises=None):
        calls = []

        def run(command, **options):
            calls.append((command, options))
            if raises:
                raise raises
            return subprocess.CompletedProcess(command, code, stdout, stderr)

        monkeypatch.setattr(module.importlib.util, "find_spec", lambda name: object())
        monkeypatch.setattr(module.project, "check", lambda: None)
        monkeypatch.setattr(module.subprocess, "run", run)
        return calls

    return pretend


@pytest.fixture
def told_nothing(monkeypatch):
    for name in [n for n in module.os.environ if n.startswith(("PYTHON_JULIA", "JULIA_DEPOT"))]:
        monkeypatch.delenv(name)


@pytest.fixture
def absent(monkeypatch):
    monkeypatch.setattr(module.importlib.util, "find_spec", lambda name: None)


def test_auto_takes_julia_where_it_is(installed):
    calls = installed(stdout="Precompiling...\n" + json.dumps(FOUND) + "\n")
    assert resolve("auto") == {
        "requested": "auto",
        "backend": "julia",
        "version": "1.10.4",
        "package": FOUND["commit"],
        "reason": "found through juliacall",
        "params": {"backend": "julia"},
        "versions": {
            "julia": "1.10.4",
            "ContextualLasso.jl": FOUND["commit"],
            "Flux.jl": "0.16.10",
        },
        "environment": {
            "PYTHON_JULIACALL_EXE": "/opt/julia/bin/julia",
            "PYTHON_JULIACALL_PROJECT": "/opt/project",
        },
    }
    assert resolve("julia")["backend"] == "julia"
    ((_, options),) = calls  # asked once for both
    assert options["env"]["PYTHON_JULIAPKG_OFFLINE"] == "yes" and options["timeout"] <= 300


def test_auto_takes_the_port_and_says_why(absent):
    found = resolve("auto")
    assert found["backend"] == "torch" and found["package"] is None
    assert found["params"] == {"backend": "torch"}
    assert found["versions"] == found["environment"] == {}
    assert "juliacall is not installed" in found["reason"]


@pytest.mark.parametrize(
    ("outcome", "reason", "advice"),
    [
        (
            dict(code=1, stderr="noise\nException: no Julia and offline.\n"),
            "no Julia and offline (",
            "julia install",
        ),
        (dict(code=3), "ended with code 3 (", "julia install"),
        (dict(raises=subprocess.TimeoutExpired("probe", 300)), "more than 300 s (", "julia probe"),
        (
            dict(stdout=json.dumps({"julia": "1.10.4", "commit": "abc"})),
            "at abc, not at 81e2b34 (",
            "julia install",
        ),
        (
            dict(stdout=json.dumps({"julia": "1.10.4", "commit": None})),
            "no repo-rev says at which commit",
            "by url and rev 81e2b34",
        ),
    ],
)
def test_whatever_goes_wrong_is_the_reason(installed, told_nothing, outcome, reason, advice):
    installed(**outcome)
    assert reason in resolve("auto")["reason"]
    with pytest.raises(RuntimeError) as raised:
        resolve("julia")
    text = str(raised.value)
    assert reason in text and advice in text and text.endswith("choose the port: backend 'torch'.")
    assert ".." not in text and "\n" not in text


@pytest.mark.parametrize(
    ("stderr", "said"),
    [
        (
            "Traceback (most recent call last):\n"
            '  File "julia.py", line 77, in session\n'
            "juliacall.JuliaError: ArgumentError: Package ContextualLasso not found.\n"
            "- Run `import Pkg` to install it\nStacktrace:\n  [1] seval\n"
            "    @ PythonCall.JlWrap.Cjl ~/.julia/C.jl:63\n",
            "ArgumentError: Package ContextualLasso not found",
        ),
        (
            "ERROR: ArgumentError: Package PythonCall [6099a3de] is required but does not seem to "
            "be installed:\n - Run `Pkg.instantiate()`\nStacktrace:\n [1] require\n"
            "Traceback (most recent call last):\nException: PythonCall.jl did not start properly\n",
            "ArgumentError: Package PythonCall [6099a3de] is required but does not seem to be "
            "installed",
        ),
        (
            "ERROR: LoadError: Package CUDA not found\n"
            "juliacall.JuliaError: Failed to precompile ContextualLasso\nStacktrace:\n",
            "Failed to precompile ContextualLasso: LoadError: Package CUDA not found",
        ),
        (
            "juliacall.JuliaError:\nUndefVarError: x\n @ here\n",
            "UndefVarError: x",
        ),
        ("ValueError: a word...\n", "ValueError: a word"),
        ("", ""),
    ],
)
def test_the_line_that_says_what_is_wrong(stderr, said):
    assert module.cause(stderr) == said


def test_torch_never_asks(monkeypatch):
    monkeypatch.setattr(module, "find_julia", lambda: pytest.fail("asked"))
    assert resolve("torch")["backend"] == "torch"


def test_unknown_backend():
    with pytest.raises(ValueError, match="must be one of"):
        resolve("numpy")


def test_command_writes_the_decision(absent, tmp_path, capsys):
    target = tmp_path / "new" / "backend.json"
    assert main(["--backend", "auto", "--output", str(target)]) == 0
    assert json.loads(target.read_text()) == resolve("auto")
    assert main(["--backend", "julia"]) == 1
    assert "To install it" in capsys.readouterr().err


def test_the_real_decision_falls_within_seconds_and_needs_no_network():
    if module.importlib.util.find_spec("juliacall"):
        pytest.skip("juliacall is installed: loading Julia takes as long as it takes")
    start = time.monotonic()
    command = [sys.executable, "-m", "contextual_lasso.resolve", "--backend", "auto"]
    output = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(output.stdout)["backend"] == "torch"
    assert time.monotonic() - start < 30


@pytest.mark.parametrize("version", [None, "0.9.34"])
def test_setup_changes_with_all_that_decides_which_julia_is_found(
    monkeypatch, tmp_path, told_nothing, version
):
    def here(name):
        if version is None:
            raise module.metadata.PackageNotFoundError(name)
        return version

    monkeypatch.setattr(module.metadata, "version", here)
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    seen = [module.setup()]
    assert seen[0]["manifest"] is None and seen[0]["environment"] == {}
    manifest = tmp_path / "julia_env" / "Manifest.toml"
    manifest.parent.mkdir()
    for text in ("one", "another"):
        manifest.write_text(text)
        seen.append(module.setup())
    monkeypatch.setenv("PYTHON_JULIAPKG_EXE", "/opt/julia")
    seen.append(module.setup())
    monkeypatch.setenv("PYTHON_JULIAPKG_PROJECT", str(tmp_path))  # no manifest there
    seen.append(module.setup())
    monkeypatch.setattr(module.metadata, "version", lambda name: "another")
    seen.append(module.setup())
    assert len({json.dumps(found) for found in seen}) == len(seen)
    assert json.dumps(module.setup()) == json.dumps(seen[-1])


def test_everything_is_pinned():
    assert PINS["julia"].startswith("=")
    package = PINS["packages"].pop("ContextualLasso")
    assert package["uuid"] == "a525a995-9775-4c2e-a8d9-8157cb575aa3" and package["rev"] == COMMIT
    assert all(other["version"].startswith("=") for other in PINS["packages"].values())
    PINS["packages"]["ContextualLasso"] = package
