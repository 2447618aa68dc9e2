"""Workers that need not import the heavy libraries: forks of a process that has them already.

A worker of its own for each job keeps jobs apart, but importing scikit-learn and torch takes longer
than many a small fit.  So a workflow starts servers, and each of them

* waits at a socket; with the first request it imports its libraries, and none of our own code,
* forks a keeper for each request, which forks the worker and takes in its orphans,
* ends when the workflow does.

The keeper kills the worker and all that it started as soon as the judge hangs up, even by kill -9.
Where there is no server (on a node of a cluster, in a test, not on Linux), the judge starts workers
as processes from scratch, :class:`benchmark.fitting.processes.Spawned`; the numbers are the same.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import json
import os
import re
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path

import numpy as np
import psutil

from benchmark import ROOT


def _possible() -> bool:
    """Whether the system has what a keeper needs: Linux, from 5.3 on."""
    try:
        os.close(os.pidfd_open(os.getpid()))
    except (AttributeError, OSError):
        return False
    return sys.platform == "linux"


HERE = _possible()
#: variable: the folder with the servers' sockets, or "off", which starts all workers from scratch
FOLDER = "BENCHMARK_FORKS"
PLAIN = ("numpy", "scipy.stats", "sklearn.linear_model", "sklearn.model_selection")
#: what the servers hold, each more than the one before.  A worker has no more in its memory than it
#: would have imported itself.
LIBRARIES = {
    "plain": PLAIN,
    "torch": (*PLAIN, "torch"),
    # an optimizer imports this at its first step, in the time of a fit: a second and more
    "torch_optim": (*PLAIN, "torch", "torch._dynamo"),
}
PR_SET_CHILD_SUBREAPER = 36


def server_of(files) -> str:
    """The server for a worker that executes some source files, by what they say they import."""
    text = "".join(Path(file).read_text() for file in files)
    if not re.search(r"^ *(import|from) torch\b", text, re.MULTILINE):
        return "plain"
    return "torch_optim" if "torch.optim" in text else "torch"


def wanted() -> bool:
    """Whether a workflow that starts now should start servers."""
    return HERE and os.environ.get(FOLDER) != "off"


def adopt_orphans():
    """Become the parent of all processes below this one whose own parent ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def kill(group: int, members):
    """Kill a process group, then whatever left it, until ``members()`` is empty."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)
    while left := members():
        for process in left:
            with contextlib.suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(left, timeout=1)


class Servers:
    """The servers of a workflow, started with it.

    Parameters
    ----------
    environment : dict
        Environment of the servers; workers have their own.
    """

    def __init__(self, environment: dict):
        self.folder = Path(tempfile.mkdtemp(prefix="forks-"))
        with contextlib.ExitStack() as stack:
            gates = []
            for name in LIBRARIES:
                gate = stack.enter_context(socket.socket(socket.AF_UNIX))
                gate.bind(str(self.folder / name))
                gate.listen(128)  # from now on a judge may knock
                gates.append(gate.fileno())
            self.process = subprocess.Popen(
                [sys.executable, "-m", __spec__.name, str(self.folder), *map(str, gates)],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.PIPE,  # its end tells the servers that the workflow has ended
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                pass_fds=gates,
            )

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


class NoServer(OSError):
    """There is no server to fork from; the worker has to be started from scratch."""


class Forked:
    """A worker that a server has forked.

    Parameters
    ----------
    server : str
        Name of the server.
    module, request : what the worker runs: ``python -m <module> <request>``
    folder : the worker's working folder
    environment : dict, its environment
    output : file that it writes to

    Raises
    ------
    NoServer
    """

    def __init__(self, server: str, module, request, folder, environment, output):
        path = Path(os.environ.get(FOLDER, "")) / server
        if FOLDER not in os.environ or not path.exists():
            raise NoServer(path)
        content = {
            "module": module,
            "request": str(request),
            "folder": str(folder),
            "environment": environment,
        }
        self.connection = socket.socket(socket.AF_UNIX)
        try:
            self.connection.connect(str(path))
            socket.send_fds(self.connection, [b"\n"], [output.fileno()])
            self.connection.sendall(json.dumps(content).encode() + b"\n")
            self.received = b""
            started = self._answer()
            if started is None:
                raise OSError("no answer")
        except OSError as error:
            self.connection.close()
            raise NoServer(path) from error
        self.keeper, self.code, self.process = started["keeper"], None, None
        with contextlib.suppress(psutil.NoSuchProcess):  # it may have ended already
            self.process = psutil.Process(started["worker"])

    def poll(self) -> int | None:
        """Exit code, or the negative number of the signal that ended it; None while it runs."""
        there = b"\n" in self.received or select.select([self.connection], [], [], 0)[0]
        if self.code is None and there:
            answer = self._answer()
            self.code = self._kill() if answer is None else answer["code"]
        return self.code

    def _answer(self) -> dict | None:
        """The keeper's next answer; None if it has hung up."""
        while b"\n" not in self.received:
            try:
                more = self.connection.recv(4096)
            except ConnectionError:
                more = b""
            if not more:
                return None
            self.received += more
        line, _, self.received = self.received.partition(b"\n")
        return json.loads(line)

    def _kill(self) -> int:
        """Do what a keeper that was killed itself cannot do any more."""
        with contextlib.suppress(psutil.Error):
            left = [self.process, *self.process.children(recursive=True)] if self.process else []
            for process in left:
                with contextlib.suppress(psutil.Error):
                    process.kill()
        return -signal.SIGKILL

    def members(self) -> list[psutil.Process]:
        """The worker and every process that it started."""
        with contextlib.suppress(psutil.Error):
            return psutil.Process(self.keeper).children(recursive=True)
        return []

    def end(self):
        """Kill whatever is left of the worker."""
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)  # the keeper's sign to clear up
            while self.connection.recv(4096):
                pass
        self.connection.close()


def _work(content, output):
    """What a forked worker does in the place of an interpreter that is started with ``-m``."""
    try:
        os.setsid()
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.closerange(3, max(map(int, os.listdir("/proc/self/fd"))) + 1)
        os.chdir(content["folder"])
        os.environ.clear()
        os.environ.update(content["environment"])
        tempfile.tempdir = None
        np.random.seed()  # a fresh interpreter would not share its global state either
        sys.path[0] = content["folder"]
        sys.argv = [content["module"], content["request"]]
        runpy.run_module(content["module"], run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        code = 1
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def _keep(connection):
    """Fork the worker, tell the judge how it ends, and leave nothing behind."""
    os.setsid()
    adopt_orphans()
    _, (output, *_), _, _ = socket.recv_fds(connection, 1, 1)
    requests = connection.makefile("r")
    content = json.loads(requests.readline())
    worker = os.fork()
    if worker == 0:
        _work(content, output)
    os.close(output)

    def tell(**answer):
        connection.sendall(json.dumps(answer).encode() + b"\n")

    with contextlib.suppress(OSError):  # a judge that is gone is one that has hung up
        tell(worker=worker, keeper=os.getpid())
        ended = os.pidfd_open(worker)
        ready, _, _ = select.select([connection, ended], [], [])
        if ended in ready:
            _, status = os.waitpid(worker, 0)
            tell(code=os.waitstatus_to_exitcode(status))
            requests.read()  # until the judge hangs up
    kill(worker, psutil.Process().children)
    os._exit(0)


def _load(libraries):
    for name in libraries:
        with contextlib.suppress(Exception):  # the worker will say what is wrong
            importlib.import_module(name)
    gc.collect()
    gc.freeze()  # pages that no collection touches stay shared


def serve(gates, until):
    """Fork a keeper for each connection until the file ``until`` comes to its end.

    Parameters
    ----------
    gates : list of (listening socket, libraries)
        Each with more libraries than the one before.  This process serves the first; with the first
        request for another it forks the process that serves the others, and need not import again
        what this one has.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for keepers
    gate, libraries = gates.pop(0)
    loaded = False
    while until not in (ready := select.select([gate, until, *(g for g, _ in gates)], [], [])[0]):
        if not loaded:
            _load(libraries)
            loaded = True
        if any(other in ready for other, _ in gates):
            if os.fork() == 0:
                gate.close()
                return serve(gates, until)
            for other, _ in gates:
                other.close()
            gates = []
        if gate not in ready:
            continue
        connection, _ = gate.accept()
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            gate.close()
            for other, _ in gates:
                other.close()
            try:
                _keep(connection)
            finally:
                os._exit(1)
        connection.close()


def main(folder, *gates):
    """Serve the sockets with these numbers, in the order of ``LIBRARIES``."""
    sockets = [socket.socket(fileno=int(number)) for number in gates]
    try:
        serve(list(zip(sockets, LIBRARIES.values(), strict=True)), sys.stdin)
    finally:
        for name in LIBRARIES:
            (Path(folder) / name).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            Path(folder).rmdir()


if __name__ == "__main__":
    main(*sys.argv[1:])
