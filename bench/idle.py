"""Sessions that idle: what each costs, and how soon they are told."""
import pathlib
import resource

from bench.measure import CannotDo, Figure, Run, settle, user
from lib import process

IDLE = 1000
ACCOUNTS = 50  # a server has something in memory of each
OWN_FILES = 1500  # that a server has open beside its connections
MOST_KIB = 8 * 2**20
FEWEST = 500  # below, what else a server does with memory would show


def fill(server, scale):
    Run(server, "append", "--user", user("idle"), "--users", ACCOUNTS,
        "--connections", ACCOUNTS, "--count", ACCOUNTS * 20, "--batch", 20)


def settled_kib(server):
    """Memory of all processes, at rest."""
    settle(server)
    return process.pss_kib(server.pid)


def idling(server, users, name, count, tls=False):
    """A run that looked at the memory of all processes, in KiB, while so many
    sessions were idle."""
    return Run(server, "idle", "--user", name, "--users", users,
               "--connections", count, tls=tls,
               at_ready=settled_kib)


def session_kib(server, name, more=50):
    """Of one more session, of some, that has the same mailbox selected."""
    idling(server, 1, name, 5)  # what is made once is made here
    few = idling(server, 1, name, 5)
    many = idling(server, 1, name, 5 + more)
    return (many.at_ready - few.at_ready) / more


def memory(tls):
    """KiB in all processes for one more session."""
    def one(server, count):
        return idling(server, ACCOUNTS, user("idle"), count, tls)

    def measure(server, scale):
        count = max(int(IDLE * scale), FEWEST)
        server.cool()
        one(server, ACCOUNTS)  # what is made once is made here
        few = one(server, ACCOUNTS)
        many = one(server, ACCOUNTS + count)
        return Figure((many.at_ready - few.at_ready) / count, many.cpu,
                      many.load_cpu, count)
    return measure


def needs_memory(server, count):
    """CannotDo if so many sessions would need most of the machine's, or
    more than anybody would give them: starting them takes its time too."""
    needs = count * server.session_kib
    if needs > min(free_kib() * 0.9, MOST_KIB):
        raise CannotDo(f"needs {needs / 2**20:.0f} GiB of memory")


def free_kib():
    for line in pathlib.Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1])
    return 0


def wake(sessions):
    """Milliseconds until the last of the sessions has been told."""
    def measure(server, scale):
        count = int(sessions * scale)
        needs_memory(server, count)
        r = Run(server, "wake", "--user", user("idle"), "--users", ACCOUNTS,
                "--connections", ACCOUNTS + count)
        return r.figure(r.seconds * 1000)
    return measure


def held(sessions):
    """MiB of the whole server with that many in IDLE with TLS at once.  Each
    is then told of a change: one that was dropped ends the row."""
    def measure(server, scale):
        _, files = resource.getrlimit(resource.RLIMIT_NOFILE)
        count = min(int(sessions * scale), files - OWN_FILES)
        needs_memory(server, count)
        if count < int(sessions * scale):
            print(f"held: {count} sessions, as a process may have {files} "
                  "files open (ulimit -Hn)", flush=True)
        r = Run(server, "wake", "--user", user("idle"), "--users", ACCOUNTS,
                "--connections", ACCOUNTS + count, tls=True,
                at_ready=settled_kib)
        return r.figure(r.at_ready / 1024)
    return measure
