"""Run a grid through SLURM on this machine, with faults, and compare it with a local run.

``python -m tests.drivers.slurm_trial [--config config/smoke.yaml] [--seed 0]``

A cluster of two nodes is set up (:mod:`tests.drivers.slurm_cluster`).  The grid is run there with
``profiles/slurm``; meanwhile a random job is cancelled, and a node with its jobs is killed and
comes back.  The comparable outputs must be byte-identical to those of a local run without faults.
The exit code says whether they are, and whether both faults hit a job.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import time

from benchmark.fingerprint import differences, fingerprint
from tests.drivers import slurm_cluster
from tests.drivers.runs import clean, finish, read_config, start

NODES = 2
CHECK_SECONDS = "5"  # between looks at the queue; a real cluster's users are more patient
BACK_SECONDS = 40  # a killed node stays away for so long: SLURM notices after 15
EARLIEST = 5.0  # seconds that a job has run before something happens to it
PROFILE = ("--profile", "profiles/slurm", "--slurm-init-seconds-before-status-checks")


def running() -> list[dict]:
    """Jobs at work: id, node, seconds, what it is."""
    done = subprocess.run(
        ["squeue", "--noheader", "--states=RUNNING", "--format=%i|%N|%S|%k"],
        capture_output=True,
        text=True,
        check=True,
    )
    jobs = []
    for line in done.stdout.splitlines():
        name, node, began, comment = line.split("|", 3)
        began = time.mktime(time.strptime(began, "%Y-%m-%dT%H:%M:%S"))
        jobs.append({"id": name, "node": node, "ran": time.time() - began, "what": comment})
    return jobs


class Faults:
    """What happens to a run, one thing after the other: called again and again while it goes on."""

    def __init__(self, rng, say):
        self.rng, self.say = rng, say
        self.cancelled = self.lost = self.entries = 0
        self.killed_node, self.back_at = None, 0.0
        self.next_at = time.monotonic() + rng.uniform(5, 20)

    def step(self):
        jobs = [job for job in running() if job["ran"] > EARLIEST and "rule_dataset" != job["what"]]
        now = time.monotonic()
        if self.killed_node and now > self.back_at:
            slurm_cluster.start_node(self.killed_node)
            self.say(f"node {self.killed_node} is back")
            self.killed_node = None
        fits = [job for job in jobs if not job["what"].startswith("rule_dataset")]
        if not fits or now < self.next_at:
            return
        victim = self.rng.choice(fits)
        if not self.cancelled:
            subprocess.run(["scancel", victim["id"]], check=True)
            self.cancelled += 1
            self.say(f"job {victim['id']} ({victim['what']}) is cancelled")
        elif not self.lost:
            node = victim["node"]
            count = slurm_cluster.stop_node(node)
            self.lost += 1
            self.killed_node, self.back_at = node, now + BACK_SECONDS
            self.say(f"node {node} is killed, with job {victim['id']} ({count} processes)")
        self.next_at = now + self.rng.uniform(10, 30)


def through_slurm(config, target, rng, log) -> Faults:
    """Run the grid on the cluster while faults happen."""
    began = time.monotonic()

    def say(text):
        print(f"{time.monotonic() - began:5.0f} s: {text}", flush=True)

    process = start(config, [target, *PROFILE, CHECK_SECONDS], log)
    faults = Faults(rng, say)
    while process.poll() is None:
        faults.step()
        time.sleep(1)
    if faults.killed_node:
        slurm_cluster.start_node(faults.killed_node)
    finish(process.returncode, config["run"], log)
    say("the run is complete")
    return faults


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", default="config/smoke.yaml")
    parser.add_argument("--seed", type=int, default=0, help="seed of what happens when")
    parser.add_argument("--target", default="all", help="what to make")
    parser.add_argument("--keep", action="store_true", help="keep the runs' files")
    options = parser.parse_args(arguments)
    config = read_config(options.config)
    local, slurm = f"{config['run']}-local", f"{config['run']}-slurm"
    os.makedirs("logs", exist_ok=True)
    clean(slurm)
    with open(f"logs/slurm_trial_{config['run']}.log", "wb") as log:
        if not options.keep:
            clean(local)
        target = options.target.replace("<run>", local)
        finish(start(config | {"run": local}, [target, "--cores", "2"], log).wait(), local, log)
        expected = fingerprint(local)
        print(f"local run: {len(expected)} outputs", flush=True)
        try:
            slurm_cluster.up(NODES)
            target = options.target.replace("<run>", slurm)
            rng = random.Random(options.seed)
            faults = through_slurm(config | {"run": slurm}, target, rng, log)
        except slurm_cluster.ClusterError as error:
            sys.exit(f"error: {error}")
        finally:
            slurm_cluster.down()
    wrong = differences(expected, fingerprint(slurm))
    if not options.keep:
        clean(local)
        clean(slurm)
    report = {
        "outputs": len(expected),
        "cancelled": faults.cancelled,
        "nodes_lost": faults.lost,
        "seed": options.seed,
        "differ": wrong,
    }
    print(json.dumps(report))
    sys.exit(bool(wrong) or not (faults.cancelled and faults.lost))


if __name__ == "__main__":
    main()
