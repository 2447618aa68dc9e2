"""References in docstrings, written for Sphinx, in Markdown."""

from __future__ import annotations

import re

import griffe

_ROLE = re.compile(r":\w+:`[.~]*([^`]+)`")


class Roles(griffe.Extension):
    """An extension of griffe, which reads docstrings for mkdocstrings."""

    def on_object(self, *, obj: griffe.Object, **kwargs) -> None:
        """Give every docstring code in the place of roles."""
        if obj.docstring is not None:
            obj.docstring.value = _ROLE.sub(r"`\1`", obj.docstring.value)
