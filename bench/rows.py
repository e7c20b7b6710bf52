"""The rows of the table, and how each is measured on one server.

A row's measure(server, scale) gives a Figure.  Rows of a group share the data
that FILL prepares; they run in the order of ROWS."""
import statistics

from bench.measure import Figure, Run, user
from lib import process


class Row:
    """One line of the table.  Rows of a group share what they prepare."""

    def __init__(self, name, title, unit, measure, more_is_better=True,
                 rounds=3, group=None):
        self.name, self.title, self.unit = name, title, unit
        self.measure = measure
        self.more_is_better = more_is_better
        self.rounds = rounds
        self.group = group or name


# --- Sessions and delivery ----------------------------------------------------

def mixed_fill(server, scale):
    Run(server, "append", "--user", user("mixed"), "--users", 25, "--connections",
        25, "--count", 25 * 200, "--batch", 100)


def mixed(by, **options):
    def measure(server, scale):
        args = [x for k, v in options.items() for x in (f"--{k}", v)]
        r = Run(server, "mixed", "--user", user("mixed"), "--users", 25,
                "--connections", 50, "--count", int(40000 * scale), *args)
        return Figure(r.ops / (r.cpu if by == "cpu" else r.seconds), r.cpu,
                      r.load_cpu)
    return measure


def login(tls, by="time"):
    def measure(server, scale):
        r = Run(server, "login", "--user", user("mixed"), "--users", 25,
                "--connections", 50, "--count", int(3000 * scale), tls=tls)
        return Figure(r.ops / (r.cpu if by == "cpu" else r.seconds), r.cpu,
                      r.load_cpu)
    return measure


def messages(row, prefix, users, connections, count, *more):
    def measure(server, scale):
        r = Run(server, row, "--user", user(prefix), "--users", users,
                "--connections", connections, "--count",
                max(int(count * scale), connections), *more)
        return Figure(r.ops / r.seconds, r.cpu, r.load_cpu)
    return measure


# --- A big mailbox --------------------------------------------------------------

BIG = 100000


def big_fill(server, scale):
    Run(server, "append", "--user", user("big"), "--count", int(BIG * scale),
        "--batch", 500)


def script(server, *commands):
    return Run(server, "script", "--user", user("big"), *commands)


def timed(*commands, before=(), again=5):
    """The last of commands, run `again` times in one session."""
    def measure(server, scale):
        r = script(server, "SELECT INBOX", *before, *commands * again)
        times = r.steps_ms()[1 + len(before):][len(commands) - 1::
                                               len(commands)]
        return Figure(statistics.median(times), r.cpu, r.load_cpu)
    return measure


def first(*commands):
    """The last of commands, by a server that has only just started."""
    def measure(server, scale):
        server.cool()
        r = script(server, *commands)
        return Figure(r.steps_ms()[-1], r.cpu, r.load_cpu)
    return measure


def part(scale, n):
    return f"1:{max(int(n * scale), 1)}"


def some(item, count, is_first):
    """FETCH of an item of so many messages."""
    def measure(server, scale):
        if is_first:
            server.cool()
        r = script(server, "SELECT INBOX",
                   f"FETCH {part(scale, count)} {item}")
        return Figure(r.steps_ms()[-1], r.cpu, r.load_cpu)
    return measure


def copy(server, scale):
    r = script(server, "CREATE copied", "SELECT INBOX",
               f"COPY {part(scale, 10000)} copied", "DELETE copied")
    return Figure(r.steps_ms()[2], r.cpu, r.load_cpu)


def expunge(server, scale):
    r = script(server, "SELECT INBOX",
               f"STORE {part(scale, BIG / 2)} +FLAGS.SILENT (\\Deleted)",
               "EXPUNGE")
    return Figure(r.steps_ms()[2], r.cpu, r.load_cpu)


# --- Memory ---------------------------------------------------------------------

IDLE = 1000


def idle_fill(server, scale):
    Run(server, "append", "--user", user("idle"), "--users", 50, "--connections",
        50, "--count", 50 * 20, "--batch", 20)


def idle(tls):
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
                      many.load_cpu)
    return measure


def delivery_fill(server, scale):
    """Every account is there and used: two processes that make the same one
    at the same time can bring Dovecot's LMTP down."""
    for prefix in ("one", "many", "lmtp", "multi"):
        users = USERS[prefix]
        Run(server, "append", "--user", user(prefix), "--users", users,
            "--connections", users, "--count", users)


WAKE = 1000


def wake(server, scale):
    """Until the last of the sessions has been told."""
    count = 50 + int(WAKE * scale)
    r = Run(server, "wake", "--user", user("idle"), "--users", 50,
            "--connections", count)
    return Figure(r.seconds * 1000, r.cpu, r.load_cpu)


FILL = {"delivery": delivery_fill, "mixed": mixed_fill, "big": big_fill, "idle": idle_fill}
USERS = {"mixed": 25, "one": 1, "many": 50, "lmtp": 50, "multi": 1, "big": 1,
         "idle": 50}
SIZE = ("--size", 5000)


def ms(name, title, measure, rounds=3):
    return Row(name, title, "ms", measure, False, rounds, "big")


ROWS = [
    Row("mixed", "mixed sessions, 50 connections", "commands/s",
        mixed("time"), group="mixed"),
    Row("mixed-cpu", "the same, for each CPU second of the server",
        "commands/CPU s", mixed("cpu"), group="mixed"),
    Row("mixed-login", "the same with a new login every ten",
        "commands/CPU s", mixed("cpu", every=10), group="mixed"),
    Row("login", "log in, SELECT, FETCH one, log out", "visits/s",
        login(False), group="mixed"),
    Row("login-tls", "the same with TLS", "visits/s", login(True),
        group="mixed"),
    Row("login-tls-cpu", "the same, for each CPU second of the server",
        "visits/CPU s", login(True, "cpu"), group="mixed"),
    Row("append-one", "APPEND, one connection, one at a time", "messages/s",
        messages("append", "one", 1, 1, 2000, *SIZE), group="delivery"),
    Row("append-many", "APPEND, 50 connections, 50 mailboxes", "messages/s",
        messages("append", "many", 50, 50, 5000, *SIZE), group="delivery"),
    Row("lmtp-many", "LMTP, 50 connections, 50 mailboxes", "messages/s",
        messages("lmtp", "lmtp", 50, 50, 4000, *SIZE), group="delivery"),
    Row("lmtp-one", "LMTP, 50 connections, one mailbox", "messages/s",
        messages("lmtp", "lmtp", 1, 50, 3000, *SIZE), group="delivery"),
    Row("multiappend", "MULTIAPPEND of 500 at a time", "messages/s",
        messages("append", "multi", 1, 1, 5000, "--batch", 500),
        group="delivery"),
    ms("select-first", "SELECT of 100,000, first", first("SELECT INBOX")),
    ms("select", "SELECT of 100,000, again",
       timed("SELECT INBOX", again=9)),
    ms("fetch-flags", "FETCH 1:* (UID FLAGS)",
       timed("FETCH 1:* (UID FLAGS)")),
    ms("fetch-envelope-first", "FETCH 1:* ENVELOPE, first",
       first("SELECT INBOX", "FETCH 1:* ENVELOPE")),
    ms("fetch-envelope", "FETCH 1:* ENVELOPE, again",
       timed("FETCH 1:* ENVELOPE", before=["FETCH 1:* ENVELOPE"], again=3)),
    ms("store", "STORE 1:* +FLAGS (\\Seen)",
       timed("STORE 1:* -FLAGS.SILENT (\\Seen)",
             "STORE 1:* +FLAGS (\\Seen)")),
    ms("store-silent", "STORE 1:* +FLAGS.SILENT (\\Seen)",
       timed("STORE 1:* -FLAGS.SILENT (\\Seen)",
             "STORE 1:* +FLAGS.SILENT (\\Seen)")),
    ms("sort-first", "SORT (DATE), first",
       first("SELECT INBOX", "SORT (DATE) UTF-8 ALL")),
    ms("sort", "SORT (DATE), again",
       timed("SORT (DATE) UTF-8 ALL", before=["SORT (DATE) UTF-8 ALL"])),
    ms("thread-first", "THREAD REFERENCES, first",
       first("SELECT INBOX", "THREAD REFERENCES UTF-8 ALL")),
    ms("thread", "THREAD REFERENCES, again",
       timed("THREAD REFERENCES UTF-8 ALL",
             before=["THREAD REFERENCES UTF-8 ALL"])),
    ms("search-subject-first", "SEARCH SUBJECT, first",
       first("SELECT INBOX", 'SEARCH SUBJECT "quin"')),
    ms("search-subject", "SEARCH SUBJECT, again",
       timed('SEARCH SUBJECT "quin"', before=['SEARCH SUBJECT "quin"'])),
    ms("search-from", "SEARCH FROM, again",
       timed('SEARCH FROM "quin"', before=['SEARCH FROM "quin"'])),
    ms("search-text", "SEARCH TEXT, a rare word",
       timed("SEARCH TEXT quetzalcoatlus", again=1), rounds=1),
    ms("fetch-structure-first", "FETCH BODYSTRUCTURE of 10,000, first",
       some("BODYSTRUCTURE", 10000, True)),
    ms("fetch-structure", "FETCH BODYSTRUCTURE of 10,000, again",
       some("BODYSTRUCTURE", 10000, False)),
    ms("fetch-body-first", "FETCH BODY.PEEK[] of 20,000, first",
       some("BODY.PEEK[]", 20000, True)),
    ms("fetch-body", "FETCH BODY.PEEK[] of 20,000, again",
       some("BODY.PEEK[]", 20000, False)),
    ms("copy", "COPY of 10,000", copy),
    ms("expunge", "EXPUNGE of 50,000 out of 100,000", expunge, rounds=1),
    Row("idle", "memory of one more connection in IDLE", "KiB", idle(False),
        False, rounds=1),
    Row("idle-tls", "the same with TLS", "KiB", idle(True), False, rounds=1,
        group="idle"),
    Row("wake", "1,000 idle sessions told of one change each", "ms", wake,
        False, group="idle"),
]
