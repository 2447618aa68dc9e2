"""Explain all stored fits of one method on one data set (rule ``explain``)."""

from benchmark import manifest
from benchmark.config import validate
from benchmark.explanations.driver import Explanations
from benchmark.messages import plain_errors

job = snakemake  # noqa: F821 (given by Snakemake)
with plain_errors():
    config, cell = validate(dict(job.config)), job.wildcards
    explanations = Explanations(config, cell.dataset, cell.explained, job.log[0])
    manifest.write(job.output[0], explanations.run(range(config["splits"])))
