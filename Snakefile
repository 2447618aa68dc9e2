"""Regenerates the tables and figures of the hybrid interpretable models benchmark."""

import os

from snakemake.exceptions import WorkflowError
from snakemake.utils import min_version

min_version("9.12")

# scripts and workers import the project's packages from here, installed or not
os.environ.update(PYTHONPATH=workflow.basedir)
sys.path.insert(0, workflow.basedir)


# Snakemake would merge a file given with --configfile into the default one; here it stands alone.
if not workflow.overwrite_configfiles:

    configfile: "config/paper.yaml"


include: "workflow/rules/common.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/methods.smk"
include: "workflow/rules/collect.smk"
include: "workflow/rules/tables.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/page.smk"
include: "workflow/rules/explanations.smk"


# Short, and read by people at once: these run where the command was given, also on a cluster.
localrules:
    all,
    collect,
    complete,
    data_manifest,
    figures,
    other_figures,
    page,
    summary,
    tables,


rule all:
    default_target: True
    input:
        rules.complete.output,
        # every file of the run: what a run that was killed had taken away is missed by the next one,
        # though all that was made from it is there
        rules.complete.input,
        SPLIT_MANIFESTS,
        TRUTH_MANIFESTS,
        rules.data_manifest.output,
        ANSWERS,
        list(RECORD_MANIFESTS),
        rules.tables.output,
        rules.figures.output,
        rules.other_figures.output,
        rules.page.output,
        list(EXPLAINED.values()),
        rules.grade.output + rules.explanation_report.output if EXPLAINED else [],
