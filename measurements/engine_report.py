"""The tables of what measurements/engine.py has measured."""

from __future__ import annotations

import numpy as np
import pandas as pd

#: a straight line is known to do best on these
CONTROLS = ("carseats", "bdims", "breast_cancer")


def report(lines):
    """Print the tables of what was measured, part by part."""
    by_part: dict[str, list] = {}
    for line in lines:
        by_part.setdefault(line["key"][0], []).append(line)
    for part, found in by_part.items():
        {"tables": _show_tables, "ablation": _show_ablation}.get(part, _show_plain)(part, found)


def _geometric(values):
    return float(np.exp(np.mean(np.log(values))))


def group(name, task):
    return "control" if name in CONTROLS else task


def _show_tables(part, lines):
    found = []
    for line in lines:
        _, name, cut = line["key"]
        for rows in ("training", "all"):
            of = {k.split(",")[0]: v for k, v in line["found"].items() if k.endswith(f", {rows}")}
            own, rivals = of.pop("NIMO+"), list(of.values())
            best = min(e for e, _ in rivals)
            fastest = min(s for _, s in rivals)
            found.append(
                (group(name, line["task"]), name, cut, rows, own[0], best, own[1], fastest)
            )
    names = ["group", "name", "cut", "rows", "error", "best", "seconds", "fastest"]
    frame = pd.DataFrame(found, columns=names)
    means = frame.groupby(["group", "rows", "name"]).mean(numeric_only=True)
    bags = sorted({k.split(",")[0] for line in lines for k in line["found"]} - {"NIMO+"})
    print(f"\n## Error over EBM's, the best of {', '.join(bags)} (bags) on each table\n")
    print("| group | rows | tables | cuts | geometric mean | worst table | seconds over EBM's |")
    print("|---|---|---|---|---|---|---|")
    for (name, rows), of in means.groupby(["group", "rows"]):
        ratio = of.error / of.best
        seconds = (frame.seconds / frame.fastest)[(frame.group == name) & (frame.rows == rows)]
        print(
            f"| {name} | {rows} | {len(of)} | {frame.cut.nunique()} | {_geometric(ratio):.3f} "
            f"| {ratio.max():.2f} {ratio.idxmax()[2]} | {seconds.median():.2f} |"
        )
    print("\nBy table, all rows: ", end="")
    whole = means.xs("all", level="rows")
    ratio = (whole.error / whole.best).sort_values()
    print(", ".join(f"{name} {value:.2f}" for (_, name), value in ratio.items()))


def _show_ablation(part, lines):
    frame = pd.DataFrame(
        [
            (group(line["key"][1], line["task"]), line["key"][1], label, e, s)
            for line in lines
            for label, (e, s) in line["found"].items()
        ],
        columns=["group", "name", "label", "error", "seconds"],
    )
    means = frame.groupby(["group", "label", "name"])[["error", "seconds"]].mean()
    print("\n## Error without a part, over that with all of it\n")
    print("| group | without | tables | mean | worst table | seconds, median |")
    print("|---|---|---|---|---|---|")
    for (name, label), of in means.groupby(["group", "label"]):
        whole = means.loc[name, "all of it"]
        ratio = of.error.droplevel([0, 1]) / whole.error
        print(
            f"| {name} | {label} | {len(of)} | {_geometric(ratio):.3f} "
            f"| {ratio.max():.2f} {ratio.idxmax()} | {of.seconds.median():.2f} |"
        )


def _show_plain(part, lines):
    print(f"\n## {part}\n")
    for line in lines:
        shown = ", ".join(f"{label}: {value}" for label, value in line["found"].items())
        print(f"* {' '.join(map(str, line['key'][1:]))}: {shown}")
