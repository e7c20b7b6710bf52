"""fetchmail: takes mail away."""
from lib import mail, mailbox
from lib.run import run
from lib.servers import PASSWORD


def test_fetchmail_takes_new_mail_and_leaves_none(server, user, connect,
                                                  tmp_path):
    c = connect()
    for n in range(1, 11):
        c.append("INBOX", mail.simple(n, f"Body {n}."))
    c.append("INBOX", mail.with_attachment(1, b"\0\1\2" * 20000))
    rc = tmp_path / "fetchmailrc"
    rc.write_text(f"""
defaults proto imap
poll localhost service {server.imaps}
    user "{user}" password "{PASSWORD}"
    ssl sslcertck sslcertfile "{server.certificate}"
    mda "cat >> {tmp_path}/got"
    fetchall no keep
""")
    rc.chmod(0o600)
    run(["fetchmail", "-f", rc, "--pidfile", tmp_path / "pid",
         "--idfile", tmp_path / "ids", "-N", "-d", "0"], tmp_path)
    got = (tmp_path / "got").read_text()
    assert [n for n in range(1, 11) if f"Body {n}.\n" in got] == \
        list(range(1, 11))
    assert "With attachment 1" in got
    assert mailbox.content(c) == {}


def test_fetchmail_takes_only_what_is_unseen(server, user, connect,
                                             tmp_path):
    c = connect()
    c.append("INBOX", mail.simple(1, "Old."), "(\\Seen)")
    c.append("INBOX", mail.simple(2, "New."))
    rc = tmp_path / "fetchmailrc"
    rc.write_text(f"""
poll localhost proto imap service {server.imaps}
    user "{user}" password "{PASSWORD}"
    ssl sslcertck sslcertfile "{server.certificate}"
    mda "cat >> {tmp_path}/got" keep
""")
    rc.chmod(0o600)
    run(["fetchmail", "-f", rc, "--pidfile", tmp_path / "pid",
         "--idfile", tmp_path / "ids", "-N", "-d", "0"], tmp_path)
    got = (tmp_path / "got").read_text()
    assert "New." in got and "Old." not in got
    assert mailbox.content(c) == {"<1@example.org>": "S",
                                  "<2@example.org>": "S"}
