"""LMTP (RFC 2033) as an MTA that uses everything would speak it."""
import re

import pytest

from lib import imap, mail, mailbox
from lib.lmtp import Lmtp
from lib.servers import PASSWORD


@pytest.fixture
def lmtp(server):
    with Lmtp(server.lmtp) as c:
        assert c.ask("LHLO mx.example.org")[0] == 250
        yield c


def inbox(connect, **options):
    return list(mailbox.raw(connect(**options)).values())


def test_what_is_offered(server):
    with Lmtp(server.lmtp) as c:
        code, text = c.ask("LHLO mx.example.org")
        assert code == 250
        words = text.upper().split()
        for name in ("PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES",
                     "CHUNKING"):
            assert name in words
        if server.name == "Newel":
            assert "SMTPUTF8" in words
            assert re.search(r"(?m)^SIZE \d+$", text.upper())


def test_a_reply_for_each_recipient(lmtp, server, user, connect):
    other = "x" + user
    server.add_users(other)
    replies = lmtp.ask_all("MAIL FROM:<ada@example.com>", f"RCPT TO:<{user}>",
                           f"RCPT TO:<{other}>", "DATA")
    assert [code for code, _ in replies] == [250, 250, 250, 354]
    lmtp.send(mail.simple(1, "..dots\r\n. and more") .replace(
        b"\r\n.", b"\r\n..") + b".\r\n")
    assert [lmtp.reply()[0] for _ in range(2)] == [250, 250]
    for name in (user, other):
        [got] = inbox(connect, name=name)
        assert got.endswith(b"\r\n\r\n..dots\r\n. and more\r\n")
        assert got.startswith(b"Return-Path: <ada@example.com>\r\n")
    assert lmtp.ask("QUIT")[0] == 221


def test_chunks(lmtp, user, connect):
    message = mail.simple(1, "A line that BDAT may cut anywhere.")
    for code in lmtp.ask_all("MAIL FROM:<> BODY=8BITMIME",
                             f"RCPT TO:<{user}>"):
        assert code[0] == 250
    cut = len(message) // 2
    lmtp.send(b"BDAT %d\r\n" % cut + message[:cut] +
              b"BDAT %d LAST\r\n" % (len(message) - cut) + message[cut:])
    assert [lmtp.reply()[0] for _ in range(2)] == [250, 250]
    [got] = inbox(connect)
    assert got.endswith(message)
    assert b"Return-Path: <>\r\n" in got


@pytest.mark.newel
def test_an_unknown_user_is_refused_and_the_others_are_not(lmtp, user,
                                                           connect):
    assert lmtp.ask("MAIL FROM:<ada@example.com>")[0] == 250
    code, text = lmtp.ask("RCPT TO:<nobody@nowhere.example>")
    assert code == 550 and text.startswith("5.1.1")
    assert lmtp.ask(f"RCPT TO:<{user}>")[0] == 250
    assert lmtp.ask("DATA")[0] == 354
    lmtp.send(mail.simple(1) + b".\r\n")
    assert lmtp.reply()[0] == 250
    assert len(inbox(connect)) == 1


@pytest.mark.newel
def test_over_quota_is_told_for_each_recipient(lmtp, server, user, connect):
    full = "full" + user
    server.cli("user", "add", full, "--password-stdin", "--quota-messages",
               "1", given=PASSWORD + "\n")
    local, _, domain = full.partition("@")
    connect(name=full).must("CREATE Lists")
    # Two mailboxes of one account: what both need is known at the end.
    lmtp.ask_all("MAIL FROM:<a@example.com>", f"RCPT TO:<{user}>",
                 f"RCPT TO:<{full}>", f"RCPT TO:<{local}+Lists@{domain}>")
    assert lmtp.ask("DATA")[0] == 354
    lmtp.send(mail.simple(1) + b".\r\n")
    replies = [lmtp.reply() for _ in range(3)]
    assert [code for code, _ in replies] == [250, 552, 552]
    assert replies[1][1].startswith("5.2.2")
    assert len(inbox(connect)) == 1
    assert len(inbox(connect, name=full)) == 0


@pytest.mark.newel
def test_who_is_over_quota_is_refused_before_the_message_comes(
        lmtp, server, user, connect):
    server.cli("quota", user, "--messages", "1", "--bytes", "10K")
    code, text = lmtp.ask_all("MAIL FROM:<a@example.com> SIZE=20000",
                              f"RCPT TO:<{user}>")[1]
    assert code == 552 and text.startswith("5.2.2")
    lmtp.ask("RSET")
    replies = lmtp.ask_all("MAIL FROM:<a@example.com> SIZE=1000",
                           f"RCPT TO:<{user}>", "DATA")
    assert [code for code, _ in replies] == [250, 250, 354]
    lmtp.send(mail.simple(1) + b".\r\n")
    assert lmtp.reply()[0] == 250
    replies = lmtp.ask_all("MAIL FROM:<a@example.com>", f"RCPT TO:<{user}>",
                           "DATA")
    assert [code for code, _ in replies] == [250, 552, 503]
    assert len(inbox(connect)) == 1


@pytest.mark.newel
def test_a_last_chunk_for_nobody_has_no_reply(lmtp):
    """RFC 2033 section 4.3; DATA is refused (section 4.2)."""
    assert lmtp.ask("MAIL FROM:<a@example.com>")[0] == 250
    assert lmtp.ask("RCPT TO:<nobody@nowhere.example>")[0] == 550
    assert lmtp.ask("DATA")[0] == 503
    lmtp.send(b"BDAT 6 LAST\r\nQUIT\r\nNOOP\r\n")
    assert lmtp.reply() == (250, "2.0.0 OK")
    assert lmtp.ask("MAIL FROM:<a@example.com>")[0] == 250


@pytest.mark.newel
def test_too_big_is_refused_at_once_and_at_the_end(lmtp, user):
    code, text = lmtp.ask(f"MAIL FROM:<a@example.com> SIZE={2**40}")
    assert code == 552 and text.startswith("5.3.4")
    assert lmtp.ask("MAIL FROM:<a@example.com>")[0] == 250


@pytest.mark.parametrize("line", ["BDAT", "BDAT x"])
def test_a_chunk_without_a_size_ends_the_connection(lmtp, line):
    """What follows could be commands or mail: nobody can tell."""
    assert lmtp.ask(line)[0] in (421, 501)


@pytest.mark.parametrize("line", [
    "XYZZY", "HELO x", "EHLO x", "MAIL", "MAIL FROM:", "MAIL FROM:<a@b",
    "MAIL FROM:<a@b.example> BODY=NONSENSE", "RCPT TO:<a@b.example>", "DATA",
    "LHLO", "x" * 5000])
def test_mistakes_are_told_and_forgiven(lmtp, user, line):
    code, _ = lmtp.ask(line)
    assert 500 <= code < 560
    assert lmtp.ask("RSET")[0] == 250
    for reply in lmtp.ask_all("MAIL FROM:<a@example.com>",
                              f"RCPT TO:<{user}>"):
        assert reply[0] == 250


@pytest.mark.parametrize("line", ["BDAT", "BDAT x", "BDAT 5 FIRST"])
def test_a_chunk_of_unknown_size_may_end_it(lmtp, line):
    """What follows can't be told from commands."""
    assert 400 <= lmtp.ask(line)[0] < 560


def test_smuggling_finds_no_second_message(lmtp, user, connect):
    """Only CRLF . CRLF ends a message, whatever else looks like it."""
    lmtp.ask_all("MAIL FROM:<a@example.com>", f"RCPT TO:<{user}>", "DATA")
    inner = (b"MAIL FROM:<evil@example.com>\r\nRCPT TO:<" + user.encode() +
             b">\r\nDATA\r\nSubject: smuggled\r\n\r\nx")
    head = b"Subject: real\r\nMessage-ID: <real@example.org>\r\n\r\ntext"
    for end in (b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n.\n", b"\r\n.\r"):
        head += end + inner
    lmtp.send(head + b"\r\n.\r\n")
    assert lmtp.reply()[0] == 250
    assert lmtp.ask("NOOP")[0] == 250
    assert len(inbox(connect)) == 1


def test_a_delivery_that_breaks_off_leaves_nothing(server, user, connect):
    with Lmtp(server.lmtp) as c:
        c.ask("LHLO x.example")
        c.ask_all("MAIL FROM:<a@example.com>", f"RCPT TO:<{user}>", "DATA")
        c.send(b"Subject: half")
    with imap.Imap(server.imap) as c:
        c.login(user, PASSWORD)
        assert c.must("SELECT INBOX").find("EXISTS") == [b"* 0 EXISTS"]


@pytest.mark.newel
def test_one_mail_of_many_recipients_is_stored_once(lmtp, user, connect):
    """Subaddresses of one user: one EMAILID in two mailboxes."""
    connect().must("CREATE Lists")
    name, _, domain = user.partition("@")
    lmtp.ask_all("MAIL FROM:<a@example.com>", f"RCPT TO:<{user}>",
                 f"RCPT TO:<{name}+Lists@{domain}>")
    assert lmtp.ask("DATA")[0] == 354
    lmtp.send(mail.simple(1) + b".\r\n")
    assert [lmtp.reply()[0] for _ in range(2)] == [250, 250]
    assert len(inbox(connect)) == 1
    assert len(mailbox.raw(connect(), "Lists")) == 1
