"""Output whose reader may go away, as in ``snakemake ... | head``: what comes after it is dropped.

A thread of Snakemake says that a job has ended before it tells the scheduler.  Where saying it ends
the thread (BrokenPipeError; rich makes a SystemExit of it), the scheduler waits for that job for
ever.  So writing never fails for want of a reader, and the run goes on in silence.
"""

from __future__ import annotations

import logging
import os
import select
import sys

OUTPUTS = (1, 2)  # standard output and standard error


def _is_unread(descriptor: int) -> bool:
    if not hasattr(select, "poll"):  # Windows
        return False
    poll = select.poll()
    poll.register(descriptor, 0)
    return any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0))


def _drop(descriptor: int):
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)  # children that are started from now on inherit it
    os.close(nowhere)


def drop_unread():
    """Let go nowhere what is written to an output of this process that nobody can read any more."""
    for descriptor in OUTPUTS:
        if _is_unread(descriptor):
            _drop(descriptor)


class Stream:
    """A text stream that takes everything also when its reader is gone.

    Parameters
    ----------
    stream : text file with a descriptor
    """

    def __init__(self, stream):
        self._stream = stream

    def __getattr__(self, name):
        return getattr(self._stream, name)

    def write(self, text):
        try:
            return self._stream.write(text)
        except BrokenPipeError:
            _drop(self._stream.fileno())
            return len(text)

    def flush(self):
        try:
            self._stream.flush()
        except BrokenPipeError:
            _drop(self._stream.fileno())
            self._stream.flush()  # what is held back, which would fail once more at the end


class _BeforeEachMessage(logging.Handler):
    """A job is announced before it starts: its process finds outputs that can be written to."""

    def emit(self, record):
        drop_unread()


def outlive_reader(logger):
    """Let this process, and those that it starts, go on when nobody reads their output any more.

    Parameters
    ----------
    logger : Snakemake's logger, whose handlers hold the streams of this process
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None or isinstance(stream, Stream):
            continue
        lasting = Stream(stream)
        setattr(sys, name, lasting)
        for handler in logger.handlers:
            if isinstance(handler, logging.StreamHandler) and handler.stream is stream:
                handler.stream = lasting
    if not any(isinstance(handler, _BeforeEachMessage) for handler in logger.handlers):
        logger.handlers.insert(0, _BeforeEachMessage())
