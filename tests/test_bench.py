"""What the benchmarks make of their figures."""
import html.parser
import pathlib
import sys

import pytest

TOP = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TOP))
from bench import growth, limits, mailbox, page, report  # noqa: E402
from bench.measure import CannotDo, Figure  # noqa: E402
from bench.rows import GROUPS, ROWS, Row  # noqa: E402


def row(**options):
    return Row("row", "a <row>", "ms", None, group="big",
               **{"more_is_better": False, **options})


def line(row, **values):
    """The judged server is the last; None is a server that has no figure."""
    return report.make_line(row, "Section", {
        name: report.cell([Figure(v)] if v is not None else [], "can't")
        for name, v in values.items()})


def data(*lines):
    return {"when": "2026-11-28", "scale": 1, "rounds": 3, "lines": lines,
            "machine": {"cores": 2, "processor": "P", "memory_gib": 4,
                        "kernel": "6.1", "load": 0.0},
            "servers": {"a": "1", "b": "2", "own": "3"}}


def test_a_cell_is_the_median_of_its_rounds():
    figures = [Figure(v, cpu, 0, 10) for v, cpu in ((9, 1), (1, 3), (5, 2))]
    cell = report.cell(figures, None)
    assert (cell["value"], cell["cpu"]) == (5, 2)
    assert cell["rounds"] == [9, 1, 5]


def test_operations_per_cpu_second():
    assert Figure(1, cpu=2, ops=10).per_cpu().value == 5
    assert Figure(1, cpu=0, ops=10).per_cpu().value == 0


@pytest.mark.parametrize("more, peers, own, best, ratio", [
    (True, (10, 20), 60, "b", 3),
    (True, (20, 10), 10, "a", 0.5),
    (False, (10, 20), 5, "a", 2),
    (False, (20, 10), 40, "b", 0.25),
    (False, (None, 20), 5, "b", 4),
    (True, (0, 20), 40, "b", 2),
])
def test_the_ratio_is_to_the_best_peer(more, peers, own, best, ratio):
    found = line(row(more_is_better=more), a=peers[0], b=peers[1], own=own)
    assert (found["best_peer"], found["ratio"]) == (best, ratio)


@pytest.mark.parametrize("own", [None, 0])
def test_no_figure_gives_no_ratio(own):
    found = line(row(times=3), a=1, b=2, own=own)
    assert found["ratio"] is None
    assert found["reached"] is False


def test_without_peers_there_is_nothing_to_reach():
    found = line(row(times=3), a=None, b=None, own=1)
    assert (found["best_peer"], found["ratio"]) == (None, None)
    assert found["reached"] is None


@pytest.mark.parametrize("own, reached", [(9.9, True), (10, True), (11, False)])
def test_a_target_of_times(own, reached):
    assert line(row(times=3), a=30, b=90, own=own)["reached"] is reached


@pytest.mark.parametrize("own, reached", [(4, True), (4.1, False),
                                          (None, False)])
def test_a_target_that_peers_do_not_matter_for(own, reached):
    assert line(row(at_most=4), a=None, b=1, own=own)["reached"] is reached
    assert line(row(at_most=4), a=None, b=None, own=own)["reached"] is reached


class Reader(html.parser.HTMLParser):
    """Sees that what is opened is closed."""
    ALONE = {"meta"}

    def __init__(self):
        super().__init__()
        self.open, self.seen, self.text = [], [], ""

    def handle_starttag(self, tag, attributes):
        self.seen.append((tag, dict(attributes)))
        if tag not in self.ALONE:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.seen.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def read(page):
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    return reader


def test_a_page_with_missing_cells():
    reader = read(page.make(data(
        line(row(times=3), a=None, b=30, own=5),
        line(row(times=3), a=10, b=None, own=5),
        line(row(), a=None, b=None, own=None),
        line(row(at_most=4), a=None, b=None, own=5))))
    assert "1 of 3 targets are reached" in reader.text
    assert "6.00x of b, target 3x" in reader.text
    assert "2.00x of a, target 3x: not reached" in reader.text
    assert reader.text.count("can't") == 7
    bars = [a for tag, a in reader.seen if tag == "rect"]
    assert [a["class"] for a in bars] == ["own", "miss"]


def test_a_page_fetches_nothing_and_escapes_what_it_is_given():
    reader = read(page.make(data(line(row(times=3), a=1, b=2, own=3))))
    assert "a <row>" in reader.text
    for tag, attributes in reader.seen:
        assert tag not in ("script", "link", "img", "iframe")
        assert not attributes.keys() & {"src", "href"}


def test_a_page_of_nothing():
    read(page.make(data()))


def test_a_run_on_less_says_so():
    some = data(line(row(times=3), a=1, b=2, own=3))
    assert "0.1 of the full size" in page.make({**some, "scale": 0.1})
    assert "of the full size" not in page.make(some)


def test_names_of_rows_are_their_own():
    names = [line.name for row in ROWS for line, _ in row.lines]
    assert len(names) == len(set(names))
    assert not set(names) & set(GROUPS) - {"mixed", "idle"}
    assert {row.group for row in ROWS} == set(GROUPS)


def test_a_measurement_that_several_rows_show_is_made_once():
    made = []

    def measure(server, size):
        made.append((server, size))
        if len(made) == 1:
            raise RuntimeError("broke down")
        return size * 2
    once = growth.Once(measure)
    with pytest.raises(RuntimeError):
        once("server", 1)
    assert [once("server", 1), once("server", 1), once("server", 2)] == [2, 2, 4]
    assert made == [("server", 1), ("server", 1), ("server", 2)]


def test_growth_is_held_against_the_logarithm(monkeypatch):
    class Server:
        largest_mailbox = 1000000
    costs = {1000: 1.0, 10000: 1.2, 100000: 1.6, 1000000: 3.0}
    monkeypatch.setattr(growth, "measured",
                        lambda server, size: {"noop": costs[size]})
    found = growth.growth("noop")(Server, 1)
    assert found.value == 3
    assert found.value > growth.LOGARITHM == pytest.approx(2)
    with pytest.raises(CannotDo):
        growth.cost("noop", 1000000)(object(), 1)
    assert growth.growth("noop")(object(), 1).value == 1.6


@pytest.mark.parametrize("found, ok", [(10, True), (9, False), (11, False)])
def test_a_search_that_is_not_exact_has_no_figure(monkeypatch, found, ok):
    class Run:
        said = {"steps": [{"found": 0}, {"found": found}]}
    monkeypatch.setattr(mailbox, "planted", lambda word, count: count // 100)
    if ok:
        mailbox.must_find(Run, "word", 1000)
        return
    with pytest.raises(CannotDo, match=f"found {found} of 10"):
        mailbox.must_find(Run, "word", 1000)


def test_limits_are_a_table():
    text = limits.table([{"limit": "echo", "title": "there and back",
                          "unit": "trips/s", "value": 12345.6}])
    assert "there and back" in text and "12,346" in text
