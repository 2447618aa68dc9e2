"""A missing file given to ``--configfile``: one line, whoever is called."""

import os
import subprocess
import sys

import pytest

from benchmark import ROOT, check

PLUGINS = str(ROOT / "workflow" / "plugins")
sys.path.append(PLUGINS)

from snakemake_logger_plugin_fits import configfile  # noqa: E402

LINE = "configuration refused: nosuch.yaml: cannot be read: No such file or directory"


@pytest.mark.parametrize(
    "words, files",
    [
        ("--cores 2", []),
        ("--configfile a.yaml", ["a.yaml"]),
        ("-n --configfile=a.yaml -- all", ["a.yaml"]),
        ("--configfile a.yaml b.yaml --cores 2 target", ["a.yaml", "b.yaml"]),
        ("--configfiles a.yaml -n", ["a.yaml"]),
        ("--config run=x --configfile a.yaml", ["a.yaml"]),
    ],
)
def test_files_of_a_command_line(words, files):
    assert configfile.given(words.split()) == files


@pytest.mark.parametrize("option", [["--configfile", "nosuch.yaml"], ["--configfile=nosuch.yaml"]])
def test_snakemake_says_it_in_one_line(option):
    """As in an environment that knows the plugins, which ``make environment`` makes."""
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", "1", *option],
        env=os.environ | {"PYTHONPATH": PLUGINS},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr, done.stdout) == (1, f"{LINE}\n", "")


def test_make_says_the_same(capsys):
    assert check.main("nosuch.yaml") == 2
    assert capsys.readouterr().err == f"{LINE}\n"


def test_the_environment_knows_the_plugins():
    assert "workflow/plugins" in (ROOT / "Makefile").read_text()
