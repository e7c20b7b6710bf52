"""Two devices of one user: what one does, the other is told, pushed while it
idles and with its next command otherwise."""
import smtplib

import pytest

from lib import imap, mail
from lib.servers import until


class Watcher:
    """A second device that has INBOX selected and waits to be told."""

    def __init__(self, client, idles, qresync=False):
        self.client, self.idles = client, idles
        if qresync:
            client.must("ENABLE QRESYNC")
        client.must("SELECT INBOX")
        self.tag = client.idle() if idles else None

    def hears(self, pattern):
        """Waits for a response that begins so; gives it."""
        def heard():
            if self.idles:
                lines = [self.client.response(10)]
            else:
                lines = self.client.must("NOOP").untagged
            return next((line for line in lines if line.startswith(
                pattern.encode())), None)
        return until(heard, 10)


@pytest.fixture(params=["idle", "noop"])
def devices(request, connect):
    """(one that acts, one that watches), INBOX with four messages."""
    actor = connect()
    for n in range(1, 5):
        actor.append("INBOX", mail.simple(n))
    actor.must("SELECT INBOX")
    return actor, Watcher(connect(), request.param == "idle")


def test_new_mail_by_append(devices):
    actor, watcher = devices
    actor.append("INBOX", mail.simple(5))
    watcher.hears("* 5 EXISTS")


def test_new_mail_by_delivery(devices, server, user):
    _, watcher = devices
    with smtplib.LMTP("127.0.0.1", server.lmtp) as s:
        s.sendmail("ada@example.org", [user], mail.simple(5))
    watcher.hears("* 5 EXISTS")


def test_new_mail_by_copy_and_move(devices):
    actor, watcher = devices
    actor.must("SELECT Drafts")
    actor.append("Drafts", mail.simple(5))
    actor.must("NOOP")
    actor.must("COPY 1 INBOX")
    watcher.hears("* 5 EXISTS")
    actor.must("MOVE 1 INBOX")
    watcher.hears("* 6 EXISTS")


def test_flags_and_keywords(devices):
    actor, watcher = devices
    actor.must("STORE 2 +FLAGS (\\Flagged)")
    line = watcher.hears("* 2 FETCH")
    assert "\\Flagged" in imap.fetch_of(line)[1]["FLAGS"]
    actor.must("STORE 3 +FLAGS.SILENT ($Forwarded plum)")
    line = watcher.hears("* 3 FETCH")
    assert {"$Forwarded", "plum"} <= set(imap.fetch_of(line)[1]["FLAGS"])
    actor.must("STORE 2 FLAGS ()")
    line = watcher.hears("* 2 FETCH")
    assert "\\Flagged" not in imap.fetch_of(line)[1]["FLAGS"]


def test_a_body_that_was_read(devices):
    actor, watcher = devices
    actor.must("FETCH 4 BODY[]")
    line = watcher.hears("* 4 FETCH")
    assert "\\Seen" in imap.fetch_of(line)[1]["FLAGS"]


def test_expunge(devices):
    actor, watcher = devices
    actor.must("STORE 2 +FLAGS.SILENT (\\Deleted)")
    actor.must("EXPUNGE")
    watcher.hears("* 2 EXPUNGE")


def test_close_expunges_for_others(devices):
    actor, watcher = devices
    actor.must("STORE 1 +FLAGS.SILENT (\\Deleted)")
    actor.must("CLOSE")
    watcher.hears("* 1 EXPUNGE")


def test_moved_away(devices):
    actor, watcher = devices
    actor.must("MOVE 3 Trash")
    watcher.hears("* 3 EXPUNGE")


def test_vanished_for_who_enabled_qresync(connect):
    actor = connect()
    for n in range(1, 5):
        actor.append("INBOX", mail.simple(n))
    actor.must("SELECT INBOX")
    watcher = Watcher(connect(), idles=True, qresync=True)
    actor.must("STORE 2 +FLAGS.SILENT (\\Deleted)")
    line = watcher.hears("* 2 FETCH")
    items = imap.fetch_of(line)[1]
    assert items["UID"] == "2" and int(items["MODSEQ"][0]) > 1
    actor.must("EXPUNGE")
    watcher.hears("* VANISHED 2")


def listed(client, *words):
    reply = client.must(" ".join(words) or 'LIST "" "*"')
    return b"\n".join(reply.untagged)


def test_mailboxes_and_subscriptions(connect):
    one, two = connect(), connect()
    one.must("CREATE Plums")
    assert b"Plums" in listed(two)
    one.must("RENAME Plums Pears")
    assert b"Pears" in listed(two) and b"Plums" not in listed(two)
    one.must("SUBSCRIBE Pears")
    assert b"Pears" in listed(two, 'LSUB "" "*"')
    one.must("UNSUBSCRIBE Pears")
    assert b"Pears" not in listed(two, 'LSUB "" "*"')
    one.must("DELETE Pears")
    assert b"Pears" not in listed(two)


def test_status_follows_what_others_do(connect):
    one, two = connect(), connect()
    for n in range(1, 4):
        one.append("Drafts", mail.simple(n), "(\\Seen)" if n == 1 else "")
    [line] = two.must("STATUS Drafts (MESSAGES UNSEEN UIDNEXT)").untagged
    counts = imap.values(line)[-1]
    assert dict(zip(counts[::2], counts[1::2])) == {
        "MESSAGES": "3", "UNSEEN": "2", "UIDNEXT": "4"}


@pytest.mark.newel
def test_a_mailbox_renamed_under_a_session_stays_open(connect):
    one, two = connect(), connect()
    one.must("CREATE Plums")
    one.append("Plums", mail.simple(1))
    two.must("SELECT Plums")
    one.must("RENAME Plums Pears")
    one.append("Pears", mail.simple(2))
    assert two.must("FETCH 1 BODY.PEEK[]").fetches()[1]["BODY[]"] == \
        mail.simple(1)


@pytest.mark.newel
def test_a_mailbox_deleted_under_a_session_does_not_end_it(connect):
    """Pitfall 32: no BYE; the session can go elsewhere."""
    one, two = connect(), connect()
    one.must("CREATE Plums")
    one.append("Plums", mail.simple(1))
    two.must("SELECT Plums")
    one.must("DELETE Plums")
    two.command("NOOP")
    two.must("SELECT INBOX")


def test_no_expunge_is_told_while_numbers_are_in_use(connect):
    """RFC 9051 section 7.5.1: not during FETCH, STORE and SEARCH."""
    one, two = connect(), connect()
    for n in range(1, 5):
        one.append("INBOX", mail.simple(n))
    one.must("SELECT INBOX")
    two.must("SELECT INBOX")
    one.must("STORE 1 +FLAGS.SILENT (\\Deleted)")
    one.must("EXPUNGE")
    for command in ("FETCH 4 (UID)", "STORE 4 +FLAGS (\\Seen)", "SEARCH ALL"):
        assert not two.must(command).find("EXPUNGE")
    assert two.must("FETCH 4 (UID)").fetches()[4]["UID"] == "4"
    assert two.must("NOOP").find("EXPUNGE") == [b"* 1 EXPUNGE"]
    assert two.must("FETCH 3 (UID)").fetches()[3]["UID"] == "4"
