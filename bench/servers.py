"""The servers that the benchmark drives.  Each lives in a folder of its own,
listens on loopback at ports that were free, and knows how to start, to stop
and to forget what it had worked out about its mail."""
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

PASSWORD = "bench"
HERE = pathlib.Path(__file__).resolve().parent


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for_port(port, process, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"server ended with {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("server does not listen")


def make_certificate(folder):
    """A key and a self-signed certificate for localhost."""
    key, cert = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj",
         "/CN=localhost", "-keyout", key, "-out", cert],
        check=True, capture_output=True)
    return key, cert


class Server:
    name = "?"

    def __init__(self, folder):
        self.folder = folder
        self.process = None
        self.imap = free_port()
        self.imaps = free_port()
        self.lmtp = free_port()
        folder.mkdir(parents=True)
        folder.chmod(0o755)

    @property
    def pid(self):
        return self.process.pid

    def command(self):
        raise NotImplementedError

    def add_users(self, prefix, count):
        """Makes users prefix0, prefix1, ...; before the server starts."""

    def forget(self):
        """Drops what is derived from mail; called while it is stopped."""

    def start(self):
        with open(self.folder / "output", "ab") as log:
            self.process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=log,
                stderr=log)
        try:
            for port in (self.imap, self.imaps, self.lmtp):
                wait_for_port(port, self.process)
        except RuntimeError:
            print((self.folder / "output").read_text()[-4000:])
            raise

    def stop(self):
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def cool(self):
        """As after a restart, with nothing derived from the mail."""
        self.stop()
        self.forget()
        self.start()

    def remove(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


class Dovecot(Server):
    """Debian's Dovecot with sdbox and its own fsync settings.  Processes are
    used again (service_count), which its default does not do and which costs
    it most of its speed."""
    name = "Dovecot"

    def __init__(self, folder):
        super().__init__(folder)
        key, cert = make_certificate(folder)
        for name in ("mail", "run", "state"):
            (folder / name).mkdir()
        if os.geteuid() == 0:
            mail, login, internal = "nobody", "dovenull", "dovecot"
            shutil.chown(folder / "mail", "nobody", "nogroup")
        else:
            mail = login = internal = os.environ.get("USER", str(os.getuid()))
        group = subprocess.run(["id", "-gn", internal], check=True, text=True,
                               capture_output=True).stdout.strip()
        chroot = "" if os.geteuid() == 0 else "chroot ="
        (folder / "dovecot.conf").write_text(f"""
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap lmtp
listen = 127.0.0.1
default_internal_user = {internal}
default_internal_group = {group}
default_login_user = {login}
default_vsz_limit = 0
ssl = yes
ssl_cert = <{cert}
ssl_key = <{key}
disable_plaintext_auth = no
auth_mechanisms = plain
mail_location = sdbox:{folder}/mail/%u
mail_uid = {mail}
mail_gid = {"nogroup" if os.geteuid() == 0 else group}
first_valid_uid = 1
first_valid_gid = 1
mail_max_userip_connections = 0
lmtp_save_to_detail_mailbox = no
passdb {{
  driver = static
  args = password={PASSWORD}
}}
userdb {{
  driver = static
  args = home={folder}/mail/%u allow_all_users=yes
}}
namespace inbox {{
  inbox = yes
  mailbox Drafts {{
    auto = create
    special_use = \\Drafts
  }}
  mailbox Sent {{
    auto = create
    special_use = \\Sent
  }}
  mailbox Junk {{
    auto = create
    special_use = \\Junk
  }}
  mailbox Trash {{
    auto = create
    special_use = \\Trash
  }}
}}
service imap-login {{
  {chroot}
  service_count = 1000
  client_limit = 1000
  process_limit = 2000
  process_min_avail = {os.cpu_count()}
  inet_listener imap {{
    port = {self.imap}
  }}
  inet_listener imaps {{
    port = {self.imaps}
    ssl = yes
  }}
}}
service imap {{
  service_count = 1000
  process_limit = 6000
}}
service auth {{
  {chroot}
  client_limit = 10000
}}
service anvil {{
  {chroot}
  client_limit = 20000
}}
service stats {{
  {chroot}
  client_limit = 20000
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {self.lmtp}
  }}
}}
""")

    def command(self):
        return ["dovecot", "-F", "-c", self.folder / "dovecot.conf"]

    def forget(self):
        for path in (self.folder / "mail").rglob("dovecot.index.cache*"):
            path.unlink()


SERVERS = {"dovecot": Dovecot}
