"""The rows of the table.

A row's measure(server, scale) gives a Figure, or raises CannotDo for a server
that has no such thing.  Rows of a group share their data; they run in the
order of ROWS."""
from bench import growth, idle, mailbox, search, sessions
from bench.mailbox import first, some, timed
from bench.measure import Figure, user
from bench.sessions import login, messages, mixed


class Row:
    """One line of the table.

    times     Newel has to be that many times better than the best peer.
    at_most   The most that Newel may show, whatever the peers do.
    per_cpu   A line more from the same measurement, named NAME-cpu, of
              operations for each CPU second of the server; its times.
    indexed   Servers have their search index."""

    def __init__(self, name, title, unit, measure, more_is_better=True,
                 rounds=3, group=None, times=None, at_most=None, per_cpu=False,
                 indexed=False):
        self.name, self.title, self.unit = name, title, unit
        self.measure = measure
        self.more_is_better = more_is_better
        self.rounds = rounds
        self.group = group
        self.times, self.at_most = times, at_most
        self.indexed = indexed
        self.lines = [(self, lambda figure: figure)]
        if per_cpu is not False:
            self.lines.append((Row(
                f"{name}-cpu", f"{title}, per CPU s", f"{unit[:-2]}/CPU s",
                None, group=self.group, times=per_cpu), Figure.per_cpu))

    def names(self):
        return {self.group} | {line.name for line, _ in self.lines}


class Group:
    """What rows share: a heading, accounts {prefix: how many}, and
    fill(server, scale), which makes their mail."""

    def __init__(self, title, users, fill):
        self.title, self.users, self.fill = title, users, fill

    def add_users(self, server):
        for prefix, count in self.users.items():
            server.add_users(*(user(prefix).replace("%", str(n))
                               for n in range(count)))


GROUPS = {
    "mixed": Group("Sessions", {"mixed": 25}, sessions.mixed_fill),
    "delivery": Group("Delivery", sessions.RECEIVERS, sessions.delivery_fill),
    "big": Group("A mailbox of 100,000 messages", {"big": 1},
                 mailbox.fill("big", mailbox.BIG)),
    "index": Group("Search by an index", {"indexed": 1}, search.fill),
    "idle": Group("Idle sessions", {"idle": idle.ACCOUNTS}, idle.fill),
    "growth": Group("Mailboxes of other sizes, and fairness",
                    {"grow": growth.ACCOUNTS}, growth.fill),
}
SIZE = ("--size", 5000)


def sessions_row(name, title, unit, measure, times=None, cpu_times=None):
    return Row(name, title, unit, measure, group="mixed", times=times,
               per_cpu=cpu_times)


def delivery(name, title, times, *args):
    return Row(name, title, "messages/s", messages(*args), group="delivery",
               times=times, per_cpu=None)


def ms(name, title, times, measure, rounds=3):
    return Row(name, title, "ms", measure, False, rounds, "big", times)


def by_index(name, title, unit, times, measure, rounds=1):
    return Row(name, title, unit, measure, False, rounds, "index", times,
               indexed=True)


def idle_row(name, title, unit, measure, rounds=3, **targets):
    return Row(name, title, unit, measure, False, rounds, "idle", **targets)


def growth_rows():
    """Of each operation a row for each size and how much it grows."""
    for name, title in growth.OPERATIONS.items():
        for size in growth.SIZES:
            yield Row(f"growth-{name}-{size}", f"{title}, of {size:,}",
                      growth.unit(name), growth.cost(name, size), False, 1,
                      "growth")
        yield Row(f"growth-{name}", f"{title}, largest to smallest", "times",
                  growth.growth(name), False, 1, "growth",
                  at_most=growth.LOGARITHM)


def fair_row(name, title, measure, at_most=None):
    return Row(f"fair-{name}", title, "ms", measure, False, 1, "growth",
               at_most=at_most)


ROWS = [
    sessions_row("mixed", "mixed sessions, 50 connections", "commands/s",
                 mixed(), None, 5),
    sessions_row("mixed-login", "mixed, a new login every ten",
                 "commands/s", mixed(every=10), None, 4),
    sessions_row("login", "log in, SELECT, FETCH one, log out", "visits/s",
                 login(False), 4, 4),
    sessions_row("login-tls", "log in, FETCH one, log out, with TLS",
                 "visits/s", login(True), 4, 4),

    delivery("append-one", "APPEND, one connection, one at a time", 3,
             "append", "one", 1, 1, 2000, *SIZE),
    delivery("append-many", "APPEND, 50 connections, 50 mailboxes", 5,
             "append", "many", 50, 50, 5000, *SIZE),
    delivery("append-shared", "APPEND, 50 connections, one mailbox", 5,
             "append", "shared", 1, 50, 5000, *SIZE),
    delivery("lmtp-many", "LMTP, 50 connections, 50 mailboxes", 5,
             "lmtp", "lmtp", 50, 50, 4000, *SIZE),
    delivery("lmtp-one", "LMTP, 50 connections, one mailbox", 5,
             "lmtp", "lmtp", 1, 50, 3000, *SIZE),
    delivery("multiappend", "MULTIAPPEND of 500 at a time", 1.5,
             "append", "multi", 1, 1, 5000, "--batch", 500),

    ms("select-first", "SELECT of 100,000, first", 3, mailbox.select_first),
    ms("select", "SELECT of 100,000, again", 3,
       timed("SELECT INBOX", again=9)),
    ms("fetch-flags", "FETCH 1:* (UID FLAGS)", 5,
       timed("FETCH 1:* (UID FLAGS)")),
    ms("fetch-envelope-first", "FETCH 1:* ENVELOPE, first", 4,
       first("SELECT INBOX", "FETCH 1:* ENVELOPE")),
    ms("fetch-envelope", "FETCH 1:* ENVELOPE, again", 3,
       timed("FETCH 1:* ENVELOPE", before=["FETCH 1:* ENVELOPE"], again=3)),
    ms("store", "STORE 1:* +FLAGS (\\Seen)", 2,
       timed("STORE 1:* -FLAGS.SILENT (\\Seen)",
             "STORE 1:* +FLAGS (\\Seen)")),
    ms("store-silent", "STORE 1:* +FLAGS.SILENT (\\Seen)", 2,
       timed("STORE 1:* -FLAGS.SILENT (\\Seen)",
             "STORE 1:* +FLAGS.SILENT (\\Seen)")),
    ms("sort-first", "SORT (DATE), first", 3,
       first("SELECT INBOX", "SORT (DATE) UTF-8 ALL")),
    ms("sort", "SORT (DATE), again", 3,
       timed("SORT (DATE) UTF-8 ALL", before=["SORT (DATE) UTF-8 ALL"])),
    ms("thread-first", "THREAD REFERENCES, first", 5,
       first("SELECT INBOX", "THREAD REFERENCES UTF-8 ALL")),
    ms("thread", "THREAD REFERENCES, again", 5,
       timed("THREAD REFERENCES UTF-8 ALL",
             before=["THREAD REFERENCES UTF-8 ALL"])),
    ms("search-subject-first", "SEARCH SUBJECT, first", 20,
       first("SELECT INBOX", "SEARCH SUBJECT ptarmigan", word="ptarmigan")),
    ms("search-subject", "SEARCH SUBJECT, again", 20,
       timed("SEARCH SUBJECT ptarmigan", before=["SEARCH SUBJECT ptarmigan"],
             word="ptarmigan")),
    ms("search-from", "SEARCH FROM, again", None,
       timed("SEARCH FROM tartra", before=["SEARCH FROM tartra"])),
    ms("search-text", "SEARCH TEXT, a rare word, peers without index",
       1000, timed("SEARCH TEXT quetzalcoatlus", again=3,
                   word="quetzalcoatlus"), rounds=1),
    ms("fetch-structure-first", "FETCH BODYSTRUCTURE of 10,000, first", 5,
       some("BODYSTRUCTURE", 10000, True)),
    ms("fetch-structure", "FETCH BODYSTRUCTURE of 10,000, again", 3,
       some("BODYSTRUCTURE", 10000, False)),
    ms("fetch-body-first", "FETCH BODY.PEEK[] of 20,000, first", 1.5,
       some("BODY.PEEK[]", 20000, True)),
    ms("fetch-body", "FETCH BODY.PEEK[] of 20,000, again", 2,
       some("BODY.PEEK[]", 20000, False)),
    ms("copy", "COPY of 10,000", 5, mailbox.copy),
    ms("delete", "DELETE of a mailbox with 50,000", 1, mailbox.delete),
    ms("expunge", "EXPUNGE of 50,000 out of 100,000", 4, mailbox.expunge,
       rounds=1),

    by_index("index-build", "index of 1,000 mails, from nothing", "s",
             None, search.build),
    by_index("index-disk", "size of the index", "MiB", None, search.disk),
    by_index("search-text-indexed", "SEARCH TEXT, a rare word in 1,000, by index", "ms",
             3,
             search.search("SEARCH TEXT quetzalcoatlus",
                           word="quetzalcoatlus"), 3),

    idle_row("idle", "memory of one more connection in IDLE", "KiB",
             idle.memory(False), 1, at_most=4),
    idle_row("idle-tls", "memory of one more with TLS", "KiB", idle.memory(True), 1,
             at_most=20),
    idle_row("wake", "1,000 idle sessions told of one change each", "ms",
             idle.wake(1000)),
    idle_row("wake-many", "5,000 idle sessions told of one change each", "ms",
             idle.wake(5000), 1, times=5),
    idle_row("held", "20,000 sessions in IDLE with TLS, in all", "MiB",
             idle.held(20000), 1, at_most=512),

    *growth_rows(),
    fair_row("noop", "NOOP beside two busy clients, 99th percentile",
             growth.fair("noop"), at_most=20),
    fair_row("noop-max", "the slowest of them", growth.fair("noop", "max_us")),
    fair_row("notice", "notice beside two busy clients, 99th perc.",
             growth.fair("notice"), at_most=20),
    fair_row("notice-max", "the slowest of them ",
             growth.fair("notice", "max_us")),
]
