"""The summary of a run, for a reader and for the terminal."""

import os
import re

import pytest

from baselines.contract import NOT_DONE
from benchmark import headline, means, report, storage, tables, terminal
from benchmark.evaluation import published
from benchmark.fitting import records
from benchmark.tables.scores import all_scores

SCORES = {
    "vanilla": {
        "lasso": [0.013, 0.014, 0.010, 0.012, 0.011, 0.012],
        "mlp": [0.10, 0.11, 0.12, 0.10, 0.11, 0.12],
    },
    "toy": {
        "lasso": [19.0, 21.0, 20.0, 19.0, 21.0, 20.0],
        "mlp": [0.5, "timeout", 0.7, 0.5, 0.6, 0.7],
    },
    "classification1": {
        "logistic": [0.58, 0.61, 0.60, 0.58, 0.61, 0.60],
        "mlp": [0.70, 0.71, 0.72, 0.70, 0.71, 0.72],
    },
    "diabetes": {"lasso": ["error"] * 6, "mlp": [0.5, 0.6, 0.55, 0.5, 0.6, 0.55]},
}


def section(text, title):
    return text.split(f"## {title}\n")[1].split("\n## ")[0]


def test_failures_are_listed_with_status_reason_and_log(make_run):
    lines = report.failures(make_run(SCORES))
    assert len(lines) == 7
    assert lines[0] == (
        "toy mlp split 1: timeout: Invented: the timeout of a test (log: logs/invented/toy/mlp.log)"
    )


def test_a_run_without_failures_lists_none(make_run):
    assert report.failures(make_run({"toy": {"lasso": [1.0, 2.0]}})) == []


def test_departures_name_cell_value_and_interval(make_run):
    results = make_run(SCORES)
    scores = all_scores(results, published.read())
    lines = report.departures(results, scores)
    assert len(lines) == 2
    assert lines[0].startswith(
        "▲ better: vanilla, MLP: mse 0.110 ± 0.009 (6/6), paper v1 0.939, expected between 0.0"
    )
    assert lines[1].startswith("▼ worse: classification 1, MLP: accuracy 0.710 ± 0.009 (6/6)")


def test_summary_has_what_a_reader_looks_for(make_run):
    text = report.summary(make_run(SCORES), wall_seconds=125)
    assert "48 fits, 41 ok, 6 error, 1 timeout; 1 min 42 s in successful fits." in text
    assert "2 min 05 s" in text
    assert "## Test mean squared error, synthetic regression" in text
    assert "## Test accuracy, synthetic classification" in text
    assert section(text, "Failures").count("\n* ") == 7
    assert section(text, "Cells that differ from the paper").count("\n* ") == 2
    assert "`results/invented/tables/`" in text
    assert "commit 0123456789ab (48 fits)" in text
    assert re.search(r"numpy \d+\.\d+", text)


def test_summary_counts_the_verdicts(make_run):
    text = report.summary(make_run(SCORES))
    assert "Against the paper (v1), 8 cells: 5 agree, 1 better, 1 worse, 1 without verdict." in text


def test_summary_of_a_run_with_nothing_to_complain_about(make_run):
    text = report.summary(make_run({"toy": {"lasso": [19.0, 21.0, 20.0, 19.0, 21.0]}}))
    assert section(text, "Failures").strip() == "None."
    assert section(text, "Cells that differ from the paper").strip() == "None."
    assert "Test accuracy" not in text


def test_summary_of_the_users_data_alone(make_run):
    text = report.summary(make_run({"wine": {"lasso": [0.9, 0.8]}}, csv={"wine": "regression"}))
    assert "2 fits, 2 ok" in text
    assert "Against the paper" not in text


def test_terminal_is_compact(make_run):
    text = terminal.summary(make_run(SCORES), wall_seconds=3)
    lines = text.splitlines()
    assert lines[0].startswith("Run invented: 48 fits, 41 ok, 6 error, 1 timeout")
    row = next(line for line in lines if line.startswith("| toy"))
    assert re.sub(" +", " ", row) == "| toy | 20.0 (18.982 ✓) | 0.600 (0.446 ✓) 5/6 |"
    row = next(line for line in lines if line.startswith("| diabetes"))
    assert re.sub(" +", " ", row) == "| diabetes | failed | 0.550 (0.52 ✓) |"
    assert "7 fits failed:" in lines
    assert lines[-1] == "Summary: results/invented/README.md"
    assert max(map(len, lines)) < 130


def test_terminal_shortens_a_long_list_of_failures(make_run):
    text = terminal.summary(make_run({"toy": {"lasso": ["memory"] * 25}}))
    assert "25 fits failed:" in text
    assert text.count("memory: Invented") == terminal.SHOWN
    assert "  and 5 more, listed in the summary" in text


def test_terminal_tells_what_was_skipped_from_what_failed(make_run):
    results = make_run({"toy": {"lasso": ["skipped"] * 2, "mlp": ["error", "skipped"]}})
    row = next(line for line in terminal.summary(results).splitlines() if line.startswith("| toy"))
    assert re.sub(" +", " ", row) == "| toy | skipped | failed |"


def test_terminal_splits_a_wide_table_into_parts(make_run):
    methods = ["lasso", "mlp", "mlp_tuned", "lassonet", "nimo", "nimo_relaxed"]
    results = make_run({"toy": {name: [i + 1.0, i + 2.0] for i, name in enumerate(methods)}})
    wide, narrow = (terminal.summary(results, width=width) for width in (200, 70))
    assert max(map(len, wide.splitlines())) > 70
    heads = [line for line in narrow.splitlines() if line.startswith("| mse")]
    assert len(heads) > 1
    assert [w.strip() for line in heads for w in line.split("|")[2:-1]] == results.methods()
    assert all(len(line) <= 70 for line in narrow.splitlines() if line.startswith("|"))


def test_terminal_says_where_the_page_is_once_it_is_there(make_run):
    results = make_run({"toy": {"lasso": [1.0, 2.0]}})
    assert "Page:" not in terminal.summary(results)
    (results.root / "results/invented/index.html").write_text("")
    assert terminal.summary(results).splitlines()[-2] == "Page: results/invented/index.html"


def test_closing_shows_the_summary_of_a_whole_run(make_run):
    results = make_run(SCORES)
    text = terminal.closing(results.config, root=results.root)
    assert text == terminal.summary(results)


def test_closing_says_how_far_an_unfinished_run_got(make_run):
    results = make_run(SCORES)
    path = results.root / records.path_of("invented", "toy", "mlp", 1)
    path.unlink()
    text = terminal.closing(results.config, root=results.root)
    assert text == "Run invented is not finished: 47 of 48 fits are there."


def test_closing_does_not_show_a_table_older_than_the_records(make_run):
    results = make_run(SCORES)
    path = results.root / records.path_of("invented", "toy", "mlp", 1)
    later = (results.root / "results/invented/fits.csv").stat().st_mtime + 5
    os.utime(path, (later, later))
    assert "not been gathered" in terminal.closing(results.config, root=results.root)


def test_a_damaged_record_is_named_not_summarised(make_run):
    results = make_run(SCORES)
    path = results.root / records.path_of("invented", "vanilla", "lasso", 0)
    path.write_text(path.read_text()[:100])
    with pytest.raises(storage.DamagedFile, match="split0.json"):
        report.summary(results)


@pytest.mark.parametrize(
    "seconds, text",
    [(0.04, "0.0 s"), (12.34, "12.3 s"), (312, "5 min 12 s"), (11100, "3 h 05 min")],
)
def test_durations(seconds, text):
    assert report.duration(seconds) == text


@pytest.mark.parametrize("n, word", [(1, "One cut"), (2, "Two cuts"), (4, "Four cuts")])
def test_a_run_of_few_splits_says_that_they_cannot_tell(make_run, n, word):
    few = {d: {m: v[:n] for m, v in by.items()} for d, by in SCORES.items() if d != "diabetes"}
    results = make_run(few)
    said = f"{word} cannot tell"
    written, shown = report.summary(results), terminal.summary(results)
    assert written.count(f"{said}: below five splits nothing is tested or judged.") >= 2
    assert said in shown and f"{said}: below five" in headline.headline(results)
    for text in (written, shown, headline.headline(results), means.means(results)):
        for word_ in ("agrees", "better in ours", "p <", "beyond chance", "✓", "▲", "▼"):
            assert word_ not in text, word_
    assert said in section(written, "Cells that differ from the paper")


def test_a_fit_that_the_method_declined_is_no_failure_and_the_tables_say_why(make_run):
    results = make_run({"toy": {"lasso": ["skipped"] * 2, "mlp": [1.0, 2.0]}})
    assert len(report.failures(results)) == 2
    results.fits["error"] = results.fits.error.where(
        results.fits.status != "skipped", f"{NOT_DONE}: fewer than 100 rows"
    )
    assert report.failures(results) == []
    assert report.skipped(results) == ["lasso: 2 fits skipped, fewer than 100 rows"]
    table = tables.make("regression", results)
    assert "Lasso is skipped on toy: fewer than 100 rows." in table.notes
