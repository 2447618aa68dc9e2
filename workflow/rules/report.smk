# The summary, and the one file that says that every cell is there.
SUMMARY = f"results/{RUN}/README.md"
#: what its sentences, and those of the page, are made by
SENTENCES = modules("report.py", "found.py", "headline.py", "duels.py", "sentences.py", "words.py")


rule summary:
    input:
        gathered=rules.collect.output,
        tables=rules.tables.output,
        figures=rules.figures.output + rules.other_figures.output,
        code=package("benchmark/evaluation") + package("benchmark/tables") + SENTENCES,
    output:
        SUMMARY,
    log:
        "logs/<run>/summary.log",
    conda:
        "../../environment.yml"
    message:
        "summary of the run"
    script:
        "../scripts/summary.py"


rule complete:
    input:
        gathered=rules.collect.output,
        summary=rules.summary.output,
        page="results/<run>/index.html",
    output:
        "results/<run>/complete.txt",
    log:
        "logs/<run>/complete.log",
    retries: 0
    conda:
        "../../environment.yml"
    message:
        "check that every fit of the run succeeded"
    script:
        "../scripts/complete.py"


onsuccess:
    show_summary()


onerror:
    show_summary()
