"""A logger plugin of Snakemake that shows how far a run is in fits.

In a terminal a bar, what runs, and how long it may take; in a pipe or in CI a line now and then.
Warnings and errors are shown as Snakemake words them; its full log is in ``.snakemake/log``.
``workflow/rules/common.smk`` puts it in the place of Snakemake's own output.
"""

from __future__ import annotations

import logging
import threading
import time

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text
from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

from . import configfile  # noqa: F401 (looks at the command line when it is imported)

LINE_SECONDS = 60.0  # between two lines in a pipe
REFRESH_SECONDS = 1.0  # between two looks at the logs, in a terminal
JOBS_A_SECOND = 50  # whose logs are looked at
SHOWN = 6  # of what is at work
ERRORS = (LogEvent.ERROR, LogEvent.JOB_ERROR, LogEvent.GROUP_ERROR)
#: what Snakemake adds to the words of a script that has failed and of the job, and at the end
SAID_BEFORE = (
    "RuleException:\nCalledProcessError in file",
    "Exiting because a job execution failed",
)
#: how a script's log starts when it ended with an error that a user can act on
PLAIN = "error: "
#: the messages without a level of their own that a person wants to see
TOLD = ("Nothing to be done", "This was a dry-run")


def clock(seconds: float) -> str:
    """``2:05`` or ``1:02:05``."""
    minutes, seconds = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def _fits(state) -> str:
    return f"{state.done} of {state.total} fits ({100 * state.done // state.total} %)"


def _failed(state) -> str:
    words = ", ".join(f"{count} {status}" for status, count in sorted(state.failed.items()))
    return f"failed: {words}" if words else "none failed"


def _plain_error(log) -> str | None:
    """The error in a job's log that needs no traceback; None if there is none."""
    try:
        with open(log, errors="replace") as file:
            first = file.readline().strip()
    except OSError:
        return None
    return first.removeprefix(PLAIN) if first.startswith(PLAIN) else None


class LogHandler(LogHandlerBase):
    """What hears Snakemake's messages.

    Attributes
    ----------
    progress : benchmark.progress.Progress, or None: then only warnings and errors are shown
    refused : list of str, one line for each error so far that a user can act on
    """

    def __post_init__(self):
        self.progress = None
        self.refused = []
        # sys.stderr as it is when something is written, see benchmark/pipes.py
        self.console = Console(stderr=True, highlight=False, soft_wrap=True)
        self.began = time.monotonic()
        self._live = None
        self._said_at = self.began
        self._shown_at, self._shown = -REFRESH_SECONDS, None
        self._jobs = threading.RLock()

    writes_to_stream = True
    writes_to_file = False
    has_filter = False
    has_formatter = False
    needs_rulegraph = False

    # ---------------------------------------------------------------- what Snakemake says

    def emit(self, record):
        try:
            event = getattr(record, "event", None)
            if self.progress is not None:
                self._hear(event, record)
            if self._told(event, record) and (text := self._words(event, record)):
                self.console.print(Text(text, "red" if record.levelno >= logging.ERROR else ""))
            self._show()
        except Exception:
            self.handleError(record)

    def _told(self, event, record) -> bool:
        if record.levelno >= logging.WARNING or event in ERRORS:
            return not str(record.msg).startswith(SAID_BEFORE)
        return event is None and str(record.msg).startswith(TOLD)

    def _words(self, event, record) -> str:
        """What is shown: of a job whose script has said in a line what is wrong, only where."""
        log = next(iter(getattr(record, "log", None) or ()), None)
        said = _plain_error(log) if event == LogEvent.JOB_ERROR and log else None
        if said is None:
            return self.format(record)
        line = f"{record.rule_name}: {said}"
        if line not in self.refused:
            self.refused.append(line)
        return f"Error in rule {record.rule_name}, see above and {log}"

    def _hear(self, event, record):
        with self._jobs:
            if event == LogEvent.JOB_INFO:
                wildcards = record.wildcards or {}
                method = f"{record.rule_name}{wildcards.get('setting', '')}"
                text = record.rule_msg or record.rule_name
                log = next(iter(record.log or ()), None)
                self.progress.start(record.jobid, text, (wildcards.get("dataset"), method), log)
            elif event == LogEvent.JOB_FINISHED:
                self.progress.finish(record.job_id)
            elif event == LogEvent.JOB_ERROR:
                self.progress.fail(record.jobid)

    # ---------------------------------------------------------------- what people see

    def _show(self):
        if self.progress is None or not (self.progress.jobs or self._live):
            return
        if self.console.is_terminal:
            if self._live is None:
                self._live = Live(
                    get_renderable=self._picture,
                    console=self.console,
                    refresh_per_second=2,
                    transient=True,
                    redirect_stdout=False,
                    redirect_stderr=False,
                )
                self._live.start()
        elif time.monotonic() - self._said_at >= LINE_SECONDS:
            self._said_at = time.monotonic()
            self.console.print(Text(self.line()))

    def line(self) -> str:
        """The state in one line."""
        state = self._look()
        parts = [_fits(state), _failed(state), *self._durations(state)]
        if state.at_work:
            more = len(state.at_work) - SHOWN
            shown = ", ".join(state.at_work[:SHOWN])
            parts.append(f"at work: {shown}" + (f" and {more} more" if more > 0 else ""))
        return "; ".join(parts)

    def _look(self):
        with self._jobs:
            return self.progress.look()

    def _durations(self, state) -> list[str]:
        left = state.seconds_left
        about = [f"about {clock(left)} left"] if left is not None and left >= 1 else []
        return [f"{clock(time.monotonic() - self.began)} so far", *about]

    def _picture(self):
        now, progress = time.monotonic(), self.progress
        if progress is not None:
            # looking at a thousand logs of a cluster's jobs takes a while
            rest = max(REFRESH_SECONDS, len(progress.jobs) / JOBS_A_SECOND)
            if now - self._shown_at >= rest:
                self._shown, self._shown_at = self._draw(self._look()), now
        return self._shown

    def _draw(self, state):
        bar = Table.grid(padding=(0, 1), expand=True)
        bar.add_column(ratio=1)
        bar.add_column(justify="right", no_wrap=True)
        bar.add_row(ProgressBar(total=state.total, completed=state.done), _fits(state))
        words = Text(_failed(state), "bold red" if state.failed else "dim")
        words.append("   " + ", ".join(self._durations(state)), "none")
        lines = [bar, words]
        lines += [Text(f"  {text}", "cyan") for text in state.at_work[:SHOWN]]
        more = len(state.at_work) - SHOWN
        rest = [f"{more} more at work"] if more > 0 else []
        rest += [f"{state.waiting} jobs waiting to start"] if state.waiting else []
        lines += [Text("  " + ", ".join(rest), "dim")] if rest else []
        return Group(*lines)

    def end(self):
        """Leave the terminal as it was."""
        live, self._live, self.progress = self._live, None, None
        if live is not None:
            live.stop()

    def close(self):
        self.end()
        super().close()


def take_over(logger, settings, progress):
    """Put a handler in the place of Snakemake's own, if that is there and more was not asked for.

    Parameters
    ----------
    logger : Snakemake's logger
    settings : Snakemake's output settings
    progress : benchmark.progress.Progress

    Returns
    -------
    LogHandler, or None
    """
    if settings.verbose or settings.printshellcmds or settings.debug_dag:
        return None
    own = next((h for h in logger.handlers if h.name == "DefaultStreamHandler"), None)
    if own is None:  # another plugin writes to the terminal
        return None
    handler = LogHandler(settings, None)
    handler.setFormatter(own.formatter)
    for condition in own.filters:
        handler.addFilter(condition)
    handler.progress = progress
    logger.removeHandler(own)
    logger.addHandler(handler)
    return handler
