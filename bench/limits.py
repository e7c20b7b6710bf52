"""What the machine can do at most, for the figures of servers to be held
against: limits_bench.c measures it."""
import json
import subprocess

from bench.measure import TOP

PROGRAM = TOP / "build/limits_bench"


def measure(folder):
    """[{"limit":, "title":, "unit":, "value":}] of the disk of folder."""
    return json.loads(subprocess.run([PROGRAM, folder], check=True,
                                     capture_output=True, text=True).stdout)


def table(found):
    return "\n".join(["The machine itself:"] + [
        f"  {limit['title']:<48}{limit['unit']:<15}{limit['value']:>12,.0f}"
        for limit in found])
