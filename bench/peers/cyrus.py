"""Debian's Cyrus, with its own settings for what must be on disk, and with
what need not be (locks, sockets, process table) in memory."""
import os
import shutil

from bench.peers.peer import Peer, size_of
from lib import servers


# Its programs look for their settings in /etc.
START = """
for name in imapd.conf cyrus.conf; do
	mount --bind "$1/$name" "/etc/$name"
done
mkdir -p /run/cyrus/proc /run/cyrus/lock /run/cyrus/socket
ln -sfn /run/cyrus/socket "$1/config/socket"
chown -R cyrus:mail /run/cyrus
/usr/lib/cyrus/bin/makedirs
exec /usr/lib/cyrus/bin/master -p /run/cyrus/pid
"""


class Base(Peer, servers.Server):
    name = "Cyrus"
    session_kib = 3500
    root_name = "cyrus"
    packages = ("cyrus-imapd", "libsasl2-modules")
    more = ""  # settings

    def __init__(self, folder):
        super().__init__(folder)
        servers.make_certificate(folder / "key.pem", self.certificate)
        for name in ("config", "spool", "index"):
            (folder / name).mkdir()
        # Whoever has its uid in this machine; the folder is nobody else's.
        self.uid, self.gid = self.ids()
        for name in ("config", "spool", "index", "key.pem", "certificate.pem"):
            os.chown(folder / name, self.uid, self.gid)
        (folder / "imapd.conf").write_text(f"""
configdirectory: {folder}/config
defaultpartition: default
partition-default: {folder}/spool
proc_path: /run/cyrus/proc
mboxname_lockpath: /run/cyrus/lock
idlesocket: /run/cyrus/socket/idle
notifysocket: /run/cyrus/socket/notify
lmtpsocket: /run/cyrus/socket/lmtp
hashimapspool: yes
altnamespace: yes
unixhierarchysep: yes
virtdomains: userid
autocreate_quota: 0
autocreate_post: yes
autocreate_inbox_folders: Drafts | Sent | Junk | Trash
autocreate_subscribe_folders: Drafts | Sent | Junk | Trash
allowplaintext: yes
sasl_mech_list: PLAIN LOGIN
sasl_pwcheck_method: alwaystrue
tls_server_cert: {self.certificate}
tls_server_key: {folder}/key.pem
{self.more}""")
        (folder / "cyrus.conf").write_text(f"""
START {{
  recover cmd="/usr/sbin/cyrus ctl_cyrusdb -r"
}}
DAEMON {{
  idled cmd="idled -d"
}}
SERVICES {{
  imap cmd="imapd -U 1000" listen="127.0.0.1:{self.imap}" prefork=5 maxchild=-1
  imaps cmd="imapd -s -U 1000" listen="127.0.0.1:{self.imaps}" prefork=5 maxchild=-1
  lmtp cmd="lmtpd -a -U 1000" listen="127.0.0.1:{self.lmtp}" prefork=1 maxchild=-1
}}
EVENTS {{
  checkpoint cmd="/usr/sbin/cyrus ctl_cyrusdb -c" period=30
}}
""")

    def ids(self):
        for line in (self.root / "etc/passwd").read_text().splitlines():
            fields = line.split(":")
            if fields[0] == "cyrus":
                return int(fields[2]), int(fields[3])
        raise RuntimeError("no user cyrus in its root")

    def run(self):
        return ["sh", "-ec", START, "sh", self.folder]


class Xapian(Base):
    """With its own search index, which needs conversations."""
    def __init__(self, folder):
        self.more = f"""
conversations: yes
search_engine: xapian
search_batchsize: 1000
defaultsearchtier: t1
t1searchpartition-default: {folder}/index
"""
        super().__init__(folder)

    def build_index(self, user):
        self.within("setpriv", f"--reuid={self.uid}", f"--regid={self.gid}",
                    "--clear-groups", "/usr/lib/cyrus/bin/squatter",
                    "-u", user)

    def drop_index(self, user):
        for path in (self.folder / "index").iterdir():
            shutil.rmtree(path)

    def index_bytes(self, user):
        return size_of(self.folder / "index")


class Cyrus(Base):
    indexed = Xapian
