"""Real tables: Figures 5 and 6 of the paper, published tables, and the user's CSV files."""

from benchmark.tables.scores import score_table

TITLE = "Real data"
TITLES = {
    ("regression", "real"): "Test mean squared error, target standardised",
    ("regression", "control"): "Linear controls: test mean squared error, target standardised",
    ("classification", "real"): "Test accuracy",
    ("classification", "control"): "Linear controls: test accuracy",
}


def build(results, published):
    groups = [
        (title, task, results.datasets(task, group)) for (task, group), title in TITLES.items()
    ]
    return score_table(results, published, "real", TITLE, groups)
