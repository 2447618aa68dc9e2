"""Write the summary of the run (rule ``summary``)."""

import os
import time

from benchmark.evaluation.results import Results
from benchmark.messages import plain_errors
from benchmark.report import summary
from benchmark.storage import write_text

job = snakemake  # noqa: F821 (given by Snakemake)
with plain_errors(job.log[0]):
    wall = time.time() - float(os.environ["BENCHMARK_STARTED"])
    write_text(job.output[0], summary(Results(job.config), wall))
