"""Errors that a user can act on are shown as one message, not as a traceback."""

from __future__ import annotations

import sys
import traceback
from contextlib import contextmanager
from pathlib import Path

from benchmark.config import ConfigError
from benchmark.datasets import TableError
from benchmark.fitting.processes import KilledFromOutside
from benchmark.storage import DamagedFile


@contextmanager
def plain_errors(log=None):
    """End the process with the message alone; anything unforeseen keeps its traceback.

    ``log``: a file that says the same.
    """
    try:
        yield
    except (ConfigError, TableError, DamagedFile, KilledFromOutside, OSError) as error:
        _note(log, f"error: {error}")
        sys.exit(f"error: {error}")
    except Exception:
        _note(log, traceback.format_exc())
        raise


def _note(log, text):
    if log is not None:
        try:
            Path(log).write_text(f"{text}\n")
        except OSError:
            pass  # the same is said on stderr
