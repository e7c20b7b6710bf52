"""Debian's Dovecot, as it stores mail by two of its own formats."""
import shutil

from bench.peers.peer import Peer, size_of
from lib import servers


class Dovecot(Peer, servers.Dovecot):
    session_kib = 700
    root_name = "dovecot"
    packages = ("dovecot-imapd", "dovecot-lmtpd", "dovecot-fts-xapian")

    def run(self):
        return servers.Dovecot.command(self)


class Xapian(Dovecot):
    """With the index that Debian packages for it."""
    name = "Dovecot mdbox"
    format = "mdbox"
    more = """
mail_plugins = fts fts_xapian
plugin {
  fts = xapian
  fts_xapian = partial=3 full=20
  fts_enforced = yes
}
"""

    def build_index(self, user):
        self.within("doveadm", "-c", self.folder / "dovecot.conf", "index",
                    "-u", user, "INBOX")

    def drop_index(self, user):
        for path in self.indexes():
            shutil.rmtree(path)

    def index_bytes(self, user):
        return size_of(*self.indexes())

    def indexes(self):
        return list((self.folder / "mail").rglob("xapian-indexes"))


class Sdbox(Dovecot):
    name = "Dovecot sdbox"


class Mdbox(Dovecot):
    name = "Dovecot mdbox"
    format = "mdbox"
    indexed = Xapian
