# The results page: one file that opens from disk, and the details that it keeps beside it.


rule page:
    input:
        # the records behind it are read too; whatever changes one of them changes these
        gathered=rules.collect.output,
        # what the page links to has to be there before it
        summary=SUMMARY,
        tables=rules.tables.output,
        figures=rules.figures.output + rules.other_figures.output,
        explained="results/<run>/answers.md" if config["explanations"] else [],
        published=sorted(str(p) for p in Path("data/published").glob("*.csv")),
        code=package("benchmark/page") + package("benchmark/evaluation"),
        assets=sorted(str(p) for p in Path("benchmark/page/assets").iterdir()),
        shared=SENTENCES + modules("tables/cells.py", "metrics/metric.py"),
    output:
        page="results/<run>/index.html",
        details="results/<run>/details.json.gz",
    log:
        "logs/<run>/page.log",
    conda:
        "../../environment.yml"
    params:
        metrics=config["metrics"],
    message:
        "results page"
    script:
        "../scripts/page.py"
