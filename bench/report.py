"""What a run found: how the servers compare, as a table and as JSON.

The last of the servers is the one that is judged, against the best of the
others in each row.  A line is what becomes of one row: a dictionary, as it is
in the JSON file."""
import datetime
import json
import os
import pathlib
import platform
import sys

from bench import limits
from bench.measure import median


def number(x):
    if x == 0:
        return "0"
    return f"{x:,.0f}" if x >= 100 else f"{x:.1f}" if x >= 10 else f"{x:.2f}"


def cell(figures, note):
    """What one server did in a row: its figures of all rounds, or why there
    is none."""
    if not figures:
        return {"note": note}
    middle = median(figures)
    return {"value": middle.value, "rounds": [f.value for f in figures],
            "cpu": middle.cpu, "load_cpu": middle.load_cpu}


def make_line(row, section, cells):
    """cells: {server: cell}, the judged server last."""
    line = {"row": row.name, "title": row.title, "section": section,
            "unit": row.unit, "more_is_better": row.more_is_better,
            "times": row.times, "at_most": row.at_most, "servers": cells}
    judge(line)
    return line


def judge(line):
    """Adds which peer is the best, the ratio to it, and whether the target
    is reached; None where that cannot be said."""
    *peers, own = line["servers"]
    values = {name: c["value"] for name, c in line["servers"].items()
              if c.get("value", 0) > 0}
    best = (max if line["more_is_better"] else min)(
        (name for name in peers if name in values), key=values.get,
        default=None)
    ratio = reached = None
    if best and own in values:
        ratio = values[own] / values[best]
        if not line["more_is_better"]:
            ratio = 1 / ratio
    if line["at_most"] is not None:
        reached = own in values and values[own] <= line["at_most"]
    elif line["times"] is not None and best:
        reached = ratio is not None and ratio >= line["times"]
    line.update(best_peer=best, ratio=ratio, reached=reached)


def target(line):
    """In words; empty if there is none."""
    if line["at_most"] is not None:
        return f"<= {line['at_most']:g}"
    return f"{line['times']:,g}x" if line["times"] is not None else ""


def verdict(line):
    return {True: "yes", False: "NO", None: ""}[line["reached"]]


def ratio_text(line):
    r = line["ratio"]
    if r is None:
        return "-"
    return f"{r:,.0f}x" if r >= 100 else f"{r:.1f}x" if r >= 10 else f"{r:.2f}x"


class Report:
    def __init__(self, servers, scale, rounds):
        """servers: {name: version}."""
        self.names = list(servers)
        self.data = {"when": datetime.date.today().isoformat(),
                     "machine": machine(), "scale": scale, "rounds": rounds,
                     "servers": servers, "lines": []}

    def resume(self, path):
        """Keeps what another run found, if it was the same."""
        if not path.exists():
            return
        before = json.loads(path.read_text())
        for what in ("scale", "rounds", "servers"):
            if before[what] != self.data[what]:
                sys.exit(f"bench: can't resume: {path} is of a run with other "
                         f"{what}, {before[what]}")
        before["when"] = self.data["when"]
        self.data = before

    def has(self, row):
        return any(line["row"] == row for line in self.data["lines"])

    def sort(self, rows):
        self.data["lines"].sort(key=lambda line: rows.index(line["row"]))

    def print_head(self):
        m = self.data["machine"]
        print(f"{m['cores']} cores of {m['processor']}, {m['memory_gib']} GiB;"
              f" load {m['load']} at the start.  The ratio is that of "
              f"{self.names[-1]} to the best of the others.\nCPU is in "
              "seconds, of each server's processes and of the load generator "
              f"beside {self.names[-1]}.")
        print(f"{'':<50}{'':<15}" +
              "".join(f"{short(n):>10}" for n in self.names) +
              f"{'ratio':>9}{'target':>9}{'':>4} |" +
              "".join(f"{short(n, 7):>8}" for n in self.names) +
              f"{'load':>7}", flush=True)

    def add_limits(self, found):
        self.data["limits"] = found
        print(limits.table(found), flush=True)

    def add(self, row, section, cells):
        line = make_line(row, section, cells)
        self.data["lines"].append(line)
        self.print_line(line)

    def print_line(self, line):
        cells = list(line["servers"].values())
        print(f"{line['title'][:49]:<50}{line['unit']:<15}" +
              "".join(f"{number(c['value']) if 'value' in c else '-':>10}"
                      for c in cells) +
              f"{ratio_text(line):>9}{target(line):>9}"
              f"{verdict(line):>4} |" +
              "".join(f"{c['cpu']:>8.2f}" if "cpu" in c else f"{'-':>8}"
                      for c in cells) +
              f"{cells[-1].get('load_cpu', 0):>7.2f}", flush=True)

    def print_end(self):
        """Notes on empty cells, and how many targets are reached."""
        notes = {}
        for line in self.data["lines"]:
            for name, c in line["servers"].items():
                if "note" in c:
                    notes.setdefault((name, c["note"]), []).append(line["row"])
        for (name, note), rows in notes.items():
            print(f"{name} {note}: {', '.join(rows)}")
        judged = [line for line in self.data["lines"]
                  if line["reached"] is not None]
        missed = [line["row"] for line in judged if not line["reached"]]
        print(f"{len(judged) - len(missed)} of {len(judged)} targets reached"
              + (", but not: " + " ".join(missed) if missed else ""))

    def write(self, path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(self.data, indent=1) + "\n")


def short(name, width=9):
    """Dovecot sdbox is sdbox where there is little room."""
    return name.split()[-1][:width]


def machine():
    def lines(path, key):
        text = pathlib.Path(path).read_text()
        return [line.partition(":")[2].strip() for line in text.splitlines()
                if line.startswith(key)]
    kib = int(lines("/proc/meminfo", "MemTotal")[0].split()[0])
    names = lines("/proc/cpuinfo", "model name") or [platform.machine()]
    return {"cores": os.cpu_count(), "processor": names[0],
            "memory_gib": round(kib / 2**20), "kernel": platform.release(),
            "load": round(os.getloadavg()[0], 1)}
