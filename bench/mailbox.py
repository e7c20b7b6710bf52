"""One session on a mailbox of 100,000 messages; figures are milliseconds.  An
operation is what is repeated, or all commands of a row that repeats nothing."""
import json
import statistics
import subprocess

from bench.measure import LOAD, CannotDo, Run, repeats, settle, user

BIG = 100000


def fill(prefix, count):
    def prepare(server, scale):
        Run(server, "append", "--user", user(prefix), "--count",
            max(int(count * scale), 1), "--batch", 500)
        settle(server)
    return prepare


def script(server, *commands, prefix="big"):
    return Run(server, "script", "--user", user(prefix), *commands)


def planted(word, count):
    """How many of the first so many messages have it."""
    said = subprocess.run([LOAD, "count", "--count", str(count)], check=True,
                          capture_output=True, text=True).stdout
    return json.loads(said)[word]


def must_find(run, word, count):
    """The last command was a search for a word that was planted."""
    found, there = run.said["steps"][-1]["found"], planted(word, count)
    if found != there:
        raise CannotDo(f"found {found} of {there} messages with {word}")


def timed(*commands, before=(), again=5, prefix="big", word=None, among=BIG):
    """The last of commands, run `again` times in one session; with a word, it
    is a search that has to find what is there of it, no less and no more."""
    def measure(server, scale):
        n = repeats(again)
        r = script(server, "SELECT INBOX", *before, *commands * n,
                   prefix=prefix)
        times = r.steps_ms()[1 + len(before):][len(commands) - 1::
                                               len(commands)]
        if word:
            must_find(r, word, max(int(among * scale), 1))
        return r.figure(statistics.median(times), n)
    return measure


def first(*commands, word=None):
    """The last of commands, by a server that has only just started."""
    def measure(server, scale):
        server.cool()
        r = script(server, *commands)
        if word:
            must_find(r, word, max(int(BIG * scale), 1))
        return r.figure(r.steps_ms()[-1], 1)
    return measure


def select_first(server, scale):
    """As it mostly is: a mail has come since somebody last looked."""
    Run(server, "append", "--user", user("big"), "--count", 1)
    return first("SELECT INBOX")(server, scale)


def part(scale, n):
    return f"1:{max(int(n * scale), 1)}"


def some(item, count, is_first):
    """FETCH of an item of so many messages."""
    def measure(server, scale):
        fetch = f"FETCH {part(scale, count)} {item}"
        n = 1 if is_first else repeats(1)
        if is_first:
            server.cool()
        r = script(server, "SELECT INBOX", *[fetch] * n)
        return r.figure(r.steps_ms()[-1], n)
    return measure


def copy(server, scale):
    r = script(server, "CREATE copied", "SELECT INBOX",
               f"COPY {part(scale, 10000)} copied", "DELETE copied")
    return r.figure(r.steps_ms()[2], 1)


def delete(server, scale):
    r = script(server, "CREATE doomed", "SELECT INBOX",
               f"COPY {part(scale, BIG / 2)} doomed", "DELETE doomed")
    return r.figure(r.steps_ms()[3], 1)


def expunge(server, scale):
    r = script(server, "SELECT INBOX",
               f"STORE {part(scale, BIG / 2)} +FLAGS.SILENT (\\Deleted)",
               "EXPUNGE")
    return r.figure(r.steps_ms()[2], 1)
