"""What the profiles of the benchmarks make of what perf and strace say."""
import collections
import pathlib
import sys

import pytest

TOP = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TOP))
from bench import profile  # noqa: E402


@pytest.mark.parametrize("dso, function, group", [
    ("newel", "fetch_step", "newel: engine"),
    ("newel", "fetch_step.isra.0", "newel: engine"),
    ("newel", "fetch_step.lto_priv.2", "newel: engine"),
    ("newel", "main", "newel: the rest"),
    ("libc", "_int_malloc", "allocation"),
    ("libc", "__memmove_avx_unaligned_erms", "copying and comparing"),
    ("libc", "getpid", "libc"),
    ("libcrypto", "EVP_DigestUpdate", "TLS and hashes"),
    ("libcrypt", "crypt_r", "libcrypt"),
    ("libstdc++", "std::string::append", "RocksDB"),
    ("kernel", "tcp_sendmsg", "kernel: sockets"),
    ("kernel", "do_syscall_64", "kernel: the rest"),
])
def test_functions_have_groups(dso, function, group):
    assert profile.group_of(dso, function, {"fetch_step": "engine"}) == group


def test_functions_have_layers():
    layers = profile.layers()
    assert layers["message_new"] == "engine"
    assert layers["rocks_bodies"] == "store"
    assert layers["piece_view"] == "store"
    assert layers["write_pairs"] == "search"  # for its own file alone
    assert "erase" not in layers  # of more than one


def test_a_report_of_perf():
    samples = profile.parse_report("""
# Samples: 1K of event 'cpu-clock'
# Samples|Shared Object|Symbol
       80|libc.so.6        |[.] malloc
       71|newel            |[.] fetch_step
       20|libc.so.6        |[.] free
       29|[kernel.kallsyms]|[k] tcp_sendmsg
""")
    groups, functions = profile.shares(samples, {"fetch_step": "engine"})
    assert groups == {"allocation": 50, "newel: engine": 35.5,
                      "kernel: sockets": 14.5}
    assert functions.most_common(1) == [("malloc", 40)]


def test_a_count_of_strace():
    assert profile.parse_calls("""
% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 60.00    0.001200          12       100         4 recvfrom
 40.00    0.000800          40        20           fdatasync
------ ----------- ----------- --------- --------- ----------------
100.00    0.002000          16       120         4 total
""") == {"recvfrom": 100, "fdatasync": 20}


def test_a_count_of_probes():
    assert profile.parse_stat("""# started on Sat
12||probe_libc:malloc|100|100.00||
<not counted>||probe_libc:calloc|0|0.00||
30||probe_libc:realloc|100|100.00||
""") == 42


def test_a_row_of_the_table():
    samples = collections.Counter({("librocksdb", "seek"): 9800,
                                   ("libc", "getpid"): 173})
    calls = collections.Counter(fdatasync=50, read=250)
    assert profile.table_row("a row", (samples, 2000), (calls, 100),
                             (1234, 100), {}) == (
        "| a row | 500 µs | RocksDB 98 % | `seek` 98 % | "
        "3.0: read 2.5, fdatasync 0.50 | 0.50 | 12.3 |")


@pytest.mark.parametrize("seconds, said", [
    (0.0000042, "4 µs"), (0.00099, "990 µs"), (0.0123, "12.3 ms"),
    (2.5, "2,500.0 ms")])
def test_a_time(seconds, said):
    assert profile.in_time(seconds) == said
