"""Keep the tables and figures of a complete run in docs/results, with what made them.

``python -m tools.snapshot [CONFIG]`` copies the tidy tables, tables, figures, summary and details
of a run, and writes down commits, versions and machine.  A checkout is to stay small: of tables it
keeps CSV and Markdown, of figures the numbers drawn and a PNG of few colours, and the results page
is built from them (``tools.results_page``).  Pages that quote its numbers are filled in
(``tools.inserted``), from those in docs/results and docs/real ``workflow/costs.csv`` too, from
those in docs/real and docs/long what more rows change (``tools.more_rows``).  It refuses a run that
is not complete, and one of several commits or of changes that were not committed, unless
``--mixed`` says that this is meant.  With ``--tables`` only those tables are kept, and no figures;
docs/ablation holds ``regression`` and ``first_layer`` of config/ablation.yaml.  The run on real
tables is kept by ``python -m tools.snapshot config/real.yaml --to docs/real``.  With
``--explanations`` only what explanations are worth is kept: docs/explanations, of
config/explanations.yaml.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

import psutil
import yaml

from benchmark import ROOT, choice, found, headline, means, report, storage
from benchmark.config import ConfigError, read
from benchmark.evaluation.collect import read_all
from benchmark.evaluation.published import read as read_published
from benchmark.evaluation.results import Results
from benchmark.figures import EXPLANATION_FIGURES, draw
from benchmark.fitting import key, records
from benchmark.page import details
from benchmark.provenance import versions
from benchmark.tables import EXPLANATION_TABLES, TABLES, make
from benchmark.tables.scores import all_scores
from tools import costs, inserted, more_rows, palette

PICTURES = {
    "who_wins": "Improvability of every method on every data set",
    "accuracy_cost": "Mean improvability against the seconds of a fit",
    "reading_size": "Mean improvability against the size of what there is to read",
    "what_wins": "The lead of ours against properties of the data sets",
    "critical_difference": "Average ranks and critical differences",
}
#: whose fits workflow/costs.csv rests on
COSTS = tuple(ROOT / "docs" / name for name in ("results", "real"))
#: of the files of a table or a figure, those that a snapshot keeps
TABLE_KINDS = ("csv", "md")
FIGURE_KINDS = ("png", "csv")
#: of the results page, in the place of a link
BUILT = (
    "the results page, which `python -m tools.results_page` builds of this folder "
    "([what it shows](../reproduce.md#the-results-page))."
)


def processor() -> str:
    """The name of the processor, as the system gives it."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def provenance(config) -> dict:
    """Commit, code, versions and machine behind the records of a run."""
    documents = [record for record, _ in read_all(config, ROOT)]
    commits = sorted({d["run"]["commit"] for d in documents})
    packages = {name: metadata.version(name) for name in report.PACKAGES}
    for method in config["methods"]:
        packages |= versions(method)
    return {
        "commits": commits,
        "uncommitted_changes": any(d["run"]["dirty"] for d in documents),
        "records": len(documents),
        "fit_seconds_total": round(sum(d["run"]["fit_seconds"] or 0 for d in documents)),
        "record_schema": records.SCHEMA_VERSION,
        "code": {
            "scoring": inserted.scoring_sha256(),
            **({"grading": inserted.grading_sha256()} if config["explanations"] else {}),
            "methods": {method: key.code_sha256(method) for method in config["methods"]},
        },
        "python": packages.pop("python"),
        "packages": packages,
        "machine": {
            "processor": processor(),
            "cores": os.cpu_count(),
            "memory_gib": round(psutil.virtual_memory().total / 2**30),
            "system": f"{platform.system()} {platform.machine()}",
        },
    }


def pictures(folder: Path) -> str:
    """A section of Markdown with the pictures that sum a run up; "" if there are none."""
    there = [(name, text) for name, text in PICTURES.items() if (folder / f"{name}.png").exists()]
    lines = [f"![{text}]({folder.name}/{name}.png)\n" for name, text in there]
    return "\n".join(["", "## Pictures", "", *lines]) if lines else ""


def keep(source: Path, names, kinds, target: Path):
    """Copy tables or figures in some of their formats."""
    target.mkdir(parents=True, exist_ok=True)
    for name in names:
        for kind in kinds:
            shutil.copy(source / f"{name}.{kind}", target)


def write_tables(results, target: Path, names=TABLES):
    """Make the tables that a snapshot keeps."""
    for name in names:
        make(name, results).write(*(target / "tables" / f"{name}.{kind}" for kind in TABLE_KINDS))


def draw_figure(name: str, results, target: Path):
    """Draw a figure that a snapshot keeps."""
    draw(name, results, [target / "figures" / f"{name}.{kind}" for kind in FIGURE_KINDS])


def keep_explanations(config, source, target, made_by):
    """Tables, figures, grades and answers of a run that explains; its scores are kept elsewhere."""
    for folder, names, kinds in (
        (source / "tables", EXPLANATION_TABLES, TABLE_KINDS),
        (ROOT / "figures" / config["run"], EXPLANATION_FIGURES, FIGURE_KINDS),
    ):
        keep(folder, names, kinds, target / ("tables" if folder.name == "tables" else "figures"))
    palette.shrink(target)
    for name in ("fits.csv", "explained.csv", "graded.csv", "answers.md"):
        shutil.copy(source / name, target / name)
    (target / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    (target / "provenance.json").write_text(json.dumps(made_by, indent=1) + "\n")


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A new folder that takes the place of a snapshot once all is written in it.

    Raises
    ------
    FileExistsError
        The target holds files, and they are no snapshot.
    """
    if target.exists() and any(target.iterdir()) and not (target / "provenance.json").exists():
        raise FileExistsError(f"{target} holds files that are no snapshot: name another folder")
    made = target.with_name(f"{target.name}.new")
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    try:
        yield made
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise
    shutil.rmtree(target, ignore_errors=True)
    made.rename(target)


def require_one_commit(run: str, made_by: dict):
    """Refuse a run whose records are of several states of the code.

    Raises
    ------
    ValueError
    """
    if len(commits := made_by["commits"]) > 1:
        raise ValueError(f"run {run} has records of {len(commits)} commits: {', '.join(commits)}")
    if made_by["uncommitted_changes"]:
        raise ValueError(f"run {run} has records of changes that were not committed")


def require_complete(config):
    """Refuse a run of which no complete results are there.

    Raises
    ------
    FileNotFoundError
    """
    if not (ROOT / "results" / config["run"] / "complete.txt").exists():
        raise FileNotFoundError(f"results/{config['run']} is not complete: run it first")


def keep_implementations(source: Path, target: Path):
    """Keep which implementation each method of a run had, where it has several."""
    for path in sorted((source / "implementation").glob("*.json")):
        answer = json.loads(path.read_text())
        for name in ("environment", "setup"):  # folders of this machine
            answer.pop(name, None)
        storage.write_text(target / path.name, json.dumps(answer, indent=2) + "\n")


def finish(results, target: Path, readme: str, made_by: dict, sentences: bool = True):
    """Write what is made from the tables: summary, found, configuration, provenance."""
    if sentences:
        storage.write_text(target / "headline.md", headline.headline(results))
        storage.write_text(target / "means.md", means.means(results))
        storage.write_text(target / found.NAME, found.page(results))
        if table := choice.choice(results):
            storage.write_text(target / "choice.md", table)
        if differ := report.departures(results, all_scores(results, read_published())):
            storage.write_text(target / "differ.md", "".join(f"* {line}\n" for line in differ))
    readme = readme.replace(report.PAGE, f"{report.SORTED} {BUILT}")
    storage.write_text(target / "README.md", readme + pictures(target / "figures"))
    palette.shrink(target)
    config = yaml.safe_dump(held(results), sort_keys=False)
    (target / "config.yaml").write_text(config)
    (target / "provenance.json").write_text(json.dumps(made_by, indent=1) + "\n")


def held(results) -> dict:
    """The configuration of a snapshot: without data sets that the run could not have.

    Whoever reads it may be able to have them.
    """
    return restricted(results.config, results.tasks) | {"missing_data": "refuse"}


def restricted(config, names) -> dict:
    """A configuration on those of its data sets that are among some names."""
    datasets = [name for name in config["datasets"] if name in names]
    more_splits = {name: n for name, n in config["more_splits"].items() if name in names}
    return config | {"datasets": datasets, "more_splits": more_splits}


def keep_scores(config, source: Path, target: Path, made_by: dict, tables):
    """Tables, figures and scores of a run; of some tables no figures."""
    keep(source / "tables", tables or TABLES, TABLE_KINDS, target / "tables")
    if not tables:
        drawn = ROOT / "figures" / config["run"]
        names = sorted(path.stem for path in drawn.glob("*.png"))
        keep(drawn, names, FIGURE_KINDS, target / "figures")
    for name in ("fits.csv", "scores.csv", details.NAME):
        shutil.copy(source / name, target / name)
    keep_implementations(source, target)
    shutil.copy(ROOT / "data" / config["run"] / "manifest.csv", target / "data_manifest.csv")
    readme = (source / "README.md").read_text()
    finish(Results(config, ROOT), target, readme, made_by, sentences=not tables)


def publish(target: Path):
    """Fill in the pages that quote a snapshot of docs/; full grids give the costs too."""
    if target in (more_rows.FEWER, more_rows.MORE):
        more_rows.write()
    if target.parent == ROOT / "docs":
        inserted.fill()
    if target in COSTS:
        costs.write(target / "fits.csv")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("config", nargs="?", default="config/paper.yaml")
    parser.add_argument("--to", default="docs/results")
    parser.add_argument("--tables", nargs="+", help="keep these tables alone, and no figures")
    parser.add_argument(
        "--explanations",
        action="store_true",
        help="keep what explanations are worth, and no scores",
    )
    parser.add_argument(
        "--mixed",
        action="store_true",
        help="keep records of several commits, or of changes that were not committed",
    )
    arguments = parser.parse_args()
    try:
        config = read(arguments.config)
        require_complete(config)
        made_by = provenance(config)
        if not arguments.mixed:
            require_one_commit(config["run"], made_by)
        target, source = ROOT / arguments.to, ROOT / "results" / config["run"]
        with replacing(target) as made:
            if arguments.explanations:
                keep_explanations(config, source, made, made_by)
            else:
                keep_scores(config, source, made, made_by, arguments.tables)
    except (ConfigError, OSError, ValueError) as error:
        sys.exit(f"error: {error}")
    publish(target)
    print(f"docs snapshot of {made_by['records']} records written to {arguments.to}")


if __name__ == "__main__":
    main()
