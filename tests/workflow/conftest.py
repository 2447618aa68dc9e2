"""The workflow in a copy of the project, so that tests can break it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from benchmark.method_rules import RULE, RULES

PROJECT = Path(__file__).resolve().parents[2]
PARTS = (
    "Snakefile",
    "CONTRIBUTING.md",
    "baselines",
    "benchmark",
    "config",
    "contextual_lasso",
    "data/published",
    "data/reference",
    "environment.yml",
    "explainers",
    "nimo",
    "profiles",
    "pyproject.toml",
    "tests/__init__.py",
    "tests/drivers",
    "tools",
    "workflow",
)
SMALL = {
    "run": "small",
    "splits": 2,
    "datasets": ["toy", "classification1"],
    "methods": ["lasso", "logistic"],
    "rows": {"train": 40, "val": 20, "test": 20},
    "reduced": True,
}


class Checkout:
    """A copy of the project's files in which the real workflow is run."""

    def __init__(self, folder: Path):
        self.folder = folder
        for part in PARTS:
            source = PROJECT / part
            if not source.exists():
                continue
            (folder / part).parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                ignored = shutil.ignore_patterns("__pycache__")
                shutil.copytree(source, folder / part, ignore=ignored)
            else:
                shutil.copy2(source, folder / part)
        self.config = None

    def configure(self, **changes) -> dict:
        """Write the config that the next runs use: the small one with changes."""
        self.config = SMALL | changes
        given = {key: value for key, value in self.config.items() if value is not None}
        (self.folder / "test.yaml").write_text(yaml.safe_dump(given))
        return self.config

    @property
    def run(self):
        return self.config["run"]

    @property
    def fits_csv(self):
        return f"results/{self.run}/fits.csv"

    def environment(self):
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        env = os.environ | {"PATH": path}
        env.pop("BENCHMARK_MAIN_PROCESS", None)
        return env

    def command(self, *arguments, cores=2):
        file = [] if self.config is None else ["--configfile", "test.yaml"]
        return [sys.executable, "-m", "snakemake", *arguments, "--cores", str(cores), *file]

    def snakemake(self, *arguments, cores=2):
        """Run Snakemake; return exit code and everything it said."""
        return self.call(self.command(*arguments, cores=cores))

    def python(self, *arguments):
        return self.call([sys.executable, *arguments])

    def call(self, command):
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=3600,  # for what hangs; a busy machine may take its time
        )
        return done.returncode, done.stdout

    def start(self, *arguments, cores=2):
        """Start Snakemake in a session of its own."""
        return subprocess.Popen(
            self.command(*arguments, cores=cores),
            cwd=self.folder,
            env=self.environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def make(self, *arguments, cores=2):
        """Run Snakemake, which must succeed."""
        code, text = self.snakemake(*arguments, cores=cores)
        assert code == 0, text
        return text

    def planned(self, *arguments) -> dict[str, int]:
        """Number of jobs by rule that a dry run announces."""
        text = self.make("--dry-run", *arguments)
        if "Nothing to be done" in text:
            return {}
        lines = text.split("Job stats:\n")[1].split("\n\n")[0].splitlines()[2:]
        table = {name: int(count) for name, count in map(str.split, lines)}
        del table["total"]
        return table

    def record_path(self, dataset, method, split) -> Path:
        folder = self.folder / "results" / self.run / "records" / dataset / method
        return folder / f"split{split}.json"

    def cell(self, dataset, method) -> str:
        """What to ask Snakemake for to have a method's records on a data set."""
        return f"results/{self.run}/records/{dataset}/{method}/manifest.json"

    def record(self, dataset, method, split=0) -> dict:
        return json.loads(self.record_path(dataset, method, split).read_text())

    def results(self) -> dict[str, str]:
        """The comparable part of every record, by its path."""
        folder = self.folder / "results" / self.run / "records"
        return {
            str(p.relative_to(folder)): json.dumps(json.loads(p.read_text())["result"])
            for p in sorted(folder.rglob("split*.json"))
        }

    def add_method(self, name, source):
        """A file in baselines/ and its rule."""
        (self.folder / "baselines" / f"{name}.py").write_text(source)
        with open(self.folder / RULES, "a") as rules:
            rules.write("\n\n" + RULE.format(name=name))


@pytest.fixture(scope="session")
def new_checkout(tmp_path_factory):
    """Makes a fresh checkout."""
    return lambda name: Checkout(tmp_path_factory.mktemp(name) / "project")


@pytest.fixture(scope="session")
def finished(new_checkout):
    """A checkout whose small run is complete up to its fits and scores; only to be read."""
    checkout = new_checkout("finished")
    checkout.configure()
    checkout.make(checkout.fits_csv)
    return checkout


@pytest.fixture
def copy(finished, tmp_path):
    """A copy of the finished checkout that a test may spoil (times are kept)."""
    other = object.__new__(Checkout)
    other.folder, other.config = tmp_path / "copy", None
    shutil.copytree(finished.folder, other.folder)
    other.configure()
    return other
