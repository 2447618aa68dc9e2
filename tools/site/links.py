"""Links of a page, from places in the repository to places on the site.

Pages are written for a code host, where a link may lead to any file.  On the site a link to another
page leads there; one to a source file leads to the repository, if the project names one, and else
becomes the file's name.
"""

from __future__ import annotations

import functools
import posixpath
import re
import tomllib
from collections.abc import Callable

import yaml

from benchmark import ROOT

#: pages that do not lie in docs/, and their places on the site
BESIDE = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "CONTRIBUTING.md",
    "CHANGELOG.md": "CHANGELOG.md",
    "nimo/README.md": "nimo/README.md",
    "benchmark/README.md": "benchmark/README.md",
}
_LINK = re.compile(
    r"(?P<fence>^(?P<mark>```+).*?^(?P=mark)$)"  # code is left alone
    r"|\[(?P<text>(?:[^\[\]`]|`[^`]*`)*)\]\((?P<target>[^()\s]+)\)"
    r"|`[^`]*`",
    re.S | re.M,
)


def on_site(path: str) -> str:
    """The place on the site of a file of the repository; both relative to their roots."""
    return BESIDE.get(path, path.removeprefix("docs/"))


def in_repository(place: str) -> str:
    """The reverse of :func:`on_site`."""
    back = {there: path for path, there in BESIDE.items()}
    return back.get(place, f"docs/{place}")


@functools.cache
def repository() -> str | None:
    """The address of the repository that pyproject.toml or CITATION.cff names."""
    urls = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"].get("urls", {})
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    return urls.get("Repository") or cited.get("repository-code")


def rewritten(text: str, place: str, known: Callable[[str], bool], url: str | None = None) -> str:
    """A page's Markdown with links for the site.

    Parameters
    ----------
    text : as it stands in the repository
    place : of the page on the site, such as "results/README.md"
    known : whether there is a file at a place on the site
    url : address of the repository, see :func:`repository`
    """
    here = posixpath.dirname(in_repository(place))

    def new(match):
        target = match["target"]
        if not target or target.startswith("#") or "://" in target:
            return match[0]
        file, mark, anchor = target.partition("#")
        path = posixpath.normpath(posixpath.join(here, file))
        there = on_site(path)
        if known(there):
            start = posixpath.dirname(place) or "."
            return f"[{match['text']}]({posixpath.relpath(there, start)}{mark}{anchor})"
        if path.startswith("docs/") or not (ROOT / path).exists():
            return match[0]  # the build says that nothing is there
        if url is not None:
            return f"[{match['text']}]({url.rstrip('/')}/blob/main/{path}{mark}{anchor})"
        words = match["text"]
        return words if words.strip("`") in (path, file) else f"{words} (`{path}`)"

    return _LINK.sub(new, text)
