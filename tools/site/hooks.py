"""What MkDocs calls while it builds the site (``hooks:`` in mkdocs.yml)."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from mkdocs.structure.files import File

from benchmark import ROOT
from benchmark.page.document import document, libraries
from tools.results_page import contents_of
from tools.site import gallery, links

#: folders of docs/ with a results page, as in `make page`
RESULTS = ("results", "real")
SHARED = "libraries"


def on_files(files, config):
    """Add the pages from beside docs/, the results pages with their libraries, and the gallery."""

    def add(place, **source):
        files.append(File.generated(config, place, **source))

    for path, place in links.BESIDE.items():
        add(place, abs_src_path=str(ROOT / path))
    add("site.css", abs_src_path=str(ROOT / "tools/site/site.css"))
    for name, text in libraries().items():
        add(f"{SHARED}/{name}", content=text)
    docs = Path(config["docs_dir"])
    for run in RESULTS:
        add(f"{run}/page.html", content=_results_page(docs / run))
    add("gallery.md", content=gallery.page(docs))
    return files


def on_page_markdown(markdown, page, config, files):
    """Lead links to places on the site; name the results page where its run is told."""
    place = page.file.src_uri
    text = links.rewritten(
        markdown, place, lambda there: there in files.src_uris, links.repository()
    )
    if place in {f"{run}/README.md" for run in RESULTS}:
        title, _, rest = text.partition("\n")
        text = f"{title}\n\n**[Open the results page](page.html)**\n{rest}"
    return text


def _results_page(folder: Path) -> str:
    data = contents_of(folder)
    data["links"] = _as_html(data["links"])
    return document(data, shared=f"../{SHARED}")


def _as_html(told):
    """Links to Markdown, which the site shows as HTML."""
    if isinstance(told, dict):
        return {key: _as_html(value) for key, value in told.items()}
    if isinstance(told, list):
        return [_as_html(value) for value in told]
    if not told.endswith(".md"):
        return told
    path = PurePosixPath(told)
    return str(
        path.with_name("index.html") if path.name == "README.md" else path.with_suffix(".html")
    )
