"""Protocol tests as they would be read on the wire.  tests/transcripts/README
says how they are written."""
import re

from lib import imap

LINE = re.compile(r"(C|S|L)(\d*)([>*|-]?): ?(.*)")
HOLE = re.compile(r"<(?:(\w+)=)?([*n]|\w+)>")
SHAPES = {"*": r"[^\r\n]*", "n": r"\d+"}


class Mismatch(AssertionError):
    pass


class Step:
    """What one side sends: a line, the literals in it, what comes behind."""

    def __init__(self, side, connection, mark, number):
        self.side, self.connection, self.mark = side, connection, mark
        self.number = number
        self.pieces = []  # text, literal, text, literal, ... text

    def add(self, text, literal, line_end="\r\n"):
        if literal:
            if len(self.pieces) % 2:
                self.pieces.append("")
            self.pieces[-1] += text + line_end
        elif len(self.pieces) % 2:
            raise ValueError(f"line {self.number}: text follows text")
        else:
            self.pieces.append(text)


def read(text):
    """(directives, steps) of a transcript."""
    directives, steps = [], []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("@"):
            directives.append(line[1:].split())
            continue
        m = LINE.fullmatch(line)
        if not m:
            raise ValueError(f"line {number}: {line}")
        side, connection, mark, rest = m.groups()
        if side == "L" or mark == ">":
            steps[-1].add(rest, side == "L", "" if mark == "-" else "\r\n")
        else:
            steps.append(Step(side, int(connection or 1), mark, number))
            steps[-1].add(rest, False)
    return directives, steps


class Player:
    """Plays a transcript; connect() gives a new connection."""

    def __init__(self, connect, names):
        self.connect = connect
        self.names = dict(names)
        self.connections = {}
        self.log = []

    def at(self, number):
        if number not in self.connections:
            self.connections[number] = self.connect()
        return self.connections[number]

    def close(self):
        for c in self.connections.values():
            c.close()

    # --- Sending --------------------------------------------------------------

    def _filled(self, text):
        return HOLE.sub(lambda m: self.names.get(m[2], m[0]), text)

    def _send(self, step):
        c = self.at(step.connection)
        pieces = [self._filled(p).encode() for p in step.pieces]
        for i in range(0, len(pieces) - 1, 2):
            head, literal = pieces[i], pieces[i + 1]
            if not re.search(rb"\{\+?\}$", head):
                raise ValueError(f"line {step.number}: no {{}} or {{+}}")
            waits = not head.endswith(b"+}")
            size = b"%d}" % len(literal) if waits else b"%d+}" % len(literal)
            c.send(head[:head.rindex(b"{") + 1] + size + b"\r\n")
            if waits:
                got = c.response()
                if not got.startswith(b"+ "):
                    raise Mismatch(f"line {step.number}: wanted +, got "
                                   f"{got.decode('latin-1')}")
            c.send(literal)
        c.send((pieces[-1] if len(pieces) % 2 else b"") + b"\r\n")

    # --- Expecting ------------------------------------------------------------

    def _pattern(self, step):
        text = step.pieces[0]
        for i in range(1, len(step.pieces)):
            if i % 2:
                size = len(self._filled(step.pieces[i]).encode())
                text = text.replace("{}", "{%d}" % size) + "\r\n"
            text += step.pieces[i]
        out, at = "", 0
        for m in HOLE.finditer(text):
            out += re.escape(text[at:m.start()])
            name, shape = m.groups()
            if shape in SHAPES:
                out += (f"(?P<{name}>{SHAPES[shape]})" if name else
                        SHAPES[shape])
            else:
                out += re.escape(self.names.get(shape, m[0]))
            at = m.end()
        return out + re.escape(text[at:])

    def _matches(self, step, got):
        m = re.fullmatch(self._pattern(step), got, re.S)
        if m:
            self.names.update(m.groupdict())
        return m is not None

    def _receive(self, step):
        try:
            got = self.at(step.connection).response().decode("utf-8",
                                                             "replace")
        except (imap.Closed, TimeoutError) as e:
            before = "\n  ".join(self.log[-5:])
            raise Mismatch(f"line {step.number}: wanted\n  "
                           f"{self._filled(step.pieces[0])}\ngot {e!r} after"
                           f"\n  {before}") from e
        self.log.append(got)
        return got

    def _expect(self, step):
        got = self._receive(step)
        while step.mark == "*" and not self._matches(step, got):
            got = self._receive(step)
        if not self._matches(step, got):
            raise Mismatch(f"line {step.number}: wanted\n  "
                           f"{self._filled(step.pieces[0])}\ngot\n  {got}")

    def _expect_any_order(self, steps):
        left = list(steps)
        while left:
            got = self._receive(left[0])
            hit = next((s for s in left if self._matches(s, got)), None)
            if hit is None:
                wanted = "\n  ".join(s.pieces[0] for s in left)
                raise Mismatch(f"line {left[0].number}: wanted one of\n  "
                               f"{wanted}\ngot\n  {got}")
            left.remove(hit)

    def play(self, steps):
        i = 0
        while i < len(steps):
            step = steps[i]
            i += 1
            if step.side == "C":
                self._send(step)
            elif step.mark == "|":
                group = [step]
                while (i < len(steps) and steps[i].mark == "|" and
                       steps[i].connection == step.connection):
                    group.append(steps[i])
                    i += 1
                self._expect_any_order(group)
            else:
                self._expect(step)
