"""Find out what runs behind a method (rule ``implementation``)."""

from benchmark.config import ConfigError
from benchmark.fitting.implementation import resolve, write
from benchmark.messages import plain_errors

job = snakemake  # noqa: F821 (given by Snakemake)
with plain_errors(job.log[0]):
    try:
        found = resolve(job.wildcards.module, job.params.choice)
    except (RuntimeError, ValueError) as error:
        raise ConfigError(str(error)) from None
    write(found, job.output[0])
