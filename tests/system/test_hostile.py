"""Bad input, from mistakes to malice.  Each time somebody else's session goes
on as if nothing had happened."""
import os
import random
import smtplib
import socket
import struct
import subprocess
import time

import pytest

from lib import imap, mail, process, servers
from lib.servers import PASSWORD, until

MIB = 1024


@pytest.fixture(autouse=True)
def bystander(request):
    """A session that must not notice."""
    if "server" not in request.fixturenames:
        yield
        return
    server = request.getfixturevalue("server")
    name = "bystander@example.org"
    if not getattr(server, "has_bystander", False):
        server.add_users(name)
        server.has_bystander = True
    with imap.Imap(server.imap) as c:
        c.login(name, PASSWORD)
        c.must("SELECT INBOX")
        yield
        start = time.monotonic()
        c.must("NOOP")
        c.append("INBOX", mail.simple(1))
        assert time.monotonic() - start < 5


# --- Commands -----------------------------------------------------------------------

BAD_COMMANDS = [
    "", "NOOP  ", "XYZZY", "SELECT", "SELECT INBOX extra", 'SELECT "INBOX', "SELECT INBOX)",
    "FETCH", "FETCH 1", "FETCH 0 FLAGS", "FETCH 1:x FLAGS", "FETCH , FLAGS",
    "FETCH 4294967296 FLAGS", "FETCH 1 (FLAGS", "FETCH 1 BODY[",
    "FETCH 1 BODY[1..2]", "FETCH 1 BODY[]<0.0>", "FETCH 1 BODY[]<1>",
    "FETCH 1 BODY[HEADER.FIELDS ()]", "FETCH 1 NONSENSE", "STORE 1 FLAGS",
    "STORE 1 +FLAGS (\\Seen", "STORE 1 FLAGS (a b))",
    "SEARCH", "SEARCH (", "SEARCH NOT", "SEARCH OR SEEN", "SEARCH SINCE never",
    "SEARCH LARGER x", "UID", "UID NOOP", "UID FETCH 1", "APPEND INBOX",
    'APPEND INBOX () "31-Foo-2024 00:00:00 +0000" {1+}\r\nx', "LIST", 'LIST ""',
    "STATUS INBOX", "STATUS INBOX ()", "STATUS INBOX (NONSENSE)", "COPY 1",
    "MOVE 1:2", "SORT", "SORT () UTF-8 ALL", "THREAD NONSENSE UTF-8 ALL",
    "ENABLE", "RENAME one", "CREATE", "IDLE now", "NOOP x", "ID (a)",
    "SEARCH " + "(" * 500 + "ALL" + ")" * 500,
]


@pytest.mark.parametrize("command", BAD_COMMANDS,
                         ids=lambda c: c[:30].replace("\r\n", " "))
def test_what_is_not_imap_is_bad_and_no_more(connect, command):
    c = connect()
    c.append("INBOX", mail.simple(1))
    c.must("SELECT INBOX")
    reply = c.command(command)
    assert reply.status == "BAD" or \
        (reply.status == "NO" and command.startswith(("THREAD", "SEARCH (")))
    assert c.must("FETCH 1 UID").fetches()[1]["UID"] == "1"


@pytest.mark.parametrize("line", ["", " ", "a", "a ", "* NOOP", "+ NOOP", "a(b NOOP",
                                  "\\a NOOP", "\0 NOOP"])
def test_a_line_without_a_tag_and_a_command_is_bad(connect, line):
    c = connect()
    c.send(line + "\r\n")
    assert b" BAD " in c.response()
    c.must("NOOP")


def test_commands_out_of_place_are_refused(connect):
    c = connect(login=False)
    for command in ("SELECT INBOX", "LIST \"\" *", "FETCH 1 FLAGS", "IDLE"):
        assert c.command(command).status == "BAD"
    c = connect()
    for command in ("FETCH 1 FLAGS", "EXPUNGE", "UID STORE 1 FLAGS ()",
                    "LOGIN a b"):
        assert c.command(command).status in ("BAD", "NO")
    c.must("NOOP")


def test_who_sends_only_bad_commands_is_cut_off_before_login(connect):
    c = connect(login=False)
    with pytest.raises((imap.Closed, OSError)):
        for n in range(1000):
            c.command(f"XYZZY{n}")


# --- Literals -----------------------------------------------------------------------

def test_a_literal_that_is_too_big_is_refused_before_it_is_sent(connect):
    c = connect()
    for size in (2**31, 2**32 + 5, 10**30):
        c.send(f"t APPEND INBOX {{{size}}}\r\n")
        assert c.response().startswith((b"t NO", b"t BAD"))
        c.must("NOOP")


def test_a_big_literal_that_comes_anyway_never_becomes_commands(connect):
    """Pitfall 43: swallow it or hang up, but stay in step."""
    c = connect()
    c.send(f"t APPEND INBOX {{{2**31}+}}\r\n")
    try:
        for n in range(200):
            c.send(f"x{n} CREATE smuggled{n}\r\n" * 100)
        got = c.response(5)
        assert got.startswith((b"t NO", b"t BAD", b"* BYE")), got
        while True:
            got = c.response(2)
            assert not got.startswith(b"x"), got
    except (imap.Closed, OSError):
        pass
    assert b"smuggled" not in b"".join(
        connect().must('LIST "" *').untagged)


@pytest.mark.parametrize("ask", ["LOGIN", "AUTHENTICATE PLAIN"])
def test_a_literal_before_login_is_small(connect, ask):
    c = connect(login=False)
    c.send(f"t {ask} {{100000}}\r\n")
    try:
        assert not c.response(5).startswith(b"+")
    except imap.Closed:
        pass
    c = connect(login=False)
    try:
        c.send(f"t {ask} {{100000+}}\r\n" + "x" * 100000 + " y\r\n")
        assert not c.response(5).startswith(b"t OK")
    except (imap.Closed, OSError):
        pass


def test_an_endless_line_ends_the_patience(connect):
    for login in (False, True):
        c = connect(login=login)
        try:
            for _ in range(400):
                c.send(b"x" * 65536)
            while True:
                got = c.response(10)
                assert got.startswith((b"* BYE", b"* BAD")) or b" BAD" in got
        except (imap.Closed, OSError):
            pass


def test_a_long_command_is_taken(connect):
    """Pitfall 42: 64 KiB at least."""
    c = connect()
    c.append("INBOX", mail.simple(1))
    c.must("SELECT INBOX")
    numbers = ",".join(str(n) for n in range(1, 12000))[:60000].rstrip(",")
    assert c.must(f"UID FETCH {numbers} (FLAGS)").fetches()


def test_an_append_that_breaks_off_leaves_nothing(connect):
    c = connect()
    c.send("t APPEND INBOX {5000+}\r\nFrom: nobody\r\n\r\n")
    c.close()
    c = connect()
    for _ in range(3):
        assert c.must("SELECT INBOX").find("EXISTS") == [b"* 0 EXISTS"]
        time.sleep(0.1)


@pytest.mark.newel
def test_literal_minus_takes_4096_bytes_and_no_more(new_server):
    """RFC 7888 section 5."""
    server = new_server({"imap": {"literal": "minus"}})
    server.add_users("ada@example.org")
    server.start()
    try:
        with imap.Imap(server.imap) as c:
            c.login("ada@example.org", PASSWORD)
            caps = c.must("CAPABILITY").find("CAPABILITY")[0].split()
            assert b"LITERAL-" in caps and b"LITERAL+" not in caps
            text = mail.simple(1)
            text += b"x" * (4096 - len(text))
            c.send(b"a APPEND INBOX {4096+}\r\n" + text + b"\r\n")
            assert c.response().startswith(b"a OK [APPENDUID ")
            for command in (b"APPEND INBOX", b"CREATE"):
                c.send(b"b %s {4097+}\r\n%sx\r\n" % (command, text))
                assert c.response().startswith(b"b BAD [TOOBIG] ")
            until(lambda: "setting=\"imap.literal\"" in server.log())
            # Who waits to be asked may send more.
            c.send("c APPEND INBOX {4097}\r\n")
            assert c.response().startswith(b"+ ")
            c.send(text + b"x\r\n")
            assert c.response().startswith(b"c OK [APPENDUID ")
            assert c.must("STATUS INBOX (MESSAGES)").find("STATUS") == [
                b"* STATUS INBOX (MESSAGES 2)"]
    finally:
        server.stop()


# --- Bytes ----------------------------------------------------------------------------

@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("login", [False, True])
def test_binary_garbage(connect, login, seed):
    rng = random.Random(seed)
    c = connect(login=login)
    try:
        for _ in range(20):
            c.send(rng.randbytes(rng.randint(1, 5000)) +
                   rng.choice([b"", b"\r\n", b"\n", b"}\r\n", b"{9+}\r\n"]))
    except OSError:
        pass


def test_tls_on_the_plain_port_and_the_other_way_round(server):
    with pytest.raises(OSError):
        imap.Imap(server.imap, server.tls)
    with socket.create_connection(("127.0.0.1", server.imaps), 10) as s:
        s.sendall(b"a LOGIN x y\r\n" * 10)
        s.settimeout(10)
        try:
            while s.recv(1000):
                pass
        except ConnectionError:
            pass


def test_half_open_connections_end(server, connect):
    """Who closes his sending side gets his answers and is let go."""
    c = connect()
    c.send("t NOOP\r\n")
    c.sock.shutdown(socket.SHUT_WR)
    try:
        assert c.response().startswith(b"t OK")
        c.response()
    except imap.Closed:
        pass
    c = connect(login=False)
    c.send("half a comm")
    c.sock.shutdown(socket.SHUT_WR)
    with pytest.raises((imap.Closed, ConnectionError)):
        while True:
            c.response(10)


def test_a_reset_in_the_middle_of_everything(connect):
    for n in range(20):
        c = connect()
        c.send("t APPEND INBOX {1000+}\r\nabc" if n % 2 else
               't SELECT INBOX\r\nu FETCH 1:* BODY[]\r\nv IDLE\r\n')
        c.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                          struct.pack("ii", 1, 0))
        c.close()


# --- Too much of something ---------------------------------------------------------

def test_a_client_that_never_reads_costs_no_memory(server, user, connect):
    c = connect()
    big = mail.with_attachment(1, os.urandom(1 << 20))
    for _ in range(20):
        c.append("INBOX", big)
    c.must("SELECT INBOX")
    before = process.pss_kib(server.pid)
    slow = []
    for _ in range(5):
        s = connect()
        s.must("SELECT INBOX")
        s.sock.settimeout(1)
        slow.append(s)
    for s in slow:
        try:
            s.send("t FETCH 1:* BODY.PEEK[]\r\n" * 200)
        except OSError:
            pass
    time.sleep(1)
    grown = process.pss_kib(server.pid) - before
    assert grown < 64 * MIB, f"{grown} KiB more"
    c.must("NOOP")


@pytest.mark.newel
def test_who_never_reads_is_let_go_and_costs_little_until_then(new_server):
    """limits.output is what waits for him, limits.stall-time how long."""
    server = new_server({"limits": {"output": "16K", "stall-time": "5s"}})
    server.add_users("ada@example.org")
    server.start()
    try:
        with imap.Imap(server.imap) as c, imap.Imap(server.imap) as slow:
            c.login("ada@example.org", PASSWORD)
            for n in range(8):
                c.append("INBOX", mail.with_attachment(n, os.urandom(1 << 20)))
            slow.login("ada@example.org", PASSWORD)
            slow.must("SELECT INBOX")
            before = process.pss_kib(server.pid)
            slow.send("t FETCH 1:* BODY.PEEK[]\r\n" * 100)
            time.sleep(1)
            grown = process.pss_kib(server.pid) - before
            assert grown < 16 * MIB, f"{grown} KiB more"
            assert "stall-time" not in server.log()
            until(lambda: "event=session.stalled.dropped "
                  "setting=\"limits.stall-time\"" in server.log())
            c.must("NOOP")
            # Somebody who is slow, but reads, is not let go.
            with imap.Imap(server.imap) as steady:
                steady.login("ada@example.org", PASSWORD)
                steady.must("SELECT INBOX")
                steady.send("t FETCH 1:* BODY.PEEK[]\r\n")
                end = time.monotonic() + 8
                tail = b""
                while b"\r\nt OK Fetched" not in tail:
                    slowly = time.monotonic() < end
                    got = steady.sock.recv(100000 if slowly else 1 << 20)
                    assert got, server.log()
                    tail = (tail + got)[-100:]
                    time.sleep(0.07 if slowly else 0)
    finally:
        server.stop()


@pytest.fixture
def small_server(new_server):
    """A server with the limits of a small one."""
    server = new_server({
        "limits": {"preauth-connections": 100, "login-time": "5s",
                   "connections-per-address": 1000000,
                   "connections-per-user": 5}})
    server.start()
    yield server
    server.stop()


@pytest.mark.newel
def test_a_thousand_connections_that_never_log_in(small_server):
    server = small_server
    server.add_users("ada@example.org")
    before = process.pss_kib(server.pid)
    idle, refused = [], 0
    for _ in range(1000):
        s = socket.create_connection(("127.0.0.1", server.imap), 10)
        s.settimeout(10)
        idle.append(s)
    for s in idle:
        got = s.recv(1000)
        refused += got.startswith(b"* BYE") or got == b""
    assert refused >= 850, "the limit is 100"
    assert process.pss_kib(server.pid) - before < 40 * MIB
    until(lambda: "preauth-connections" in server.log())

    # Those that got in are let go after login-time; then there is room.
    def there_is_room():
        try:
            with imap.Imap(server.imap) as c:
                c.login("ada@example.org", PASSWORD)
                return True
        except (imap.Closed, OSError, imap.Refused):
            return False
    until(there_is_room, 20, 0.5)
    until(lambda: "login-time" in server.log())
    for s in idle:
        s.close()


@pytest.mark.newel
def test_too_many_sessions_of_one_user(small_server):
    server = small_server
    server.add_users("ada@example.org", "bob@example.org")
    sessions = []
    for _ in range(5):
        sessions.append(imap.Imap(server.imap))
        sessions[-1].login("ada@example.org", PASSWORD)
    with imap.Imap(server.imap) as c:
        reply = c.command(f'LOGIN ada@example.org "{PASSWORD}"')
        assert reply.status == "NO" and b"[LIMIT]" in reply.tagged
    until(lambda: "connections-per-user" in server.log())
    with imap.Imap(server.imap) as c:
        c.login("bob@example.org", PASSWORD)
    sessions.pop().close()

    def again():
        with imap.Imap(server.imap) as c:
            return c.command(f'LOGIN ada@example.org "{PASSWORD}"').ok
    until(again)
    for s in sessions:
        s.close()


# --- A full disk ------------------------------------------------------------------------

@pytest.fixture
def small_disk(workplace):
    """A file system of 96 MiB."""
    folder = workplace / f"disk{time.monotonic_ns()}"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=96m,mode=755", "tmpfs", folder],
        capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("no file system can be mounted here")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


@pytest.mark.newel
def test_a_full_disk_refuses_changes_and_serves_reads(small_disk):
    server = servers.Newel(small_disk / "server")
    user = "ada@example.org"
    server.add_users(user)
    server.start()
    try:
        with imap.Imap(server.imap) as c:
            c.login(user, PASSWORD)
            c.append("INBOX", mail.simple(1))
            kept = fill(c)
            c.must("SELECT INBOX")
            assert len(c.must("UID FETCH 1:* BODY.PEEK[HEADER]").fetches()) \
                == kept + 1
            assert c.must("FETCH 1 BODY.PEEK[]").fetches()[1]["BODY[]"] == \
                mail.simple(1)
            with imap.Imap(server.imap) as other:
                other.login(user, PASSWORD)
                other.must("SELECT INBOX")
            with smtplib.LMTP("127.0.0.1", server.lmtp) as mta:
                body = mail.with_attachment(9, os.urandom(1 << 20))
                with pytest.raises(smtplib.SMTPDataError) as refused:
                    mta.sendmail("a@example.com", [user], body)
                assert refused.value.smtp_code == 452
                assert refused.value.smtp_error.startswith(b"4.3.1")
            # With room again, it goes on, if need be after a restart.
            subprocess.run(["mount", "-o", "remount,size=256m", small_disk],
                           check=True)
            until(lambda: c.command(["APPEND INBOX ", mail.simple(3)]).ok)
        server.restart()
        with imap.Imap(server.imap) as c:
            c.login(user, PASSWORD)
            assert c.must("SELECT INBOX").find("EXISTS") == [
                b"* %d EXISTS" % (kept + 2)]
    finally:
        server.stop()


def fill(client):
    """Appends until the server has no room: the number that it took."""
    for n in range(1000):
        body = mail.with_attachment(n, os.urandom(1 << 20))
        reply = client.command(["APPEND INBOX ", body])
        if not reply.ok:
            assert reply.status == "NO", reply.tagged
            return n
    pytest.fail("the disk never fills")
