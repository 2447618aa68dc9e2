"""The script behind docs/appendix/contextual_lasso.md: what it names its columns after."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from measurements import contextual_lasso_fidelity as script
from tests.contextual_lasso import installed

ROOT = Path(__file__).resolve().parents[2]


def header(text):
    return [cell.strip() for cell in text.splitlines()[0].strip("| ").split("|")]


@pytest.mark.slow
def test_same_rows_are_headed_by_julia_where_julia_ran(tmp_path):
    machine = installed.Machine(tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", script.__name__, "same-rows", "--backend", "julia", "--seeds", "2"],
        cwd=ROOT,
        env=os.environ | machine.variables() | {"PYTHONPATH": str(installed.STRICT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert header(done.stdout)[3:] == ["Julia 1.10.4", "Julia, recorded"]
    assert "torch was imported before juliacall" not in done.stderr


@pytest.mark.slow
def test_same_rows_are_headed_by_the_port_where_it_ran(monkeypatch, capsys):
    (first, *_) = script.JULIA_FITS.items()
    monkeypatch.setattr(script, "JULIA_FITS", dict([first]))
    script.same_rows(SimpleNamespace(backend="torch", seeds=2))
    assert header(capsys.readouterr().out)[3:] == ["port", "Julia, recorded"]


@pytest.mark.parametrize(
    ("backend", "ran", "known"),
    [("torch", "port", "Julia"), ("julia", "Julia", "Julia, recorded")],
)
def test_fits_know_what_made_them(tmp_path, capsys, backend, ran, known):
    names = ("seconds", "epochs", "min", "nonzero_min", "1se", "nonzero_1se")
    rows = [
        {"setting": "toy", "intercept": True, "seed": seed, "backend": backend}
        | dict.fromkeys(names, 1.0 + seed)
        for seed in range(2)
    ]
    pd.DataFrame(rows).to_csv(tmp_path / "fits.csv", index=False)
    script.table(SimpleNamespace(results=tmp_path / "fits.csv"))
    cells = header(capsys.readouterr().out)
    assert cells[3:9] == [
        f"{ran}, lambda_min",
        known,
        f"{ran}, lambda_1se",
        known,
        f"nz {ran} min / 1se",
        f"nz {known}",
    ]


def test_paired_fits_and_cost_are_read_from_the_recorded_ones(capsys):
    script.paired(None)
    lines = capsys.readouterr().out.splitlines()
    assert header(lines[0])[2:4] == ["Julia", "port"]
    assert sum(line.startswith("|") for line in lines) == 2 + 12
    (line,) = (line for line in lines if line.startswith("| classification3 | no"))
    assert header(line)[2:4] == ["0.659 / 0.634", "0.656 / 0.635"]
    assert header(line)[6:8] == ["0 / 3", "0 / 3"]
    script.cost(SimpleNamespace(fits=None))
    text = capsys.readouterr().out
    assert header(text)[1:] == ["Julia", "port"] and "peak memory, Julia: 904 to 986 MB" in text
