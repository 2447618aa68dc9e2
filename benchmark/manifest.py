"""Manifests: one small file that stands for the many that a job writes.

Snakemake looks at every file that it knows of, in every run.  So it knows one manifest per data set
and method, and not each of the records; a manifest lists its files with their sha256 sums.  What
Snakemake then no longer sees, that a file is gone, is looked after here: a manifest that promises a
file which is not there is discarded, and its job runs again.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from benchmark import storage

#: the entry of a manifest that is no file
NOTED = "noted"


def write(path, files, **noted):
    """Write a manifest of files that lie in its folder.

    Parameters
    ----------
    noted : what else was found when they were written, as JSON; :func:`noted` reads it

    Raises
    ------
    benchmark.storage.DamagedFile
        A file is not there.
    """
    sums = {}
    for file in map(Path, files):
        try:
            sums[file.name] = storage.sha256_file(file)
        except OSError as error:
            raise storage.DamagedFile(f"{file}: cannot be read: {error.strerror}") from None
    content = sums | ({NOTED: noted} if noted else {})
    storage.write_text(path, json.dumps(content, indent=0, sort_keys=True) + "\n")


def read(path) -> dict[str, str] | None:
    """The sha256 sums of a manifest's files by name; None if there is no whole manifest."""
    content = _content(path)
    return None if content is None else {k: v for k, v in content.items() if k != NOTED}


def noted(path) -> dict:
    """What was noted beside the sums of a manifest; {} if there is nothing, or no manifest."""
    return (_content(path) or {}).get(NOTED, {})


def _content(path) -> dict | None:
    try:
        content = json.loads(Path(path).read_text())
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None


def problems(path, names) -> list[str] | None:
    """What is wrong with the files of a manifest.

    A file that was written after the manifest is read and compared; the others are taken at their
    word, since reading everything in every run would take minutes.

    Parameters
    ----------
    path : of the manifest
    names : of the files that it should stand for

    Returns
    -------
    one line per file that is gone or altered; None if there is no manifest of these names
    """
    path = Path(path)
    listed = read(path)
    if listed is None or not listed.keys() >= set(names):
        return None
    written = path.stat().st_mtime_ns
    with os.scandir(path.parent) as entries:
        times = {entry.name: entry.stat().st_mtime_ns for entry in entries}
    found = []
    for name in names:
        file = path.parent / name
        if name not in times:
            found.append(f"{file} is gone")
        elif times[name] > written and storage.sha256_file(file) != listed[name]:
            found.append(f"{file} was altered")
    return found


def find_broken(expected, rests_on=None, root=".") -> tuple[list[str], list[str]]:
    """Manifests that do not hold what they should, and those that rest on them.

    Parameters
    ----------
    expected : mapping of each manifest's path, relative to ``root``, to the names it stands for
    rests_on : mapping of a manifest's path to another's, without which it is worth nothing

    Returns
    -------
    paths of manifests that are missing or must go, and one line per file that is gone or altered
    """
    missing, said = set(), []
    for path, names in expected.items():
        found = problems(Path(root) / path, names)
        if found != []:
            missing.add(path)
            said += found or []
    missing |= {path for path, base in (rests_on or {}).items() if base in missing}
    return sorted(missing), said


def discard(paths, root="."):
    """Remove files, as far as they are there."""
    for path in paths:
        if (Path(root) / path).is_file():
            (Path(root) / path).unlink()
