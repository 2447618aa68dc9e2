# What every stage shares: the validated configuration, the names of files, the cells of the run.
import time
from pathlib import Path

import baselines
from benchmark import config as configuration
from benchmark import lock, provenance, storage
from benchmark.fitting import implementation, key, processes

try:
    config = configuration.validate(config)
    if workflow.is_main_process:
        configuration.check_tables(config)
except configuration.ConfigError as error:
    raise WorkflowError(f"configuration refused: {error}")

RUN = config["run"]
SPLITS = list(range(config["splits"]))
TASKS = configuration.dataset_tasks(config)
CELLS = configuration.cells(config)
CHOICES = implementation.choices(config)


pathvars:
    run=RUN,


# One workflow at a time may work on a run.  Snakemake's own lock outlives a kill -9 and would have to
# be removed by hand (the profile switches it off); this one ends with the process.
onstart:
    try:
        LOCKS.append(lock.hold(f".snakemake/{RUN}.lock", f'the run "{RUN}"'))
        for folder in ("data", "results", "figures", "logs"):
            storage.check_writable(f"{folder}/{RUN}")
    except (lock.Busy, OSError) as error:
        raise WorkflowError(str(error))


LOCKS = []
if workflow.is_main_process:
    os.environ.update({processes.MAIN_PROCESS: str(os.getpid())})
# the first process of the command writes this down; its jobs inherit it
os.environ.setdefault("BENCHMARK_STARTED", str(time.time()))


wildcard_constraints:
    dataset="|".join(TASKS),


def modules(*names):
    """Files of the benchmark package that a stage rests on: a change reruns it."""
    return [f"benchmark/{name}" for name in names]


def package(folder):
    """All Python files of a folder of the benchmark package."""
    return sorted(str(p) for p in Path(folder).rglob("*.py"))


def split_files(dataset):
    return expand(f"data/{RUN}/{dataset}/split{{split}}.npz", split=SPLITS)


def truth_files(dataset):
    return expand(f"data/{RUN}/{dataset}/truth{{split}}.npz", split=SPLITS)


def record_files(kind="json"):
    """Every record of the run."""
    return [
        f"results/{RUN}/records/{dataset}/{method}/split{split}.{kind}"
        for dataset, method in CELLS
        for split in SPLITS
    ]


def source_of(wildcards):
    """The user's CSV file, for a data set that comes from one."""
    spec = config["csv"].get(wildcards.dataset)
    return [spec["path"]] if spec else []


# Snakemake does not miss a record below a table that is there.  What rests on a record that is gone
# is made anew.
if workflow.is_main_process and not workflow.dryrun:
    if not all(Path(record).exists() for record in record_files()):
        Path(f"results/{RUN}/fits.csv").unlink(missing_ok=True)


def needs(method):
    """Inputs of a method's rule: the splits, its code, what the run has found out about it."""
    asked = baselines.load(method).implementation
    found = {"implementation": implementation.path_of(RUN, asked)} if asked else {}
    return dict(
        data=expand("data/<run>/{{dataset}}/split{split}.npz", split=SPLITS),
        code=key.code_file(method, renew=workflow.is_main_process),
        **found,
    )


def show_summary():
    """The last thing in the terminal, after Snakemake's own last line."""
    from benchmark import report

    wall = time.time() - float(os.environ.get("BENCHMARK_STARTED"))
    try:
        print(f"\n{report.closing(config, wall)}")
    except (ValueError, OSError) as error:  # damaged or missing files, named in the message
        print(f"\nno summary: {error}")
