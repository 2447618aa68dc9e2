"""What the page links to: files beside it, each of which is there when the page is made."""

from __future__ import annotations

from pathlib import Path


def of_folder(folder, run: str, root: str = "") -> dict:
    """Relative links from a page in ``folder``.

    Parameters
    ----------
    folder : path
        Of the run's results, or of a snapshot, whose figures lie in it.
    run : str
    root : the project root as seen from ``folder`` ("../.."), where a run keeps figures and logs;
        "" for a snapshot

    Returns
    -------
    dict with ``files`` [(name, what)], ``tables`` and ``figures`` {name: {kind: link}}, ``logs``
    (prefix of the logs that a record names; "" where they are not kept)
    """
    folder = Path(folder)
    figures = f"{root}/figures/{run}" if root else "figures"
    files = {
        "README.md": "summary of the run",
        "fits.csv": "one row per fit: status, cost",
        "scores.csv": "one row per fit and metric",
        "answers.md": "what explanations are worth, in four answers",
        "explained.csv": "one row per explanation: status, seconds",
        "graded.csv": "one row per explanation and measure",
        "details.json.gz": "parameters, coefficients, tails of logs, as this page holds them",
        "config.yaml": "the configuration",
        "provenance.json": "commits, versions, machine",
        "data_manifest.csv": "every split with its sha256",
    }
    found = [[name, what] for name, what in files.items() if (folder / name).exists()]
    if root and (folder / root / "data" / run / "manifest.csv").exists():
        found.append([f"{root}/data/{run}/manifest.csv", "every split with its sha256"])
    return {
        "files": found,
        "tables": _kinds(folder, "tables"),
        "figures": _kinds(folder, figures),
        "logs": f"{root}/" if root else "",
    }


def _kinds(folder, place) -> dict:
    found: dict[str, dict[str, str]] = {}
    for path in sorted((folder / place).glob("*.*")):
        if not path.name.startswith("."):
            found.setdefault(path.stem, {})[path.suffix[1:]] = f"{place}/{path.name}"
    return found
