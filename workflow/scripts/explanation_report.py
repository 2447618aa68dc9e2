"""Write tables and figures of the explanations (rule ``explanation_report``)."""

from pathlib import Path

from benchmark import answers
from benchmark.evaluation.grades import Explained
from benchmark.evaluation.results import Results
from benchmark.figures import EXPLANATION_FIGURES, draw_explained
from benchmark.messages import plain_errors
from benchmark.storage import write_text
from benchmark.tables import EXPLANATION_TABLES, make_explained

job = snakemake  # noqa: F821 (given by Snakemake)
with plain_errors(job.log[0]):
    results = Results(job.config)
    explained = Explained(results)
    for name in EXPLANATION_TABLES:
        paths = (path for path in job.output.tables if Path(path).stem == name)
        make_explained(name, results).write(*paths)
    write_text(job.output.answers, answers.page(explained))
    for name in EXPLANATION_FIGURES:
        paths = [path for path in job.output.figures if Path(path).stem == name]
        draw_explained(name, explained, paths)
