"""The program as an administrator meets it: starting, stopping, reading the
settings again, processes that die, and what each process may do."""
import base64
import grp
import os
import pathlib
import re
import signal
import socket
import ssl
import subprocess
import time

import pytest

from lib import imap, mail, process
from lib.lmtp import Lmtp
from lib.servers import PASSWORD, until

pytestmark = pytest.mark.newel
USER = "ada@example.org"


@pytest.fixture
def own(new_server):
    """A server that a test may stop and damage."""
    server = new_server()
    server.add_users(USER)
    server.start()
    yield server
    server.stop()


def session(server, tls=False):
    c = imap.Imap(server.imaps if tls else server.imap,
                  server.tls if tls else None)
    c.login(USER, PASSWORD)
    return c


# --- Start and stop --------------------------------------------------------------

def test_it_says_once_that_it_is_ready(own):
    assert own.log().count("event=server.ready") == 1


def test_sigterm_says_bye_and_ends_with_0(own):
    c = session(own)
    idle = session(own)
    idle.must("SELECT INBOX")
    idle.idle()
    before = imap.Imap(own.imap)
    assert own.stop() == 0
    for connection in (c, idle, before):
        assert connection.response().startswith(b"* BYE")
        with pytest.raises(imap.Closed):
            connection.response()
    own.start()
    session(own).must("SELECT INBOX")


def test_what_was_acknowledged_is_there_after_a_restart(own):
    c = session(own)
    c.must('CREATE "Plums"')
    c.append("Plums", mail.simple(1), "(\\Flagged)")
    own.restart()
    c = session(own)
    c.must("SELECT Plums")
    items = c.must("FETCH 1 (FLAGS BODY.PEEK[])").fetches()[1]
    assert set(items["FLAGS"]) - {"\\Recent"} == {"\\Flagged"}
    assert items["BODY[]"] == mail.simple(1)


def test_two_servers_do_not_share_an_instance(own):
    done = subprocess.run(own.command(), capture_output=True, text=True,
                          timeout=30)
    assert done.returncode == 1
    session(own).must("NOOP")


# --- SIGHUP -------------------------------------------------------------------------

def serial(server):
    """The serial number of the certificate that clients are shown."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", server.imaps)) as raw, \
            context.wrap_socket(raw) as s:
        der = s.getpeercert(binary_form=True)
    done = subprocess.run(["openssl", "x509", "-inform", "der", "-noout",
                           "-serial"], input=der, capture_output=True)
    return done.stdout


def test_sighup_takes_a_new_certificate_and_drops_nobody(own):
    plain, tls = session(own), session(own, tls=True)
    before = serial(own)
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:P-256", "-nodes", "-days", "3", "-subj",
         "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
         "-keyout", own.home / "key.pem", "-out", own.certificate],
        check=True, capture_output=True)
    own.process.send_signal(signal.SIGHUP)
    until(lambda: serial(own) != before)
    for c in (plain, tls):
        c.must("SELECT INBOX")


def test_sighup_with_bad_settings_keeps_the_old_ones(own):
    c = session(own)
    good = own.settings.read_text()
    own.settings.write_text(good + "\nnonsense {\n")
    own.process.send_signal(signal.SIGHUP)
    until(lambda: "newel.conf:" in own.log())
    c.must("NOOP")
    session(own).must("SELECT INBOX")
    own.settings.write_text(good)


def test_sighup_takes_new_limits(own):
    own.configure({"limits": {"connections-per-user": 2}})
    own.process.send_signal(signal.SIGHUP)

    def refused():
        sessions = [imap.Imap(own.imap) for _ in range(3)]
        replies = [s.command(f'LOGIN {USER} "{PASSWORD}"').status
                   for s in sessions]
        for s in sessions:
            s.close()
        return "NO" in replies
    until(refused, pause=0.3)


# --- TLS sessions ---------------------------------------------------------------------

def visit(server, context, ticket=None):
    """Logs out on a new connection; its ticket, and whether it resumed."""
    with socket.create_connection(("127.0.0.1", server.imaps), 10) as raw, \
            context.wrap_socket(raw, server_hostname="localhost",
                                session=ticket) as s:
        lines = s.makefile("rb")
        assert lines.readline().startswith(b"* OK")
        s.sendall(b"a LOGOUT\r\n")
        assert lines.readlines()[-1].startswith(b"a OK")
        return s.session, s.session_reused


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2,
                                     ssl.TLSVersion.TLSv1_3])
def test_a_tls_session_is_resumed_by_whichever_gate(own, version):
    """By all of them, with new settings, and by those that are new."""
    context = own.tls
    context.minimum_version = context.maximum_version = version
    ticket, resumed = visit(own, context)
    assert not resumed
    for _ in range(12):
        ticket, resumed = visit(own, context, ticket)
        assert resumed

    own.process.send_signal(signal.SIGHUP)
    until(lambda: "event=settings.reload.done" in own.log())
    assert visit(own, context, ticket)[1]
    gates = own.children()["gate"]
    for pid in gates:
        os.kill(pid, signal.SIGKILL)
    until(lambda: len(set(own.children().get("gate", [])) - set(gates)) ==
          len(gates))
    ticket = until(lambda: attempt(own, context, ticket))
    assert visit(own, context, ticket)[1]

    own.restart()  # its key lived in the master's memory alone
    assert not visit(own, context, ticket)[1]


def attempt(server, context, ticket):
    """A ticket from a resumed session, once the new gates take connections."""
    try:
        ticket, resumed = visit(server, context, ticket)
    except OSError:
        return None
    assert resumed
    return ticket


# --- Processes ------------------------------------------------------------------------

@pytest.mark.parametrize("role", ["gate", "auth", "mail"])
def test_a_process_that_dies_is_started_again(own, role):
    session(own).append("INBOX", mail.simple(1))
    victims = own.children()[role]
    os.kill(victims[0], signal.SIGKILL)

    def works():
        try:
            with session(own) as c:
                return c.must("SELECT INBOX").find("EXISTS")
        except (imap.Closed, OSError, imap.Refused):
            return False
    assert until(works) == [b"* 1 EXISTS"]
    assert victims[0] not in own.children()[role]
    until(lambda: len(own.children()[role]) == len(victims))


def test_sessions_outlive_the_process_that_checks_passwords(own):
    c = session(own)
    [auth] = own.children()["auth"]
    os.kill(auth, signal.SIGKILL)
    c.must("SELECT INBOX")
    c.append("INBOX", mail.simple(1))


@pytest.mark.parametrize("role", ["auth", "mail"])
def test_while_a_process_is_away_nobody_logs_in(own, role):
    [victim] = own.children()[role]
    with imap.Imap(own.imap) as c, imap.Imap(own.imaps, own.tls) as tls:
        own.process.send_signal(signal.SIGSTOP)
        try:
            os.kill(victim, signal.SIGKILL)
            for client in (c, tls):
                reply = client.command(f'LOGIN {USER} "{PASSWORD}"')
                assert reply.status == "NO"
                assert b"[UNAVAILABLE]" in reply.tagged
        finally:
            own.process.send_signal(signal.SIGCONT)
        for client in (c, tls):
            until(lambda: client.command(
                f'LOGIN {USER} "{PASSWORD}"').status == "OK", pause=0.2)


def test_what_a_process_was_asked_when_it_died_is_answered(own):
    [auth] = own.children()["auth"]
    with imap.Imap(own.imap) as c, Lmtp(own.lmtp) as lmtp:
        lmtp.ask_all("LHLO mx.example.org", "MAIL FROM:<a@example.com>")
        os.kill(auth, signal.SIGSTOP)
        own.process.send_signal(signal.SIGSTOP)
        try:
            tag = c.start(f'LOGIN {USER} "{PASSWORD}"')
            lmtp.send(f"RCPT TO:<{USER}>\r\n")
            time.sleep(0.5)
            os.kill(auth, signal.SIGKILL)
            reply = c.finish(tag)
            assert reply.status == "NO" and b"[UNAVAILABLE]" in reply.tagged
            code, text = lmtp.reply()
            assert code == 451 and text.startswith("4.")
        finally:
            own.process.send_signal(signal.SIGCONT)
        until(lambda: lmtp.ask(f"RCPT TO:<{USER}>")[0] == 250, pause=0.2)


@pytest.mark.parametrize("kind", ["imap", "lmtp"])
def test_without_descriptors_it_waits_and_then_goes_on(new_server, kind):
    server = new_server({"limits": {"connections-per-address": 5000}})
    command = ["prlimit", "--nofile=200", *server.command()]
    server.command = lambda: command
    server.start()
    port, greeting = {"imap": (server.imap, b"* OK"),
                      "lmtp": (server.lmtp, b"220 ")}[kind]
    count = 250 * max(map(len, server.children().values()))
    clients = [socket.create_connection(("127.0.0.1", port), 20)
               for _ in range(count)]
    until(lambda: "accept.failed" in server.log())
    before = process.cpu_seconds(server.pid)
    time.sleep(1)
    assert process.cpu_seconds(server.pid) - before < 0.5
    for client in clients:
        assert client.recv(4, socket.MSG_WAITALL) == greeting
        client.close()
    server.stop()


# --- Where deliveries come from ----------------------------------------------------

def deliver(where, message):
    with Lmtp(where) as c:
        c.ask_all("LHLO mx.example.org", "MAIL FROM:<a@example.com>",
                  f"RCPT TO:<{USER}>")
        assert c.ask("DATA")[0] == 354
        c.send(message + b".\r\n")
        assert c.reply()[0] == 250


def test_a_path_takes_deliveries_from_a_group(new_server):
    server = new_server()
    path = server.home / "lmtp.sock"
    group = grp.getgrgid(os.getgid()).gr_name
    server.configure({"listen": {
        "lmtp": f'{{ "127.0.0.1:{server.lmtp}", "{path}" }}',
        "lmtp-group": group, "lmtp-mode": "0620"}})
    server.add_users(USER)
    server.start()
    assert path.stat().st_mode & 0o777 == 0o620
    assert path.stat().st_gid == os.getgid()
    deliver(path, mail.simple(1))
    deliver(server.lmtp, mail.simple(2))
    # What a crash leaves behind is in nobody's way.
    server.kill()
    assert path.is_socket()
    server.start()
    deliver(path, mail.simple(3))
    assert session(server).must("SELECT INBOX").find("EXISTS") == \
        [b"* 3 EXISTS"]
    assert server.stop() == 0
    assert not path.exists()


@pytest.mark.parametrize("problem, says", [
    ("file", "lmtp.sock: "), ("group", "lmtp-group: there is no group"),
    ("address", "this machine doesn't have that address")])
def test_what_it_can_not_listen_on_is_named(new_server, problem, says):
    server = new_server()
    path = server.home / "lmtp.sock"
    if problem == "address":
        server.configure({"listen": {"imap": "192.0.2.1:1143"}})
    else:
        server.configure({"listen": {"lmtp": path}})
    if problem == "group":
        server.configure({"listen": {"lmtp-group": "nobodys-own"}})
    if problem == "file":
        path.write_text("mine")
    for command in ("check", "serve"):
        done = server.cli(command, check=False)
        assert done.returncode == 1 and says in done.stdout + done.stderr
    assert problem != "file" or path.read_text() == "mine"


# --- Rights --------------------------------------------------------------------------

def status_of(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return dict(line.split(":\t", 1) for line in text.splitlines()
                if ":\t" in line)


def test_no_process_but_the_master_has_rights(own):
    for role, pids in own.children().items():
        for pid in pids:
            status = status_of(pid)
            assert status["NoNewPrivs"] == "1", role
            assert status["Seccomp"] == "2", role
            assert int(status["CapEff"], 16) == 0, role
            assert int(status["CapPrm"], 16) == 0, role
            if os.geteuid() == 0:
                assert set(status["Uid"].split()) != {"0"}, role
                assert "0" not in status["Uid"].split(), role
                assert "0" not in status["Gid"].split(), role


def test_processes_have_only_the_files_they_need(own):
    """The gate has no file of mail or accounts open, auth none of mail."""
    session(own).append("INBOX", mail.simple(1))
    for role, pids in own.children().items():
        for pid in pids:
            links = []
            for fd in pathlib.Path(f"/proc/{pid}/fd").iterdir():
                try:
                    links.append(os.readlink(fd))
                except FileNotFoundError:
                    pass
            files = [f for f in links if f.startswith(str(own.home))]
            if role == "gate":
                assert files == []
            elif role == "auth":
                assert not any(f.endswith(".sst") or "/store/" in f
                               for f in files)
            elif role == "mail":
                assert not any("directory" in f and f.endswith(".db")
                               for f in files)


# --- Who may log in, and how -------------------------------------------------------

@pytest.fixture
def strict(new_server):
    """A server that wants TLS before a password, as it is by default."""
    server = new_server({"auth": {"plaintext-login": "no"}})
    server.add_users(USER)
    server.start()
    yield server
    server.stop()


def test_a_password_needs_tls_first(strict):
    with imap.Imap(strict.imap) as c:
        assert b"LOGINDISABLED" in c.greeting
        assert b"STARTTLS" in c.greeting and b"AUTH=PLAIN" not in c.greeting
        reply = c.command(f'LOGIN {USER} "{PASSWORD}"')
        assert reply.status == "NO" and b"[PRIVACYREQUIRED]" in reply.tagged
        assert c.command("AUTHENTICATE PLAIN").status == "NO"
        c.must("STARTTLS")
        c.start_tls(strict.tls)
        [line] = c.must("CAPABILITY").untagged
        assert b"LOGINDISABLED" not in line and b"STARTTLS" not in line
        assert b"AUTH=PLAIN" in line
        assert b"AUTH=SCRAM-SHA-256" in line
        c.login(USER, PASSWORD)


def test_what_is_sent_with_starttls_is_not_taken_for_encrypted(strict):
    """RFC 9051 section 11.1: commands injected before TLS are not run."""
    with imap.Imap(strict.imap) as c:
        c.send("t STARTTLS\r\nevil CAPABILITY\r\n")
        try:
            assert c.response().startswith(b"t OK")
            c.start_tls(strict.tls)
            c.send("u NOOP\r\n")
            assert c.response().startswith(b"u OK")
        except (imap.Closed, OSError):
            pass


def test_plain_with_and_without_an_initial_response(own):
    blob = base64.b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode()
    with imap.Imap(own.imap) as c:
        c.must(f"AUTHENTICATE PLAIN {blob}")
    with imap.Imap(own.imap) as c:
        c.send("t AUTHENTICATE PLAIN\r\n")
        assert c.response() == b"+ "
        c.send(blob + "\r\n")
        assert c.response().startswith(b"t OK [CAPABILITY ")
    with imap.Imap(own.imap) as c:
        c.send("t AUTHENTICATE PLAIN\r\n")
        assert c.response() == b"+ "
        c.send("*\r\n")
        assert c.response().startswith(b"t BAD")


def test_wrong_passwords_are_slow_and_all_alike(own):
    """Nobody learns whether it was the name or the password."""
    replies, took = [], []
    for name in (USER, "nobody@example.org"):
        with imap.Imap(own.imap) as c:
            start = time.monotonic()
            reply = c.command(f'LOGIN {name} "wrong"')
            took.append(time.monotonic() - start)
            replies.append(re.sub(rb"^\S+ ", b"", reply.tagged))
    assert replies[0] == replies[1]
    assert b"[AUTHENTICATIONFAILED]" in replies[0]
    assert min(took) > 1


def test_a_disabled_user_is_out(own):
    own.cli("user", "disable", USER)
    with imap.Imap(own.imap) as c:
        assert c.command(f'LOGIN {USER} "{PASSWORD}"').status == "NO"
    own.cli("user", "enable", USER)
    session(own).must("NOOP")


def test_a_new_password_counts_at_once(own):
    session(own)
    own.cli("user", "passwd", USER, "--password-stdin",
            given="Another-7-long-Word\n")
    with imap.Imap(own.imap) as c:
        assert c.command(f'LOGIN {USER} "{PASSWORD}"').status == "NO"
    with imap.Imap(own.imap) as c:
        c.login(USER, "Another-7-long-Word")


def test_check_finds_the_instance_fit(own):
    own.cli("check")
    own.stop()
    own.cli("check")
    own.settings.write_text(own.settings.read_text() + "\nlimits { x = 1 }\n")
    done = own.cli("check", check=False)
    assert done.returncode == 1 and "newel.conf:" in done.stdout + done.stderr
    own.settings.write_text(own.settings.read_text().replace(
        "\nlimits { x = 1 }\n", ""))
    own.start()


def certify(server, folder, *dates):
    """A new certificate for the server's key, from and to these dates."""
    (folder / "ca.conf").write_text(
        "[ca]\ndefault_ca = d\n[d]\ndatabase = index\nserial = serial\npolicy = p\n"
        "copy_extensions = copy\n[p]\ncommonName = supplied\n")
    (folder / "index").write_text("")
    (folder / "serial").write_text("01\n")
    key = server.home / "key.pem"
    for command in (
            ["req", "-new", "-key", key, "-subj", "/CN=localhost", "-addext",
             "subjectAltName=DNS:localhost", "-out", "request"],
            ["ca", "-batch", "-selfsign", "-config", "ca.conf", "-keyfile",
             key, "-md", "sha256", "-outdir", ".", "-notext", "-in",
             "request", "-out", server.certificate, "-startdate", dates[0],
             "-enddate", dates[1]]):
        subprocess.run(["openssl", *command], cwd=folder, check=True,
                       capture_output=True)


@pytest.mark.parametrize("dates, exits, says", [
    ((-900, -1), 1, "has expired"), ((2, 900), 1, "is not valid yet"),
    ((-1, 3.5), 0, "is valid for 3 more days")])
def test_check_looks_at_the_certificates_dates(new_server, tmp_path, dates,
                                               exits, says):
    server = new_server()
    certify(server, tmp_path, *(
        time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + d * 86400))
        for d in dates))
    done = server.cli("check", check=False)
    assert done.returncode == exits and says in done.stdout


def test_the_master_cost_of_an_idle_server_is_small(own):
    assert process.pss_kib(own.pid) < 80 * 1024
