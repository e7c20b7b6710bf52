"""Sessions that idle: what each costs, and how soon they are told."""
import pathlib

from bench.measure import CannotDo, Figure, Run, user
from lib import process

IDLE = 1000


def fill(server, scale):
    Run(server, "append", "--user", user("idle"), "--users", 50,
        "--connections", 50, "--count", 50 * 20, "--batch", 20)


def memory(tls):
    """KiB in all processes for one more session."""
    def one(server, count):
        return Run(server, "idle", "--user", user("idle"), "--users", 50,
                   "--connections", count, tls=tls,
                   at_ready=lambda s: process.pss_kib(s.pid))

    def measure(server, scale):
        count = int(IDLE * scale)
        server.cool()
        one(server, 10)  # what is made once is made here
        few = one(server, 10)
        many = one(server, 10 + count)
        return Figure((many.at_ready - few.at_ready) / count, many.cpu,
                      many.load_cpu, count)
    return measure


def free_kib():
    for line in pathlib.Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1])
    return 0


def wake(sessions):
    """Milliseconds until the last of the sessions has been told."""
    def measure(server, scale):
        count = int(sessions * scale)
        needs = count * server.session_kib
        if needs > free_kib() * 0.9:
            raise CannotDo(f"needs {needs / 2**20:.0f} GiB of memory")
        r = Run(server, "wake", "--user", user("idle"), "--users", 50,
                "--connections", 50 + count)
        return r.figure(r.seconds * 1000)
    return measure
