"""Fifty sessions on one mailbox do random things at once, and a model checks
what each of them is told: sequence numbers, UIDs, flags, mod-sequences."""
import random
import re

import pytest

from lib import imap, mail

SESSIONS = 50
ROUNDS = 150
AT_ONCE = 15
FLAGS = ("\\Seen", "\\Flagged", "\\Answered", "\\Deleted", "plum", "pear")


class World:
    """What must be there at the end: all that came, less all that went."""

    def __init__(self):
        self.came, self.went = set(), set()
        self.copied = set()  # some of them \Deleted from the start
        self.made = 0


class View:
    """One session's picture of the mailbox, built from what it is told."""

    def __init__(self, client, world, rng, qresync):
        self.client, self.world, self.rng = client, world, rng
        self.qresync = qresync
        self.uids = []      # by sequence number; None: not yet told
        self.flags = {}     # by UID
        self.modseq = {}    # by UID
        self.running = None
        if qresync:
            client.must("ENABLE QRESYNC")
        reply = client.must("SELECT INBOX")
        self.take(reply.untagged, "SELECT")

    # --- What is told -----------------------------------------------------------

    def forget(self, position):
        uid = self.uids.pop(position)
        if uid is not None:
            self.world.went.add(uid)
            self.flags.pop(uid, None)

    def take(self, lines, command):
        for line in lines:
            words = line.split()
            if words[2:3] == [b"EXISTS"]:
                n = int(words[1])
                assert n >= len(self.uids), f"{line}: had {len(self.uids)}"
                self.uids += [None] * (n - len(self.uids))
            elif words[2:3] == [b"EXPUNGE"]:
                assert command.split()[0] not in ("FETCH", "STORE", "SEARCH")
                assert not self.qresync, line
                self.forget(int(words[1]) - 1)
            elif words[1:2] == [b"VANISHED"]:
                assert self.qresync, line
                assert command.split()[0] not in ("FETCH", "STORE", "SEARCH")
                for uid in imap.numbers_of(words[-1].decode()):
                    self.vanish(uid)
            elif words[2:3] == [b"FETCH"]:
                self.fetched(*imap.fetch_of(line))

    def vanish(self, uid):
        if uid in self.uids:
            self.forget(self.uids.index(uid))
        else:
            assert None in self.uids, f"VANISHED {uid} was never there"
            self.uids.remove(None)
            self.world.went.add(uid)

    def fetched(self, number, items):
        assert 1 <= number <= len(self.uids), f"{number} FETCH"
        uid = int(items["UID"]) if "UID" in items else self.uids[number - 1]
        if uid is None:
            return
        known = self.uids[number - 1]
        assert known in (None, uid), f"{number} was UID {known}, now {uid}"
        self.uids[number - 1] = uid
        told = [u for u in self.uids if u is not None]
        assert told == sorted(told), "UIDs do not ascend"
        if "FLAGS" in items:
            self.flags[uid] = set(items["FLAGS"]) - {"\\Recent"}
        if "MODSEQ" in items:
            modseq = int(items["MODSEQ"][0])
            assert modseq >= self.modseq.get(uid, 0), "MODSEQ went back"
            self.modseq[uid] = modseq

    # --- What is done -----------------------------------------------------------

    def known(self):
        return [u for u in self.uids if u is not None]

    def pick(self, most):
        known = self.known()
        return self.rng.sample(known, min(len(known),
                                          self.rng.randint(1, most)))

    def random_command(self):
        if None in self.uids:
            first = self.uids.index(None) + 1
            return f"FETCH {first}:{len(self.uids)} (UID FLAGS MODSEQ)"
        if not self.uids or (len(self.uids) < 20 and self.rng.random() < 0.7):
            return self.append()
        flags = " ".join(self.rng.sample(FLAGS, self.rng.randint(1, 2)))
        sign = self.rng.choice(["+", "+", "-", ""])
        silent = self.rng.choice(["", "", ".SILENT"])
        by_uid = ",".join(map(str, self.pick(5)))
        number = self.rng.randint(1, len(self.uids))
        return self.rng.choice([
            self.append,
            lambda: f"UID STORE {by_uid} {sign}FLAGS{silent} ({flags})",
            lambda: f"STORE {number} {sign}FLAGS ({flags})",
            lambda: f"FETCH {number} (UID FLAGS MODSEQ BODY.PEEK[HEADER])",
            lambda: f"UID FETCH {by_uid} (FLAGS)",
            lambda: f"UID FETCH {by_uid} BODY[]",
            lambda: "SEARCH UNDELETED KEYWORD plum",
            lambda: "UID SEARCH FLAGGED",
            lambda: "EXPUNGE",
            lambda: f"UID EXPUNGE {by_uid}",
            lambda: f"UID COPY {by_uid} INBOX",
            lambda: f"UID MOVE {self.pick(1)[0]} Trash",
            lambda: "NOOP",
            lambda: "NOOP",
        ])()

    def append(self):
        self.world.made += 1
        flags = " ".join(self.rng.sample(FLAGS[:3], self.rng.randint(0, 2)))
        return [f"APPEND INBOX ({flags}) ", mail.simple(self.world.made)]

    def start(self, command):
        self.running = command if isinstance(command, str) else command[0]
        self.tag = self.client.start(command)

    def finish(self):
        reply = self.client.finish(self.tag)
        # What others did behind a silent change is told before its OK.
        if reply.ok and ".SILENT" in self.running:
            self.apply_silently()
        self.take(reply.untagged, self.running)
        for line in [reply.tagged, *reply.untagged]:
            self.account_for(line)
        # Somebody else may have taken away what the command was about.
        if not reply.ok and b"EXPUNGEISSUED" not in reply.tagged:
            assert reply.status == "NO", reply.tagged
        self.running = None

    def account_for(self, line):
        m = re.search(rb"\[APPENDUID \d+ (\S+)\]", line)
        if m:
            self.world.came.update(imap.numbers_of(m[1].decode()))
        m = re.search(rb"\[COPYUID \d+ (\S+) (\S+)\]", line)
        if m and self.running.startswith("UID COPY"):
            self.world.came.update(imap.numbers_of(m[2].decode()))
            self.world.copied.update(imap.numbers_of(m[2].decode()))

    def apply_silently(self):
        """The server need not tell of what it was asked not to tell."""
        _, _, uids, item, flags = self.running.split(" ", 4)
        flags = set(flags.strip("()").split())
        for uid in map(int, uids.split(",")):
            if uid not in self.flags:
                continue
            if item[0] == "+":
                self.flags[uid] |= flags
            elif item[0] == "-":
                self.flags[uid] -= flags
            else:
                self.flags[uid] = set(flags)

    def settle(self):
        """Hears of everything that has happened."""
        self.start("NOOP")
        self.finish()
        while None in self.uids:
            self.start(self.random_command())
            self.finish()


def truth(client):
    client.must("EXAMINE INBOX")
    reply = client.must("UID FETCH 1:* (FLAGS MODSEQ)")
    return {int(i["UID"]): set(i["FLAGS"]) - {"\\Recent"}
            for i in reply.fetches().values()}


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_every_session_sees_what_is_there(connect, seed):
    rng = random.Random(seed)
    world = World()
    views = [View(connect(), world, rng, qresync=n % 2 == 1)
             for n in range(SESSIONS)]
    for round_number in range(ROUNDS):
        active = rng.sample(views, AT_ONCE)
        for view in active:
            view.start(view.random_command())
        for view in rng.sample(active, AT_ONCE):
            view.finish()
        if round_number % 30 == 29:
            check_all(views, truth(connect()))
    check_all(views, truth(connect()))
    there = set(truth(connect()))
    assert there <= world.came and not there & world.went
    # An EXPUNGE may take a copy before any session has heard of it.
    assert world.came - world.went - there <= world.copied


def check_all(views, real):
    for view in views:
        view.settle()
    for number, view in enumerate(views):
        assert view.uids == sorted(real), f"session {number}: UIDs"
        for uid, flags in real.items():
            assert view.flags[uid] == flags, f"session {number}: UID {uid}"
