# All records, checked and gathered: what became of every fit, and what every metric says of it.


rule collect:
    input:
        records=list(RECORD_MANIFESTS),
        truths=TRUTH_MANIFESTS,
        data=rules.data_manifest.output,
        code=package("benchmark/metrics")
        + modules("evaluation/collect.py", "evaluation/scoring.py")
        + modules("fitting/plan.py", "fitting/records.py"),
    output:
        fits="results/<run>/fits.csv",
        scores="results/<run>/scores.csv",
        sha256=["results/<run>/fits.sha256", "results/<run>/scores.sha256"],
    log:
        "logs/<run>/collect.log",
    retries: 0
    conda:
        "../../environment.yml"
    message:
        "the tables of all fits and of all scores"
    script:
        "../scripts/collect.py"
