"""Pictures of a results page: ``python -m tests.drivers.screenshots PAGE FOLDER``.

Writes ``page_1600.png`` (light, a cell's dialog below the tables) and ``page_380.png`` (dark).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from PIL import Image  # matplotlib needs it

from tests.drivers.chromium import Chromium, find
from tools import palette


def _taken(browser) -> Image.Image:
    with tempfile.NamedTemporaryFile(suffix=".png") as file:
        browser.screenshot(file.name)
        return Image.open(file.name).convert("RGB")


def _save(images, path):
    """The images below each other, in few colours."""
    whole = Image.new("RGB", (images[0].width, sum(i.height for i in images)))
    top = 0
    for image in images:
        whole.paste(image, (0, top))
        top += image.height
    print(f"{path}: {palette.write(whole, path) / 1000:.0f} kB")


def take(browser, page, folder, cell):
    """Both pictures.

    Parameters
    ----------
    browser : Chromium
    page : path of a results page
    folder : where the pictures go
    cell : "data set/method" whose dialog is shown
    """
    for width, height, dark in ((1600, 900, False), (380, 900, True)):
        browser.view(width, height, dark)
        browser.open(page)
        images = [_taken(browser)]
        browser.run("document.querySelector('#overview').scrollIntoView({behavior: 'instant'})")
        browser.wait("document.querySelector('#overview .js-plotly-plot')")
        browser.run("new Promise(done => setTimeout(done, 500))")
        images.append(_taken(browser))
        browser.open(page, f"#cell/{cell}")
        browser.run("new Promise(done => setTimeout(done, 500))")
        images.append(_taken(browser))
        _save(images, Path(folder) / f"page_{width}.png")


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("page", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cell", default="toy/nimo", help="data set/method whose dialog is shown")
    options = parser.parse_args(arguments)
    program = find()
    if program is None:
        sys.exit("error: no browser; on Debian: apt-get install chromium")
    with tempfile.TemporaryDirectory(prefix="browser-") as profile:
        browser = Chromium(program, profile)
        try:
            take(browser, options.page, options.folder, options.cell)
        finally:
            browser.close()


if __name__ == "__main__":
    main()
