"""A worker is watched, stopped and cleared away, whether it is forked by a server or not."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import psutil
import pytest

from benchmark import ROOT, config, provenance
from benchmark.datasets import splits
from benchmark.fitting import driver, forks, processes, records

FORKED = [False] + [True] * forks.HERE


@pytest.fixture(scope="module")
def servers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("servers")
    servers = forks.Servers(processes.environment(folder, ROOT))
    yield servers
    servers.stop()
    assert not servers.folder.exists()


@pytest.fixture(params=FORKED, ids=lambda forked: "forked" if forked else "from scratch")
def forked(request, monkeypatch):
    """The two ways in which a worker comes into being."""
    if request.param:
        servers = request.getfixturevalue("servers")
        monkeypatch.setenv(forks.FOLDER, str(servers.folder))
        monkeypatch.setattr(processes, "Spawned", None)  # it is not what is used
    else:
        monkeypatch.delenv(forks.FOLDER, raising=False)
    return request.param


@pytest.fixture
def watch(forked, tmp_path):
    """Watch a worker that runs some code."""

    def watch(code, variables=None, server="plain", **limits):
        (tmp_path / "some_work.py").write_text(code)
        (tmp_path / "log").touch()
        limits = processes.Limits(**({"seconds": 20, "memory_mb": 2000} | limits))
        log = tmp_path / "log"
        return processes.watch(
            "some_work", "ask", tmp_path, ROOT, log, limits, lambda: "", variables, server
        )

    return watch


def running(word):
    """Whether a process has this word on its command line."""
    return any(word in (p.info["cmdline"] or []) for p in psutil.process_iter(["cmdline"]))


def alive(pid):
    """Whether a process is there and at work: one that nobody waits for is neither."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False


def test_end_and_death(watch):
    assert watch("").status == "done"
    assert watch("raise SystemExit(3)") == processes.End(
        "died", "the worker ended with exit code 3 before it had finished"
    )
    assert watch("raise SystemExit('in words')").message.startswith("the worker ended with exit co")
    end = watch("import os; os.kill(os.getpid(), 9)")
    assert end == processes.End("died", "the worker was killed by SIGKILL", signal.SIGKILL)


def test_an_error_is_in_the_log(watch, tmp_path):
    assert watch("print('before')\n1 / 0").status == "died"
    text = (tmp_path / "log").read_text()
    assert text.startswith("before") or text.endswith("before\n")
    assert "ZeroDivisionError: division by zero" in text


def test_what_a_worker_finds_around_it(watch, tmp_path):
    code = (
        "import json, os, sys, tempfile\n"
        "found = dict(name=__name__, argv=sys.argv[1:], path=sys.path[:2], cwd=os.getcwd(),\n"
        "    session=os.getsid(0) == os.getpid(), temp=tempfile.gettempdir(),\n"
        "    threads=os.environ['OMP_NUM_THREADS'], hash=hash('a'), stdin=sys.stdin.read(),\n"
        "    bytecode=sys.dont_write_bytecode, open=sorted(os.listdir('/proc/self/fd'))[:3],\n"
        "    own=[f for f in os.listdir('/proc/self/fd') if os.path.exists(f'/proc/self/fd/{f}')\n"
        "         and 'socket' in os.readlink(f'/proc/self/fd/{f}')])\n"
        "open('found', 'w').write(json.dumps(found))"
    )
    assert watch(code).status == "done"
    here = str(tmp_path)
    hashed = subprocess.run(
        [sys.executable, "-c", "print(hash('a'))"],
        env=os.environ | {"PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
    )
    assert json.loads((tmp_path / "found").read_text()) == {
        "name": "__main__",
        "argv": ["ask"],
        "path": [here, str(ROOT)],
        "cwd": here,
        "session": True,
        "temp": here,
        "threads": "1",
        "hash": int(hashed.stdout),
        "stdin": "",
        "bytecode": True,
        "open": ["0", "1", "2"],
        "own": [],
    }


def test_workers_share_no_random_state(watch, tmp_path):
    """A method that forgets its seed must not look as if it had one."""
    code = "import numpy as np; open('drawn', 'a').write(f'{np.random.random()}\\n')"
    watch(code)
    watch(code)
    first, second = (tmp_path / "drawn").read_text().split()
    assert first != second


def test_variables_of_a_method_are_there(watch, tmp_path, forked, monkeypatch):
    if forked:  # they may count when an interpreter starts, so the worker is not forked
        monkeypatch.undo()
    watch("import os; open('x', 'w').write(os.environ['NEW'])", {"NEW": "value"})
    assert (tmp_path / "x").read_text() == "value"


def test_limits(watch):
    assert watch("import time; time.sleep(60)", seconds=0.5).status == "timeout"
    hog = "x = bytearray(b'x') * 400_000_000\nimport time; time.sleep(60)"
    assert watch(hog, memory_mb=350).status == "memory"


def test_children_count_for_memory(watch):
    code = (
        "import subprocess, sys\n"
        "hog = 'x = bytearray(b\"x\") * 300_000_000; import time; time.sleep(60)'\n"
        "subprocess.run([sys.executable, '-c', hog])"
    )
    assert watch(code, memory_mb=250).status == "memory"


def test_daemons_that_left_group_and_parent_are_killed(watch):
    code = (
        "import subprocess, sys\n"
        'inner = \'import subprocess; subprocess.Popen(["sleep", "87654"], '
        "start_new_session=True)'\n"
        "subprocess.run([sys.executable, '-c', inner])"
    )
    assert watch(code).status == "done"
    assert not running("87654")


def test_death_of_the_workflow_stops_the_judge(watch, monkeypatch):
    gone = subprocess.Popen(["true"])
    gone.wait()
    monkeypatch.setenv(processes.MAIN_PROCESS, str(gone.pid))
    with pytest.raises(processes.MainProcessGone):
        watch("import subprocess; subprocess.run(['sleep', '87655'])")
    assert not running("87655")


def _until(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    return condition()


def test_a_killed_judge_leaves_no_worker(forked, tmp_path):
    (tmp_path / "some_work.py").write_text("import subprocess; subprocess.run(['sleep', '87656'])")
    (tmp_path / "log").touch()
    code = (
        "import pathlib, sys\nfrom benchmark.fitting import processes\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "processes.watch('some_work', 'ask', folder, pathlib.Path(sys.argv[2]), folder / 'log',\n"
        "    processes.Limits(60, 2000), lambda: '', None, 'plain')"
    )
    judge = subprocess.Popen([sys.executable, "-c", code, str(tmp_path), str(ROOT)], cwd=ROOT)
    assert _until(lambda: running("87656"))
    judge.kill()
    judge.wait()
    assert _until(lambda: not running("87656"))


@pytest.mark.skipif(not forks.HERE, reason="there are no servers")
class TestServers:
    @pytest.fixture
    def own(self, tmp_path, monkeypatch):
        """Servers of this test alone."""
        servers = forks.Servers(processes.environment(tmp_path, ROOT))
        monkeypatch.setenv(forks.FOLDER, str(servers.folder))
        yield servers
        servers.stop()

    def start(self, tmp_path, code, server="plain"):
        (tmp_path / "some_work.py").write_text(code)
        with open(tmp_path / "log", "ab") as output:
            env = processes.environment(tmp_path, ROOT)
            return forks.Forked(server, "some_work", "ask", tmp_path, env, output)

    def test_they_hold_the_libraries_and_none_of_our_code(self, own, tmp_path):
        code = (
            "import json, sys; open('held', 'w').write(json.dumps(sorted(sys.modules)));"
            "import threading; open('threads', 'w').write(str(threading.active_count()))"
        )
        held = {}
        for name in forks.LIBRARIES:
            worker = self.start(tmp_path, code, name)
            assert _until(lambda worker=worker: worker.poll() is not None) and worker.code == 0
            worker.end()
            held[name] = set(json.loads((tmp_path / "held").read_text()))
            assert (tmp_path / "threads").read_text() == "1"
            ours = {m for m in held[name] if m.split(".")[0] in ("nimo", "baselines", "benchmark")}
            assert ours <= {"benchmark", "benchmark.fitting"}
            assert set(forks.LIBRARIES[name]) <= held[name]
        assert "torch" not in held["plain"] and "torch._dynamo" not in held["torch"]

    def test_a_worker_whose_keeper_is_killed_is_dead(self, own, tmp_path):
        worker = self.start(tmp_path, "import subprocess; subprocess.run(['sleep', '87657'])")
        assert _until(lambda: running("87657"))
        os.kill(worker.keeper, signal.SIGKILL)
        assert _until(lambda: worker.poll() is not None)
        assert worker.code == -signal.SIGKILL
        assert _until(lambda: not alive(worker.process.pid) and not running("87657"))
        worker.end()

    def test_they_end_with_their_workflow_even_by_kill_9(self, tmp_path):
        code = (
            "import sys, time\nfrom benchmark import ROOT\n"
            "from benchmark.fitting import forks, processes\n"
            "servers = forks.Servers(processes.environment(sys.argv[1], ROOT))\n"
            "print(servers.process.pid, servers.folder, flush=True)\n"
            "time.sleep(60)"
        )
        workflow = subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        *pids, folder = workflow.stdout.readline().split()
        assert all(alive(int(pid)) for pid in pids)
        workflow.kill()
        workflow.wait()
        workflow.stdout.close()
        assert _until(lambda: not any(alive(int(pid)) for pid in pids))
        assert not os.path.exists(folder)

    def test_without_one_a_worker_is_started_from_scratch(self, tmp_path, monkeypatch):
        monkeypatch.setenv(forks.FOLDER, str(tmp_path / "nowhere"))
        (tmp_path / "some_work.py").write_text("")
        (tmp_path / "log").touch()
        limits = processes.Limits(20, 2000)
        end = processes.watch(
            "some_work", "ask", tmp_path, ROOT, tmp_path / "log", limits, str, None, "plain"
        )
        assert end.status == "done"


def test_the_server_of_a_method_has_what_its_code_imports():
    def server(method):
        return forks.server_of(ROOT / file for file in provenance.method_files(method))

    assert server("lasso") == server("svm") == server("ebm") == "plain"
    assert server("nimo") == server("contextual_lasso") == "torch"
    assert server("mlp") == server("nam") == server("lassonet") == "torch_optim"


@pytest.mark.parametrize("method", ["lasso", "mlp_relu", "nimo_paper"])
def test_a_fit_is_the_same_either_way(method, tmp_path, servers, monkeypatch):
    settings = config.validate(
        {
            "run": "r",
            "datasets": ["toy"],
            "methods": [method],
            "splits": 1,
            "reduced": True,
            "rows": {"train": 60, "val": 30, "test": 20},
        }
    )
    found = []
    for way in ("scratch", "fork"):
        folder = tmp_path / way
        splits.write_all([splits.make("toy", 0, settings)], settings, folder)
        if way == "fork":
            monkeypatch.setenv(forks.FOLDER, str(servers.folder))
            monkeypatch.setattr(processes, "Spawned", None)
        driver.Fits(settings, "toy", method, "log", folder).run([0])
        path = folder / records.path_of("r", "toy", method, 0)
        assert records.read(path)["result"]["status"] == "ok"
        with np.load(records.arrays_path(path)) as arrays:
            found.append({name: arrays[name] for name in arrays})
    assert found[0].keys() == found[1].keys()
    for name, values in found[0].items():
        np.testing.assert_array_equal(values, found[1][name])
