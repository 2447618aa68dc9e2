"""Figures: what is drawn is what the records say, in the right place, and can be read."""

import csv
from itertools import combinations

import matplotlib.pyplot as plt
import numpy as np
import pytest

import baselines
from baselines.contract import FAMILIES
from benchmark import datasets, figures
from benchmark.figures import FIGURES, draw, figures_of, heatmap, names, style
from benchmark.figures.critical_difference import groups
from benchmark.figures.plotted import Plotted
from benchmark.figures.quantities import scale
from benchmark.figures.toy import TRUE_CORRECTIONS

LAYERED = {"mlp", "nimo", "nimo_relaxed"}


def arrays(split, method):
    """Explanations that differ between methods, splits and features."""
    d = split.arrays["X_test"].shape[1]
    rng = np.random.default_rng([len(method), split.index, d])
    given = {}
    if method not in ("mlp", "contextual_lasso"):
        given["coef"] = np.where(np.arange(d) % 3 == 2, 0.0, rng.normal(0, 2, d))
        given["intercept"] = np.array(rng.normal())
    if method == "contextual_lasso":
        given["local_coef"] = rng.normal(1, 1, (len(split.arrays["X_test"]), d))
    if method in LAYERED:
        given["first_layer_weights"] = rng.normal(size=(8, d))
    if method.startswith("nimo"):
        given["interaction_features"] = np.arange(d) % 2 == 0
        if d <= 13:
            points = np.tile(np.linspace(-2, 2, 61), (d, 1))
            given["sweep_points"] = points
            given["correction_sweep"] = rng.uniform(-1, 1, (d, 61, d)).astype(np.float32)
    return given


def scores(datasets, methods, n=3, failed=()):
    """Scores per data set and method; ``failed``: (data set, method, split)."""
    rng = np.random.default_rng(0)
    return {
        dataset: {
            method: [
                "error" if (dataset, method, i) in failed else float(rng.uniform(0.05, 0.95))
                for i in range(n)
            ]
            for method in methods
        }
        for dataset in datasets
    }


BOTH = ["mlp", "nimo", "nimo_relaxed", "contextual_lasso", "lassonet"]
ALL = ["lasso", "logistic", *BOTH]


def build(name, results):
    """The figure as it is saved, with what was plotted."""
    with style.context():
        plotted = Plotted()
        figure = figures.build(name, results, plotted)
        style.freeze(figure)
    return figure, plotted


def everything(datasets, n=3, methods=ALL, failed=()):
    """All methods that can do something on the data sets."""
    classes = [d.startswith("class") for d in datasets]
    unable = {"logistic"} if not any(classes) else {"lasso"} if all(classes) else set()
    return scores(datasets, [m for m in methods if m not in unable], n, failed)


def texts(figure):
    """All words of a figure in one string."""
    found = [t.get_text() for t in figure.texts]
    found += [figure.get_suptitle()]
    for ax in figure.axes:
        found += [ax.get_title(loc=side) for side in ("left", "center")]
        found += [t.get_text() for t in ax.texts]
        found += [t.get_text() for t in (*ax.get_xticklabels(), *ax.get_yticklabels())]
    return "\n".join(found)


def bars_of(ax):
    """Bars by method: (d,) centres and heights from left to right."""
    return {
        c.get_label(): (
            np.array([p.get_x() + p.get_width() / 2 for p in c.patches]),
            np.array([p.get_height() for p in c.patches]),
        )
        for c in ax.containers
        if getattr(c, "patches", None)
    }


def tick_labels(axis):
    """Labels of the ticks in view; matplotlib keeps those beyond the limits, undrawn."""
    low, high = sorted(axis.get_view_interval())
    ticks = [*axis.get_major_ticks(), *axis.get_minor_ticks()]
    return [tick.label1 for tick in ticks if low <= tick.get_loc() <= high]


def assert_legible(figure):
    """No two tick labels, titles or notes of the figure lie over each other."""
    renderer = figure._get_renderer()
    boxes = []
    for ax in figure.axes:
        shown = [*tick_labels(ax.xaxis), *tick_labels(ax.yaxis)] if ax.axison else []
        shown += [*ax.texts, ax._left_title, ax.title, ax.xaxis.label, ax.yaxis.label]
        boxes += [
            (t.get_text(), t.get_window_extent(renderer))
            for t in shown
            if t.get_text().strip() and t.get_visible()
        ]
    for (one, a), (two, b) in combinations(boxes, 2):
        wide = min(a.x1, b.x1) - max(a.x0, b.x0)
        high = min(a.y1, b.y1) - max(a.y0, b.y0)
        assert not (wide > 1 and high > 1), f"{one!r} and {two!r} overlap"
    edge = figure.bbox
    for text, box in boxes:
        inside = box.x0 >= -1 and box.x1 <= edge.x1 + 1 and box.y0 >= -1 and box.y1 <= edge.y1 + 1
        assert inside, f"{text!r} runs out of the figure"


FULL = [
    "vanilla",
    "toy",
    "regression1",
    "regression2",
    "regression3",
    "classification1",
    "classification2",
    "classification3",
    "diabetes",
    "boston",
]
FAILED = {("toy", "nimo", 0), ("regression2", "nimo", 1)} | {
    (d, "lassonet", i) for d in ("boston", "regression3") for i in range(3)
}
RUNS = {
    "everything, some failed": everything(FULL, n=2, failed=FAILED),
    "no NIMO": everything(FULL, n=2, methods=["lasso", "logistic", "mlp"]),
    "one split": everything(["toy", "regression1", "diabetes"], n=1),
    "classification only": everything(["classification1"], methods=["logistic", "mlp"]),
    "one method": everything(["boston"], methods=["lasso"]),
    "everything failed": everything(
        ["toy", "diabetes", "regression1"],
        n=1,
        failed={(d, m, 0) for d in ("toy", "diabetes", "regression1") for m in ALL},
    ),
}


FAST = ("everything, some failed", "everything failed")


@pytest.mark.parametrize(
    "run", [run if run in FAST else pytest.param(run, marks=pytest.mark.slow) for run in RUNS]
)
def test_every_figure_of_every_run_can_be_read(make_run, run):
    chosen = RUNS[run]
    results = make_run(chosen, arrays=arrays, local=("contextual_lasso",))
    for name in figures_of(results.config):
        figure, _ = build(name, results)
        assert_legible(figure)
        drawn = any(ax.lines or ax.patches or ax.images or ax.collections for ax in figure.axes)
        assert drawn or len(texts(figure).strip()) > 20, f"{name} is empty"


def test_files_are_the_same_on_a_rerun_and_hold_no_date(make_run, tmp_path):
    results = make_run(everything(["toy", "diabetes"], n=2), arrays=arrays)
    for name in ("toy", "diabetes", "benchmark_mse"):
        for folder in ("a", "b"):
            draw(name, results, [tmp_path / folder / f"{name}.{k}" for k in ("pdf", "png", "csv")])
        for kind in ("pdf", "png", "csv"):
            first = (tmp_path / "a" / f"{name}.{kind}").read_bytes()
            assert first == (tmp_path / "b" / f"{name}.{kind}").read_bytes()
        assert b"Date" not in (tmp_path / "a" / f"{name}.pdf").read_bytes()
        assert b"Software" not in (tmp_path / "a" / f"{name}.png").read_bytes()
    assert (tmp_path / "a" / "toy.pdf").read_bytes().startswith(b"%PDF")
    assert (tmp_path / "a" / "toy.png").read_bytes().startswith(b"\x89PNG")
    rows = list(csv.DictReader((tmp_path / "a" / "toy.csv").open()))
    assert {"lasso", "nimo", "truth"} <= {row["method"] for row in rows}


def test_every_data_set_is_drawn_with_its_own_number_of_splits(make_run, tmp_path):
    methods, failed = ["lasso", "mlp", "nimo"], [("diabetes", "nimo", 6)]
    run = scores(["toy"], methods, 5) | scores(["diabetes"], methods, 7, failed)
    results = make_run(run, arrays=arrays)
    for name in figures_of(results.config):
        draw(name, results, [tmp_path / f"{name}.png"])
    words = texts(build("diabetes", results)[0])
    assert "NIMO (6/7)" in words and "NIMO 6/7 fits" in words and "MLP (" not in words
    words = texts(build("benchmark_mse", results)[0])
    assert "6/7" in words and "5/7" not in words


@pytest.mark.parametrize("dataset", ["diabetes", "boston"])
def test_bars_stand_over_the_name_of_their_own_feature(make_run, dataset):
    results = make_run(everything([dataset], methods=["lasso", "nimo", "mlp"]), arrays=arrays)
    figure, _ = build(dataset, results)
    ax = next(a for a in figure.axes if "Coefficients" in a.get_title(loc="left"))
    names = results.split(dataset, 0).feature_names
    label_at = {round(t.get_position()[0]): t.get_text() for t in ax.get_xticklabels()}
    drawn = bars_of(ax)
    assert set(drawn) == {"lasso", "nimo"}
    for method, (centres, heights) in drawn.items():
        mean = np.mean([results.arrays(dataset, method, i)["coef"] for i in range(3)], axis=0)
        for centre, height in zip(centres, heights, strict=True):
            name = label_at[round(centre)]
            assert height == pytest.approx(mean[names.index(name)])


def test_all_methods_of_figure_4_are_on_the_scale_of_the_features(make_run):
    def exact(split, method):
        return {"coef": datasets.declared()[split.dataset].true_coef()} if method != "mlp" else {}

    shown = ["vanilla", "regression1", "regression3"]
    results = make_run(scores(shown, ["lasso", "nimo", "mlp"]), arrays=exact)
    figure, plotted = build("coefficients", results)
    for dataset in shown:
        title = "Vanilla" if dataset == "vanilla" else f"Regression {dataset[-1]}"
        ax = next(a for a in figure.axes if a.get_title(loc="left").startswith(title))
        truth = results.truth(dataset).coef
        expected = truth if dataset == "vanilla" else truth[truth != 0]
        drawn = bars_of(ax)
        assert set(drawn) == {"lasso", "nimo"}
        for _, heights in drawn.values():
            np.testing.assert_allclose(heights, expected)
        lines = [c for c in ax.collections if len(c.get_segments()) == len(expected)]
        np.testing.assert_allclose([s[0][1] for s in lines[-1].get_segments()], expected)
    zeros = [r[-1] for r in plotted.rows if r[3] == "share of exact zeros"]
    assert zeros == [1.0] * 4


def test_the_strip_shows_the_truly_zero_features_only(make_run):
    results = make_run(scores(["regression2"], ["lasso", "nimo"]), arrays=arrays)
    figure, plotted = build("coefficients", results)
    strip = next(a for a in figure.axes if "zero in truth (7" in a.get_title(loc="left"))
    assert [t.get_text() for t in strip.get_xticklabels()] == [f"x{j}" for j in range(4, 11)]
    coef = np.array([results.arrays("regression2", "nimo", i)["coef"][3:] for i in range(3)])
    row = strip.images[0].get_array()[1].filled(0)
    np.testing.assert_allclose(row, np.abs(coef).mean(axis=0))
    share = next(r[-1] for r in plotted.rows if r[1] == "nimo" and "share" in r[3])
    assert share == pytest.approx(np.mean(coef == 0))


def test_classification_coefficients_are_divided_by_the_largest_of_each_fit(make_run):
    results = make_run(scores(["classification1"], ["logistic", "nimo"]), arrays=arrays)
    figure, plotted = build("coefficients_classification", results)
    ax = figure.axes[0]
    assert [t.get_text() for t in ax.get_xticklabels()] == ["b₀", "x1", "x2"]
    fits = [results.arrays("classification1", "nimo", i) for i in range(3)]
    rows = [np.r_[a["intercept"], a["coef"]] / np.abs(a["coef"]).max() for a in fits]
    np.testing.assert_allclose(bars_of(ax)["nimo"][1], np.mean(rows, axis=0)[:3])
    truth = {r[2]: r[-1] for r in plotted.rows if r[1] == "truth"}
    assert truth == {"b₀": 0.5, "x1": 1.0, "x2": -1.0}


def test_scaling_leaves_a_fit_without_coefficients_alone():
    rows = np.array([[3.0, 0.0, 0.0], [1.0, -4.0, 2.0]])
    np.testing.assert_allclose(scale(rows), [[3, 0, 0], [0.25, -1, 0.5]])


def test_toy_curves_are_those_of_the_records_and_the_truth_that_of_the_equation(make_run):
    results = make_run(scores(["toy"], ["lasso", "nimo"]), arrays=arrays)
    figure, _ = build("toy", results)
    for j, k, _, true in TRUE_CORRECTIONS:
        ax = next(a for a in figure.axes if f"g{'₁₂'[j]}" in a.get_title(loc="left"))
        found = [results.arrays("toy", "nimo", i)["correction_sweep"][k, :, j] for i in range(3)]
        for line, expected in zip(ax.lines[:3], found, strict=True):
            np.testing.assert_allclose(line.get_ydata(), expected)
        np.testing.assert_allclose(ax.lines[3].get_ydata(), np.median(found, axis=0), atol=1e-6)
        # f(x) - f(x without x_j) = x_j beta_j (1 + g_j), up to the other term, which x_j = 1e-6
        # leaves as it is at x_j = 0
        x = np.linspace(-1.5, 1.5, 7)
        at = np.zeros((7, 3))
        at[:, k] = x
        moved = at.copy()
        moved[:, j] = 1e-6
        f = datasets.declared()["toy"].f
        other = 1 - j
        slope = (f(moved) - f(at)) / 1e-6
        beta = {0: 3.0, 1: -3.0}
        gradient_of_other = x * beta[other] * {0: -2.0, 1: 10.0}[j]
        np.testing.assert_allclose(
            slope - gradient_of_other, beta[j] * (1 + true(x)), rtol=1e-4, atol=1e-4
        )


def test_heat_maps_sort_neurons_mark_the_truth_and_say_which_split(make_run):
    failed = {("regression1", "nimo", 0)}
    results = make_run(scores(["regression1"], ["nimo"], failed=failed), arrays=arrays)
    figure, _ = build("first_layer_regression", results)
    ax = figure.axes[0]
    assert ax.get_title(loc="left") == "NIMO, regression 1, split 1\nNIMO 2/3 fits"
    weights = np.abs(results.arrays("regression1", "nimo", 1)["first_layer_weights"])
    shown = ax.images[0].get_array().filled(0)
    norms = np.linalg.norm(shown, axis=1)
    assert (np.diff(norms) <= 0).all()
    np.testing.assert_allclose(np.sort(shown, axis=0), np.sort(weights, axis=0))
    assert ax.lines[0].get_xdata().tolist() == [1, 2]  # x2 and x3


def test_a_first_layer_without_any_weight_says_so():
    """Where NIMO chose a linear model; a blank panel would look like a mistake."""
    figure = style.new(4, 4)
    names = ["x1", "x2", "x3"]
    weights = np.zeros((8, 3))
    panel = figure.add_subplot(1, 2, 1)
    heatmap.first_layer(panel, weights, names, None, None, Plotted(), "first layer", "nimo")
    weights[2, 1] = 0.1
    other = figure.add_subplot(1, 2, 2)
    heatmap.first_layer(other, weights, names, None, None, Plotted(), "first layer", "nimo")
    assert [t.get_text() for t in panel.texts] == [heatmap.EMPTY]
    assert not other.texts
    style.freeze(figure)
    assert_legible(figure)


def test_an_empty_first_layer_has_no_colour_bar(make_run):
    def linear(split, method):
        given = arrays(split, method)
        if method == "nimo":
            given["first_layer_weights"] = np.zeros_like(given["first_layer_weights"])
        return given

    results = make_run(scores(["diabetes"], ["nimo", "nimo_relaxed"]), arrays=linear)
    figure, _ = build("diabetes", results)
    bars = [ax for ax in figure.axes if ax.get_xlabel() == heatmap.BAR_LABEL]
    assert [ax.get_visible() for ax in bars] == [False, True]


def test_one_colour_scale_per_method_of_the_first_layers(make_run):
    results = make_run(scores(["regression1", "regression2"], ["nimo"]), arrays=arrays)
    figure, _ = build("first_layer_regression", results)
    limits = {ax.images[0].get_clim() for ax in figure.axes[:2]}
    assert len(limits) == 1


def test_failed_fits_are_marked(make_run):
    failed = {("diabetes", "nimo", 0)} | {("diabetes", "mlp", i) for i in range(3)}
    run = scores(["diabetes"], ["lasso", "mlp", "nimo"], failed=failed)
    results = make_run(run, arrays=arrays)
    words = texts(build("diabetes", results)[0])
    assert "MLP (0/3)" in words and "NIMO (2/3)" in words and "NIMO 2/3 fits" in words
    assert "Lasso (" not in words
    assert "first layer, split 1" in words
    words = texts(build("benchmark_mse", results)[0])
    assert "failed" in words and "2/3" in words


def test_a_run_without_nimo_says_so(make_run):
    results = make_run(scores(["toy", "diabetes"], ["lasso", "mlp"]), arrays=arrays)
    assert "learned corrections" in texts(build("toy", results)[0])
    assert "has a first layer" in texts(build("diabetes", results)[0])


def test_overview_draws_means_published_values_and_floor(make_run):
    run = scores(["toy", "classification1"], ["mlp", "nimo"])
    results = make_run(run, arrays=arrays)
    _, plotted = build("benchmark_mse", results)
    value = {r[:2] + (r[3],): r[-1] for r in plotted.rows}
    assert value["toy", "nimo", "mean"] == pytest.approx(np.mean(run["toy"]["nimo"]))
    assert value["toy", "nimo", "published"] == 0.166
    assert value["toy", "floor", "value"] == pytest.approx(0.01)
    error = 1 - np.mean(run["classification1"]["nimo"])
    assert value["classification1", "nimo", "mean"] == pytest.approx(error)
    assert value["classification1", "nimo", "published"] == pytest.approx(0.08)
    bayes = [results.truth("classification1", i).bayes_accuracy for i in range(3)]
    assert value["classification1", "floor", "value"] == pytest.approx(1 - np.mean(bayes))


@pytest.mark.parametrize("n", [2, 5])
def test_overview_draws_intervals_from_five_splits_on_and_only_possible_values(make_run, n):
    values = [0.0, 1.0, 0.99, 0.98, 1.0][:n]
    errors = [0.01, 0.9, 0.02, 0.5, 0.01][:n]
    run = {"classification1": {"mlp": values}, "toy": {"mlp": errors}}
    figure, plotted = build("benchmark_mse", make_run(run))
    ends = [row[4] for row in plotted.rows if row[3] in ("lower", "upper")]
    assert len(ends) == (4 if n == 5 else 0)
    of_shares = [
        row[4]
        for row in plotted.rows
        if row[0] == "classification1" and row[3] in ("mean", "lower", "upper")
    ]
    assert all(0 <= end <= 1 for end in of_shares)
    assert all(row[4] > 0 for row in plotted.rows if row[0] == "toy")
    words = [text.get_text() for text in figure.legends[0].get_texts()]
    assert any("95 % interval" in word for word in words) == (n == 5)


def test_overview_takes_data_sets_of_the_users_own(make_run):
    run = scores(["toy"], ["lasso", "mlp"]) | scores(["mine"], ["lasso", "mlp"])
    results = make_run(run, csv={"mine": "regression"})
    figure, plotted = build("benchmark_mse", results)
    assert "mine" in texts(figure)
    assert ("mine", "floor") not in {r[:2] for r in plotted.rows}


def test_no_two_methods_look_alike_and_the_look_does_not_depend_on_the_run(make_run):
    run = make_run(everything(["toy", "classification1"], n=1))
    other = make_run(scores(["toy"], ["nimo", "lasso"], n=1))
    looks = {name: style.look(run, name) for name in baselines.names()}
    assert len({(one.colour, one.marker) for one in looks.values()}) == len(looks)
    assert looks == {name: style.look(other, name) for name in baselines.names()}
    for name, one in looks.items():
        family = baselines.load(name).family
        assert one.colour in style.COLOURS[family] and one.bold == (family == "ours")
    assert set(style.COLOURS) == set(FAMILIES)
    assert style.TRUTH not in {one.colour for one in looks.values()}


def test_variants_of_a_method_look_different():
    class Run:
        config = {"methods": ["nimo", "nimo[input_noise=0]", "nimo_no_sparsity", "lasso"]}

    looks = {
        (one.colour, one.marker) for m in Run.config["methods"] for one in [style.look(Run, m)]
    }
    assert len(looks) == 4


#: what red-green blind readers see (Machado, Oliveira and Fernandes, IEEE TVCG 2009, severity 1)
BLIND = {
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
}


def linear_rgb(colour):
    value = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    """CIE L*a*b* of linear sRGB."""
    matrix = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    x = np.array(matrix) @ np.clip(rgb, 0, 1) / [0.9505, 1.0, 1.089]
    f = np.where(x > 0.008856, np.cbrt(x), 7.787 * x + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("kind", BLIND)
def test_colour_blind_readers_tell_ours_apart(kind):
    ours = [one.colour for one in (style.look_at("ours", k) for k in range(4))]
    seen = [lab(np.array(BLIND[kind]) @ linear_rgb(colour)) for colour in ours]
    assert min(np.linalg.norm(a - b) for a, b in combinations(seen, 2)) > 15


def marks_of(figure):
    """(colour, marker) of every line that has a marker."""
    lines = [line for ax in figure.axes for line in ax.lines]
    return {(line.get_color(), line.get_marker()) for line in lines if line.get_marker() != "None"}


@pytest.mark.parametrize(
    "name", ["benchmark_mse", "toy", "diabetes", "coefficients", "accuracy_cost"]
)
def test_every_figure_draws_methods_as_the_one_table_says(make_run, name):
    results = make_run(everything(["toy", "regression1", "diabetes"], n=1), arrays=arrays)
    methods = [m for m in results.config["methods"] if m != "logistic"]
    table = {m: (style.look(results, m).colour, style.look(results, m).marker) for m in methods}
    figure, plotted = build(name, results)
    drawn = {row[1] for row in plotted.rows} & set(methods)
    found = marks_of(figure) - {("black", "D"), (heatmap.MARK, "v"), ("none", "D")}
    found = {look for look in found if look[1] in set(style.MARKERS)}
    assert len(drawn) > 2 and {table[m] for m in drawn} <= found
    assert found <= set(table.values())


def test_a_run_has_the_figures_that_it_can_fill(make_run):
    real = make_run(scores(["diabetes", "auto"], ["lasso", "mlp"], n=1))
    chosen = figures_of(real.config)
    assert chosen == ["benchmark_mse", "diabetes", "who_wins", "accuracy_cost", "reading_size"]
    alone = make_run(scores(["classification1"], ["mlp"], n=1))
    assert figures_of(alone.config) == [
        "benchmark_mse",
        "first_layer_classification",
        "coefficients_classification",
    ]
    assert set(chosen) <= set(FIGURES)
    many = make_run(scores(sorted(datasets.declared())[:21], ["lasso", "mlp"], n=1))
    assert "benchmark_mse" not in figures_of(many.config) and "who_wins" in figures_of(many.config)


def test_methods_closer_than_the_critical_difference_are_joined():
    assert groups([1.0, 1.5, 2.6, 4.0], 1.2) == [(1.0, 1.5), (1.5, 2.6)]
    assert groups([1.0, 2.0, 3.0], 5.0) == [(1.0, 3.0)]
    assert groups([1.0, 3.0], 1.0) == []


def test_any_metric_is_drawn_and_ranked(make_run):
    run = scores(["toy", "regression1"], ["lasso", "nimo"])
    results = make_run(run, arrays=arrays)
    results.config["metrics"] = ["relative_error"]
    figure, plotted = build("benchmark_mse", results)
    expected = results.values("toy", "nimo", "relative_error").mean()
    drawn = {r[:2] + (r[3],): r[-1] for r in plotted.rows}
    assert drawn["toy", "nimo", "mean"] == pytest.approx(expected)
    assert {ax.get_xlabel() for ax in figure.axes} == {"relative error of β"}
    said = texts(build("who_wins", results)[0])
    assert "Regression, by relative error of β" in said


def test_a_name_is_not_joined_to_its_point_through_another_mark():
    figure, ax = plt.subplots()
    ax.set(xlim=(0, 1), ylim=(0, 1))
    here, there = (0.115, 0.885), (0.34, 0.888)
    names.place(ax, {"Logistic regression": here}, [here, there], line=[here, (0.35, 0.6)])
    (text,) = ax.texts
    x, y = text.xyann
    assert x < there[0] or abs(y - there[1]) > 0.02, "the other mark is named"
    plt.close(figure)
