"""What an administrator changes about an account, seen by its clients: what
it may log in with, how much it may have, and whether it is there at all."""
import base64
import ssl
import subprocess

import pytest

from lib import imap, mail
from lib.servers import PASSWORD, until

pytestmark = pytest.mark.newel


def ended(connection):
    """Whether the server says goodbye to it, and nothing else."""
    assert connection.response(timeout=20).startswith(b"* BYE")
    with pytest.raises(imap.Closed):
        connection.response()


# --- Certificates ---------------------------------------------------------------

class Authority:
    """Signs certificates of clients."""

    def __init__(self, folder):
        self.folder = folder
        self.certificate = folder / "ca.pem"
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt",
                     "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
                     "-subj", "/CN=Test CA", "-keyout", folder / "ca.key",
                     "-out", self.certificate)

    @staticmethod
    def openssl(*words):
        subprocess.run(["openssl", *map(str, words)], check=True,
                       capture_output=True)

    def issue(self, name, days=30):
        """A file with a certificate of that common name, and its key."""
        key, pem = self.folder / f"{name}.key", self.folder / f"{name}.pem"
        self.openssl("req", "-new", "-newkey", "ec", "-pkeyopt",
                     "ec_paramgen_curve:P-256", "-nodes", "-subj",
                     f"/CN={name}", "-keyout", key, "-out", f"{pem}.csr")
        self.openssl("x509", "-req", "-in", f"{pem}.csr", "-CA",
                     self.certificate, "-CAkey", self.folder / "ca.key",
                     "-CAcreateserial", "-days", days, "-out", pem)
        pem.write_text(pem.read_text() + key.read_text())
        return pem


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def asking(new_server, authority):
    """A server that asks its clients for certificates."""
    server = new_server({"tls": {"client-ca": f'"{authority.certificate}"'},
                         "auth": {"failure-delay": 0}})
    server.add_users("ada@example.org", "bob@example.org")
    server.start()
    yield server
    server.stop()


def external(server, pem, identity="="):
    """A connection, and the reply to AUTHENTICATE EXTERNAL."""
    context = ssl.create_default_context(cafile=server.certificate)
    if pem:
        context.load_cert_chain(pem)
    c = imap.Imap(server.imaps, context)
    return c, c.command(f"AUTHENTICATE EXTERNAL {identity}")


def test_a_certificate_logs_in_once_it_was_given_to_an_account(asking,
                                                               authority):
    pem = authority.issue("Phone of Ada")
    _, refused = external(asking, pem)
    assert refused.status == "NO"
    assert refused.code("AUTHENTICATIONFAILED") == ""
    asking.cli("user", "certificate", "add", "ada@example.org", "--pem", pem)
    c, reply = external(asking, pem)
    assert reply.ok
    c.must("SELECT INBOX")
    as_ada = base64.b64encode(b"ada@example.org").decode()
    as_bob = base64.b64encode(b"bob@example.org").decode()
    assert external(asking, pem, as_ada)[1].ok
    assert external(asking, pem, as_bob)[1].status == "NO"
    # A renewed one has another key and is as good.
    assert external(asking, authority.issue("Phone of Ada"))[1].ok


def test_a_certificate_that_was_taken_away_ends_its_sessions(asking,
                                                             authority):
    pem = authority.issue("Tablet")
    asking.cli("user", "certificate", "add", "ada@example.org", "Tablet")
    c, reply = external(asking, pem)
    assert reply.ok
    asking.cli("user", "certificate", "remove", "ada@example.org", "Tablet")
    ended(c)
    assert external(asking, pem)[1].status == "NO"


def test_nobody_logs_in_with_a_certificate_of_another_authority(
        asking, tmp_path):
    other = Authority(tmp_path)
    asking.cli("user", "certificate", "add", "bob@example.org", "Laptop")
    assert not external(asking, other.issue("Laptop"))[1].ok
    assert not external(asking, None)[1].ok


# --- What holds for sessions that are open ----------------------------------------

def test_a_new_quota_holds_for_open_sessions(server, user, connect):
    c = connect()
    assert c.must("GETQUOTAROOT INBOX").find("QUOTA") == []
    server.cli("quota", user, "--messages", "1", "--bytes", "1M")

    def limits():
        lines = c.must("GETQUOTAROOT INBOX").find("QUOTA")
        return b" ".join(lines)
    told = until(limits)
    assert b"MESSAGE 0 1" in told and b"STORAGE 0 1024" in told
    c.append("INBOX", mail.simple(1))
    message = mail.simple(2)
    again = c.command(["APPEND INBOX ", message])
    assert again.status == "NO" and again.code("OVERQUOTA") == ""
    server.cli("quota", user, "--messages", "2")
    until(lambda: b"MESSAGE 1 2" in limits())
    c.must(["APPEND INBOX ", message])
    server.cli("quota", user, "--messages", "none", "--bytes", "none")
    until(lambda: limits() == b"")


@pytest.mark.parametrize("tls", [False, True])
def test_a_disabled_user_is_out_within_seconds(server, user, connect, tls):
    c, idle = connect(tls=tls), connect(tls=tls)
    idle.must("SELECT INBOX")
    idle.idle()
    server.cli("user", "disable", user)
    ended(c)
    ended(idle)
    refused = connect(login=False).command(f'LOGIN {user} "{PASSWORD}"')
    assert refused.code("AUTHORIZATIONFAILED") == ""
    server.cli("user", "enable", user)
    connect().must("SELECT INBOX")


def test_a_deleted_user_is_out_within_seconds(server, user, connect):
    c = connect()
    c.must("SELECT INBOX")
    c.idle()
    server.cli("user", "delete", user, "--yes")
    ended(c)
    refused = connect(login=False).command(f'LOGIN {user} "{PASSWORD}"')
    assert refused.code("AUTHENTICATIONFAILED") == ""


# --- Passwords of other servers ---------------------------------------------------

# Of "Hello world!", as crypt(3) and doveadm pw make them.
SHA256 = "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"
SHA512 = ("$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNj"
          "nQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1")
HASHES = [SHA512, "{SHA512-CRYPT}" + SHA512, "{sha256-crypt}" + SHA256]


@pytest.mark.parametrize("stored", HASHES)
def test_a_hash_of_another_server_is_good_for_its_password(asking, stored):
    name = f"moved{HASHES.index(stored)}@example.org"
    asking.cli("user", "add", name, "--password-hash-stdin",
               given=stored + "\n")
    c = imap.Imap(asking.imap)
    assert c.command(f'LOGIN {name} "Hello world?"').status == "NO"
    c.login(name, "Hello world!")
    c.must("SELECT INBOX")


def test_passwd_takes_a_hash_too_and_ends_the_sessions(asking):
    asking.add_users("eve@example.org")
    old = imap.Imap(asking.imap)
    old.login("eve@example.org", PASSWORD)
    asking.cli("user", "passwd", "eve@example.org", "--password-hash-stdin",
               given=SHA512 + "\n")
    ended(old)
    c = imap.Imap(asking.imap)
    assert c.command(f'LOGIN eve@example.org "{PASSWORD}"').status == "NO"
    c.login("eve@example.org", "Hello world!")
