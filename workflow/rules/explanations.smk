# Explanations of stored fits: made and graded only where the config asks for them.
import re

from benchmark.figures import EXPLANATION_FIGURES
from benchmark.tables import EXPLANATION_TABLES

EXPLAINED = {
    (
        dataset,
        method,
    ): f"results/{RUN}/explanations/{dataset}/{baselines.file_id(method)}/manifest.json"
    for dataset, method in (CELLS if config["explanations"] else [])
}


rule explain:
    input:
        records="results/<run>/records/{dataset}/{explained}/manifest.json",
        code=package("benchmark/explanations") + package("explainers"),
    output:
        "results/<run>/explanations/{dataset}/{explained}/manifest.json",
    log:
        "logs/<run>/{dataset}/{explained}.explained.log",
    wildcard_constraints:
        explained="|".join(re.escape(baselines.file_id(name)) for name in config["methods"]),
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        runtime=lambda wildcards, attempt: COSTS.explaining_runtime(attempt),
        mem_mb=lambda wildcards, attempt: cost.AROUND_MB + config["limits"]["memory_mb"],
        attempt=lambda wildcards, attempt: attempt,
    params:
        asked=config["explanations"],
        limits=config["limits"],
    message:
        "explanations of {wildcards.explained} on {wildcards.dataset}, all splits"
    script:
        "../scripts/explain.py"


rule grade:
    input:
        explained=list(EXPLAINED.values()),
        code=package("benchmark/explanations")
        + package("benchmark/metrics")
        + modules("evaluation/grades.py"),
    output:
        "results/<run>/explained.csv",
        "results/<run>/graded.csv",
    log:
        "logs/<run>/grade.log",
    conda:
        "../../environment.yml"
    message:
        "grades of all explanations"
    script:
        "../scripts/grade.py"


rule explanation_report:
    input:
        graded=rules.grade.output,
        scores=rules.collect.output,
        code=package("benchmark/evaluation")
        + package("benchmark/figures")
        + package("benchmark/tables")
        + modules("answers.py"),
    output:
        tables=[
            f"results/<run>/tables/{table}.{kind}"
            for table in EXPLANATION_TABLES
            for kind in ("csv", "md", "tex")
        ],
        figures=figure_files(EXPLANATION_FIGURES),
        answers="results/<run>/answers.md",
    log:
        "logs/<run>/explanation_report.log",
    conda:
        "../../environment.yml"
    message:
        "tables and figures of the explanations"
    script:
        "../scripts/explanation_report.py"
