"""Write tables and figures of the explanations (rule ``explanation_report``)."""

from pathlib import Path

from benchmark.explanations import answers
from benchmark.explanations.collect import Explained
from benchmark.figures import EXPLANATION_FIGURES, draw_explained
from benchmark.messages import plain_errors
from benchmark.storage import write_text
from benchmark.tables import EXPLANATION_TABLES, make_explained
from benchmark.tables.explained import Graded

job = snakemake  # noqa: F821 (given by Snakemake)
with plain_errors(job.log[0]):
    config = job.config
    explained, graded = Explained(config), Graded(config)
    for name in EXPLANATION_TABLES:
        paths = (path for path in job.output.tables if Path(path).stem == name)
        make_explained(name, graded).write(*paths)
    write_text(job.output.answers, answers.page(graded, explained))
    for name in EXPLANATION_FIGURES:
        paths = [path for path in job.output.figures if Path(path).stem == name]
        draw_explained(name, explained, graded, paths)
