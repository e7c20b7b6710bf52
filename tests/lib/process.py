"""What a process tree costs: CPU seconds and memory, as /proc tells it."""
import os
import pathlib

TICKS = os.sysconf("SC_CLK_TCK")


def _stat(pid):
    """The fields of /proc/PID/stat behind the name, or None if it is gone."""
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return text.rpartition(")")[2].split()


def tree(root):
    """The process and all that descend from it."""
    children = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            stat = _stat(name)
            if stat:
                children.setdefault(int(stat[1]), []).append(int(name))
    found, todo = [], [root]
    while todo:
        pid = todo.pop()
        found.append(pid)
        todo += children.get(pid, [])
    return found


def cpu_seconds(root):
    """User and system time of the tree, with that of children which ended."""
    ticks = 0
    for pid in tree(root):
        stat = _stat(pid)
        if stat:
            ticks += sum(map(int, stat[11:15]))
    return ticks / TICKS


def pss_kib(root):
    """Memory of the tree, shared pages counted once."""
    total = 0
    for pid in tree(root):
        try:
            text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        for line in text.splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total


def running(pid):
    """Whether it is there and not only waiting to be reaped."""
    stat = _stat(pid)
    return stat is not None and stat[0] not in "ZX"


def role(pid):
    """The last word of its command line: what Newel's processes are called by
    in ps."""
    try:
        line = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return None
    words = line.decode(errors="replace").split("\0")
    return next((w for w in words if w in ("gate", "auth", "mail", "web")),
                words[0])


def threads(pid):
    return len(os.listdir(f"/proc/{pid}/task"))
