"""imapflow from npm: IMAP4rev2, QRESYNC, COMPRESS, UTF8=ACCEPT, IDLE."""
import pathlib

from lib.run import run
from lib.servers import PASSWORD

NPM = pathlib.Path(__file__).resolve().parents[1] / "npm"


def test_imapflow_sees_what_another_connection_does(server, user):
    said = run(["node", NPM / "imapflow.mjs", server.imaps,
                server.certificate, user, PASSWORD, server.name.lower()],
               NPM, timeout=120)
    assert "all as it should be" in said
