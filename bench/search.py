"""The search index: how long it takes to build, how large it is, how fast a
search is by it.  Peers that can have none say so."""
import resource
import time

from bench import mailbox
from bench.measure import CannotDo, Figure, user, watched
from lib import process

# Messages: fts-xapian takes 0.1 s for each, and of 2,000 Cyrus had not made an
# index after eight minutes.
INDEXED = 1000
ACCOUNT = user("indexed").replace("%", "0")


def children_cpu():
    """Of programs that were run to the end."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def can_index(server):
    if not hasattr(server, "build_index"):
        raise CannotDo("runs without an index")


def fill(server, scale):
    if hasattr(server, "build_index"):
        mailbox.fill("indexed", INDEXED)(server, scale)


def build(server, scale):
    can_index(server)
    server.drop_index(ACCOUNT)
    before = process.cpu_seconds(server.pid) + children_cpu()
    began = time.monotonic()
    with watched(server):
        server.build_index(ACCOUNT)
    took = time.monotonic() - began
    cpu = process.cpu_seconds(server.pid) + children_cpu() - before
    return Figure(took, cpu, ops=1)


def disk(server, scale):
    can_index(server)
    return Figure(server.index_bytes(ACCOUNT) / 2**20)


def search(*commands, word):
    """Over the whole mailbox, of which the index knows everything."""
    measure = mailbox.timed(*commands, prefix="indexed", word=word,
                            among=INDEXED)

    def by_index(server, scale):
        can_index(server)
        return measure(server, scale)
    return by_index
