"""A SLURM cluster of two nodes with one core each on this machine, to try ``profiles/slurm`` with.

``python -m tests.drivers.slurm_cluster up [--nodes 2]``, ``down``, ``stop-node n2``,
``start-node n2``

Needs root and Debian's packages ``slurm-wlm`` and ``munge``; no systemd, no accounting.  All
daemons keep their files in one folder and are ended by their process ids.  ``stop-node`` kills a
node's daemon and every job on it with -9, as a power cut would.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil

FOLDER = Path("/var/tmp/benchmark-slurm")
CONF = Path("/etc/slurm/slurm.conf")  # jobs look for it here, whatever SLURM_CONF says
FIRST_LINE = "# written by tests/drivers/slurm_cluster.py"
PORT = 17800
WAIT_SECONDS = 60
CONFIG = """{first_line}
ClusterName=benchmark
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
SlurmUser=root
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd-%n.log
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
# the nodes may say that they have another number of cores and more memory than the machine
SlurmdParameters=config_overrides
ReturnToService=2
SlurmdTimeout=15
MinJobAge=600
KillWait=5
SchedulerParameters=sched_interval=5,batch_sched_delay=1
MpiDefault=none
{nodes}
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


class ClusterError(RuntimeError):
    """The cluster cannot be set up; the message says why."""


def names(nodes: int) -> list[str]:
    """Names of the nodes."""
    return [f"n{i + 1}" for i in range(nodes)]


def installed() -> bool:
    """Whether SLURM and munge are here, and this process may start them."""
    programs = ("slurmctld", "slurmd", "munged", "sbatch", "squeue")
    return all(map(shutil.which, programs)) and os.geteuid() == 0


def config(nodes: int, memory_mb: int = 16000) -> str:
    """The text of slurm.conf."""
    host = socket.gethostname().split(".")[0]
    lines = [
        f"NodeName={name} NodeHostname={host} NodeAddr=127.0.0.1 Port={PORT + 1 + i} "
        f"CPUs=1 RealMemory={memory_mb} State=UNKNOWN"
        for i, name in enumerate(names(nodes))
    ]
    return CONFIG.format(
        first_line=FIRST_LINE, host=host, port=PORT, folder=FOLDER, nodes="\n".join(lines)
    )


def _process(pid_file: Path) -> psutil.Process | None:
    try:
        return psutil.Process(int(pid_file.read_text()))
    except (OSError, ValueError, psutil.NoSuchProcess):
        return None


def _kill(victims):
    """Kill processes and wait for their end."""
    for victim in victims:
        try:
            victim.kill()
        except psutil.NoSuchProcess:
            pass
    psutil.wait_procs(victims, timeout=5)


def _end(pid_file: Path):
    """Kill the daemon that a file names, and nothing else."""
    process = _process(pid_file)
    pid_file.unlink(missing_ok=True)
    if process is not None:
        _kill([process])


def _jobs(node: str) -> list[psutil.Process]:
    """The processes of jobs on a node, with those that look after them.

    They do not end with the node's daemon.
    """
    found = set()
    for process in psutil.process_iter():
        try:
            if process.environ().get("SLURMD_NODENAME") == node:
                found.add(process)
                parent = process.parent()
                if parent is not None and parent.name().startswith("slurmstepd"):
                    found.add(parent)
        except psutil.Error:
            continue
    return sorted(found, key=lambda process: process.pid)


def start_node(node: str):
    """Start the daemon of a node."""
    (FOLDER / f"spool-{node}").mkdir(parents=True, exist_ok=True)
    subprocess.run(["slurmd", "-N", node], check=True)


def stop_node(node: str) -> int:
    """Kill a node's daemon and its jobs; return how many processes of jobs there were."""
    _end(FOLDER / f"slurmd-{node}.pid")
    jobs = _jobs(node)
    _kill(jobs)
    return len(jobs)


def idle(nodes: int) -> bool:
    """Whether all nodes can take jobs."""
    done = subprocess.run(
        ["sinfo", "--noheader", "--Node", "--format=%N %T"], capture_output=True, text=True
    )
    return done.returncode == 0 and done.stdout.split() == [
        word for name in names(nodes) for word in (name, "idle")
    ]


def up(nodes: int = 2):
    """Start the daemons and wait until the nodes can take jobs.

    Raises
    ------
    ClusterError
        SLURM is not installed, this is not root, another slurm.conf is in the way, or the nodes do
        not come up.
    """
    if not installed():
        raise ClusterError("needs root and the packages slurm-wlm and munge")
    if CONF.exists() and not CONF.read_text().startswith(FIRST_LINE):
        raise ClusterError(f"{CONF} belongs to another cluster")
    down()
    for folder in (FOLDER, FOLDER / "state", CONF.parent):
        folder.mkdir(parents=True, exist_ok=True)
    FOLDER.chmod(0o755)
    CONF.write_text(config(nodes))
    key = FOLDER / "munge.key"
    key.write_bytes(os.urandom(128))
    key.chmod(0o400)
    subprocess.run(
        [
            "munged",
            "--force",
            f"--socket={FOLDER}/munge.socket",
            f"--key-file={key}",
            f"--pid-file={FOLDER}/munged.pid",
            f"--log-file={FOLDER}/munged.log",
            f"--seed-file={FOLDER}/munged.seed",
        ],
        check=True,
        stderr=subprocess.DEVNULL,  # it warns about running as root
    )
    subprocess.run(["slurmctld"], check=True)
    for node in names(nodes):
        start_node(node)
    deadline = time.monotonic() + WAIT_SECONDS
    while not idle(nodes):
        if time.monotonic() > deadline:
            raise ClusterError(f"the nodes do not come up; see {FOLDER}/*.log")
        time.sleep(0.5)


def down():
    """End everything and remove its files."""
    for pid_file in sorted(FOLDER.glob("slurmd-*.pid")):
        stop_node(pid_file.stem.removeprefix("slurmd-"))
    for name in ("slurmctld", "munged"):
        _end(FOLDER / f"{name}.pid")
    shutil.rmtree(FOLDER, ignore_errors=True)
    if CONF.exists() and CONF.read_text().startswith(FIRST_LINE):
        CONF.unlink()


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("up").add_argument("--nodes", type=int, default=2)
    commands.add_parser("down")
    for name in ("stop-node", "start-node"):
        commands.add_parser(name).add_argument("node")
    options = parser.parse_args(arguments)
    try:
        if options.command == "up":
            up(options.nodes)
        elif options.command == "down":
            down()
        elif options.command == "stop-node":
            print(f"{stop_node(options.node)} processes of jobs killed")
        else:
            start_node(options.node)
    except (ClusterError, OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
