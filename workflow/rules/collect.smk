# All records, checked and gathered into one tidy table.


rule collect:
    input:
        records=record_files("json"),
        arrays=record_files("npz"),
        data=rules.data_manifest.output,
        code=modules("evaluation/collect.py", "fitting/records.py", "datasets/splits.py"),
    output:
        table="results/<run>/records.csv",
        sha256="results/<run>/records.sha256",
    log:
        "logs/<run>/collect.log",
    conda:
        "../../environment.yml"
    message:
        "one tidy table of all records"
    script:
        "../scripts/collect.py"
