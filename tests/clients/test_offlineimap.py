"""offlineimap3: two-way synchronisation in its own way."""
import pytest

from lib import mail, mailbox, maildir
from lib.run import run
from lib.servers import PASSWORD


@pytest.fixture
def offlineimap(server, user, tmp_path):
    (tmp_path / "rc").write_text(f"""
[general]
accounts = test
metadata = {tmp_path}/state
ui = basic

[Account test]
localrepository = near
remoterepository = far

[Repository near]
type = Maildir
localfolders = {tmp_path}/Mail
sep = /

[Repository far]
type = IMAP
remotehost = localhost
remoteport = {server.imaps}
remoteuser = {user}
remotepass = {PASSWORD}
ssl = yes
sslcacertfile = {server.certificate}
maxconnections = 2
""")

    def call():
        return run(["offlineimap", "-c", tmp_path / "rc", "-o"], tmp_path,
                   timeout=120)
    return call


def same(client, folder, name="INBOX"):
    far = mailbox.content(client, name)
    assert maildir.content(folder / name) == far
    return far


def test_offlineimap_keeps_both_sides_the_same(offlineimap, connect,
                                               tmp_path):
    near = tmp_path / "Mail"
    c = connect()
    for n in range(1, 21):
        c.append("INBOX", mail.simple(n), "(\\Seen)" if n % 2 else "")
    c.must('CREATE "Projects"')
    c.append("Projects", mail.simple(50))
    offlineimap()
    assert len(same(c, near)) == 20
    assert len(same(c, near, "Projects")) == 1

    mailbox.store(c, "<2@example.org>", "+FLAGS (\\Flagged)")
    mailbox.remove(c, "<3@example.org>")
    c.append("INBOX", mail.simple(100))
    maildir.set_flags(maildir.find(near / "INBOX", "<5@example.org>"), "FRS")
    maildir.find(near / "INBOX", "<7@example.org>").unlink()
    maildir.add(near / "INBOX", mail.simple(200, "Grüße."), "S")
    offlineimap()

    inbox = same(c, near)
    assert len(inbox) == 20
    assert inbox["<2@example.org>"] == "F"
    assert inbox["<5@example.org>"] == "FRS"
    assert inbox["<200@example.org>"] == "S"
