"""Python's imaplib: the client of many small programs."""
import imaplib
import time

import pytest

from lib import mail
from lib.servers import PASSWORD


@pytest.fixture
def client(server, user):
    with imaplib.IMAP4_SSL("localhost", server.imaps,
                           ssl_context=server.tls) as c:
        c.login(user, PASSWORD)
        yield c


def ok(answer):
    status, data = answer
    assert status == "OK", data
    return data


def test_imaplib_manages_mailboxes(client):
    ok(client.create("Work"))
    ok(client.create("Work/2024"))
    ok(client.subscribe("Work/2024"))
    assert any(b"Work/2024" in line for line in ok(client.lsub()))
    ok(client.rename("Work/2024", "Work/2025"))
    names = b"\n".join(ok(client.list()))
    assert b"Work/2025" in names and b"Work/2024" not in names
    assert client.create("Work")[0] == "NO"
    ok(client.delete("Work/2025"))
    assert client.select("Work/2025")[0] == "NO"


def test_imaplib_handles_messages(client):
    ok(client.select("INBOX"))
    date = imaplib.Time2Internaldate(time.time())
    for n in range(1, 6):
        ok(client.append("INBOX", "(\\Seen)", date, mail.simple(n)))
    assert ok(client.noop())
    assert ok(client.search(None, "SEEN")) == [b"1 2 3 4 5"]
    assert ok(client.search("UTF-8", 'SUBJECT "Message 3"')) == [b"3"]
    [(head, body), *_] = ok(client.fetch("3", "(UID RFC822.SIZE BODY.PEEK[])"))
    assert body == mail.simple(3)
    assert f"RFC822.SIZE {len(body)}".encode() in head
    ok(client.store("2:3", "+FLAGS", "(\\Deleted)"))
    ok(client.copy("1", "Trash"))
    # In whichever order.
    assert ok(client.expunge()) in ([b"2", b"2"], [b"3", b"2"])
    assert ok(client.uid("SEARCH", None, "ALL")) == [b"1 4 5"]
    assert ok(client.sort("REVERSE DATE", "UTF-8", "ALL")) == [b"3 2 1"]
    assert ok(client.thread("REFERENCES", "UTF-8", "ALL")) == [b"(1)(2)(3)"]
    ok(client.close())


def test_imaplib_starts_tls(server, user):
    with imaplib.IMAP4("localhost", server.imap) as c:
        ok(c.starttls(server.tls))
        ok(c.authenticate("PLAIN", lambda _:
                          f"\0{user}\0{PASSWORD}".encode()))
        ok(c.select("INBOX", readonly=True))


def test_imaplib_enables_utf8(client, connect):
    # imaplib asks before the login only, when there is no ENABLE yet.
    client.capabilities = ok(client.capability())[0].decode().split()
    ok(client.enable("UTF8=ACCEPT"))
    ok(client.create('"Entwürfe & mehr"'))
    assert any("Entwürfe & mehr".encode() in line
               for line in ok(client.list()))
    ok(client.select('"Entwürfe & mehr"'))
    message = mail.simple(1, "Grüße.", subject="Grüße")
    # Debian's imaplib puts its "UTF8 (" into the message itself.
    other = connect()
    other.must("ENABLE UTF8=ACCEPT")
    other.must(['APPEND "Entwürfe & mehr" UTF8 (~', message, ")"])
    ok(client.noop())
    [(_, body), *_] = ok(client.fetch("1", "BODY.PEEK[]"))
    assert body == message
