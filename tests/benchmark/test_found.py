"""What a run has found, in sentences: the numbers are those of the results, losses come first."""

import re

import numpy as np
import pytest

from benchmark import duels, found, headline, report, terminal
from tools.snapshot import pictures

SCORES = {
    "toy": {"lasso": [20.0] * 3, "mlp": [1.0] * 3, "nimo": [0.5] * 3},
    "diabetes": {"lasso": [0.4] * 3, "mlp": [0.8] * 3, "nimo": [0.5] * 3},
    "auto": {"lasso": [0.2, 0.21, 0.19], "mlp": [0.101, 0.105, 0.095], "nimo": [0.15] * 3},
    "hitters": {"lasso": [0.45] * 3, "mlp": [0.43] * 3, "nimo": [0.4] * 3},
    "carseats": {"lasso": [0.1] * 3, "mlp": [0.3] * 3, "nimo": [0.2] * 3},
    "oj": {"logistic": [0.8] * 3, "mlp": [0.7] * 3, "nimo": ["error"] * 3},
    "pima": {"logistic": [0.7] * 3, "mlp": [0.8] * 3, "nimo": [0.9] * 3},
}


@pytest.fixture
def results(make_run):
    return make_run(SCORES)


def test_every_sentence_has_its_number_and_there_are_at_most_ten(results):
    said = found.sentences(results)
    assert 5 <= len(said) <= found.MOST
    assert all(re.search(r"\d", text) and text.endswith(".") for text in said)


def test_losses_of_nimo_come_first(results):
    first, second = found.sentences(results)[:2]
    assert first.startswith(
        "NIMO is beaten by a method that is not ours on 2 of the 3 real regression tables "
        "(by test MSE)"
    )
    assert "most on auto, where the error of MLP is 33.1 % smaller" in first
    # an error on every split is a loss too, and no share can be told
    assert second.startswith(
        "NIMO is beaten by a method that is not ours on 1 of the 2 real classification tables"
    )
    assert "smaller" not in second


def test_two_cuts_cannot_tell_and_five_can(make_run):
    def losses(n):
        scores = {"auto": {"lasso": [0.1] * n, "nimo": [0.2 + 0.01 * i for i in range(n)]}}
        return found.sentences(make_run(scores))[0]

    assert "; two cuts cannot tell how surely; most on auto" in losses(2)
    assert "chance" not in losses(4) and "p <" not in losses(4)
    assert ", on 1 of them beyond chance (p < 0.05, corrected for all pairs); most" in losses(6)


def test_a_loss_by_rounding_is_none(make_run):
    scores = {"auto": {"lasso": [0.1 + 0.2] * 5, "nimo": [0.3] * 5, "mlp": [0.5] * 5}}
    scores["auto"]["lasso"], scores["auto"]["nimo"] = scores["auto"]["nimo"], [0.1 + 0.2] * 5
    said = found.sentences(make_run(scores))
    assert said[0].startswith(f"{duels.NOBODY} NIMO")
    assert "is the best method on 1 of 1 real table (auto)" in " ".join(said)


def many(n_splits=5, seed=0):
    """Five real tables on which the boosting leads, by a tenth, and a line is not far."""
    rng = np.random.default_rng(seed)
    level = {"lasso": 1.2, "mlp": 1.1, "nimo": 1.0, "nimo_paper": 1.05, "boosting": 0.9}
    names = ("diabetes", "auto", "hitters", "college", "wage")
    base = rng.uniform(0.2, 0.6, len(names))
    return {
        d: {
            m: list(b * v * np.exp(0.03 * rng.normal() + 0.01 * rng.normal(size=n_splits)))
            for m, v in level.items()
        }
        for d, b in zip(names, base, strict=True)
    }


def test_from_five_tables_of_five_splits_on_every_number_has_its_interval(make_run):
    results = make_run(many())
    said = found.sentences(results)
    text = "\n".join(said)
    assert said[0].startswith(
        "NIMO is beaten by a method that is not ours on 5 of the 5 real regression tables "
        "(100 % [57, 100])"
    )
    assert re.search(
        r"the typical error of the best of ours, NIMO, is beside that of Boosting smaller / "
        r"practically equal / larger with probability \d+ / \d+ / \d+ %, "
        r"1\.1\d \[1\.\d\d, 1\.\d\d\] times as large",
        text,
    )
    assert re.search(r"that of Boosting \(0\.0 % \[0\.0, 0\.0\]\), before NIMO \(\d", text)
    assert re.search(r"the lead of ours goes most with \w+ \(Spearman [+-]", text)
    assert "Two halves of the 5 real regression tables rank the methods" in text


def test_beside_the_best_other_stands_the_nearest_by_typical_error(make_run):
    """The boosting halves one error; the network is everywhere within the region of equality."""
    scores = many()
    for i, of in enumerate(scores.values()):
        of["boosting"] = [v * (1.1 if i else 0.5) for v in of["nimo"]]
        of["mlp"] = [1.004 * v for v in of["nimo"]]
        of["lasso"] = [1.5 * v for v in of["nimo"]]
        del of["nimo_paper"]
    results = make_run(scores)
    (text,) = [one for one in found.sentences(results) if "the best of ours" in one]
    assert "that of MLP, the nearest rival, 0 / 100 / 0 %, 1.00 [1.00, 1.00] times as" in text
    line = headline.headline(results).splitlines()[-1]
    assert line.endswith("beside that of MLP, the nearest rival, 0 / 100 / 0 %.")
    # one rival that is both is told once
    for of in scores.values():
        del of["mlp"]
    assert "nearest" not in headline.headline(make_run(scores))


def test_the_paper_s_algorithm_is_neither_ours_nor_another(make_run):
    scores = many()
    for of in scores.values():
        of["nimo_paper"] = [0.5 * v for v in of["nimo"]]
    said = found.sentences(make_run(scores))
    assert said[0].startswith("NIMO is beaten by a method that is not ours on 5 of the 5")
    assert "the best of ours, NIMO, is beside that of Boosting" in " ".join(said)


def test_the_headline_has_what_is_reproduced_and_what_is_ours_apart(make_run):
    scores = many()
    scores["toy"] = {m: [0.2, 0.21, 0.19, 0.2, 0.22] for m in scores["auto"]}
    scores["toy"]["nimo"] = [0.1, 0.11, 0.09, 0.1, 0.11]
    first, second, third = headline.headline(make_run(scores)).splitlines()
    # diabetes and toy: lasso, mlp, and the paper's algorithm for NIMO
    assert first.startswith(
        "* **Reproduced** (the paper's algorithm and its rivals): of 6 published"
    )
    start = "* **Ours on the paper's data** (2 data sets), error relative to NIMO (paper's"
    assert second.startswith(start) and "; NIMO: of 2 published cells" in second
    ratio = np.exp(
        np.mean(
            [
                np.log(np.mean(scores[d]["nimo"]) / np.mean(scores[d]["nimo_paper"]))
                for d in ("toy", "diabetes")
            ]
        )
    )
    assert f"paper's algorithm): NIMO {ratio:.2f}; " in second
    assert third.startswith("* **Ours on 5 real regression tables**: a method that is not ours has")
    assert "a smaller error than NIMO on 5. Mean improvability (the share of its error" in third
    assert "the best other, Boosting, 0.0 % [0.0, 0.0]. Beside that of Boosting the" in third
    assert re.search(r"larger with probability \d+ / \d+ / \d+ %\.", third)
    assert all(len(line.split()) <= 80 for line in (first, second, third))


def test_leaders_readable_methods_lines_and_costs(results):
    seconds = {"lasso": 0.25, "logistic": 0.25, "mlp": 3.0, "nimo": 12.0}
    results.fits["fit_seconds"] = results.fits.method.map(seconds)
    text = "\n".join(found.sentences(results))
    means = {
        "Lasso": (0 + (1 - 0.1003333 / 0.2) + (1 - 0.4 / 0.45)) / 3,
        "NIMO": ((1 - 0.4 / 0.5) + (1 - 0.1003333 / 0.15) + 0) / 3,
    }
    assert f"the least mean improvability is that of NIMO ({100 * means['NIMO']:.1f} %)" in text
    assert f"and Lasso ({100 * means['Lasso']:.1f} %)" in text
    assert "the best black box, MLP, has a mean improvability of" in text
    assert "the best method that can be read, NIMO, of" in text
    assert (
        "A linear model (lasso, logistic regression) is the best method on 2 of 5 real tables "
        "(40 % [12, 77]) (diabetes, oj) and on 1 of 1 linear control (carseats)" in text
    )
    assert "NIMO 12.0 [12.0, 12.0] s and Lasso 0.250 [0.250, 0.250] s." in text


def test_a_run_without_nimo_or_with_one_method_says_what_it_can(make_run):
    scores = {d: {"lasso": [0.2], "mlp": [0.3]} for d in ("auto", "hitters")}
    said = found.sentences(make_run(scores))
    assert said and not any("NIMO" in text for text in said)
    alone = make_run({"auto": {"lasso": [0.2]}})
    assert found.sentences(alone) == []
    assert "nothing" in found.page(alone) and "## What was found" not in report.summary(alone)


def test_another_reading_of_the_paper_is_counted_apart(make_run):
    scores = {
        "toy": {
            "nimo_paper": [0.15, 0.16, 0.17, 0.18, 0.14],
            "nimo_paper[first_slope=0.3]": [9.0, 9.1, 9.2, 9.1, 9.0],
        }
    }
    first = headline.headline(make_run(scores)).splitlines()[0]
    assert "rivals): of 1 published cells 1 agrees; " in first
    assert first.endswith(
        " NIMO (paper's algorithm), first_slope=0.3, counted apart: of 1 published cells 1 is "
        "worse in ours."
    )


def test_synthetic_data_alone_have_losses_too(make_run):
    scores = {"toy": {"lasso": [1.0], "nimo": [2.0]}, "vanilla": {"lasso": [1.0], "nimo": [0.5]}}
    said = found.sentences(make_run(scores))
    assert said[0].startswith(
        "NIMO is beaten by a method that is not ours on 1 of the 2 synthetic regression data sets"
    )
    assert "most on toy, where the error of Lasso is 50.0 % smaller" in said[0]


def test_the_page_says_what_it_rests_on(results):
    page = found.page(results)
    assert page.count("\n1. ") == 1 and "Run `invented`: 60 of 63 fits ok, 3 splits" in page
    assert all(text in page for text in found.sentences(results))


def test_a_summary_without_published_values_does_not_speak_of_the_paper(make_run):
    scores = {d: {"lasso": [0.2, 0.3], "mlp": [0.3, 0.3]} for d in ("auto", "oj")}
    scores["oj"]["logistic"] = scores["oj"].pop("lasso")
    results = make_run(scores)
    text = report.summary(results)
    assert "paper" not in text and "## Leaderboards" in text and "## Real data" in text
    assert "paper" not in terminal.summary(results) and "paper" not in headline.headline(results)


def test_the_snapshot_shows_the_pictures_that_it_has(tmp_path):
    folder = tmp_path / "figures"
    folder.mkdir()
    assert pictures(folder) == ""
    (folder / "who_wins.png").write_bytes(b"")
    assert pictures(folder).count("](figures/who_wins.png)") == 1
