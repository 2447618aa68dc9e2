"""The tables and pictures of docs/limits.md, from what measurements/limits.py found."""

from __future__ import annotations

import csv
import json
from collections import defaultdict

import numpy as np
from matplotlib.lines import Line2D

from benchmark.figures import style
from measurements.limits import CASES, FIGURES, GRID, MODELS, NOISES, RESULTS, SEEDS, view
from tools import inserted, palette

FOLDER = FIGURES.parent
#: the looks that the models have in every figure
LOOKS = {name: style.look(None, method) for name, method in MODELS.items()}
CONDITIONS = {"-": "x2 = x1, where the rows are", ":": "x2 = 0"}
#: Figure, heading, for the table of what x1 does in the product.
EFFECTS = (
    ("mem", "slope at 0 (MEM)"),
    ("ame", "average slope"),
    ("step", "mean size of a step of 1"),
    ("shapley", "mean size of the Shapley value"),
)


def read():
    """Values by case, model and figure, in the order of the seeds."""
    found = defaultdict(list)
    with FIGURES.open() as file:
        for line in csv.DictReader(file):
            found[line["case"], line["model"], line["figure"]].append(float(line["value"]))
    return found


def cell(values):
    """Mean and standard deviation; one value stands alone, none is a dash."""
    if not values:
        return "-"
    mean = float(np.mean(values))
    digits = 4 if abs(mean) < 0.02 else 3 if abs(mean) < 0.2 else 2
    text = f"{round(mean, digits) + 0.0:.{digits}f}"  # no -0.00
    return text if len(values) == 1 else f"{text} ± {np.std(values, ddof=1):.{digits}f}"


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def tables(found):
    """Markdown by the name of its file."""
    parts = {}
    for word in ("squares", "product", "xor"):
        rows = [[name, cell(found[word, name, "error"])] for name in MODELS]
        parts[word] = table(["", "excess error"], rows)
    names = ("truth", *MODELS)
    parts["effects"] = table(
        ["what x1 does", *(heading for _, heading in EFFECTS)],
        [[name, *(cell(found["product", name, key]) for key, _ in EFFECTS)] for name in names],
    )
    keys = ("error", "error_apart", "mem")
    parts["correlated"] = table(
        ["", "excess error", "where x2 is drawn apart from x1", "slope of x1 at 0, truth 4"],
        [[name, *(cell(found["correlated", name, key]) for key in keys)] for name in MODELS],
    )
    for place, key in (("noise", "error"), ("coef", "f1_coef"), ("modulating", "f1_modulating")):
        values = [[found[f"noise-{n}", name, key] for n in NOISES] for name in MODELS]
        rows = [
            [name, *map(cell, line)] for name, line in zip(MODELS, values, strict=True) if line[0]
        ]
        parts[place] = table(["noise sd", *map(str, NOISES)], rows)
    counted = {len(found[word, name, "error"]) for word in CASES for name in MODELS}
    count = str(counted.pop()) if len(counted) == 1 else f"{min(counted)} to {max(counted)}"
    parts["draws"] = f"{count} draws each, seeds from {SEEDS[0]}; ± is the standard deviation.\n"
    return parts


def write():
    """The tables, a file each, into the page."""
    for name, text in tables(read()).items():
        (FOLDER / f"{name}.md").write_text(text)
    inserted.fill()


# ------------------------------------------------------------------ pictures


def seen(word, name):
    """Predictions of all fits on the rows of the case's view, (fits, rows)."""
    paths = sorted(RESULTS.glob(f"{word}-{name}-*.json"))
    return np.array([json.loads(path.read_text())["seen"] for path in paths])


def _title(found, word, name):
    return f"{name}\nerror {cell(found[word, name, 'error'])}"


def plane(word, found):
    """Predictions over x1 and x2, the fit whose error is the middle one; a column each."""
    truth = CASES[word].f(view(CASES[word]))
    size = (len(GRID), len(GRID))
    largest = float(np.abs(truth).max())
    levels = np.linspace(-1.1, 1.1, 23) * largest
    figure = style.new(9.6, 2.2)
    axes = figure.subplots(1, 1 + len(MODELS), sharex=True, sharey=True)
    shown = {"truth": truth}
    for name in MODELS:
        errors = np.array(found[word, name, "error"])
        middle = int(np.argsort(errors, kind="stable")[(len(errors) - 1) // 2])
        shown[name] = seen(word, name)[middle]
    for ax, (name, values) in zip(axes, shown.items(), strict=True):
        image = ax.contourf(
            GRID, GRID, values.reshape(size), levels=levels, cmap="RdBu_r", extend="both"
        )
        ax.set_title(
            _title(found, word, name) if name != "truth" else "truth\n",
            fontsize=7.2,  # six panels: longer lines would touch
        )
        ax.set_aspect("equal")
        ax.set_xlabel("x1")
    axes[0].set_ylabel("x2")
    ticks = np.linspace(-largest, largest, 5)
    figure.colorbar(image, ax=axes, label="prediction", shrink=0.8, ticks=ticks)
    return figure


def lines(word, found):
    """Predictions along x1, a line for each fit, with the truth."""
    case = CASES[word]
    conditions = CONDITIONS if case.view == "lines" else {"-": "prediction of one fit"}
    truth = case.f(view(case)).reshape(len(conditions), -1)
    figure = style.new(9.6, 2.5)
    axes = figure.subplots(1, len(MODELS), sharex=True, sharey=True)
    for ax, name in zip(axes, MODELS, strict=True):
        ax.plot(GRID, truth[0], color=style.TRUTH, lw=2.5, alpha=0.35)
        for one in seen(word, name).reshape(-1, len(conditions), len(GRID)):
            for dash, values in zip(conditions, one, strict=True):
                ax.plot(GRID, values, dash, color=LOOKS[name].colour, lw=1)
        ax.set_title(_title(found, word, name))
        ax.set_xlabel("x1")
    axes[0].set_ylabel("prediction")
    handles = [Line2D([], [], color=style.TRUTH, lw=2.5, alpha=0.35, label="truth")]
    handles += [Line2D([], [], color="0.3", ls=d, label=t) for d, t in conditions.items()]
    style.legend_below(figure, handles)
    return figure


def noise(found):
    """Error and supports against the noise."""
    panels = {
        "error": "excess error",
        "f1_coef": "F1, features with a coefficient",
        "f1_modulating": "F1, features that modulate",
    }
    figure = style.new(9.6, 2.7)
    for ax, (key, title) in zip(figure.subplots(1, 3, sharex=True), panels.items(), strict=True):
        for name, look in LOOKS.items():
            values = [found[f"noise-{sd}", name, key] for sd in NOISES]
            if all(values):
                mean = [np.mean(v) for v in values]
                ax.plot(NOISES, mean, marker=look.marker, color=look.colour, ms=4, lw=1)
                ends = [[min(v) for v in values], [max(v) for v in values]]
                ax.vlines(NOISES, *ends, color=look.colour, lw=0.8)
        ax.set(title=title, xlabel="standard deviation of the noise", xscale="log")
        ax.set_xticks(NOISES, map(str, NOISES))
        ax.minorticks_off()
        if key == "error":
            ax.set_yscale("log")
        else:
            ax.set_ylim(0, 1.05)
    handles = [
        Line2D([], [], color=look.colour, marker=look.marker, ms=4, label=name)
        for name, look in LOOKS.items()
    ]
    style.legend_below(figure, handles)
    return figure


def pictures():
    found = read()
    with style.context():
        made = {word: plane(word, found) for word in ("product", "xor")}
        made |= {word: lines(word, found) for word in ("squares", "correlated")}
        made["noise"] = noise(found)
        for word, figure in made.items():
            style.save(figure, FOLDER / f"{word}.png")
    palette.shrink(FOLDER)
