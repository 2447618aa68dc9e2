"""Errors that a user can act on are shown as one message, not as a traceback."""

from __future__ import annotations

import sys
from contextlib import contextmanager

from benchmark.config import ConfigError
from benchmark.storage import DamagedFile
from benchmark.tabular import TableError


@contextmanager
def plain_errors():
    """End the process with the message alone; anything unforeseen keeps its traceback."""
    try:
        yield
    except (ConfigError, TableError, DamagedFile, OSError) as error:
        sys.exit(f"error: {error}")
