"""The servers that tests and benchmarks drive.  Each lives in a folder of its
own, listens on loopback at ports that were free, and knows how to start, to
stop and to forget what it had worked out about its mail."""
import grp
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import ssl
import subprocess
import time

from lib import process

TOP = pathlib.Path(__file__).resolve().parents[2]
# Strong enough for any policy, and an atom for IMAP.
PASSWORD = "Stair-7-oak-newel-Banister"


def free_port():
    """A port that nobody has, and that the kernel gives to nobody before it
    is used: it is below those for outgoing connections."""
    while True:
        port = random.randrange(10000, 32000)
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def until(what, seconds=30, pause=0.02):
    """Waits until what() is true; gives its value."""
    end = time.monotonic() + seconds
    while True:
        value = what()
        if value:
            return value
        if time.monotonic() > end:
            raise TimeoutError(f"still not after {seconds} s")
        time.sleep(pause)


def listening(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def make_certificate(key, certificate):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj",
         "/CN=localhost", "-addext",
         "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key,
         "-out", certificate], check=True, capture_output=True)


class Server:
    name = "?"

    def __init__(self, folder):
        self.folder = folder
        self.process = None
        self.imap = free_port()
        self.imaps = free_port()
        self.lmtp = free_port()
        self.certificate = folder / "certificate.pem"
        folder.mkdir(parents=True)
        folder.chmod(0o755)

    @property
    def pid(self):
        return self.process.pid

    @property
    def master(self):
        """The process that is told to stop."""
        return self.pid

    @property
    def tls(self):
        """A context that trusts this server and nobody else."""
        return ssl.create_default_context(cafile=self.certificate)

    def command(self):
        raise NotImplementedError

    def add_users(self, *names):
        """Makes accounts, with the one password."""

    def configure(self, settings):
        """Sets Newel's {section: {name: value}}."""

    def forget(self):
        """Drops what is derived from mail; called while it is stopped."""

    def ready(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.name} ended with "
                               f"{self.process.returncode}\n{self.log()}")
        return all(map(listening, (self.imap, self.imaps, self.lmtp)))

    def start(self):
        self.said_before = len(self.log(most=0))
        with open(self.folder / "output", "ab") as log:
            self.process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=log,
                stderr=log)
        until(self.ready)

    def log(self, most=20000):
        """The end of what the server has said."""
        text = ""
        for name in ("output", "log"):
            if (self.folder / name).exists():
                text += (self.folder / name).read_text(errors="replace")
        return text[-most:]

    def stop(self):
        if self.process is None:
            return None
        os.kill(self.master, signal.SIGTERM)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        status = self.process.returncode
        self.process = None
        return status

    def kill(self):
        """kill -9 of all its processes at once."""
        pids = process.tree(self.pid)
        for sig in (signal.SIGSTOP, signal.SIGKILL):
            for pid in pids:
                try:
                    os.kill(pid, sig)
                except ProcessLookupError:
                    pass
        self.process.wait()
        until(lambda: not any(process.running(p) for p in pids))
        until(lambda: not any(map(listening,
                                  (self.imap, self.imaps, self.lmtp))))
        self.process = None

    def restart(self):
        self.stop()
        self.start()

    def cool(self):
        """As after a restart, with nothing derived from the mail."""
        self.stop()
        self.forget()
        self.start()

    def remove(self):
        try:
            self.stop()
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)


class Newel(Server):
    name = "Newel"

    def __init__(self, folder, program=None):
        super().__init__(folder)
        self.program = program or os.environ.get(
            "NEWEL", str(TOP / "build/newel"))
        self.home = folder / "home"
        self.settings = self.home / "newel.conf"
        self.cli("init", self.home, "--imap", f"127.0.0.1:{self.imap}",
                 "--imaps", f"127.0.0.1:{self.imaps}", "--lmtp",
                 f"127.0.0.1:{self.lmtp}", "--plaintext-login", settings=False)
        self.certificate = self.home / "certificate.pem"

    def cli(self, *words, settings=True, given="", check=True, timeout=120):
        """Runs a command of newel; gives the finished process."""
        extra = ["-c", self.settings] if settings else []
        done = subprocess.run([self.program, *map(str, words), *extra],
                              input=given, text=True, capture_output=True,
                              timeout=timeout)
        if check and done.returncode != 0:
            raise RuntimeError(f"newel {words}: exit {done.returncode}\n"
                               f"{done.stdout}{done.stderr}\n{self.log()}")
        return done

    def command(self):
        return [self.program, "serve", "-c", self.settings]

    def ready(self):
        return super().ready() and \
            "event=server.ready" in self.log(most=0)[self.said_before:]

    def add_users(self, *names):
        for name in names:
            self.cli("user", "add", name, "--password-stdin",
                     given=PASSWORD + "\n")

    def configure(self, settings):
        text = self.settings.read_text()
        for section, pairs in settings.items():
            for name, value in pairs.items():
                text = re.sub(rf"(?m)^\s*{name}\s*=.*\n", "", text)
                line = f"\t{name} = {value}\n"
                text, n = re.subn(rf"(?m)^{section}\s*\{{[^\S\n]*\n",
                                  lambda m: m[0] + line, text, count=1)
                if n == 0:
                    text += f"\n{section} {{\n{line}}}\n"
        self.settings.write_text(text)

    def children(self):
        """The master's child processes by what they are: {name: [pid]}."""
        found = {}
        for pid in process.tree(self.pid)[1:]:
            found.setdefault(process.role(pid), []).append(pid)
        return found


class Dovecot(Server):
    """Debian's Dovecot with sdbox and its own fsync settings.  Processes are
    used again (service_count), which its default does not do and which costs
    it most of its speed."""
    name = "Dovecot"
    format = "sdbox"
    more = ""  # settings

    def __init__(self, folder):
        super().__init__(folder)
        key, cert = folder / "key.pem", self.certificate
        make_certificate(key, cert)
        for name in ("mail", "run", "state"):
            (folder / name).mkdir()
        if os.geteuid() == 0:
            mail, login, internal = "nobody", "dovenull", "dovecot"
            group = internal
            shutil.chown(folder / "mail", "nobody", "nogroup")
        else:
            mail = login = internal = os.environ.get("USER", str(os.getuid()))
            group = grp.getgrgid(os.getgid()).gr_name
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
auth_mechanisms = plain login
mail_location = {self.format}:{folder}/mail/%u
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
{self.more}""")

    def command(self):
        return ["dovecot", "-F", "-c", self.folder / "dovecot.conf"]

    def forget(self):
        for path in (self.folder / "mail").rglob("dovecot.index.cache*"):
            path.unlink()


SERVERS = {"dovecot": Dovecot, "newel": Newel}
