"""Debian systems of their own for the peers, whose packages conflict.

Each is made once with debootstrap and apt, from the mirror that this machine's
apt has, and kept in ROOTS.  A server runs in one with its own mounts and
processes: when it ends, however it ends, both are gone.  It shares the
network, and the folder of its data."""
import fcntl
import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOTS = pathlib.Path("/var/tmp/newel-bench-roots")
RELEASE = "bookworm"

# $1 root, $2 data, then the command.  /dev has no log: a peer that told the
# machine's syslog of each login would be slower for it.
ENTER = """
set -e
root=$1 data=$2
shift 2
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for node in null zero full random urandom; do
	: >"$root/dev/$node"
	mount --bind "/dev/$node" "$root/dev/$node"
done
mkdir -m 1777 "$root/dev/shm"
mount -t tmpfs tmpfs "$root/dev/shm"
mount -t tmpfs -o mode=755 tmpfs "$root/var/tmp"
mkdir -p "$root$data"
mount --bind "$data" "$root$data"
chroot "$root" "$@" &
status=0
wait $! || status=$?
exit $status
"""


def inside(root, folder, *command):
    """What to execute so that command runs in root and sees folder.  The
    kernel ends all of it when this process is gone."""
    return ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--pid",
            "--fork", "--kill-child=KILL", "--propagation", "private",
            "sh", "-c", ENTER, "sh", str(root), str(folder),
            *map(str, command)]


def beside(pid, *command):
    """What to execute so that command runs where process pid does."""
    return ["nsenter", "--target", str(pid), "--mount", "--pid", "--root",
            "--wd=/", *map(str, command)]


def say(text):
    print("bench:", text, flush=True)


def output(*command):
    return subprocess.run(command, check=True, text=True,
                          capture_output=True).stdout


def mirror():
    """Where this machine's apt gets Debian from."""
    found = output("apt-get", "indextargets", "--format", "$(REPO_URI)",
                   "Origin: Debian", "Label: Debian", "Created-By: Packages")
    if not found:
        sys.exit("bench: apt knows no Debian mirror; run apt-get update, or "
                 "see sources.list(5)")
    return found.split()[0]


def quietly(log, *command):
    """Runs a command whose output matters only if it fails."""
    with open(log, "a") as to:
        done = subprocess.run(list(map(str, command)), stdout=to, stderr=to,
                              stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        sys.stderr.write(pathlib.Path(log).read_text()[-3000:])
        sys.exit(f"bench: {command[0]} failed; all it said is in {log}")


def make_base():
    base = ROOTS / RELEASE
    if base.exists():
        return base
    part, log = ROOTS / f"{RELEASE}.part", ROOTS / f"{RELEASE}.log"
    say(f"making a Debian root with debootstrap in {base}, once; it takes "
        "minutes")
    shutil.rmtree(part, ignore_errors=True)
    log.unlink(missing_ok=True)
    quietly(log, "debootstrap", "--variant=minbase", RELEASE, part, mirror())
    # The machine's own way to its mirror, and nothing else of it.
    (part / "etc/apt/sources.list").write_text(
        f"deb {mirror()} {RELEASE} main\n")
    (part / "etc/apt/apt.conf.d/90machine").write_text("".join(
        line + "\n" for line in output("apt-config", "dump").splitlines()
        if re.match(r'Acquire::(https?|Check-|Retries|Force).* "[^"]', line)))
    for name in ("etc/resolv.conf", "etc/hosts",
                 "etc/ssl/certs/ca-certificates.crt"):
        if pathlib.Path("/", name).exists():
            (part / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(pathlib.Path("/", name), part / name)
    keys = "etc/apt/trusted.gpg.d"
    shutil.copytree(pathlib.Path("/", keys), part / keys, dirs_exist_ok=True)
    # What is installed must not be started.
    policy = part / "usr/sbin/policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 101\n")
    policy.chmod(0o755)
    part.rename(base)
    return base


INSTALL = """
apt-get update
apt-get install -y --no-install-recommends "$@"
apt-get clean
"""


def make(name, packages):
    """The root of that name with those packages; made if it isn't there."""
    if os.geteuid() != 0:
        sys.exit("bench: the peers run in roots of their own, which takes "
                 "root; as another user: ./dev bench --servers newel,newel")
    ROOTS.mkdir(mode=0o700, exist_ok=True)
    if ROOTS.stat().st_uid != 0:
        sys.exit(f"bench: {ROOTS} is somebody else's")
    with open(ROOTS / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return make_locked(name, packages)


def make_locked(name, packages):
    root, made_of = ROOTS / name, ROOTS / f"{name}.packages"
    if made_of.exists() and made_of.read_text().split() == list(packages):
        return root
    base = make_base()
    say(f"installing {' '.join(packages)} in {root}, once")
    made_of.unlink(missing_ok=True)
    shutil.rmtree(root, ignore_errors=True)
    quietly(ROOTS / f"{name}.log", "cp", "-a", base, root)
    quietly(ROOTS / f"{name}.log", *inside(
        root, ROOTS, "env", "DEBIAN_FRONTEND=noninteractive",
        "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "sh", "-ec", INSTALL, "sh",
        *packages))
    made_of.write_text("\n".join(packages) + "\n")
    return root


def version(root, package):
    return output("dpkg-query", f"--admindir={root}/var/lib/dpkg", "-W", "-f",
                  "${Version}", package)
