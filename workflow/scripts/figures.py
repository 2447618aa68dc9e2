"""Draw figures as PDF and PNG (rules ``figures`` and ``other_figures``)."""

from pathlib import Path

from benchmark.evaluation.results import Results
from benchmark.figures import draw, figures_of
from benchmark.messages import plain_errors

job = snakemake  # noqa: F821 (given by Snakemake)
with plain_errors(job.log[0]):
    results = Results(job.config)
    for name in figures_of(results.config):
        if paths := [path for path in job.output if Path(path).stem == name]:
            draw(name, results, paths)
