"""curl: the client of scripts."""
import pytest

from lib import mail, mailbox
from lib.run import run
from lib.servers import PASSWORD


@pytest.fixture
def curl(server, user, tmp_path):
    def call(path, *options, check=True, scheme="imaps"):
        port = server.imaps if scheme == "imaps" else server.imap
        return run(["curl", "-sS", "--cacert", server.certificate,
                    "--user", f"{user}:{PASSWORD}", "--max-time", 30,
                    *options, f"{scheme}://localhost:{port}/{path}"],
                   tmp_path, check=check)
    return call


def test_curl_uploads_lists_and_reads(curl, connect, tmp_path):
    message = mail.simple(1, "Grüße from curl.")
    (tmp_path / "m").write_bytes(message)
    curl("INBOX", "-T", tmp_path / "m")
    assert "INBOX" in curl("")
    # curl's text mode gives LF line ends back.
    assert curl("INBOX;MAILINDEX=1") == message.decode().replace("\r", "")
    assert mailbox.raw(connect()) == {"<1@example.org>": message}


def test_curl_searches_and_stores(curl, connect):
    c = connect()
    for n in range(1, 4):
        c.append("INBOX", mail.simple(n, subject=f"Kite {n}"))
    assert curl("INBOX?SUBJECT%20%22kite%202%22").strip() == "* SEARCH 2"
    curl("INBOX", "-X", "STORE 2 +FLAGS (\\Deleted)")
    curl("INBOX", "-X", "EXPUNGE")
    assert set(mailbox.content(c)) == {"<1@example.org>", "<3@example.org>"}


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_curl_logs_in_after_starttls(curl, mechanism):
    assert "INBOX" in curl("", "--ssl-reqd", "--login-options",
                           f"AUTH={mechanism}", scheme="imap")


def test_curl_is_told_of_a_wrong_password(server, user, tmp_path):
    said = run(["curl", "-sS", "--cacert", server.certificate, "--user",
                f"{user}:wrong", "--max-time", 30,
                f"imaps://localhost:{server.imaps}/"], tmp_path, check=False)
    assert "denied" in said.lower()
