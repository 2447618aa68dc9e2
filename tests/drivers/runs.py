"""Start the workflow on a changed config, under another run's name, and clean up after it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from benchmark import config as configuration


def read_config(path) -> dict:
    """The validated config, or the end of the program with one line that says what is wrong."""
    try:
        return configuration.read(path)
    except configuration.ConfigError as error:
        sys.exit(f"error: {error}")


def start(config, arguments, log):
    """Start the workflow on a config; its process leads a group of its own."""
    file = Path(f".snakemake/{config['run']}.yaml")
    file.parent.mkdir(exist_ok=True)
    file.write_text(yaml.safe_dump(config))
    command = [sys.executable, "-m", "snakemake", *arguments, "--configfile", str(file)]
    return subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)


def clean(run):
    """Remove everything of a run."""
    for folder in ("data", "results", "figures", "logs"):
        shutil.rmtree(Path(folder) / run, ignore_errors=True)


def finish(code, name, log):
    """End the program if a run did not end well."""
    if code != 0:
        sys.exit(f"error: the run {name} ended with exit code {code}; see {log.name}")
