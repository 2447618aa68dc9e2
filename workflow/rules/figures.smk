# Figures: the counterparts of the paper's, each as PDF and PNG, and the numbers drawn as CSV.
# Two jobs, one for each core of a small machine: starting one costs as much as a figure.
from benchmark.figures import figures_of

FIGURES = figures_of(config)


rule figures:
    input:
        tables=rules.collect.output,
        published=sorted(str(p) for p in Path("data/published").glob("*.csv")),
        code=package("benchmark/figures") + package("benchmark/evaluation"),
        shared=modules("tables/cells.py", "tables/predictors.py", "metrics/metric.py"),
    output:
        figure_files(FIGURES[::2]),
    log:
        "logs/<run>/figures.log",
    conda:
        "../../environment.yml"
    params:
        metrics=config["metrics"],
    message:
        "one half of the figures"
    script:
        "../scripts/figures.py"


use rule figures as other_figures with:
    output:
        figure_files(FIGURES[1::2]),
    log:
        "logs/<run>/other_figures.log",
    message:
        "the other half of the figures"
