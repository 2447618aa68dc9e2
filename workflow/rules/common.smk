# What every stage shares: the validated configuration, the names of files, the cells of the run.
import atexit
import tempfile
import time
from pathlib import Path

import baselines
from benchmark import config as configuration
from benchmark import config_checks, lock, manifest, method_rules, pipes, progress, storage
from benchmark.datasets import splits, user_csv
from benchmark.fitting import cost, forks, implementation, key, processes, records
from benchmark.split_counts import splits_of

pipes.outlive_reader(logger)
try:
    if workflow.is_main_process:
        # Snakemake has read them already, and of a key given twice it takes the last
        for file in workflow.configfiles:
            configuration.parse(min(str(file), os.path.relpath(file), key=len))
        config = configuration.validate(config)
        config_checks.methods_of_today(config)
        method_rules.check(config)
        config_checks.tables(config)
        implementation.check_kept(config)
    else:
        config = configuration.kept(config)
except (configuration.ConfigError, implementation.Changed) as error:
    raise WorkflowError(f"configuration refused: {error}")

RUN = config["run"]
TASKS = configuration.dataset_tasks(config)
CELLS = configuration.cells(config)
CHOICES = implementation.choices(config)
COSTS = cost.Costs(config, CELLS, cost.read())


pathvars:
    run=RUN,


def without_default_limit(scheduler):
    """Let as many jobs start as there is room for, where nobody asks for another limit.

    Snakemake's default is 100 starts a second. With a limit its scheduler looks again a second after
    each look, and every job that ends begins one more such chain: after 150 jobs a third of a core
    did nothing but look.
    """
    limit = getattr(workflow.scheduling_settings, "max_jobs_per_timespan", None)
    if limit is not None and (limit.max_jobs, limit.timespan) == (100, 1):
        scheduler.job_rate_limiter = None


# One workflow at a time may work on a run.  Snakemake's own lock outlives a kill -9 and would have to
# be removed by hand (the profile switches it off); this one ends with the process.
onstart:
    without_default_limit(workflow.scheduler)
    try:
        LOCKS.append(lock.hold(f".snakemake/{RUN}.lock", f'the run "{RUN}"'))
        configuration.keep(config)
        for folder in ("data", "results", "figures", "logs"):
            storage.check_writable(f"{folder}/{RUN}")
        if workflow.local_exec and forks.wanted():
            env = processes.environment(tempfile.gettempdir(), workflow.basedir)
            SERVERS.append(forks.Servers(env))
            os.environ.update({forks.FOLDER: str(SERVERS[0].folder)})
    except (lock.Busy, OSError) as error:
        raise WorkflowError(str(error))


LOCKS, SERVERS = [], []
# On a node of a cluster it is the job's own Snakemake that a fit must not outlive.
if not workflow.subprocess_exec:
    os.environ.update({processes.MAIN_PROCESS: str(os.getpid())})
if workflow.remote_exec:
    os.environ.update({processes.BATCH: "1"})
    os.environ.pop(forks.FOLDER, None)  # whatever the machine of the command has, a node has not
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


def figure_files(names):
    """The files of some figures: two pictures and the numbers drawn, each."""
    return [f"figures/<run>/{name}.{kind}" for name in names for kind in ("pdf", "png", "csv")]


# Splits, truths and records stand behind manifests: see benchmark/manifest.py.
SPLIT_MANIFESTS = [splits.manifest_path_of(RUN, dataset) for dataset in TASKS]
TRUTH_MANIFESTS = [splits.truth_manifest_path_of(RUN, dataset) for dataset in TASKS]
RECORD_MANIFESTS = {
    records.manifest_path_of(RUN, dataset, method): splits.manifest_path_of(RUN, dataset)
    for dataset, method in CELLS
}  # and the manifest of the splits that each rests on


def promised():
    """Every manifest of the run, and the files that it stands for."""

    def names(dataset, *patterns):
        indices = range(splits_of(config, dataset))
        return [pattern.format(index) for index in indices for pattern in patterns]

    found = {}
    for dataset, split, truth in zip(TASKS, SPLIT_MANIFESTS, TRUTH_MANIFESTS, strict=True):
        found[split] = names(dataset, "split{}.npz")
        found[truth] = names(dataset, "truth{}.npz")
    for (dataset, _), record in zip(CELLS, RECORD_MANIFESTS, strict=True):
        found[record] = names(dataset, "split{}.json", "split{}.npz")
    return found


def source_of(wildcards):
    """The user's CSV file, for a data set that comes from one."""
    spec = config["csv"].get(wildcards.dataset)
    return [os.path.relpath(user_csv.path_of(spec))] if spec else []


# Snakemake does not miss a file below a table that is there.  What rests on one that is gone is made
# anew.  (While the rules are read, Snakemake's workflow.dryrun is always false.)
DRY = workflow.output_settings.dryrun
if workflow.is_main_process:
    missing, broken = manifest.find_broken(promised(), RECORD_MANIFESTS)
    for line in broken[:20]:
        logger.warning(f"{line}; {'a run makes it anew' if DRY else 'it is made anew'}")
    if len(broken) > 20:
        logger.warning(f"and {len(broken) - 20} more")
    if missing and not DRY:
        manifest.discard([*missing, f"results/{RUN}/fits.csv"])


def needs(method):
    """Inputs of a method's rule: the splits, its code, what the run has found out about it."""
    asked = baselines.load(method).implementation
    found = {"implementation": implementation.path_of(RUN, asked)} if asked else {}
    return dict(
        data="data/<run>/{dataset}/splits.json",
        # all data sets first: only jobs that are ready at once become one array of a cluster
        every=ancient("data/<run>/manifest.csv"),
        code=key.code_file(method, renew=workflow.is_main_process),
        **found,
    )


def show_summary():
    """The last thing in the terminal, after Snakemake's own last words."""
    from benchmark import terminal

    if DISPLAY is not None:
        DISPLAY.end()
    wall = time.time() - float(os.environ.get("BENCHMARK_STARTED"))
    try:
        text = terminal.closing(config, wall)
    except (ValueError, OSError) as error:  # damaged or missing files, named in the message
        text = f"no summary: {error}"
    refused = [] if DISPLAY is None else DISPLAY.refused
    atexit.register(print, "\n".join(["", text, *refused]), flush=True)


# How far the run is, in fits, in the place of Snakemake's lines about jobs.
DISPLAY = None
if workflow.is_main_process and not DRY:
    sys.path.append(f"{workflow.basedir}/workflow/plugins")
    import snakemake_logger_plugin_fits

    def is_done(dataset, method):
        """Whether the fits of a cell need not be done again."""
        made = records.manifest_path_of(RUN, dataset, method)
        return progress.is_current(made, [RECORD_MANIFESTS[made], code_files[method]])

    code_files = {method: key.code_file(method, renew=True) for method in config["methods"]}
    there = [cell for cell in CELLS if is_done(*cell)]
    DISPLAY = snakemake_logger_plugin_fits.take_over(
        logger,
        workflow.output_settings,
        progress.Progress(RUN, {cell: splits_of(config, cell[0]) for cell in CELLS}, COSTS, there),
    )
