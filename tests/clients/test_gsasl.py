"""GNU SASL's client: every mechanism by which a password is proved, with the
channel bound where TLS is there to bind to."""
import pytest

from lib.run import run
from lib.servers import PASSWORD


def log_in(server, user, password, mechanism, folder, *more):
    return run(["gsasl", "--client", "--imap", "--mechanism", mechanism,
                "--authentication-id", user, "--authorization-id", "",
                "--password", password, "--hostname", "localhost",
                "--x509-ca-file", server.certificate, "--verbose", *more,
                "localhost", server.imap],
               folder, check=False, given="")


@pytest.mark.parametrize("mechanism", [
    "PLAIN", "LOGIN",
    *(pytest.param(m, marks=pytest.mark.newel) for m in
      ("SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS"))])
def test_gsasl_logs_in(server, user, tmp_path, mechanism):
    # Without this it won't do without the binding where it could have it.
    more = [] if mechanism.endswith("-PLUS") else ["--no-cb"]
    said = log_in(server, user, PASSWORD, mechanism, tmp_path, *more)
    assert "STARTTLS" in said
    assert "Client authentication finished (server trusted)" in said
    wrong = log_in(server, user, "wrong", mechanism, tmp_path, *more)
    assert "server trusted" not in wrong


@pytest.mark.newel
@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-1", "SCRAM-SHA-256"])
def test_gsasl_logs_in_without_tls(server, user, tmp_path, mechanism):
    said = log_in(server, user, PASSWORD, mechanism, tmp_path,
                  "--no-starttls")
    assert "server trusted" in said


@pytest.mark.newel
def test_an_imported_hash_is_good_for_scram_once_it_brought_the_password(
        server, tmp_path):
    name = "imported@example.org"
    stored = "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"
    server.cli("user", "add", name, "--password-hash-stdin",
               given=stored + "\n")

    def good(mechanism):
        return "server trusted" in log_in(server, name, "Hello world!",
                                          mechanism, tmp_path, "--no-cb")
    assert not good("SCRAM-SHA-256")
    assert good("PLAIN")
    assert good("SCRAM-SHA-256") and good("SCRAM-SHA-1")


@pytest.mark.newel
@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-1", "SCRAM-SHA-256"])
def test_gsasl_is_not_let_in_with_less_than_was_offered(server, user,
                                                        tmp_path, mechanism):
    """RFC 5802 section 6: it could bind the channel and says that it saw no
    -PLUS, so somebody between has hidden it."""
    said = log_in(server, user, PASSWORD, mechanism, tmp_path)
    assert "server trusted" not in said
