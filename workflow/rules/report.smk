# The summary, and the one file that says that every cell is there.
import time

# the first process of the command writes this down; its jobs inherit it
os.environ.setdefault("BENCHMARK_STARTED", str(time.time()))
SUMMARY = f"results/{RUN}/README.md"


rule summary:
    input:
        records=rules.collect.output,
        tables=expand("results/<run>/tables/{table}.md", table=TABLES),
        figures=expand("figures/<run>/{figure}.png", figure=FIGURES),
        code=modules("report.py", "verdict.py", "published.py"),
    output:
        SUMMARY,
    conda:
        "../../environment.yml"
    message:
        "summary of the run"
    script:
        "../scripts/summary.py"


rule complete:
    input:
        records=rules.collect.output,
        summary=rules.summary.output,
    output:
        "results/<run>/complete.txt",
    conda:
        "../../environment.yml"
    message:
        "check that every fit of the run succeeded"
    script:
        "../scripts/complete.py"


def show_summary():
    """The last thing in the terminal, after Snakemake's own last line."""
    from benchmark import report

    wall = time.time() - float(os.environ["BENCHMARK_STARTED"])
    try:
        print(f"\n{report.closing(config, wall)}")
    except (ValueError, OSError) as error:  # damaged or missing files, named in the message
        print(f"\nno summary: {error}")


onsuccess:
    show_summary()


onerror:
    show_summary()
