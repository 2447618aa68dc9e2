"""The page of all figures that docs/ keeps, each with what it shows and the numbers drawn."""

from __future__ import annotations

import ast
from pathlib import Path

from benchmark import ROOT
from benchmark.figures import FIGURES

HEAD = """# Gallery

Every figure of the published runs. The numbers drawn are the CSV file behind each.
"""


def page(docs: Path) -> str:
    """The page in Markdown, for all ``figures`` folders of docs/."""
    parts = [HEAD]
    for folder in sorted(docs.glob("*/figures"), key=lambda path: path.parent.name != "results"):
        run = folder.parent.name
        parts.append(f"## {run.capitalize()}\n")
        for picture in sorted(folder.glob("*.png")):
            link = f"{run}/figures/{picture.stem}"
            title = picture.stem.replace("_", " ")
            parts.append(f"### {title} {{ #{run}-{picture.stem} }}\n")
            parts.append(f"{_shows(picture.stem)} [Numbers]({link}.csv).\n")
            parts.append(f"![{title}]({link}.png){{ loading=lazy }}\n")
    return "\n".join(parts)


def _shows(name: str) -> str:
    """The first line of the docstring of a figure's module."""
    module = FIGURES[name].module if name in FIGURES else name
    source = (ROOT / "benchmark" / "figures" / f"{module}.py").read_text()
    return (ast.get_docstring(ast.parse(source)) or "").partition("\n")[0]
