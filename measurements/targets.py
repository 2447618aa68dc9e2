"""What NIMO and NIMO+ are asked to reach outside the suite, and what they reach.

    python measurements/targets.py fit [PART ...] --store FILE [--draws 3] [--seed 8800] [--jobs 2]
    python measurements/targets.py report --store FILE [--real docs/real] > docs/targets.md

``fit`` writes one line of JSON for each fit.  A fit that is in the file already is not done again,
so that a run can be stopped and go on.  The parts:

``noise``
    Settings 1 to 3, toy and setting 2 with correlated features, noise sd 0.1 to 2: NIMO, its
    relaxed variant and NIMO+ beside the oracle (the paper's network on the true supports), the
    tuned MLP and the lasso.
``bends``
    A product, a sum of squares, a mixture and Friedman's first function, noise sd 0.1 and 1: NIMO+
    beside EBM, the tuned MLP, boosting and SVM.
``classes``
    The three classification settings: accuracy on 2000 rows and zeros of beta.
``time``
    CPU seconds of complete fits, one thread: beside LassoNet's path with its package's defaults
    and two layers of 64, and on real tables beside EBM's default.

Functions, draws and rivals are those of ``measurements/nimo_plus.py``.  ``report`` sets each aim
beside what was found; the real tables it takes from a snapshot of the run ``config/real.yaml``.
Large data: ``measurements/nimo_speed.py --only large``.  Seeds that no other page reports start at
8800.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import sys
import time
import warnings
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import numpy as np
import pandas as pd
import torch

sys.path.insert(0, str(Path(__file__).resolve().parent))

import nimo_plus as extended  # noqa: E402
from nimo_plus import FUNCTIONS, PAPER, TRAIN, VAL, LassoNetPath, f1, numbers  # noqa: E402
from tied_selection import VARIANTS, Tied, cut  # noqa: E402

from benchmark import ROOT, datasets  # noqa: E402
from benchmark.found import BLACK_BOXES  # noqa: E402
from nimo import NIMOClassifier  # noqa: E402

NOISE = (0.1, 0.5, 1.0, 2.0)
BENDS = ("product", "squares", "mixed", "friedman")
CLASSES = ("classification1", "classification2", "classification3")
#: Real tables of 500 to 5000 rows.
TIMED = ("bdims", "College", "concrete", "Wage")
SIZES = ("toy", "setting2", "setting3")
PARTS = ("noise", "bends", "classes", "time")
INTRODUCTION = """\
# What was asked of NIMO outside the suite, and what it reaches

Printed by `python measurements/targets.py report`, from fits of `targets.py fit` on seeds {first}
to {last}; no choice was made on them. 300 rows; models that need validation rows take the last
100. The oracle is the paper's network given the true supports, the best of thirty by these rows.
Functions and rivals are those of `measurements/nimo_plus.py`; EBM has the package's defaults."""
OURS = {"sparse": "NIMO", "relaxed": "NIMO (relaxed)", "plus": "NIMO+"}


def cases(part, draws, seed):
    """(part, what, noise sd, seed) of each draw."""
    seeds = range(seed, seed + draws)
    if part == "noise":
        return [(part, name, sd, s) for s in seeds for name in PAPER for sd in NOISE]
    if part == "bends":
        return [(part, name, sd, s) for s in seeds for name in BENDS for sd in (0.1, 1.0)]
    if part == "classes":
        return [(part, name, 0.1, s) for s in seeds for name in CLASSES]
    return [(part, name, 0.1, s) for s in seeds for name in SIZES] + [
        (part, name, None, seed) for name in TIMED
    ]


def models_of(part, name):
    if part == "noise":
        return (*OURS, "oracle", "mlp", "lasso")
    if part == "bends":
        return ("plus", "ebm", "mlp", "boosting", "svm")
    if part == "classes":
        return ("sparse", "relaxed")
    return (*OURS, "ebm" if name in TIMED else "lassonet")


def build(model, val=VAL, **options):
    """An unfitted model; those that choose on validation rows take the last ``val`` for that."""
    if model in VARIANTS:
        return Tied(val=val, **VARIANTS[model] | options)
    if model == "plus":
        return extended._regressor(**options)
    if model == "lassonet":
        return LassoNetPath(0)
    if model == "ebm":
        return extended.ebm()
    labels = {"mlp": "MLP", "lasso": "lasso", "boosting": "boosting", "svm": "SVM"}
    return dict(extended.rivals())[labels[model]]


def standard_errors_from_0(model, name, X, y):
    """How many the oracle's coefficients are away from 0, its network taken for given."""
    kept = sorted(j - 1 for j in datasets.declared()[PAPER[name]].coef)
    rows = torch.tensor(X[:TRAIN])
    design = (rows * (1 + model.correction(rows))).numpy()[:, kept]
    design = np.column_stack([np.ones(TRAIN), design])
    residual = y[:TRAIN] - model.predictor(rows).numpy()
    variance = residual @ residual / (TRAIN - design.shape[1])
    errors = np.sqrt(variance * np.diag(np.linalg.inv(design.T @ design)))[1:]
    return np.abs(model.coef.numpy()[kept]) / errors


def fit(case, model):
    """One fit: what the report needs of it."""
    part, name, sd, seed = case
    if part == "classes":
        return fit_classes(name, seed, model)
    if name in TIMED:
        X, y, _, _, val = cut(name, seed)
        scaling = {"standardize": True} if model in OURS else {}
        return {"seconds": extended.timed(build(model, val=val, **scaling), X, y)}
    X, y, X_test, f_test = extended.draw(name, sd, seed)
    if model == "oracle":
        before = time.process_time()
        found = extended.oracle(name, X, y)
        error = np.mean((found.predictor(torch.tensor(X_test)).numpy() - f_test) ** 2)
        least = float(standard_errors_from_0(found, name, X, y).min())
        seconds = time.process_time() - before
        return {"error": float(error), "least_ratio": least, "seconds": seconds}
    one = build(model)
    record = {"seconds": extended.timed(one, X, y)}
    if part == "time":
        return record
    one = getattr(one, "model", one)
    record["error"] = float(np.mean((one.predict(X_test) - f_test) ** 2))
    if model in OURS:
        record["coefs"] = sorted(numbers(one.coef_ != 0))
        record["columns"] = sorted(numbers(one.interaction_features_))
    if model == "plus":
        record["bent"] = sorted(numbers(one.bent_features_))
    return record


def fit_classes(name, seed, model):
    equation = datasets.declared()[name]
    X, y, _, X_test, y_test, f_test = extended.draw_classes(equation, seed)
    tied = Tied(NIMOClassifier, **VARIANTS[model])
    seconds = extended.timed(tied, X, y)
    true = np.isin(np.arange(equation.n_features) + 1, list(equation.coef))
    zeros = tied.model.coef_[~true] == 0
    return {
        "accuracy": float(tied.model.score(X_test, y_test)),
        "bayes": float(np.mean((f_test > 0) == y_test)),
        "zeros": float(zeros.mean()) if len(zeros) else None,
        "seconds": seconds,
    }


def quiet():
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")


def key(record):
    return tuple(record[k] for k in ("part", "what", "sd", "seed", "model"))


def stored(file):
    if not file.exists():
        return []
    return [json.loads(line) for line in file.read_text().splitlines()]


def fit_all(a):
    done = {key(record) for record in stored(a.store)}
    todo = [
        (case, model)
        for part in a.parts or PARTS
        for case in cases(part, a.draws, a.seed)
        for model in models_of(part, case[1])
        if (*case, model) not in done
    ]
    print(f"{len(todo)} fits to do, {len(done)} done", flush=True)
    with ProcessPoolExecutor(a.jobs, initializer=quiet) as pool, a.store.open("a") as out:
        running = {pool.submit(fit, case, model): (case, model) for case, model in todo}
        for number, future in enumerate(as_completed(running), 1):
            (part, what, sd, seed), model = running[future]
            named = {"part": part, "what": what, "sd": sd, "seed": seed, "model": model}
            out.write(json.dumps(named | future.result()) + "\n")
            out.flush()
            print(f"{number} of {len(todo)}: {what} {sd} {seed} {model}", flush=True)


# ---------------------------------------------------------------- the report


class Aims:
    """What has been asked, and how often it is met."""

    def __init__(self):
        self.counts = {}

    def verdict(self, aim, met):
        """Count one answer; the word that a table shows for it."""
        held, asked = self.counts.get(aim, (0, 0))
        self.counts[aim] = held + bool(met), asked + 1
        return "met" if met else "**missed**"


def line(*cells):
    print("| " + " | ".join(str(c) for c in cells) + " |")


def header(*titles):
    print()
    line(*titles)
    print("|---" * len(titles) + "|")


def noise(records, aims):
    print("\n## Noise\n\nMean excess error on 2000 rows. The aim: the better of NIMO and NIMO")
    print("(relaxed) is at most 1.25 times the oracle, and above neither the MLP nor the lasso; so")
    print("is NIMO+.")
    titles = ("oracle", "MLP", "lasso", "better / oracle", "NIMO+ / oracle", "aim, each")
    header("function", "sd", *OURS.values(), *titles)
    errors = records.pivot_table(index=["what", "sd"], columns="model", values="error", sort=False)
    for (name, sd), mean in errors.iterrows():
        bound = min(1.25 * mean["oracle"], mean["mlp"], mean["lasso"])
        better = mean[["sparse", "relaxed"]].min()
        tied = aims.verdict("noise: error, the paper's model", better <= bound)
        plus = aims.verdict("noise: error, NIMO+", mean["plus"] <= bound)
        aims.verdict("noise: error, the best of all three", min(better, mean["plus"]) <= bound)
        shown = [f"{mean[m]:.4f}" for m in (*OURS, "oracle", "mlp", "lasso")]
        shares = [f"{error / mean['oracle']:.2f}" for error in (better, mean["plus"])]
        line(name, sd, *shown, *shares, f"{tied}, {plus}")


def supports(records, aims):
    print("\n## Supports\n\nThe aim: coefficients exact in 9 of 10 draws up to sd 1 where each of")
    print("the oracle's is more than three of its standard errors (clear draws); F1 of the first")
    print("layer at least 0.9 up to sd 0.5 and 0.8 at 1.")
    clear = records[records.model == "oracle"].set_index(["what", "sd", "seed"]).least_ratio > 3
    header("function", "sd", "model", "clear draws", "exact there", "exact of all", "F1", "aims")
    for (name, sd), group in records.groupby(["what", "sd"], sort=False):
        truth = FUNCTIONS[name]
        for model in OURS:
            found = group[group.model == model]
            exact = found.coefs.map(frozenset) == truth.linear
            visible = np.array([clear[(name, sd, s)] for s in found.seed])
            score = np.mean(
                [max(f1(frozenset(c), true) for true in truth.columns) for c in found.columns_]
            )
            said = []
            if sd <= 1:
                if visible.any():
                    right = exact[visible].mean() >= 0.9
                    said.append(
                        "coefficients " + aims.verdict(f"supports: coefs, {OURS[model]}", right)
                    )
                right = score >= (0.9 if sd <= 0.5 else 0.8)
                said.append("F1 " + aims.verdict(f"supports: columns, {OURS[model]}", right))
            line(
                name,
                sd,
                OURS[model],
                int(visible.sum()),
                int(exact[visible].sum()),
                f"{int(exact.sum())}/{len(exact)}",
                f"{score:.2f}",
                ", ".join(said),
            )


def bends(records, aims):
    print("\n## Bends and products\n\nMean excess error; the aim is half of the best rival's.")
    models = ("plus", "ebm", "mlp", "boosting", "svm")
    titles = ("NIMO+", "EBM", "MLP", "boosting", "SVM")
    header("function", "sd", *titles, "share of the best", "aim", "exact: coefs, bent, columns")
    errors = records.pivot_table(index=["what", "sd"], columns="model", values="error", sort=False)
    for (name, sd), mean in errors.iterrows():
        truth = FUNCTIONS[name]
        ours = records[(records.what == name) & (records.sd == sd) & (records.model == "plus")]
        exact = (
            sum(frozenset(c) == truth.linear for c in ours.coefs),
            sum(frozenset(c) == truth.shapes for c in ours.bent),
            sum(frozenset(c) in truth.columns for c in ours.columns_),
        )
        share = mean["plus"] / mean[list(models[1:])].min()
        shown = [f"{mean[m]:.4f}" for m in models]
        counts = ", ".join(str(n) for n in exact) + f" of {len(ours)}"
        aim = aims.verdict("bends: half of the best rival", share <= 0.5)
        line(name, sd, *shown, f"{share:.2f}", aim, counts)


def classes(records, aims):
    print("\n## Classes\n\nAccuracy on 2000 rows; the aims are 0.87, 0.87, 0.92, and 90 % of the")
    print("true zeros of beta exactly 0.")
    header("setting", "model", "accuracy", "Bayes rule", "zeros", "CPU s", "aims")
    wanted = dict(zip(CLASSES, (0.87, 0.87, 0.92), strict=True))
    for (name, model), group in records.groupby(["what", "model"], sort=False):
        zeros = group.zeros.dropna()
        share = zeros.mean() if len(zeros) else float("nan")
        right = group.accuracy.mean()
        said = "accuracy " + aims.verdict("classes: accuracy", right >= wanted[name])
        if len(zeros):
            said += ", zeros " + aims.verdict("classes: zeros", share >= 0.9)
        shown = "-" if not len(zeros) else f"{share:.0%}"
        bayes, seconds = group.bayes.mean(), group.seconds.mean()
        line(name, OURS[model], f"{right:.3f}", f"{bayes:.3f}", shown, f"{seconds:.1f}", said)


def costs(records, aims):
    print("\n## Time\n\nMedian CPU seconds. The aims: a tenth of LassoNet's path; half of EBM's.")
    header("data", "model", "CPU s", "rival", "its CPU s", "share", "aim")
    seconds = records.pivot_table(
        index="what", columns="model", values="seconds", aggfunc="median", sort=False
    )
    for name, row in seconds.iterrows():
        rival, label, bound, aim = (
            ("ebm", "EBM", 0.5, "half of EBM")
            if name in TIMED
            else ("lassonet", "LassoNet's path", 0.1, "a tenth of LassoNet")
        )
        for model, ours in OURS.items():
            share = row[model] / row[rival]
            shown = (f"{row[model]:.1f}", label, f"{row[rival]:.1f}", f"{share:.2f}")
            line(name, ours, *shown, aims.verdict(f"time: {aim}, {ours}", share <= bound))


def real(folder, aims):
    """Means over cuts of the snapshot's regression tables."""
    scores = pd.read_csv(folder / "scores.csv")
    scores = scores[scores.metric == "mse"]
    groups = {name: one.group for name, one in datasets.declared().items()}
    split = scores.pivot_table(index=["dataset", "split"], columns="method", values="value")
    mean = split.groupby("dataset").mean()
    tables = mean[[groups[d] == "real" for d in mean.index]]
    boxes = [m for m in mean if m in BLACK_BOXES]
    ranks = tables.drop(columns=boxes).rank(axis=1).mean().sort_values()
    print("\n## Real regression tables\n\nMean ranks among the methods that can be read; NIMO+")
    print("should be first: " + ", ".join(f"{m} {r:.1f}" for m, r in ranks.items()) + ".")
    print(aims.verdict("real: first of what can be read", ranks.index[0] == "nimo_plus") + ".")
    header("table", "NIMO+", "best black box", "its error", "ratio", "aim: at most 1.05")
    for name, row in tables.iterrows():
        box = row[boxes].idxmin()
        ratio = row["nimo_plus"] / row[box]
        cells = (f"{row['nimo_plus']:.4f}", box, f"{row[box]:.4f}", f"{ratio:.2f}")
        line(name, *cells, aims.verdict("real: 5 % of the best black box", ratio <= 1.05))
    header("linear control", "NIMO+", "lasso", "standard error", "aim: within one")
    for name in (d for d in mean.index if groups[d] == "control"):
        pair = split.loc[name][["nimo_plus", "lasso"]]
        gap = pair["nimo_plus"] - pair["lasso"]
        error = gap.std() / np.sqrt(len(gap))
        cells = (*(f"{v:.4f}" for v in pair.mean()), f"{error:.4f}")
        line(name, *cells, aims.verdict("real: the lasso on controls", gap.mean() <= error))


SHOWN = {"noise": (noise, supports), "bends": (bends,), "classes": (classes,), "time": (costs,)}


def report(a):
    if not (found := stored(a.store)):
        raise SystemExit(f"no fits in {a.store}: run `fit` first")
    records = pd.DataFrame(found).rename(columns={"columns": "columns_"})
    aims, body = Aims(), io.StringIO()
    with contextlib.redirect_stdout(body):
        for part, shows in SHOWN.items():
            if (records.part == part).any():
                for show in shows:
                    show(records[records.part == part], aims)
        real(a.real, aims)
    print(INTRODUCTION.format(first=records.seed.min(), last=records.seed.max()))
    header("aim", "met")
    for aim, (held, asked) in sorted(aims.counts.items()):
        line(aim, f"{held} of {asked}")
    print(body.getvalue(), end="")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("fit", "report"))
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--seed", type=int, default=8800)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--real", type=Path, default=ROOT / "docs/real")
    a = parser.parse_args()
    unknown = set(a.parts) - set(PARTS)
    if unknown:
        parser.error(f"no part {sorted(unknown)[0]!r}; there are {', '.join(PARTS)}")
    quiet()
    {"fit": fit_all, "report": report}[a.what](a)


if __name__ == "__main__":
    main()
