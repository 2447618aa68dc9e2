"""Output whose reader goes away: no run hangs or loses a job, whatever kind its rules are."""

import subprocess
import sys

import pytest

from benchmark import ROOT

SNAKEFILE = """
import sys
sys.path += [{root!r}, {root!r} + "/workflow/plugins"]
from benchmark import pipes
import snakemake_logger_plugin_fits as display
pipes.outlive_reader(logger)
if {shown} and workflow.is_main_process:
    display.take_over(logger, workflow.output_settings, None)
print("the rules are read", flush=True)

rule all:
    input: expand("{{kind}}.{{end}}", kind=("shell", "script", "run"), end=("good", "bad"))

rule shell_good:
    output: "shell.good"
    shell: "echo out; echo error >&2; touch {{output}}"

rule shell_bad:
    output: "shell.bad"
    shell: "echo out; echo error >&2; exit 3"

rule script_good:
    output: "script.good"
    script: "good.py"

rule script_bad:
    output: "script.bad"
    script: "bad.py"

rule run_good:
    output: "run.good"
    run:
        print("out", flush=True)
        print("error", file=sys.stderr, flush=True)
        open(output[0], "w").close()

rule run_bad:
    output: "run.bad"
    run:
        print("out", flush=True)
        raise ValueError("in words")
"""
SCRIPT = "import sys\nprint('out', flush=True)\nprint('error', file=sys.stderr, flush=True)\n"


OWN = pytest.param(False, id="own output", marks=pytest.mark.slow)


@pytest.mark.parametrize("shown", [pytest.param(True, id="display"), OWN])
def test_every_kind_of_rule_ends_when_the_reader_has_gone(tmp_path, shown):
    (tmp_path / "Snakefile").write_text(SNAKEFILE.format(root=str(ROOT), shown=shown))
    (tmp_path / "good.py").write_text(SCRIPT + "open(snakemake.output[0], 'w').close()\n")
    (tmp_path / "bad.py").write_text(SCRIPT + "sys.exit('in words')\n")
    command = [sys.executable, "-m", "snakemake", "--cores", "6", "--keep-going"]
    run = subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    while "the rules are read" not in run.stdout.readline():
        assert run.poll() is None
    run.stdout.close()
    try:
        assert run.wait(timeout=60) == 1
    finally:
        run.kill()
    there = sorted(path.name for path in tmp_path.glob("*.good"))
    assert there == ["run.good", "script.good", "shell.good"]
    assert not list(tmp_path.glob("*.bad"))


def test_only_the_output_that_nobody_reads_is_dropped(tmp_path):
    code = (
        "import logging, os, sys\nfrom benchmark import pipes\n"
        "logger = logging.Logger('x')\nlogger.addHandler(logging.StreamHandler())\n"
        "pipes.outlive_reader(logger)\nsys.stdin.readline()\n"
        "for i in range(3):\n    sys.stderr.write('lost'); sys.stderr.flush(); print('kept', i)\n"
        "logger.error('lost')\nos.system('echo lost >&2 && echo kept 3')\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", code], cwd=ROOT, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    process.stderr.close()
    process.stdin.write("\n")
    process.stdin.close()
    assert process.stdout.read().splitlines() == [f"kept {i}" for i in range(4)]
    assert process.wait() == 0
    process.stdout.close()
