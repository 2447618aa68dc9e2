# Figures: the counterparts of the paper's, each as PDF and PNG, and the numbers drawn as CSV.
# One job draws all, since starting it costs most.
from benchmark.figures import FIGURES


rule figures:
    input:
        tables=rules.collect.output,
        published=sorted(str(p) for p in Path("data/published").glob("*.csv")),
        code=package("benchmark/figures") + package("benchmark/evaluation"),
        shared=modules("tables/cells.py", "metrics/metric.py"),
    output:
        [f"figures/<run>/{figure}.{kind}" for figure in FIGURES for kind in ("pdf", "png", "csv")],
    log:
        "logs/<run>/figures.log",
    conda:
        "../../environment.yml"
    params:
        metrics=config["metrics"],
    message:
        "the figures"
    script:
        "../scripts/figures.py"
