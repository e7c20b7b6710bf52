"""A raw IMAP client for tests: it sends what it is told and gives back what
came, without making anything of it that the test did not ask for."""
import re
import socket
import ssl

TIMEOUT = 10
LITERAL = re.compile(rb"~?\{(\d+)\}\r\n\Z")
# Text for people may end in braces.
TEXT = re.compile(rb"(\S+ (OK|NO|BAD|BYE|PREAUTH) |\+)", re.I)


class Closed(Exception):
    """The server closed the connection."""


class Refused(Exception):
    """A command that a test needed was answered with NO or BAD."""


class Reply:
    """The untagged responses to a command, and its tagged line."""

    def __init__(self, untagged, tagged):
        self.untagged, self.tagged = untagged, tagged
        self.status = tagged.split(b" ", 2)[1].upper().decode()

    @property
    def ok(self):
        return self.status == "OK"

    def find(self, word):
        """The untagged responses whose first or second word this is."""
        word = word.upper().encode()
        return [u for u in self.untagged if word in u.upper().split()[1:3]]

    def code(self, name):
        """What a response code holds, of the tagged or an untagged line."""
        pattern = re.compile(rb"\[" + name.encode() + rb" ?([^\]]*)\]", re.I)
        for line in [self.tagged, *self.untagged]:
            m = pattern.search(line)
            if m:
                return m[1].decode()
        return None

    def fetches(self):
        """What FETCH responses say, as {sequence number: {item: value}}."""
        found = {}
        for line in self.find("FETCH"):
            number, items = fetch_of(line)
            found.setdefault(number, {}).update(items)
        return found


class Imap:
    """One connection.  Commands given as str are sent in UTF-8."""

    def __init__(self, port, context=None, host="127.0.0.1"):
        self.sock = socket.create_connection((host, port), TIMEOUT)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.tags = 0
        if context:
            self.start_tls(context)
        self.greeting = self.response()

    def start_tls(self, context):
        self.sock = context.wrap_socket(self.sock,
                                        server_hostname="localhost")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.sock.close()

    # --- Bytes ----------------------------------------------------------------

    def send(self, data):
        self.sock.sendall(data.encode() if isinstance(data, str) else data)

    def _more(self):
        try:
            data = self.sock.recv(262144)
        except (ConnectionError, ssl.SSLError) as e:
            raise Closed(str(e)) from e
        if not data:
            raise Closed(self.buffer.decode("latin-1"))
        self.buffer += data

    def _take(self, n):
        while len(self.buffer) < n:
            self._more()
        data, self.buffer = self.buffer[:n], self.buffer[n:]
        return data

    def line(self):
        """One line with its CRLF."""
        start = 0
        while (end := self.buffer.find(b"\r\n", start)) < 0:
            start = max(len(self.buffer) - 1, 0)
            self._more()
        return self._take(end + 2)

    def response(self, timeout=None):
        """One response without its last CRLF; literals stand in it."""
        self.sock.settimeout(TIMEOUT if timeout is None else timeout)
        got = self.line()
        if TEXT.match(got):
            return got[:-2]
        while m := LITERAL.search(got):
            got += self._take(int(m[1]))
            got += self.line()
        return got[:-2]

    def silent(self, seconds=0.2):
        """Whether nothing comes for that long."""
        try:
            self.buffer = self.response(seconds) + b"\r\n" + self.buffer
        except (TimeoutError, socket.timeout):
            return True
        return False

    # --- Commands -------------------------------------------------------------

    def start(self, command):
        """Sends one command; gives its tag.  In a list, bytes are literals."""
        self.tags += 1
        tag = f"t{self.tags}"
        out = tag.encode() + b" "
        for part in command if isinstance(command, list) else [command]:
            if isinstance(part, bytes):
                out += b"{%d+}\r\n%s" % (len(part), part)
            else:
                out += part.encode()
        self.send(out + b"\r\n")
        return tag

    def finish(self, tag):
        untagged = []
        while True:
            got = self.response()
            if got.startswith(tag.encode() + b" "):
                return Reply(untagged, got)
            untagged.append(got)

    def command(self, command):
        return self.finish(self.start(command))

    def must(self, command):
        reply = self.command(command)
        if not reply.ok:
            raise Refused(f"{command}: {reply.tagged!r}")
        return reply

    def login(self, user, password):
        return self.must(f'LOGIN "{user}" "{password}"')

    def append(self, mailbox, message, options=""):
        """The reply to an APPEND of one message; options: flags and date."""
        return self.must([f'APPEND "{mailbox}" {options}'.rstrip() + " ",
                          message])

    def idle(self):
        tag = self.start("IDLE")
        got = self.response()
        if not got.startswith(b"+ "):
            raise Refused(got)
        return tag

    def done(self, tag):
        self.send("DONE\r\n")
        return self.finish(tag)


# --- Values -----------------------------------------------------------------------

TOKEN = re.compile(rb"""
    (?P<open>\() | (?P<close>\)) | \s+
    | "(?P<quoted>(?:[^"\\]|\\.)*)"
    | ~?\{(?P<literal>\d+)\}\r\n
    | (?P<atom>[^\s()\[\]"]+(?:\[[^\]]*\](?:<\d+>)?)? | \[[^\]]*\])
    """, re.S | re.X)


def values(data):
    """IMAP data as lists, bytes for strings, str for atoms, None for NIL."""
    stack = [[]]
    at = 0
    while at < len(data):
        m = TOKEN.match(data, at)
        if not m:
            raise ValueError(f"no IMAP data: {data[at:at + 80]!r}")
        at = m.end()
        if m["open"]:
            stack.append([])
        elif m["close"]:
            top = stack.pop()
            stack[-1].append(top)
        elif m["quoted"] is not None:
            stack[-1].append(re.sub(rb"\\(.)", rb"\1", m["quoted"]))
        elif m["literal"]:
            end = at + int(m["literal"])
            stack[-1].append(data[at:end])
            at = end
        elif m["atom"]:
            atom = m["atom"].decode()
            stack[-1].append(None if atom.upper() == "NIL" else atom)
    if len(stack) != 1:
        raise ValueError(f"parentheses do not match: {data[:80]!r}")
    return stack[0]


def fetch_of(line):
    """A FETCH response as its sequence number and a dict of its items."""
    star, number, word, items = values(line)
    assert (star, word.upper()) == ("*", "FETCH"), line
    return int(number), {items[i].upper(): items[i + 1]
                         for i in range(0, len(items), 2)}


def numbers_of(text):
    """The numbers of a sequence set such as 1:3,7."""
    found = []
    for part in filter(None, text.split(",")):
        low, _, high = part.partition(":")
        low, high = int(low), int(high or low)
        found += range(min(low, high), max(low, high) + 1)
    return found
