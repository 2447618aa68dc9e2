"""Saliency maps: how exact the split of convolutional networks is, and how good its maps are.

    python -m measurements.saliency exact [--side 224] [--networks ResNet18 VGG16]
    python -m measurements.saliency digits [--seeds 0 1 2 3 4] [--store saliency.json]
    python -m measurements.saliency picture [--out docs/appendix/saliency.png]

``exact``: random weights, so many pixels a side; the largest |p - q - a| after each step beside the
largest activation |a|, with recentring and without.
``digits``: a network per seed, trained to name both digits of a picture; its maps, each asked for
one of the two, graded on test pictures that it gets right; means over seeds and their standard
errors, then the same for other alphas.  With ``--store`` the grades of seeds measured before are
read, and new ones added.
``picture``: maps of the first test pictures of seed 0.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import torch

from saliency import architectures, digits, grades
from saliency.maps import ALPHA, MAPS, split_cam, split_grad
from saliency.network import run, steps
from saliency.split import errors

NETWORKS = {"ResNet18": architectures.resnet18, "VGG16": architectures.vgg16}
GRADES = ("pointing game (up)", "selectivity (down)", "max-sensitivity (down)")
IMAGES = 60  # test pictures graded per seed
ALPHAS = (0.0, 0.3, 0.4, 0.5)


def exact(names, side, seed=0):
    for name in names:
        torch.manual_seed(seed)
        network = NETWORKS[name]()
        pictures = torch.randn(8, 3, min(side, 64), min(side, 64))
        network = steps(architectures.with_statistics(network, pictures))
        x = torch.randn(1, 3, side, side, dtype=torch.float64)
        began = time.process_time()
        found = errors(network, x)
        seconds = time.process_time() - began
        without = errors(network, x, recentre=False)
        print(f"\n{name}, {side} x {side}, seed {seed}; {seconds:.0f} s of CPU for the split\n")
        print("| step | relative error | largest p | the same without recentring | |")
        print("|---|---|---|---|---|")
        for (step, error, size), (_, bare, large) in zip(found, without, strict=True):
            print(f"| {step} | {error:.1e} | {size:.1e} | {bare:.1e} | {large:.1e} |")
        print(f"\nlargest relative error: {max(e for _, e, _ in found):.1e} with recentring")


def graded(seed):
    """Accuracy and the three grades of each map on one trained network."""
    module, accuracy = digits.trained(seed)
    network, pictures = steps(module), test_pictures(seed)
    right = digits.named(run(network, pictures.x), pictures)
    found = {"accuracy": right.double().mean().item(), "validation": accuracy, "grades": {}}
    rows = torch.nonzero(right)[:IMAGES, 0]
    x, classes, places = pictures.x[rows], pictures.classes[rows], pictures.places[rows]
    listed = dict(MAPS)
    for alpha in ALPHAS:
        if alpha != ALPHA:
            listed[f"SplitCAM {alpha:g}"] = partial(split_cam, alpha=alpha)
            listed[f"SplitGrad {alpha:g}"] = partial(split_grad, alpha=alpha)
    listed["brightness"] = lambda network, x, classes, layer: x.sum(1)
    for name, explain in listed.items():

        def at(pixels, explain=explain):
            return explain(network, pixels, classes, digits.LAYER)

        maps = at(x)
        values = (
            grades.pointing_game(maps, places),
            grades.selectivity(network, x, classes, maps),
            grades.max_sensitivity(at, x, maps, torch.Generator().manual_seed(seed)),
        )
        found["grades"][name] = [value.double().mean().item() for value in values]
    return found


def test_pictures(seed):
    return digits.placed(*digits.parts(seed)[2], np.random.default_rng([seed, 1]))


def measured(seeds, store):
    found = json.loads(store.read_text()) if store and store.exists() else {}
    for seed in seeds:
        if str(seed) not in found:
            began = time.process_time()
            found[str(seed)] = graded(seed)
            print(f"seed {seed}: {time.process_time() - began:.0f} s of CPU", file=sys.stderr)
            if store:
                store.write_text(json.dumps(found, indent=1))
    return [found[str(seed)] for seed in seeds]


def table(found, names):
    print("| map | " + " | ".join(GRADES) + " |\n|---|---|---|---|")
    for name in names:
        values = np.array([one["grades"][name] for one in found])
        mean, error = values.mean(0), values.std(0, ddof=1) / np.sqrt(len(values))
        cells = [f"{m:.3f} ({e:.3f})" for m, e in zip(mean, error, strict=True)]
        print(f"| {name} | " + " | ".join(cells) + " |")


def digits_table(seeds, store):
    found = measured(seeds, store)
    accuracy = [one["accuracy"] for one in found]
    print(
        f"seeds {seeds}; both digits named in {np.mean(accuracy):.3f} of the test pictures, from "
    )
    print(
        f"{min(accuracy):.3f} to {max(accuracy):.3f}; {IMAGES} of those per seed; means (standard "
    )
    print("errors over seeds)\n")
    table(found, [*MAPS, "brightness"])
    print("\nBy alpha:\n")
    names = [f"{name} {alpha:g}" for name in ("SplitCAM", "SplitGrad") for alpha in ALPHAS]
    table(found, [name.removesuffix(f" {ALPHA:g}") for name in names])


def picture(out, rows=4, seed=0):
    from matplotlib.figure import Figure

    module, _ = digits.trained(seed)
    network, pictures = steps(module), test_pictures(seed)
    right = torch.nonzero(digits.named(run(network, pictures.x), pictures))[:rows, 0]
    x, classes = pictures.x[right], pictures.classes[right]
    columns = {"picture": x[:, 0]}
    for name, explain in MAPS.items():
        columns[name] = explain(network, x, classes, digits.LAYER)
    figure = Figure(figsize=(1.25 * len(columns), 1.25 * rows + 0.35), layout="constrained")
    axes = figure.subplots(rows, len(columns))
    for j, (name, maps) in enumerate(columns.items()):
        for i in range(rows):
            ax, map_ = axes[i, j], maps[i].numpy()
            size = np.abs(map_).max()
            if name == "picture":
                ax.imshow(map_, cmap="gray", vmin=0, vmax=1)
            else:
                ax.imshow(map_, cmap="RdBu_r", vmin=-size, vmax=size)
            a, b = np.argwhere(pictures.places[right[i]].numpy())[0]
            box = [b - 0.5, b + 7.5, b + 7.5, b - 0.5, b - 0.5]
            ax.plot(box, [a - 0.5, a - 0.5, a + 7.5, a + 7.5, a - 0.5], color="#e69f00", lw=1.2)
            ax.set(xticks=[], yticks=[], xlim=(-0.5, 23.5), ylim=(23.5, -0.5))
        axes[0, j].set_title(name, fontsize=8)
    for i in range(rows):
        axes[i, 0].set_ylabel(f"class {classes[i]}", fontsize=8)
    figure.savefig(out, dpi=150)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parts = parser.add_subparsers(dest="part", required=True)
    one = parts.add_parser("exact")
    one.add_argument("--side", type=int, default=64)
    one.add_argument("--networks", nargs="+", choices=list(NETWORKS), default=list(NETWORKS))
    two = parts.add_parser("digits")
    two.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    two.add_argument("--store", type=Path)
    three = parts.add_parser("picture")
    three.add_argument("--out", type=Path, default=Path("docs/appendix/saliency.png"))
    args = parser.parse_args()
    torch.set_num_threads(1)
    if args.part == "exact":
        exact(args.networks, args.side)
    elif args.part == "digits":
        digits_table(args.seeds, args.store)
    else:
        picture(args.out)


if __name__ == "__main__":
    main()
