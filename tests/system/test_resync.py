"""A client with a cache comes back after others have changed the mailbox, and
the server may have been restarted or killed: what QRESYNC says (RFC 7162) makes
its cache what is there."""
import random
import re

import pytest

from lib import imap, mail, servers

ROUNDS = 40
USER = "ada@example.org"
FLAGS = ("\\Seen", "\\Flagged", "\\Deleted", "plum", "pear")


@pytest.fixture(scope="module")
def own_server(new_server):
    server = new_server()
    server.start()
    server.add_users(USER)
    yield server
    server.stop()


def login(server):
    c = imap.Imap(server.imap)
    c.login(USER, servers.PASSWORD)
    return c


class Cache:
    def __init__(self):
        self.flags = {}
        self.validity = self.modseq = None

    def take(self, lines):
        for line in lines:
            words = line.split()
            if words[1:2] == [b"VANISHED"]:
                for uid in imap.numbers_of(words[-1].decode()):
                    self.flags.pop(uid, None)
            elif words[2:3] == [b"FETCH"]:
                _, items = imap.fetch_of(line)
                self.flags[int(items["UID"])] = (
                    set(items["FLAGS"]) - {"\\Recent"})

    def resync(self, client, rng):
        client.must("ENABLE QRESYNC")
        parameter = ""
        known = ",".join(map(str, sorted(self.flags)))
        if self.validity:
            top = max(self.flags, default=1)
            pairs = "1:{0} {1}".format(len(self.flags), known)
            parameter = " (QRESYNC ({} {}{}))".format(
                self.validity, self.modseq, rng.choice(
                    ["", f" 1:{top}"] +
                    ([f" {known}", f" {known} ({pairs})", f" ({pairs})"]
                     if known else [])))
        reply = client.must("SELECT INBOX" + parameter)
        assert self.validity in (None, reply.code("UIDVALIDITY"))
        self.validity = reply.code("UIDVALIDITY")
        self.modseq = reply.code("HIGHESTMODSEQ")
        self.take(reply.untagged)
        # New messages: whether it told them or not, they can be asked for.
        first = max(self.flags, default=0) + 1
        reply = client.must(f"UID FETCH {first}:* (UID FLAGS)")
        self.take(reply.untagged)


def truth(client):
    client.must("EXAMINE INBOX")
    reply = client.must("UID FETCH 1:* (FLAGS)")
    return {int(i["UID"]): set(i["FLAGS"]) - {"\\Recent"}
            for i in reply.fetches().values()}


def change(client, rng, made):
    client.must("SELECT INBOX")
    for _ in range(rng.randint(0, 12)):
        uids = client.must("UID SEARCH ALL").untagged[-1].split()[2:]
        some = ",".join(u.decode() for u in rng.sample(
            uids, min(len(uids), rng.randint(1, 4)))) or "1"
        flags = " ".join(rng.sample(FLAGS, rng.randint(1, 2)))
        sign = rng.choice(["+", "-", ""])
        what = rng.choice(["STORE", "STORE", "EXPUNGE", "MOVE", "COPY",
                           "APPEND", "APPEND", "READ"])
        if what == "APPEND" or len(uids) < 3:
            made[0] += 1
            client.append("INBOX", mail.simple(made[0]))
        else:
            client.must({
                "STORE": f"UID STORE {some} {sign}FLAGS ({flags})",
                "EXPUNGE": "EXPUNGE",
                "MOVE": f"UID MOVE {some} Trash",
                "COPY": f"UID COPY {some} INBOX",
                "READ": f"UID FETCH {some} BODY[]",
            }[what])


@pytest.mark.parametrize("seed", [1, 2])
def test_a_cache_becomes_what_is_there(own_server, seed):
    rng = random.Random(seed)
    caches = [Cache() for _ in range(3)]
    made = [0]
    for number in range(ROUNDS):
        with login(own_server) as client:
            change(client, rng, made)
        if number % 10 == 4:
            own_server.restart()
        elif number % 10 == 9:
            own_server.kill()
            own_server.start()
        cache = rng.choice(caches)
        with login(own_server) as client:
            cache.resync(client, rng)
            real = truth(client)
        assert cache.flags == real, f"round {number}"


def test_mod_sequences_go_on_after_a_restart(own_server):
    with login(own_server) as client:
        client.append("INBOX", mail.simple(1))
        before = int(client.must("SELECT INBOX").code("HIGHESTMODSEQ"))
        client.must("STORE 1 +FLAGS (\\Draft)")
        stored = client.must("FETCH 1 MODSEQ").untagged[-1]
    own_server.restart()
    with login(own_server) as client:
        after = int(client.must("SELECT INBOX").code("HIGHESTMODSEQ"))
        assert after > before
        assert client.must("FETCH 1 MODSEQ").untagged[-1] == stored
        modseq = int(re.search(rb"MODSEQ \((\d+)\)", stored)[1])
        assert before < modseq <= after
