"""Where a row's time goes: what perf, strace and probes of malloc say of a
server's processes, as figures for each operation."""
import collections
import contextlib
import re
import signal
import subprocess
import time

from bench.measure import TOP
from lib import process

LIBC = "/lib/x86_64-linux-gnu/libc.so.6"
ALLOCATORS = ("malloc", "calloc", "realloc", "posix_memalign")
FLUSHES = ("fsync", "fdatasync", "sync_file_range", "msync")
ATTACH_SECONDS = 1.5
FEWEST = 60  # samples that say something

# The first that fits: (shared object, function, group).
GROUPS = [(re.compile(dso), re.compile(function), group) for
          dso, function, group in (
    ("kernel.*", r"tcp|inet|^ip_|^__ip|sock|skb|^unix|loopback|^net|napi|nf_|"
     r"^dev_|xmit|^fib|qdisc", "kernel: sockets"),
    ("kernel.*", r"ext4|jbd2|blk|^bio|virtio|virtqueue|fsync|fdatasync|iomap|"
     r"filemap|writeback|folio|xas_|vfs|submit_|vring|page_cache",
     "kernel: files"),
    ("kernel.*", r"page|clear_|mmap|vma|fault|mm_|zap|memcg|alloc|slab|free",
     "kernel: memory"),
    ("kernel.*", r"sched|futex|epoll|wake|schedule|switch|update_|enqueue|"
     r"dequeue|pick_|set_next|finish_task", "kernel: threads and waiting"),
    ("kernel.*", "", "kernel: the rest"),
    ("libc", r"alloc|free|malloc|_int_|unlink_chunk|tcache|sysmalloc",
     "allocation"),
    ("libc", r"mem|str", "copying and comparing"),
    ("libc", "", "libc"),
    (r"librocksdb|libstdc\+\+", "", "RocksDB"),
    ("libzstd|liblz4|libsnappy|libz", "", "compression"),
    ("libcrypto|libssl|libargon2", "", "TLS and hashes"),
    ("libsqlite3", "", "SQLite"),
    ("libuv", "", "libuv"),
)]


def layers():
    """{function: layer} of the program's own, by its static libraries."""
    found = {}
    for path in (TOP / "build/src").glob("*/lib*.a"):
        said = subprocess.run(["nm", "--defined-only", path],
                              capture_output=True, text=True).stdout
        for line in said.splitlines():
            words = line.split()
            if len(words) == 3 and words[1] in "tT":
                found.setdefault(words[2], path.parent.name)
    return found


def group_of(dso, function, own):
    if dso == "newel":
        name = re.sub(r"\.(constprop|isra|part|cold).*", "", function)
        return f"newel: {own.get(name, 'the rest')}"
    for dsos, functions, group in GROUPS:
        if dsos.fullmatch(dso) and functions.search(function):
            return group
    return dso


def pids(server):
    return [str(pid) for pid in process.tree(server.pid)]


@contextlib.contextmanager
def running(*command):
    """A program that looks until it is interrupted."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as program:
        time.sleep(ATTACH_SECONDS)
        try:
            yield
        finally:
            program.send_signal(signal.SIGINT)


class Time:
    """Shares of processor time by group, and the hottest functions."""

    def __init__(self, folder):
        self.data = folder / "perf.data"

    def watch(self, server):
        return running("perf", "record", "-q", "-F", "997", "-o", self.data,
                       "-p", ",".join(pids(server)))

    def result(self):
        said = subprocess.run(
            ["perf", "report", "-i", self.data, "--stdio", "-g", "none",
             "--percent-limit", "0", "-F", "overhead,dso,symbol", "-t", "|"],
            capture_output=True, text=True).stdout
        return parse_report(said, layers())


def parse_report(text, own):
    """({group: percent}, [(percent, function)]); of too few samples, none."""
    shares, hottest = collections.Counter(), []
    samples = re.search(r"# Samples: (\d+)(K?)", text)
    if not samples or not samples[2] and int(samples[1]) < FEWEST:
        return shares, hottest
    for line in text.splitlines():
        parts = [part.strip() for part in line.split("|")]
        if len(parts) != 3 or not parts[0].endswith("%"):
            continue
        share = float(parts[0][:-1])
        function = re.sub(r"^\[.\] ", "", parts[2])
        dso = parts[1].strip("[]").split(".")[0]
        shares[group_of(dso, function, own)] += share
        hottest.append((share, function))
    return shares, sorted(hottest, reverse=True)


class Calls:
    """How often each system call was made."""

    def __init__(self, folder):
        self.text = folder / "strace"

    def watch(self, server):
        return running("strace", "-f", "-c", "-S", "calls", "-o", self.text,
                       *(word for pid in pids(server) for word in ("-p", pid)))

    def result(self):
        return parse_calls(self.text.read_text())


def parse_calls(text):
    calls = collections.Counter()
    for line in text.splitlines():
        words = line.split()
        if len(words) >= 5 and words[3].isdigit() and words[-1] != "total":
            calls[words[-1]] += int(words[3])
    return calls


class Allocations:
    """How often memory was asked for."""

    def __init__(self, folder):
        self.text = folder / "stat"

    def watch(self, server):
        events = ",".join(f"probe_libc:{name}*" for name in ALLOCATORS)
        return running("perf", "stat", "-x", "|", "-o", self.text, "-e",
                       events, "-p", ",".join(pids(server)))

    def result(self):
        return parse_stat(self.text.read_text())


def parse_stat(text):
    return sum(int(line.split("|")[0]) for line in text.splitlines()
               if line.split("|")[0].isdigit())


@contextlib.contextmanager
def probes():
    """On the allocators of libc, for as long as this lasts."""
    def perf(*words):
        subprocess.run(["perf", "probe", "-q", *words], check=False,
                       capture_output=True)
    perf("--del", "probe_libc:*")
    for name in ALLOCATORS:
        perf("-x", LIBC, "--add", name)
    try:
        yield
    finally:
        perf("--del", "probe_libc:*")


def each(n, ops):
    """A count for each operation, with as many digits as it bears."""
    x = n / max(ops, 1)
    return f"{x:,.0f}" if x >= 100 else f"{x:.1f}" if x >= 1 else f"{x:.2f}"


def in_words(ops, cpu, shares, hottest, calls, allocations):
    """Lines of Markdown."""
    most = [f"{group} {share:.0f} %" for group, share in shares.most_common(9)
            if share >= 1.5]
    top = [f"`{name}` {share:.0f} %" for share, name in hottest[:5]
           if share >= 1.5]
    often = [f"{name} {each(n, ops)}" for name, n in calls.most_common(6)]
    flushes = sum(calls[name] for name in FLUSHES)
    if most:
        time_ = [f"- CPU {each(cpu * 1e6, ops)} µs: " + ", ".join(most),
                 "- hottest: " + ", ".join(top)]
    else:
        time_ = ["- CPU: too little to tell"]
    return time_ + [
        f"- system calls {each(sum(calls.values()), ops)}: " +
        ", ".join(often),
        f"- flushes {each(flushes, ops)}; allocations "
        f"{each(allocations, ops)}"]
