"""The administrator's commands, on a running server and on a stopped one."""
import json
import mailbox as mailboxes
import os
import time

import pytest

from lib import imap, mail, mailbox, maildir
from lib.servers import PASSWORD

pytestmark = pytest.mark.newel
USER = "ada@example.org"


@pytest.fixture(scope="module")
def stopped(new_server):
    return new_server()


@pytest.fixture(params=["running", "stopped"])
def instance(request, server, stopped):
    """An instance whose server runs, and one whose server doesn't."""
    return server if request.param == "running" else stopped


@pytest.fixture
def account(instance, request):
    name = f"{abs(hash(request.node.name)) % 10**9}@example.org"
    instance.add_users(name)
    yield name
    instance.cli("user", "delete", name, "--yes")


def answer(instance, *words):
    return json.loads(instance.cli(*words, "--json").stdout)


# --- Usage ------------------------------------------------------------------------

@pytest.mark.parametrize("words", [
    [], ["nonsense"], ["user"], ["user", "nonsense"], ["user", "add"],
    ["user", "add", "a", "b"], ["user", "add", "--nonsense", "a"],
    ["serve", "extra"], ["init"], ["import"]])
def test_wrong_usage_exits_with_2(stopped, words):
    done = stopped.cli(*words, check=False, settings=False)
    assert done.returncode == 2
    assert done.stderr != ""


def test_the_settings_may_be_named_before_the_command(stopped):
    done = stopped.cli("-c", stopped.settings, "user", "list",
                       settings=False)
    assert done.returncode == 0


def test_without_an_instance_a_command_fails_with_1(stopped):
    done = stopped.cli("-c", "/nonexistent/newel.conf", "user", "list",
                       settings=False, check=False)
    assert done.returncode == 1
    assert "/nonexistent/newel.conf" in done.stderr


# --- Accounts ---------------------------------------------------------------------

def test_accounts_are_added_listed_and_deleted(instance):
    name = f"new{os.getpid()}@example.org"
    instance.add_users(name)
    assert name in instance.cli("user", "list").stdout
    assert name in json.dumps(answer(instance, "user", "list"))
    assert name in json.dumps(answer(instance, "user", "show", name))
    again = instance.cli("user", "add", name, "--password-stdin",
                         given=PASSWORD + "\n", check=False)
    assert again.returncode == 1 and name in again.stderr
    instance.cli("user", "delete", name, "--yes")
    assert name not in instance.cli("user", "list").stdout
    assert instance.cli("user", "show", name, check=False).returncode == 1


def test_a_deleted_user_is_gone_with_his_sessions(server, user, connect):
    c = connect()
    c.must("SELECT INBOX")
    server.cli("user", "delete", user, "--yes")
    with pytest.raises((imap.Closed, ConnectionError, imap.Refused)):
        for _ in range(100):
            c.must("NOOP")
            time.sleep(0.1)


# --- Mailboxes and quota ----------------------------------------------------------

def test_mailboxes_are_managed(instance, account):
    instance.cli("mailbox", "create", account, "Plums/Ripe")
    instance.cli("mailbox", "rename", account, "Plums/Ripe", "Plums/Reif")
    listed = instance.cli("mailbox", "list", account).stdout
    assert "Plums/Reif" in listed and "Plums/Ripe" not in listed
    for name in ("INBOX", "Drafts", "Sent", "Junk", "Trash", "Archive"):
        assert name in listed
    instance.cli("mailbox", "delete", account, "Plums/Reif")
    assert "Plums/Reif" not in instance.cli("mailbox", "list", account).stdout
    done = instance.cli("mailbox", "delete", account, "Nowhere", check=False)
    assert done.returncode == 1


def test_sessions_see_what_the_command_line_does(server, user, connect):
    c = connect()
    server.cli("mailbox", "create", user, "Plums")
    assert "Plums" in mailbox.names(c)
    server.cli("mailbox", "rename", user, "Plums", "Pears")
    assert {"Pears"} == mailbox.names(c) & {"Plums", "Pears"}


def test_quota_is_shown(instance, account):
    assert answer(instance, "quota", account)


def test_a_quota_is_told_and_held(server, user, connect):
    name = "full" + user
    server.cli("user", "add", name, "--password-stdin", "--quota-messages",
               "2", "--quota-bytes", "64K", given=PASSWORD + "\n")
    c = connect(name=name)

    def told():
        [root, line] = c.must("GETQUOTAROOT INBOX").untagged
        assert root == b'* QUOTAROOT "INBOX" ""' or \
            root == b'* QUOTAROOT INBOX ""'
        assert c.must('GETQUOTA ""').untagged == [line]
        return line

    def refused(command):
        reply = c.command(command)
        assert reply.status == "NO" and b"[OVERQUOTA]" in reply.tagged

    assert told() == b'* QUOTA "" (STORAGE 0 64 MESSAGE 0 2)'
    with pytest.raises(imap.Refused, match="OVERQUOTA"):
        c.append("INBOX", mail.simple(1, "x" * 70000))
    c.append("INBOX", mail.simple(1))
    c.must("SELECT INBOX")
    c.must("COPY 1 Archive")
    assert told() == b'* QUOTA "" (STORAGE 1 64 MESSAGE 2 2)'
    refused("COPY 1 Archive")
    with pytest.raises(imap.Refused, match="OVERQUOTA"):
        c.append("INBOX", mail.simple(2))
    c.must("MOVE 1 Archive")
    assert told() == b'* QUOTA "" (STORAGE 1 64 MESSAGE 2 2)'
    c.must("SELECT Archive")
    c.must("STORE 1 +FLAGS (\\Deleted)")
    c.must("EXPUNGE")
    c.append("INBOX", mail.simple(2))


# --- Import and export ------------------------------------------------------------

def make_maildir(folder):
    """A Maildir++ as Dovecot keeps it: UIDs, keywords, subscriptions."""
    names = {}
    for n in range(1, 6):
        path = maildir.add(folder, mail.simple(n), "S" if n % 2 else "Fa")
        names[n] = path.name.partition(":")[0]
    maildir.make(folder / ".Sent")
    maildir.add(folder / ".Sent", mail.simple(50), "RS")
    maildir.make(folder / ".Lists.Kites")
    maildir.add(folder / ".Lists.Kites", mail.simple(51))
    (folder / "dovecot-uidlist").write_text(
        "3 V1700000000 N100\n" +
        "".join(f"{n * 10} :{names[n]}\n" for n in range(1, 6)))
    (folder / "dovecot-keywords").write_text("0 plum\n1 pear\n")
    (folder / "subscriptions").write_text("Sent\nLists.Kites\n")
    os.utime(maildir.files(folder)[0], (1600000000, 1600000000))
    return folder


def test_a_maildir_is_imported_with_uids_flags_and_folders(
        server, user, connect, tmp_path):
    folder = make_maildir(tmp_path / "Maildir")
    (folder / "cur" / "1.broken:2,").mkdir()
    server.cli("import", user, "--maildir", folder, check=False)
    c = connect()
    assert c.must("SELECT INBOX").code("UIDVALIDITY") == "1700000000"
    found = {int(i["UID"]): set(i["FLAGS"]) - {"\\Recent"}
             for i in c.must("FETCH 1:* (UID FLAGS)").fetches().values()}
    assert found == {10: {"\\Seen"}, 20: {"\\Flagged", "plum"}, 30:
                     {"\\Seen"}, 40: {"\\Flagged", "plum"}, 50: {"\\Seen"}}
    assert mailbox.raw(c)["<3@example.org>"] == mail.simple(3)
    assert mailbox.content(c, "Sent") == {"<50@example.org>": "RS"}
    assert mailbox.content(c, "Lists/Kites") == {"<51@example.org>": ""}
    assert b"Lists/Kites" in b"".join(c.must('LSUB "" "*"').untagged)

    # Again: nothing twice.
    server.cli("import", user, "--maildir", folder, check=False)
    assert len(mailbox.content(c)) == 5


def test_an_mbox_is_imported(server, user, connect, tmp_path):
    box = mailboxes.mbox(tmp_path / "mbox")
    for n in range(1, 4):
        message = mailboxes.mboxMessage(
            mail.simple(n, "From here on.\r\nFrom there.").replace(
                b"\r\n", b"\n"))
        message.set_flags("RO" if n == 1 else "O")
        box.add(message)
    box.close()
    server.cli("import", user, "--mbox", tmp_path / "mbox")
    c = connect()
    found = mailbox.content(c)
    assert found["<1@example.org>"] == "S" and found["<2@example.org>"] == ""
    assert b"\r\nFrom there.\r\n" in mailbox.raw(c)["<2@example.org>"]


def test_an_export_can_be_imported_again(instance, account, tmp_path):
    folder = make_maildir(tmp_path / "Maildir")
    instance.cli("import", account, "--maildir", folder)
    instance.cli("export", account, "--maildir", tmp_path / "out")
    assert maildir.content(tmp_path / "out").keys() == \
        maildir.content(folder).keys()
    assert set(maildir.content(tmp_path / "out/.Sent")) == \
        {"<50@example.org>"}


def test_import_says_what_it_can_not_read(server, user, tmp_path):
    done = server.cli("import", user, "--maildir", tmp_path / "nowhere",
                      check=False)
    assert done.returncode == 1 and "nowhere" in done.stderr
