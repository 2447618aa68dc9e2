"""Pages whose Python blocks are run, and that show what these print.

Every ```` ```python ```` block runs, one after the other in one namespace and in the page's folder;
what it prints goes into the ```` ```text ```` block that follows it.  So no number on the page is
typed by hand, and the code shown is the code that ran.  A block with ``<!-- slow -->`` on the line
before can be left out.

Written here because jupytext and nbconvert bring a whole Jupyter for these few lines.
"""

from __future__ import annotations

import contextlib
import io
import math
import os
import re
from dataclasses import dataclass
from pathlib import Path

BLOCK = re.compile(
    r"(?P<slow><!-- slow -->\n)?```python\n(?P<code>.*?)```\n(?:\n```text\n(?P<output>.*?)```\n)?",
    re.S,
)
NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e[-+]?\d+)?(?![\w.])")


@dataclass(frozen=True)
class Block:
    """One block of code: its line on the page, whether it is slow, what it shows and printed."""

    line: int
    slow: bool
    shown: str
    printed: str

    def agrees(self, tolerance: float = 0.0, relative: float = 0.0) -> bool:
        """Whether the words are the same, and the numbers up to ``tolerance`` or a share."""
        numbers = [[float(n) for n in NUMBER.findall(t)] for t in (self.shown, self.printed)]
        words = [NUMBER.sub("#", t).split() for t in (self.shown, self.printed)]
        return words[0] == words[1] and all(
            math.isclose(a, b, rel_tol=relative, abs_tol=tolerance)
            for a, b in zip(*numbers, strict=True)
        )


def run(page: Path, fast: bool = False) -> tuple[str, list[Block]]:
    """Run a page; return its text with the outputs of today, and its blocks.

    Parameters
    ----------
    page : Path
    fast : bool
        Leave out the slow blocks; their outputs stay as they are.

    Raises
    ------
    RuntimeError
        A block fails; the message has the page and the line it starts on.
    """
    text, blocks, namespace = page.read_text(), [], {"__name__": "__page__"}

    def replace(match):
        line = text.count("\n", 0, match.start("code"))
        slow, shown = match["slow"] is not None, match["output"] or ""
        if slow and fast:
            return match[0]
        captured = io.StringIO()
        try:
            # blank lines in front, so that a traceback names the page's own line
            code = compile("\n" * line + match["code"], str(page), "exec")
            with contextlib.redirect_stdout(captured):
                exec(code, namespace)
        except Exception as error:
            raise RuntimeError(f"{page}, block at line {line}: {error!r}") from error
        printed = "\n".join(row.rstrip() for row in captured.getvalue().splitlines())
        printed += "\n" if printed else ""
        blocks.append(Block(line, slow, shown, printed))
        output = f"\n```text\n{printed}```\n" if printed else ""
        return f"{match['slow'] or ''}```python\n{match['code']}```\n{output}"

    with _folder(page.parent):
        return BLOCK.sub(replace, text), blocks


@contextlib.contextmanager
def _folder(path):
    before = Path.cwd()
    os.chdir(path)
    try:
        yield
    finally:
        os.chdir(before)
