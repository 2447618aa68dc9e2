"""docs/methods.md: what each method is given, from the methods' declarations."""

from __future__ import annotations

import baselines
from benchmark import ROOT

PAGE = ROOT / "docs" / "methods.md"
#: what stands around the generated part of the page of methods
START, END = "<!-- from the declarations -->\n", "<!-- end -->\n"
USES = {"stops": "stop it", "chooses": "choose", "trains": "not needed"}


def given() -> str:
    """What each method is given, as a table in Markdown."""
    head = ("method", "validation rows", "in practice", "categories and gaps")
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    for method in map(baselines.load, baselines.names()):
        trains = method.validation == "trains"
        again = ", what was chosen is fitted again" if method.configurations else ""
        cells = (
            f"`{method.name}`",
            USES[method.validation],
            f"trained on{again}" if trains else "the same",
            "as they are" if method.frame else "encoded",
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def page() -> str:
    """The page's text with the table of today's declarations."""
    before, _, rest = PAGE.read_text().partition(START)
    _, _, after = rest.partition(END)
    return f"{before}{START}\n{given()}\n{END}{after}"
