"""A real MTA: Postfix takes mail by SMTP and hands it on by LMTP."""
import os
import shutil
import smtplib
import subprocess

import pytest

from lib import mail, mailbox, process
from lib.servers import free_port, until

pytestmark = pytest.mark.skipif(os.geteuid() != 0,
                                reason="Postfix starts as root only")


class Postfix:
    def __init__(self, folder, lmtp_port):
        self.folder, self.port = folder, free_port()
        etc = folder / "etc"
        for part in ("etc", "queue", "data"):
            (folder / part).mkdir(parents=True)
        shutil.chown(folder / "data", "postfix")
        (etc / "main.cf").write_text(f"""
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
daemon_directory = /usr/lib/postfix/sbin
command_directory = /usr/sbin
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
myhostname = mx.example.org
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mydestination =
local_recipient_maps =
mynetworks = 127.0.0.0/8
virtual_mailbox_domains = example.org
virtual_transport = lmtp:inet:127.0.0.1:{lmtp_port}
lmtp_destination_recipient_limit = 20
smtputf8_enable = yes
bounce_queue_lifetime = 0
maximal_queue_lifetime = 0
minimal_backoff_time = 1s
maximal_backoff_time = 1s
queue_run_delay = 1s
virtual_alias_maps =
alias_maps =
alias_database =
notify_classes =
""")
        (etc / "master.cf").write_text(f"""
127.0.0.1:{self.port} inet n - n - - smtpd
pickup    unix  n - n 60 1 pickup
cleanup   unix  n - n -  0 cleanup
qmgr      unix  n - n 300 1 qmgr
rewrite   unix  - - n -  - trivial-rewrite
bounce    unix  - - n -  0 bounce
defer     unix  - - n -  0 bounce
trace     unix  - - n -  0 bounce
verify    unix  - - n -  1 verify
flush     unix  n - n 1000? 0 flush
lmtp      unix  - - n -  - lmtp
retry     unix  - - n -  - error
error     unix  - - n -  - error
discard   unix  - - n -  - discard
anvil     unix  - - n -  1 anvil
postlog   unix-dgram n - n - 1 postlogd
""")

    def call(self, verb):
        return subprocess.run(["postfix", "-c", self.folder / "etc", verb],
                              capture_output=True, text=True)

    def start(self):
        done = self.call("start")
        assert done.returncode == 0, done.stderr
        until(self.answers)

    def answers(self):
        try:
            smtplib.SMTP("127.0.0.1", self.port, timeout=5).quit()
        except (OSError, smtplib.SMTPException):
            return False
        return True

    def stop(self):
        pid = int((self.folder / "queue/pid/master.pid").read_text())
        pids = process.tree(pid)
        self.call("stop")
        until(lambda: not any(map(process.running, pids)))

    def log(self):
        path = self.folder / "log"
        return path.read_text() if path.exists() else ""

    def send(self, message, *recipients, sender="ada@example.com"):
        with smtplib.SMTP("127.0.0.1", self.port, timeout=30) as s:
            return s.sendmail(sender, recipients, message)

    def logged(self, text):
        return until(lambda: [line for line in self.log().splitlines()
                              if text in line])


@pytest.fixture(scope="module")
def postfix(workplace, shared_server):
    p = Postfix(workplace / "postfix", shared_server.lmtp)
    p.start()
    yield p
    p.stop()


def arrived(client, count, name="INBOX"):
    return until(lambda: (found := mailbox.raw(client, name)) and
                 len(found) == count and found)


def test_postfix_delivers(postfix, user, connect):
    message = mail.simple(1, "Grüße by LMTP.\r\n.\r\n..dots.")
    postfix.send(message, user)
    [got] = arrived(connect(), 1).values()
    head, _, body = got.partition(b"\r\n\r\n")
    assert body == message.partition(b"\r\n\r\n")[2]
    assert b"Return-Path: <ada@example.com>" in head
    assert f"Delivered-To: {user}".encode() in head.replace(b"<", b"")
    assert b"by mx.example.org (Postfix)" in head


def test_postfix_delivers_many_at_once(postfix, server, user, connect):
    others = [f"{user.partition('@')[0]}x{n}@example.org" for n in range(5)]
    server.add_users(*others)
    for n in range(20):
        postfix.send(mail.simple(n), user, *others)
    for name in (user, *others):
        assert len(arrived(connect(name=name), 20)) == 20


@pytest.mark.newel
def test_postfix_bounces_for_an_unknown_user(postfix, user, connect):
    """The answer for one recipient doesn't touch the other's."""
    postfix.send(mail.simple(1), user, "nobody@example.org",
                 sender="bounce@example.org")
    assert len(arrived(connect(), 1)) == 1
    [line] = postfix.logged("to=<nobody@example.org>")
    assert "dsn=5.1.1" in line and "status=bounced" in line
    assert "550 5.1.1" in line


@pytest.mark.newel
def test_postfix_delivers_to_a_subaddress(postfix, user, connect):
    c = connect()
    c.must("CREATE Lists")
    name, _, domain = user.partition("@")
    postfix.send(mail.simple(1), f"{name}+Lists@{domain}")
    assert len(arrived(c, 1, "Lists")) == 1


@pytest.mark.newel
def test_postfix_delivers_mail_that_needs_smtputf8(postfix, user, connect):
    message = mail.simple(1, subject="Grüße", sender="jürgen@example.com")
    with smtplib.SMTP("127.0.0.1", postfix.port, timeout=30) as s:
        s.ehlo()
        s.sendmail("jürgen@example.com", [user], message,
                   mail_options=["SMTPUTF8", "BODY=8BITMIME"])
    [got] = arrived(connect(), 1).values()
    assert "Subject: Grüße".encode() in got
    assert "Return-Path: <jürgen@example.com>".encode() in got
