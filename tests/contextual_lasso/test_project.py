"""What is said where Julia, its project or its packages are not where they should be."""

import http.server
import importlib.util
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from contextual_lasso import julia as module
from contextual_lasso import project
from contextual_lasso.resolve import find_julia
from tests.contextual_lasso import installed

PROJECT = {True: "PYTHON_JULIACALL_PROJECT", False: "PYTHON_JULIAPKG_PROJECT"}
EXE = {True: "PYTHON_JULIACALL_EXE", False: "PYTHON_JULIAPKG_EXE"}


def asked(variables, cwd=None, module="resolve", arguments=("--backend", "julia")):
    """Exit code and stderr of a command on a machine with the stand-in."""
    kept = {n: v for n, v in os.environ.items() if not n.startswith(("PYTHON_JULIA", "JULIA_"))}
    done = subprocess.run(
        [sys.executable, "-m", f"contextual_lasso.{module}", *arguments],
        env=kept | variables,
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.returncode, done.stderr


def files(folder):
    """What is there, but for the lock that juliapkg takes in a project."""
    return sorted(path for path in folder.rglob("*") if path.name != "lock.pid")


def without(package):
    def change(machine, variables, told):
        path = machine.project / "Manifest.toml"
        head, *entries = path.read_text().split("[[deps.")
        kept = [entry for entry in entries if not entry.startswith(package)]
        path.write_text("[[deps.".join([head, *kept]))
        return str(machine.project)

    return change


def elsewhere(machine, variables, told):
    variables[PROJECT[told]] = str(machine.project / "nosuch")
    return f'{PROJECT[told]}="{machine.project / "nosuch"}": there is no such folder'


def emptied(machine, variables, told):
    (machine.project / "Manifest.toml").unlink()
    return f"the project {machine.project} has no Manifest.toml"


def garbled(machine, variables, told):
    (machine.project / "Manifest.toml").write_text("no [[ toml")
    return "Manifest.toml cannot be read"


def no_julia(machine, variables, told):
    variables[EXE[told]] = "/nosuch/julia"
    return f'{EXE[told]}="/nosuch/julia": there is no such program'


def no_depot(machine, variables, told):
    variables["JULIA_DEPOT_PATH"] = "/nosuch/depot"
    return 'JULIA_DEPOT_PATH="/nosuch/depot": there is no such folder'


def empty_depot(machine, variables, told):
    variables["JULIA_DEPOT_PATH"] = str(machine.executable.parent)
    return f"JULIA_DEPOT_PATH={machine.executable.parent}"


CASES = [
    (without("ContextualLasso"), "ContextualLasso is not in the project", "{project}"),
    (without("Flux"), "ArgumentError: Package Flux not found in current path (", "{project}"),
    (without("PythonCall"), "ArgumentError: Package PythonCall not found in curr", "{project}"),
    (elsewhere, "", "{project}"),
    (emptied, "", "{project}"),
    (garbled, "", "Mend it"),
    (no_julia, "", "{exe}"),
    (no_depot, "", "JULIA_DEPOT_PATH"),
    (empty_depot, "does not seem to be installed (", "JULIA_DEPOT_PATH"),
]


@pytest.mark.parametrize("told", [True, False], ids=["juliacall", "juliapkg"])
@pytest.mark.parametrize(
    ("change", "reason", "check"), CASES, ids=[getattr(c[0], "__name__", "") for c in CASES]
)
def test_the_message_names_what_is_missing_and_where_to_look(tmp_path, told, change, reason, check):
    machine = installed.Machine(tmp_path)
    variables = machine.variables(told)
    named = change(machine, variables, told)
    before = files(tmp_path)
    code, text = asked(variables)
    assert code == 1 and text.startswith("The Julia backend is not available: ")
    assert text.count("\n") == 1 and ".." not in text and "did not start properly" not in text
    assert reason in text and named in text
    advice = text.split("Check ")[-1] if check != "Mend it" else text
    assert check.format(project=PROJECT[told], exe=EXE[told]) in advice
    assert "pip install" not in text
    installs = change in (elsewhere, no_julia, no_depot, empty_depot) or told
    assert ("julia install" in text) != installs or change is garbled
    assert files(tmp_path) == before


def test_what_is_not_installed_is_to_be_installed(tmp_path):
    machine = installed.Machine(tmp_path)
    variables = {"PYTHONPATH": machine.variables()["PYTHONPATH"]}
    code, text = asked(variables | {"JULIA_DEPOT_PATH": str(tmp_path)})
    assert code == 1 and "its packages are not installed: there is no " in text
    assert text.endswith(f"{project.GET}. Or choose the port: backend 'torch'.\n")
    code, text = asked({"PYTHONPATH": str(Path(__file__).parents[2])})
    if importlib.util.find_spec("juliacall") is None:
        assert code == 1 and "pip install juliacall==0.9.34 && python -m contextual_lasso.j" in text


def test_a_project_without_a_julia(tmp_path):
    variables = installed.Machine(tmp_path).variables()
    del variables["PYTHON_JULIAPKG_EXE"]
    code, text = asked(variables)
    assert code == 1 and "could not find Julia =1.10.4 (PYTHON_JULIAPKG_PROJECT=" in text
    assert f"{project.GET}. Or name one that is there: PYTHON_JULIAPKG_EXE. Or choose" in text


@pytest.mark.parametrize("name", project.JULIACALL)
def test_one_of_the_two_variables_alone(tmp_path, name):
    variables = installed.Machine(tmp_path).variables(told=True)
    del variables[name]
    code, text = asked(variables)
    assert code == 1 and f" and {name} is not. Set both, or neither. Or " in text


def test_a_path_entry_does_not_tell_the_commit(tmp_path):
    machine = installed.Machine(tmp_path)
    path = machine.project / "Manifest.toml"
    path.write_text(path.read_text().replace("repo-rev = ", "path = "))
    code, text = asked(machine.variables())
    assert code == 1 and "no repo-rev says at which commit ContextualLasso is" in text
    assert "by url and rev 81e2b34, as juliapkg.json does, not by path" in text


def test_a_relative_project_is_that_of_the_shell(tmp_path):
    machine = installed.Machine(tmp_path)
    variables = machine.variables(told=True) | {"PYTHON_JULIACALL_PROJECT": "project"}
    assert asked(variables, cwd=tmp_path) == (0, "")
    variables = machine.variables() | {"PYTHON_JULIAPKG_PROJECT": "project"}
    code, text = asked(variables, cwd=tmp_path)
    assert code == 1 and 'PYTHON_JULIAPKG_PROJECT="project" is not an absolute path. Check' in text


def test_installing_without_a_network_is_one_line_and_changes_nothing(tmp_path):
    machine = installed.Machine(tmp_path)
    without("ContextualLasso")(machine, {}, False)
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    variables = machine.variables() | dict.fromkeys(
        ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9"
    )
    variables |= {"no_proxy": "", "NO_PROXY": ""}
    code, text = asked(variables, module="julia", arguments=["install"])
    assert code == 1 and text.count("\n") == 1
    assert text.startswith(
        "Julia could not be installed: https://github.com/ryan-thompson/ContextualLasso.jl cannot "
        "be reached ("
    )
    assert text.endswith("It needs a network; nothing has been changed.\n")
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before


def test_installing_what_is_there_needs_no_network(tmp_path):
    variables = installed.Machine(tmp_path).variables() | {"https_proxy": "http://127.0.0.1:9"}
    assert asked(variables, module="julia", arguments=["install"]) == (0, "")


@pytest.fixture
def failing(tmp_path, monkeypatch):
    """A project, and an installation that changes it as juliapkg does and then fails."""
    folder = tmp_path / "new" / "project"
    for name in [n for n in os.environ if n.startswith(("PYTHON_JULIA", "JULIA_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PYTHON_JULIAPKG_PROJECT", str(folder))
    monkeypatch.setenv("PYTHON_JULIAPKG_OFFLINE", "yes")
    monkeypatch.setattr(module.importlib.util, "find_spec", lambda name: object())
    monkeypatch.setattr(module, "_check_reachable", lambda url: None)

    def change(error):
        def installed():
            (folder / "pyjuliapkg").mkdir(parents=True, exist_ok=True)
            (folder / "Manifest.toml").unlink(missing_ok=True)
            for name in ("Project.toml", "lock.pid", "pyjuliapkg/meta.json"):
                (folder / name).write_text("changed")
            raise error

        monkeypatch.setattr(module, "installed", installed)

    find_julia.cache_clear()
    yield folder, change
    find_julia.cache_clear()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError("no route\nto host"), "OSError: no route"),
        (subprocess.CalledProcessError(1, ["julia", "a script"]), "a step in Julia failed"),
        (KeyboardInterrupt(), None),
    ],
)
def test_an_installation_that_fails_leaves_the_project_as_it_was(failing, error, said, capsys):
    folder, change = failing
    change(error)
    for there in (False, True):
        if there:
            folder.mkdir(parents=True)
            for name in ("Project.toml", "Manifest.toml"):
                (folder / name).write_text("[deps]\n")
        before = {p: p.read_text() for p in folder.parents[1].rglob("*") if p.is_file()}
        with pytest.raises(KeyboardInterrupt if said is None else SystemExit) as raised:
            module.main(["install"])
        if said:
            text = str(raised.value)
            assert text.startswith(f"Julia could not be installed: {said}") and "\n" not in text
            assert text.endswith(f". The project {folder} is as it was.")
        after = {p: p.read_text() for p in folder.parents[1].rglob("*") if p.is_file()}
        assert after == before and folder.exists() == there
        find_julia.cache_clear()


def test_a_server_that_answers_is_a_network():
    class Refuses(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self):
            self.send_error(403)

        def log_message(self, *arguments):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Refuses) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        module._check_reachable(f"http://127.0.0.1:{server.server_port}")
        server.shutdown()


def test_variables_are_named_where_julia_is_looked_for(monkeypatch):
    monkeypatch.setenv("JULIA_DEPOT_PATH", "/depot")
    assert "JULIA_DEPOT_PATH=/depot" in project.described()
    assert json.dumps(project.advice()) != json.dumps(project.GET)
