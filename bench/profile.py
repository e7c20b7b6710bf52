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
SAMPLES_A_SECOND = 9973  # of processor time

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
    """{function: layer} of the program's own, whose definitions begin a line;
    what more than one layer has is nobody's."""
    found = collections.defaultdict(set)
    for path in (TOP / "src").glob("*/**/*.[ch]"):
        if not path.stem.endswith(("_test", "_fuzz")):
            layer = path.relative_to(TOP / "src").parts[0]
            for name in re.findall(r"(?m)^(\w+)\(", path.read_text()):
                found[name].add(layer)
    return {name: of.pop() for name, of in found.items() if len(of) == 1}


def group_of(dso, function, own):
    if dso == "newel":
        name = re.sub(r"\.(constprop|isra|part|cold|lto_priv).*", "", function)
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
    """Samples of processor time by (shared object, function)."""

    def __init__(self, folder):
        self.data = folder / "perf.data"

    def watch(self, server):
        return running("perf", "record", "-q", "-F", str(SAMPLES_A_SECOND),
                       "-o", self.data, "-p", ",".join(pids(server)))

    def result(self):
        said = subprocess.run(
            ["perf", "report", "-i", self.data, "--stdio", "-g", "none",
             "--percent-limit", "0", "-F", "sample,dso,symbol", "-t", "|"],
            capture_output=True, text=True).stdout
        return parse_report(said)


def parse_report(text):
    samples = collections.Counter()
    for line in text.splitlines():
        parts = [part.strip() for part in line.split("|")]
        if len(parts) == 3 and parts[0].isdigit():
            dso = parts[1].strip("[]").split(".")[0]
            function = re.sub(r"^\[.\] ", "", parts[2])
            samples[dso, function] += int(parts[0])
    return samples


def shares(samples, own):
    """({group: percent}, {function: percent})."""
    groups, functions = collections.Counter(), collections.Counter()
    for (dso, function), n in samples.items():
        share = 100 * n / samples.total()
        groups[group_of(dso, function, own)] += share
        functions[function] += share
    return groups, functions


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


def in_time(seconds):
    if seconds >= 1e-3:
        return f"{seconds * 1e3:,.1f} ms"
    return f"{seconds * 1e6:.0f} µs"


def each(n, ops):
    """A count for each operation, with as many digits as it bears."""
    x = n / max(ops, 1)
    return f"{x:,.0f}" if x >= 100 else f"{x:.1f}" if x >= 1 else f"{x:.2f}"


HEADING = """\
| row | CPU | where | hottest | system calls | flushes | allocations |
| --- | --- | --- | --- | --- | --- | --- |"""


def most(counter, n, least, form):
    return ", ".join(form.format(name, x) for name, x in
                     counter.most_common(n) if x >= least)


def table_row(title, time_, calls, allocations, own):
    """A line of Markdown; each of the three is a count and for how many
    operations it is."""
    samples, ops = time_
    groups, functions = shares(samples, own)
    made, call_ops = calls
    flushes = sum(made[name] for name in FLUSHES)
    often = ", ".join(f"{name} {each(n, call_ops)}"
                      for name, n in made.most_common(4))
    return " | ".join([
        f"| {title}",
        in_time(samples.total() / SAMPLES_A_SECOND / max(ops, 1)),
        most(groups, 7, 3, "{} {:.0f} %"),
        most(functions, 3, 3, "`{}` {:.0f} %"),
        f"{each(made.total(), call_ops)}: {often}",
        each(flushes, call_ops), f"{each(*allocations)} |"])
