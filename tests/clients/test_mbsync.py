"""mbsync (isync): a Maildir and an account, changed on both sides."""
import pytest

from lib import mail, mailbox, maildir
from lib.run import run
from lib.servers import PASSWORD


@pytest.fixture
def mbsync(server, user, tmp_path):
    (tmp_path / "mbsyncrc").write_text(f"""
IMAPAccount server
Host localhost
Port {server.imaps}
User {user}
Pass {PASSWORD}
SSLType IMAPS
SystemCertificates no
CertificateFile {server.certificate}
PipelineDepth 50

IMAPStore far
Account server

MaildirStore near
Path {tmp_path}/Mail/
Inbox {tmp_path}/Mail/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns *
Create Both
Remove Both
Expunge Both
CopyArrivalDate yes
SyncState *
""")
    (tmp_path / "Mail").mkdir()

    def call():
        return run(["mbsync", "-c", tmp_path / "mbsyncrc", "-a"], tmp_path,
                   timeout=120)
    return call


def same(client, folder, name="INBOX"):
    """Whether both sides hold the same messages with the same flags."""
    far = mailbox.content(client, name)
    near = maildir.content(folder / name)
    assert near == far
    return far


def test_mbsync_keeps_both_sides_the_same(mbsync, connect, tmp_path):
    near = tmp_path / "Mail"
    c = connect()
    for n in range(1, 41):
        c.append("INBOX", mail.simple(n), "(\\Seen)" if n % 2 else "")
    c.append("INBOX", mail.with_attachment(1, bytes(range(256)) * 300))
    mbsync()
    assert len(same(c, near)) == 41

    # The server's side: flags, a deletion, new mail, a new mailbox.
    mailbox.store(c, "<2@example.org>", "+FLAGS (\\Flagged \\Seen)")
    mailbox.remove(c, "<3@example.org>")
    c.append("INBOX", mail.simple(100))
    c.must('CREATE "Projects"')
    c.append("Projects", mail.simple(101), "(\\Answered)")
    # This side: the same, with other messages.
    maildir.set_flags(maildir.find(near / "INBOX", "<5@example.org>"), "RS")
    maildir.find(near / "INBOX", "<7@example.org>").unlink()
    maildir.add(near / "INBOX", mail.simple(200, "Grüße."), "S")
    maildir.add(near / "Lists", mail.simple(201), "F")
    mbsync()

    inbox = same(c, near)
    assert inbox["<2@example.org>"] == "FS"
    assert inbox["<5@example.org>"] == "RS"
    assert inbox["<200@example.org>"] == "S"
    assert not {"<3@example.org>", "<7@example.org>"} & set(inbox)
    assert same(c, near, "Projects") == {"<101@example.org>": "R"}
    assert same(c, near, "Lists") == {"<201@example.org>": "F"}


def test_mbsync_has_nothing_to_do_the_second_time(mbsync, connect, tmp_path):
    c = connect()
    for n in range(1, 21):
        c.append("INBOX", mail.simple(n))
    mbsync()
    before = sorted(p.name for p in maildir.files(tmp_path / "Mail/INBOX"))
    c.must("SELECT INBOX")
    mbsync()
    assert sorted(p.name for p in
                  maildir.files(tmp_path / "Mail/INBOX")) == before
    assert c.must("NOOP").untagged == []


def test_mbsync_uploads_many_in_one_go(mbsync, connect, tmp_path):
    for n in range(1, 501):
        maildir.add(tmp_path / "Mail/INBOX", mail.simple(n), "S")
    mbsync()
    assert len(same(connect(), tmp_path / "Mail")) == 500
    # Each was found again by its UID: none is uploaded twice.
    mbsync()
    assert len(mailbox.content(connect())) == 500
