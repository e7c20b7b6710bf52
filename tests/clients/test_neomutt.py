"""neomutt without a person: keys come from a macro, the screen is a pty."""
import os
import pty
import subprocess
import threading

import pytest

from lib import mail, mailbox
from lib.servers import PASSWORD


@pytest.fixture
def neomutt(server, user, tmp_path):
    (tmp_path / "rc").write_text(f"""
set imap_user = "{user}"
set imap_pass = "{PASSWORD}"
set certificate_file = "{tmp_path}/trusted"
set ssl_ca_certificates_file = "{server.certificate}"
set ssl_use_system_certs = no
set ssl_starttls = yes
set ssl_force_tls = yes
set folder = "imaps://localhost:{server.imaps}/"
set spoolfile = "+INBOX"
set header_cache = "{tmp_path}/cache"
set message_cachedir = "{tmp_path}/bodies"
set imap_qresync = yes
set imap_condstore = yes
set imap_deflate = yes
set imap_idle = yes
set from = "{user}@example.org"
set realname = "{user}"
set move = no
set delete = yes
set confirmappend = no
set confirmcreate = no
set mark_old = no
set sleep_time = 0
set wait_key = no
set pager_index_lines = 0
set timeout = 5
set abort_key = "<F12>"
""")
    (tmp_path / "trusted").write_bytes(server.certificate.read_bytes())

    def call(keys):
        """Starts neomutt on the INBOX and types keys, <quit> behind them."""
        screen, line = pty.openpty()
        seen = []

        def drain():
            try:
                while data := os.read(screen, 65536):
                    seen.append(data)
            except OSError:
                pass

        reader = threading.Thread(target=drain)
        process = subprocess.Popen(
            ["neomutt", "-n", "-F", tmp_path / "rc", "-e",
             f"push {keys}<quit>"], stdin=line, stdout=line, stderr=line,
            cwd=tmp_path, start_new_session=True,
            env={**os.environ, "HOME": str(tmp_path), "TERM": "xterm",
                 "LINES": "40", "COLUMNS": "120", "LC_ALL": "C.UTF-8"})
        os.close(line)
        reader.start()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            screen_text = b"".join(seen)[-3000:]
            pytest.fail(f"neomutt did not end; last on its screen:\n"
                        f"{screen_text.decode(errors='replace')}")
        finally:
            reader.join()
            os.close(screen)
        assert process.returncode == 0, b"".join(seen)[-3000:]
    return call


def test_neomutt_flags_saves_and_deletes(neomutt, connect):
    c = connect()
    for n in range(1, 7):
        c.append("INBOX", mail.simple(n, subject=f"Subject {n}"))
    c.must("CREATE Saved")
    neomutt("<first-entry><flag-message>"
            "<jump>3<enter><delete-message>"
            "<jump>5<enter><save-message><kill-line>+Saved<enter>"
            "<jump>2<enter><display-message><exit>"
            "<sync-mailbox>")
    inbox = mailbox.content(c)
    assert set(inbox) == {f"<{n}@example.org>" for n in (1, 2, 4, 6)}
    assert "F" in inbox["<1@example.org>"]
    assert "S" in inbox["<2@example.org>"]
    assert set(mailbox.content(c, "Saved")) == {"<5@example.org>"}


def test_neomutt_comes_back_to_what_has_changed(neomutt, connect):
    """The second time it has a cache and asks for what is new (QRESYNC)."""
    c = connect()
    for n in range(1, 21):
        c.append("INBOX", mail.simple(n))
    neomutt("<first-entry>")
    mailbox.remove(c, "<4@example.org>")
    mailbox.store(c, "<6@example.org>", "+FLAGS (\\Flagged)")
    c.append("INBOX", mail.simple(30))
    # Limits the index to what is flagged, and deletes all of that.
    neomutt("<delete-pattern>~F<enter><sync-mailbox>")
    assert set(mailbox.content(c)) == {
        f"<{n}@example.org>" for n in [*range(1, 21), 30] if n not in (4, 6)}
