"""Real data: diabetes, Boston housing (Figures 5 and 6 of the paper) and the user's CSV files."""

from benchmark.tables.scores import score_table

TITLE = "Real data"


def build(results, published):
    titles = {
        "regression": "Test mean squared error, target standardised",
        "classification": "Test accuracy",
    }
    groups = [(title, task, results.datasets(task, "real")) for task, title in titles.items()]
    return score_table(results, published, "real", TITLE, groups)
