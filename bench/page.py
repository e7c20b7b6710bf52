"""The page of charts that a run leaves: one file, nothing fetched, no
script.  First the ratios on a logarithmic scale, then each row with a bar for
every server."""
import html
import math

from bench.report import number, ratio_text, target

STYLE = """
:root { --ink: #1d2733; --soft: #5b6876; --line: #dfe4e9; --paper: #fff;
  --own: #0b6e6e; --miss: #b4531d; --peer: #9fb0bf; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e9ee; --soft: #9aa7b4; --line: #333d47; --paper: #14191f;
    --own: #3cb8b0; --miss: #e58a4f; --peer: #596b7b; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink);
  background: var(--paper); max-width: 60rem; margin: 2rem auto;
  padding: 0 1rem; }
h1 { font-size: 1.7rem; margin: 0 0 .5rem; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .5rem;
  border-bottom: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.2rem 0 .2rem; display: flex; gap: 1rem;
  justify-content: space-between; }
p { margin: .4rem 0; max-width: 46rem; }
.soft, h3 span { color: var(--soft); font-weight: normal; }
.miss { color: var(--miss); }
.wide { overflow-x: auto; }
svg { width: 100%; min-width: 42rem; height: auto; display: block; }
svg text { font: 12px system-ui, sans-serif; fill: var(--ink); }
svg .axis { fill: var(--soft); }
svg .grid { stroke: var(--line); }
svg .own { fill: var(--own); }
svg .plain { fill: var(--peer); }
svg .miss { fill: var(--miss); }
svg .target { stroke: var(--ink); stroke-width: 2; }
table { border-collapse: collapse; width: 100%;
  font-variant-numeric: tabular-nums; }
td { padding: 1px 0; }
td.name { width: 8.5rem; }
td.value { width: 6.5rem; text-align: right; padding-right: .7rem; }
td.cpu { width: 8rem; text-align: right; color: var(--soft); }
.bar { background: var(--peer); height: .8rem; min-width: 1px; }
.limits { width: auto; }
@media (max-width: 40rem) {
  h3 { display: block; }
  h3 span { display: block; }
  td.name { width: 7.5rem; }
  td.value { width: 4.5rem; }
  td.cpu { width: 5.5rem; } }
tr.own .bar { background: var(--own); }
tr.own td.name, tr.own td.value { font-weight: 600; }
"""

# Of the chart of ratios, in its own units.
LABELS, WIDTH, FIGURES, STEP = 345, 450, 105, 20


def text(x):
    return html.escape(str(x))


def target_ratio(line):
    """Where the target lies on the scale of ratios."""
    if line["at_most"] is None or not line["best_peer"]:
        return line["times"]
    return line["servers"][line["best_peer"]]["value"] / line["at_most"]


def ratios(lines):
    """An SVG of all lines that have a ratio."""
    lines = [line for line in lines if line["ratio"]]
    if not lines:
        return ""
    marks = [x for line in lines
             for x in (line["ratio"], target_ratio(line)) if x]
    low = math.floor(math.log10(min(1, *marks)))
    high = max(math.ceil(math.log10(max(marks))), low + 1)

    def at(ratio):
        return LABELS + WIDTH * (math.log10(ratio) - low) / (high - low)

    rows = [line for section, group in sections(lines)
            for line in [section, *group]]
    height = STEP * (len(rows) + 1)
    out = [f'<div class="wide"><svg viewBox="0 0 {LABELS + WIDTH + FIGURES} {height}" '
           'role="img" aria-label="Ratio to the best peer in each row">']
    for power in range(low, high + 1):
        x = at(10 ** power)
        out.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="18" '
                   f'y2="{height}"/><text class="axis" x="{x:.1f}" y="12" '
                   f'text-anchor="middle">{10.0 ** power:,g}x</text>')
    for i, line in enumerate(rows):
        y = STEP * (i + 1)
        if isinstance(line, str):
            out.append(f'<text class="axis" x="0" y="{y + 14}">'
                       f'{text(line)}</text>')
        else:
            out.append(ratio_bar(line, y, at))
    out.append("</svg></div>")
    return "\n".join(out)


def ratio_bar(line, y, at):
    x, one = at(line["ratio"]), at(1)
    kind = {True: "own", False: "miss", None: "plain"}[line["reached"]]
    out = (f'<text x="{LABELS - 10}" y="{y + 14}" text-anchor="end">'
           f'{text(line["title"])}</text>'
           f'<rect class="{kind}" x="{min(x, one):.1f}" y="{y + 4}" '
           f'width="{max(abs(x - one), 1):.1f}" height="{STEP - 8}"/>'
           f'<text x="{LABELS + WIDTH + 12}" y="{y + 14}">'
           f'{ratio_text(line)}</text>')
    aim = target_ratio(line)
    if aim:
        out += (f'<line class="target" x1="{at(aim):.1f}" '
                f'x2="{at(aim):.1f}" y1="{y + 2}" y2="{y + STEP - 2}"/>')
    return out


def sections(lines):
    """[(section, lines)] in the order in which they come."""
    found = {}
    for line in lines:
        found.setdefault(line["section"], []).append(line)
    return found.items()


def bars(line):
    """A heading, and a bar for each server."""
    own = list(line["servers"])[-1]
    most = max((c.get("value", 0) for c in line["servers"].values()))
    parts = []
    if line["ratio"]:
        parts.append(f"{ratio_text(line)} of {line['best_peer']}")
    if target(line):
        parts.append(f"target {target(line).replace('<=', '≤')}")
    told = ", ".join(map(text, parts))
    if line["reached"] is False:
        told = f'<span class="miss">{told}: not reached</span>'
    better = "more" if line["more_is_better"] else "less"
    out = [f"<h3>{text(line['title'])} <span>{told}</span></h3>",
           f'<div class="soft">{text(line["unit"])}, {better} is better</div>',
           "<table>"]
    for name, cell in line["servers"].items():
        kind = ' class="own"' if name == own else ""
        if "value" not in cell:
            out.append(f'<tr{kind}><td class="name">{text(name)}</td>'
                       f'<td class="value">-</td><td class="soft" '
                       f'colspan="2">{text(cell.get("note") or "")}</td></tr>')
            continue
        width = 100 * max(cell["value"], 0) / most if most > 0 else 0
        out.append(f'<tr{kind}><td class="name">{text(name)}</td>'
                   f'<td class="value">{number(cell["value"])}</td>'
                   f'<td><div class="bar" style="width:{width:.2f}%"></div>'
                   f'</td><td class="cpu">{cell["cpu"]:.2f} s CPU</td></tr>')
    return "\n".join(out + ["</table>"])


def limits(found):
    """What the machine can do at most."""
    if not found:
        return ""
    return "\n".join([
        "<h2>The machine itself</h2>",
        '<p class="soft">What it can do at most, for the figures below to be '
        "held against.</p>", '<table class="limits">', *(
            f'<tr><td>{text(limit["title"])}</td><td class="value">'
            f'{number(limit["value"])}</td><td>{text(limit["unit"])}</td></tr>'
            for limit in found), "</table>"])


def make(data):
    m, lines = data["machine"], data["lines"]
    own = list(data["servers"])[-1]
    judged = [line for line in lines if line["reached"] is not None]
    reached = sum(line["reached"] for line in judged)
    versions = ", ".join(f"{n} {v}" for n, v in data["servers"].items())
    rounds = ("one round" if data["rounds"] == 1 else
              f"up to {data['rounds']} rounds")
    small = "" if data["scale"] == 1 else (
        f" <strong>A run at {data['scale']:g} of the full size: mailboxes and "
        "counts are that much smaller than the rows say.</strong>")
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>How fast {text(own)} is</title>
<style>{STYLE}</style>
</head>
<body>
<h1>How fast {text(own)} is</h1>
<p>{text(versions)}; in one run, with the same data and the same load, each
figure the median of {rounds}.{small}</p>
<p class="soft">{text(data['when'])}; {m['cores']} cores of
{text(m['processor'])}, {m['memory_gib']} GiB, Linux {text(m['kernel'])};
load {m['load']} when it began. Rendered by <code>./dev bench</code>, which
measures the same on your machine.</p>
<p>{reached} of {len(judged)} targets are reached.</p>
<h2>How many times better than the best peer</h2>
<p class="soft">On a logarithmic scale. The upright mark is the target; an
<span class="miss">orange</span> bar does not reach it, a grey one has none.
</p>
{ratios(lines)}
{limits(data.get("limits"))}
""" + "\n".join(f"<h2>{text(section)}</h2>\n" + "\n".join(map(bars, group))
                for section, group in sections(lines)) + "\n</body>\n</html>\n"


def render(data, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(make(data))
