"""How the servers compare, as a table."""
import os

CORES = os.cpu_count()


def number(x):
    return f"{x:,.0f}" if x >= 100 else f"{x:.1f}" if x >= 10 else f"{x:.2f}"


def ratio(row, base, other):
    if min(base.value, other.value) <= 0:
        return 0.0
    return (other.value / base.value if row.more_is_better else
            base.value / other.value)


def print_row(row, peers, result):
    base, other = (result[s.name] for s in peers)
    print(f"{row.title:<45} {row.unit:<15} {number(base.value):>9} "
          f"{number(other.value):>9} {ratio(row, base, other):>7.2f}x "
          f"{base.cpu:>7.2f} {other.cpu:>7.2f} "
          f"{base.load_cpu:>6.2f} {other.load_cpu:>6.2f}", flush=True)


def print_head(peers):
    a, b = (s.name for s in peers)
    print(f"{CORES} cores; CPU is in seconds: of each server's processes, "
          f"and of the load generator\n{'':<45} {'':<15} {a:>9.9} {b:>9.9} "
          f"{'ratio':>8} {'CPU ' + a:>7.7} {'CPU ' + b:>7.7} "
          f"{'load':>6} {'load':>6}", flush=True)
