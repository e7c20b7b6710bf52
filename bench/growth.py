"""What grows with a mailbox and should not, and what two busy clients do to
the sessions of others.  Both are measured on the same accounts."""
import math
import statistics

from bench.idle import session_kib
from bench.measure import CannotDo, Figure, Run, user

ACCOUNTS = 32  # as many as the generator's row fair has
SIZES = {1000: 27, 10000: 28, 100000: 29, 1000000: 30}  # messages: account
SMALLEST, LARGEST = min(SIZES), max(SIZES)
PEER_MOST = 100000  # a peer would take half an hour to be given more
SMALL = ("--size", 500)
FETCHED = 31  # the account of ordinary mail that fair has fetched
FETCHED_COUNT = 20000
REPEAT = 100
STARTS = 3  # of which the median is what the first SELECT takes
SECONDS = 20
OPERATIONS = {
    "status": "STATUS", "first": "SELECT, first", "select": "SELECT, again",
    "noop": "NOOP", "store": "STORE of one flag", "append": "APPEND of 5 KB",
    "notice": "notice of a change in IDLE",
    "memory": "memory of one more session",
}


def account(number):
    return user("grow").replace("%", str(number))


def most(server):
    """The largest mailbox that it is given."""
    return getattr(server, "largest_mailbox", PEER_MOST)


def fill(server, scale):
    Run(server, "append", "--user", user("grow"), "--users", ACCOUNTS,
        "--connections", ACCOUNTS, "--count", ACCOUNTS)
    for size, number in SIZES.items():
        count = int(min(size, most(server)) * scale) - 1
        Run(server, "append", "--user", account(number), "--connections", 4,
            "--count", max(count, 4), "--from", ACCOUNTS, "--batch", 1000,
            *SMALL)
    Run(server, "append", "--user", account(FETCHED), "--count",
        max(int(FETCHED_COUNT * scale), 1), "--from", ACCOUNTS, "--batch", 500)


class Once:
    """Remembers what measuring a server gave, as several rows show parts of
    the same measurement.  A server that failed is measured again."""

    def __init__(self, measure):
        self.measure = measure
        self.known = {}

    def __call__(self, server, *args):
        key = (server, *args)
        if key not in self.known:
            self.known[key] = self.measure(server, *args)
        return self.known[key]


def first_ms(server, size):
    def one():
        server.cool()
        return Run(server, "script", "--user", account(SIZES[size]),
                   "SELECT INBOX").steps_ms()[0]
    return statistics.median(one() for _ in range(STARTS))


def measure_size(server, size):
    """{operation: its cost in a mailbox of that size}, times in ms."""
    cost = {"first": first_ms(server, size)}
    cost["memory"] = session_kib(server, account(SIZES[size]))
    r = Run(server, "growth", "--user", account(SIZES[size]), "--count",
            REPEAT, "--size", 5000)
    cost.update((s["name"], s["p50_us"] / 1000) for s in r.said["steps"])
    return cost


measured = Once(measure_size)


def cost(operation, size):
    """A row of one operation and one size."""
    def measure(server, scale):
        if size > most(server):
            raise CannotDo(f"was given {PEER_MOST:,} messages at most")
        return Figure(measured(server, size)[operation])
    return measure


def growth(operation):
    """How many times as much as in the smallest mailbox it costs in the
    largest that the server has."""
    def measure(server, scale):
        small, large = (measured(server, size)[operation]
                        for size in (SMALLEST, most(server)))
        if min(small, large) <= 0:
            raise CannotDo("costs too little to be seen")
        return Figure(large / small)
    return measure


# What grows with the logarithm of the number of messages costs that much.
LOGARITHM = math.log(LARGEST) / math.log(SMALLEST)


def unit(operation):
    return "KiB" if operation == "memory" else "ms"


# --- Fairness -----------------------------------------------------------------

def measure_fair(server, scale):
    r = Run(server, "fair", "--user", user("grow"), "--size", 5000,
            "--seconds", max(int(SECONDS * min(scale, 1)), 5))
    parts = {part["name"]: part for part in r.said["steps"]}
    busy = parts["busy"]
    print(f"fair: {server.name}: {busy['sorts']} commands and "
          f"{r.said['bytes'] / 1e9:.1f} GB fetched meanwhile; the generator "
          f"itself was up to {parts['tick']['p99_us'] / 1000:.1f} ms late "
          "(p99)", flush=True)
    return r, parts


fair_measured = Once(measure_fair)


def fair(what, percentile="p99_us"):
    """Milliseconds that others wait, beside two busy clients."""
    def measure(server, scale):
        r, parts = fair_measured(server, scale)
        return r.figure(parts[what][percentile] / 1000)
    return measure
