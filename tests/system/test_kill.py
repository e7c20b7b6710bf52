"""Every OK is on disk: the server is killed again and again while sessions
change everything that can be changed.  After each restart, whatever was
acknowledged is there, and what was under way is there whole or not at all."""
import copy
import os
import random
import re
import signal
import threading
import time

import pytest

from lib import imap, mail, mailbox, servers
from lib.maildir import id_of

WORKERS = 6
FLAGS = ("\\Seen", "\\Flagged", "\\Answered", "plum")
BOXES = 4


class Message:
    """uid is None until it was told."""

    def __init__(self, uid, flags):
        self.uid, self.flags = uid, frozenset(flags)

    def __repr__(self):
        return f"{self.uid}:{'/'.join(sorted(self.flags))}"


class State:
    """What one worker's account must hold: {mailbox: {Message-ID: Message}}
    and the names it is subscribed to."""

    def __init__(self):
        self.boxes = {"INBOX": {}}
        self.subscribed = {"INBOX"}

    def copy(self):
        return copy.deepcopy(self)

    def why_not(self, real):
        """What differs from what is really there; None if nothing does."""
        if set(self.boxes) != set(real.boxes):
            return f"mailboxes {set(self.boxes)}, really {set(real.boxes)}"
        if self.subscribed != real.subscribed:
            return f"subscribed {self.subscribed}, really {real.subscribed}"
        for name, messages in self.boxes.items():
            there = real.boxes[name]
            if set(messages) != set(there):
                return (f"{name}: missing {set(messages) - set(there)}, "
                        f"too many {set(there) - set(messages)}")
            for key, m in messages.items():
                if m.uid not in (None, there[key].uid):
                    return f"{name} {key}: UID {m.uid}, really {there[key]}"
                if m.flags != there[key].flags:
                    return f"{name} {key}: {m}, really {there[key]}"
        return None


class Worker(threading.Thread):
    """Runs commands until the connection dies.  state is what has been
    acknowledged, pending what it becomes if the last command was done."""

    def __init__(self, server, user, number, state):
        super().__init__(daemon=True)
        self.server, self.user = server, user
        self.rng = random.Random()
        self.state, self.pending = state, None
        self.number = number
        self.failure = None
        self.done = 0

    def run(self):
        try:
            client = imap.Imap(self.server.imap)
            client.login(self.user, servers.PASSWORD)
            while True:
                self.step(client)
                self.done += 1
        except (imap.Closed, OSError):
            pass
        except Exception as e:  # told by the test
            self.failure = e

    def unique(self):
        return f"{self.number}.{time.monotonic_ns()}"

    def pick(self, empty_too=False):
        names = [n for n, m in self.state.boxes.items() if m or empty_too]
        return self.rng.choice(names) if names else None

    def step(self, client):
        box = self.pick()
        kinds = [self.append, self.append, self.multiappend, self.create]
        if box:
            kinds += [self.store, self.store, self.expunge, self.move,
                      self.copy_some, self.rename, self.delete,
                      self.subscribe]
        self.rng.choice(kinds)(client)

    def acknowledged(self, client, command, pending):
        """Runs one command that leads from state to pending."""
        self.pending = pending
        reply = client.command(command)
        assert reply.ok, (command, reply.tagged)
        self.state, self.pending = pending, None
        return reply

    # --- Changes ------------------------------------------------------------------

    def _append(self, client, count):
        box = self.pick(empty_too=True)
        command, keys = [f"APPEND {box} "], []
        pending = self.state.copy()
        for _ in range(count):
            message = mail.simple(self.unique(), "x" *
                                  self.rng.randint(1, 20000))
            flags = self.rng.sample(FLAGS, self.rng.randint(0, 2))
            command[-1] += f"({' '.join(flags)}) "
            command += [message, " "]
            keys.append(id_of(message))
            pending.boxes[box][keys[-1]] = Message(None, flags)
        command.pop()
        reply = self.acknowledged(client, command, pending)
        uids = imap.numbers_of(reply.code("APPENDUID").split()[1])
        for key, uid in zip(keys, uids):
            self.state.boxes[box][key].uid = uid

    def append(self, client):
        self._append(client, 1)

    def multiappend(self, client):
        self._append(client, 3)

    def some(self, box):
        keys = sorted(self.state.boxes[box])
        return self.rng.sample(keys, min(len(keys), self.rng.randint(1, 5)))

    def uids(self, box, keys):
        return ",".join(str(self.state.boxes[box][k].uid) for k in keys)

    def store(self, client):
        box = self.pick()
        client.must(f"SELECT {box}")
        keys, flag = self.some(box), self.rng.choice(FLAGS)
        sign = self.rng.choice("+-")
        pending = self.state.copy()
        for key in keys:
            m = pending.boxes[box][key]
            m.flags = m.flags | {flag} if sign == "+" else m.flags - {flag}
        self.acknowledged(
            client, f"UID STORE {self.uids(box, keys)} {sign}FLAGS ({flag})",
            pending)

    def expunge(self, client):
        box = self.pick()
        client.must(f"SELECT {box}")
        keys = self.some(box)
        uids = self.uids(box, keys)
        pending = self.state.copy()
        for key in keys:
            m = pending.boxes[box][key]
            m.flags = m.flags | {"\\Deleted"}
        self.acknowledged(client, f"UID STORE {uids} +FLAGS (\\Deleted)",
                          pending)
        pending = self.state.copy()
        for key in keys:
            del pending.boxes[box][key]
        self.acknowledged(client, f"UID EXPUNGE {uids}", pending)

    def _transfer(self, client, verb):
        box = self.pick()
        others = [n for n in self.state.boxes if n != box]
        if not others:
            return
        target = self.rng.choice(others)
        keys = [k for k in self.some(box)
                if k not in self.state.boxes[target]]
        if not keys:
            return
        client.must(f"SELECT {box}")
        pending = self.state.copy()
        for key in keys:
            m = pending.boxes[box][key]
            pending.boxes[target][key] = Message(None, m.flags)
            if verb == "MOVE":
                del pending.boxes[box][key]
        by_uid = {self.state.boxes[box][k].uid: k for k in keys}
        reply = self.acknowledged(
            client, f"UID {verb} {self.uids(box, keys)} {target}", pending)
        _, source, made = reply.code("COPYUID").split()
        for old, new in zip(imap.numbers_of(source), imap.numbers_of(made)):
            self.state.boxes[target][by_uid[old]].uid = new

    def move(self, client):
        self._transfer(client, "MOVE")

    def copy_some(self, client):
        self._transfer(client, "COPY")

    def fresh_name(self):
        return f"box{self.unique()}"

    def create(self, client):
        if len(self.state.boxes) >= BOXES:
            return
        name, pending = self.fresh_name(), self.state.copy()
        pending.boxes[name] = {}
        self.acknowledged(client, f"CREATE {name}", pending)

    def own(self):
        names = [n for n in self.state.boxes if n != "INBOX"]
        return self.rng.choice(names) if names else None

    def rename(self, client):
        name = self.own()
        if not name:
            return
        other, pending = self.fresh_name(), self.state.copy()
        pending.boxes[other] = pending.boxes.pop(name)
        # Whether a subscription goes along is the server's to choose.
        if name in self.state.subscribed:
            return
        client.must("SELECT INBOX")
        self.acknowledged(client, f"RENAME {name} {other}", pending)

    def delete(self, client):
        name = self.own()
        if not name or name in self.state.subscribed:
            return
        if self.rng.random() < 0.7:
            return
        client.must("SELECT INBOX")
        pending = self.state.copy()
        del pending.boxes[name]
        self.acknowledged(client, f"DELETE {name}", pending)

    def subscribe(self, client):
        name, pending = self.pick(), self.state.copy()
        if name in pending.subscribed:
            pending.subscribed.remove(name)
            verb = "UNSUBSCRIBE"
        else:
            pending.subscribed.add(name)
            verb = "SUBSCRIBE"
        self.acknowledged(client, f"{verb} {name}", pending)


STANDARD = {"Drafts", "Sent", "Junk", "Trash", "Archive"}


def read(server, user):
    """What the account really holds; every message must be whole."""
    real = State()
    with imap.Imap(server.imap) as c:
        c.login(user, servers.PASSWORD)
        names = mailbox.names(c) - STANDARD
        real.boxes = {name: {} for name in names}
        real.subscribed = {
            line.split(b" ")[-1].strip(b'"').decode()
            for line in c.must('LSUB "" "*"').find("LSUB")} - STANDARD
        for name in names:
            selected = c.must(f"EXAMINE {name}")
            if selected.find("EXISTS") == [b"* 0 EXISTS"]:
                continue
            reply = c.must("UID FETCH 1:* (FLAGS RFC822.SIZE BODY.PEEK[])")
            for items in reply.fetches().values():
                body = items["BODY[]"]
                assert len(body) == int(items["RFC822.SIZE"])
                assert re.search(rb"\r\n\r\nx+\r\n\Z", body), body[-80:]
                assert id_of(body) not in real.boxes[name], "twice"
                real.boxes[name][id_of(body)] = Message(
                    int(items["UID"]),
                    set(items["FLAGS"]) - {"\\Recent"})
            following = int(selected.code("UIDNEXT"))
            assert all(m.uid < following
                       for m in real.boxes[name].values())
    return real


def verify(worker, server):
    """The state to go on from, or a failure that says what was lost."""
    if worker.failure:
        raise worker.failure
    real = read(server, worker.user)
    why = worker.state.why_not(real)
    if why and (worker.pending is None or worker.pending.why_not(real)):
        also = worker.pending and worker.pending.why_not(real)
        pytest.fail(f"{worker.user}: {why}; with what was under way: {also}")
    return real


def kill(server, what):
    if what == "all":
        server.kill()
        server.start()
        return
    [pid] = server.children()["mail"]
    os.kill(pid, signal.SIGKILL)
    servers.until(lambda: pid not in server.children().get("mail", [pid]))
    servers.until(server.ready)


@pytest.mark.newel
@pytest.mark.parametrize("what", ["all", "mail"])
def test_what_was_acknowledged_survives(new_server, request, what):
    rounds = request.config.getoption("--kills") // 2
    # Cheap passwords: each restart forgets which were right.
    server = new_server({
        "auth": {"argon2-memory": "8M", "argon2-passes": 1},
        "limits": {"connections-per-address": 1000}})
    users = [f"kill{n}@example.org" for n in range(WORKERS)]
    server.add_users(*users)
    server.start()
    states = [read(server, user) for user in users]
    done = 0
    for number in range(rounds):
        workers = [Worker(server, user, n, states[n])
                   for n, user in enumerate(users)]
        for w in workers:
            w.start()
        time.sleep(random.uniform(0.15, 0.4))
        kill(server, what)
        for w in workers:
            w.join(30)
            assert not w.is_alive(), "a session outlived its server"
        states = [verify(w, server) for w in workers]
        done += sum(w.done for w in workers)
    server.stop()
    assert done > rounds * WORKERS
