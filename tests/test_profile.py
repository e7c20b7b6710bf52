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


def test_a_report_of_perf():
    shares, hottest = profile.parse_report("""
# Samples: 1K of event 'cpu-clock'
# Overhead|Shared Object|Symbol
    40.00%|libc.so.6        |[.] malloc
    35.50%|newel            |[.] fetch_step
    10.00%|libc.so.6        |[.] free
     5.25%|[kernel.kallsyms]|[k] tcp_sendmsg
""", {"fetch_step": "engine"})
    assert shares == {"allocation": 50, "newel: engine": 35.5,
                      "kernel: sockets": 5.25}
    assert hottest[0] == (40, "malloc")


def test_a_report_of_few_samples_says_nothing():
    shares, hottest = profile.parse_report("""
# Samples: 7  of event 'cpu-clock'
    99.00%|libc.so.6        |[.] malloc
""", {})
    assert (shares, hottest) == ({}, [])
    text = profile.in_words(1, 1, shares, hottest, collections.Counter(), 0)
    assert text[0] == "- CPU: too little to tell"


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


def test_in_words():
    text = "\n".join(profile.in_words(
        100, 0.05, collections.Counter({"RocksDB": 60.0, "libc": 1.0}),
        [(30.0, "seek")], collections.Counter(fdatasync=50, read=250), 1234))
    assert "CPU 500 µs: RocksDB 60 %\n" in text
    assert "`seek` 30 %" in text
    assert "system calls 3.0: read 2.5, fdatasync 0.50" in text
    assert "flushes 0.50; allocations 12.3" in text
