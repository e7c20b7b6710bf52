"""One measurement: a run of the load generator against one server, and the
figure that comes of it."""
import contextlib
import json
import mmap
import os
import pathlib
import statistics
import subprocess
import threading
import time

from lib import process, servers

TOP = pathlib.Path(__file__).resolve().parent.parent
LOAD = TOP / "build/bench/load/newel-load"
QUIET_SECONDS = 3  # longer than any of them puts work off
SETTLE_SECONDS = 120
PATIENCE = 1200  # seconds for the longest that a server may take
WARM_BYTES = 256 * 2**20

# What looks at a server while it is measured, and how many times as often a
# row that repeats a command does so: bench/profile sets others.
watching = contextlib.nullcontext
longer = 1


def watched(server):
    """A context in which the server works."""
    return watching(server)


def repeats(times):
    return times * longer


class CannotDo(Exception):
    """A server has no such thing, or the machine is too small for it; the
    text says which."""


def user(prefix):
    """The names of users, with % for a number."""
    return f"{prefix}%@bench.example"


def warm_memory():
    """Takes free memory once.  A virtual machine may give it back to its host
    after a second or two, and then it costs up to ten times as much to take:
    who has just started would pay for that, and not who has run for long."""
    with mmap.mmap(-1, WARM_BYTES, mmap.MAP_PRIVATE) as memory:
        memory.madvise(mmap.MADV_HUGEPAGE)
        for at in range(0, WARM_BYTES, mmap.PAGESIZE):
            memory[at] = 1


class Run:
    """One run of the load generator: what it said and what the server used."""

    def __init__(self, server, row, *args, tls=False, at_ready=None):
        where = ["--imaps", f"127.0.0.1:{server.imaps}"] if tls else [
            "--imap", f"127.0.0.1:{server.imap}"]
        with subprocess.Popen(
                [LOAD, row, *where, "--lmtp", f"127.0.0.1:{server.lmtp}",
                 "--password", servers.PASSWORD, *map(str, args)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
                ) as load:
            late = threading.Timer(PATIENCE, load.kill)
            late.start()
            try:
                self.go(server, row, load, at_ready)
            finally:
                late.cancel()
                load.kill()
        self.seconds = self.said["seconds"]
        self.ops = self.said["ops"]
        self.load_cpu = self.said["load_cpu"]

    def go(self, server, row, load, at_ready):
        if load.stdout.readline() != "ready\n":
            raise RuntimeError(f"{server.name}: {row} did not get ready")
        self.at_ready = at_ready(server) if at_ready else None
        # What others left for the disk to do is not this server's.
        os.sync()
        warm_memory()
        with watched(server):
            before = process.cpu_seconds(server.pid)
            load.stdin.write("go\n")
            load.stdin.flush()
            said = load.stdout.readline()
            self.cpu = process.cpu_seconds(server.pid) - before
        if load.wait() != 0 or not said:
            raise RuntimeError(f"{server.name}: {row} failed")
        self.said = json.loads(said)

    def steps_ms(self):
        for step in self.said["steps"]:
            if not step["ok"]:
                raise RuntimeError("a timed command was refused")
        return [step["ms"] for step in self.said["steps"]]

    def figure(self, value, ops=None):
        return Figure(value, self.cpu, self.load_cpu,
                      self.ops if ops is None else ops)


def settle(server):
    """Until what a server does behind its clients' backs (an index, a
    checkpoint) is done."""
    until = time.monotonic() + SETTLE_SECONDS
    before = process.cpu_seconds(server.pid)
    quiet = 0
    while quiet < QUIET_SECONDS and time.monotonic() < until:
        time.sleep(0.5)
        now = process.cpu_seconds(server.pid)
        quiet = quiet + 0.5 if now - before < 0.02 else 0
        before = now


class Figure:
    """A value with what it cost: CPU seconds of server and generator, for how
    many operations."""

    def __init__(self, value, cpu=0.0, load_cpu=0.0, ops=0):
        self.value, self.cpu, self.load_cpu = value, cpu, load_cpu
        self.ops = ops

    def per_cpu(self):
        """Operations for each CPU second of the server."""
        return Figure(self.ops / self.cpu if self.cpu else 0.0, self.cpu,
                      self.load_cpu, self.ops)


def median(figures):
    return Figure(*(statistics.median(getattr(f, name) for f in figures)
                    for name in ("value", "cpu", "load_cpu", "ops")))
