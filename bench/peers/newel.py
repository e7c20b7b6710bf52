"""Newel as it is built here, with no limits that are there for strangers."""
import re

from bench.peers.peer import size_of
from lib import servers

# The peers' are as high.
MANY = {"limits": {"connections-per-address": 50000,
                   "connections-per-user": 10000,
                   "preauth-connections": 10000}}


class Newel(servers.Newel):
    session_kib = 100
    largest_mailbox = 1000000

    def __init__(self, folder):
        super().__init__(folder)
        self.configure(MANY)

    @property
    def version(self):
        return self.cli("version", settings=False).stdout.split()[-1]

    def command(self):
        # It must not outlive a benchmark that was killed.
        return ["setpriv", "--pdeathsig", "TERM", *super().command()]

    def build_index(self, user):
        self.cli("reindex", user, timeout=None)

    def drop_index(self, user):
        """Nothing to do: reindex begins from nothing."""

    def index_bytes(self, user):
        shown = self.cli("user", "show", user).stdout
        number = re.search(r"(?m)^id\s+(\d+)", shown)[1]
        return size_of(*self.home.rglob(f"index/{number}.db*"))
