"""The tests' own tools: a matcher that matches everything would test
nothing."""
import pytest

from lib import imap, transcript


class Wire:
    """Stands in for a connection: what it will say, what it was told."""

    def __init__(self, *responses):
        self.responses = list(responses)
        self.told = b""

    def send(self, data):
        self.told += data

    def response(self):
        if not self.responses:
            raise imap.Closed()
        return self.responses.pop(0)

    def close(self):
        pass


def play(text, *responses, **names):
    wire = Wire(*responses)
    player = transcript.Player(lambda: wire, names)
    player.play(transcript.read(text)[1])
    return wire, player


@pytest.mark.parametrize("text,responses", [
    ("S: * OK hello", [b"* OK hello"]),
    ("S: * <n> EXISTS", [b"* 17 EXISTS"]),
    ("S: * OK <*>", [b"* OK anything at all"]),
    ("S*: a OK <*>", [b"* 1 EXISTS", b"a OK done"]),
    ("S|: * 1 EXISTS\nS|: * 0 RECENT", [b"* 0 RECENT", b"* 1 EXISTS"]),
    ("S: * OK <u=n>\nS: * <u>", [b"* OK 5", b"* 5"]),
    ("S: * 1 FETCH (BODY[] {}\nL: hi\nS>: )",
     [b"* 1 FETCH (BODY[] {4}\r\nhi\r\n)"]),
    ("S: * 1 FETCH (X {}\nL-: hi\nS>:  UID 7)",
     [b"* 1 FETCH (X {2}\r\nhi UID 7)"]),
])
def test_a_transcript_matches_what_it_says(text, responses):
    play(text, *responses)


@pytest.mark.parametrize("text,responses", [
    ("S: * OK hello", [b"* OK hello you"]),
    ("S: * OK hello", []),
    ("S: * <n> EXISTS", [b"* x EXISTS"]),
    ("S: * OK <*>", [b"* OK two\r\nlines"]),
    ("S*: a OK <*>", [b"* 1 EXISTS"]),
    ("S|: * 1 EXISTS\nS|: * 0 RECENT", [b"* 1 EXISTS", b"* 1 EXISTS"]),
    ("S: * OK <u=n>\nS: * <u>", [b"* OK 5", b"* 6"]),
    ("S: * 1 FETCH (BODY[] {}\nL: hi\nS>: )",
     [b"* 1 FETCH (BODY[] {4}\r\nho\r\n)"]),
])
def test_a_transcript_refuses_everything_else(text, responses):
    with pytest.raises(transcript.Mismatch):
        play(text, *responses)


def test_a_transcript_sends_literals_with_their_size():
    wire, _ = play("C: a APPEND x {}\nL: one\nL-: two\nC>:  {+}\nL: three",
                   b"+ go")
    assert wire.told == (b"a APPEND x {8}\r\none\r\ntwo {7+}\r\n"
                         b"three\r\n\r\n")


def test_a_transcript_fills_names_in():
    wire, _ = play("C: a LOGIN <user> x", user="ada")
    assert wire.told == b"a LOGIN ada x\r\n"


@pytest.mark.parametrize("data,value", [
    (b"* 3 EXISTS", ["*", "3", "EXISTS"]),
    (b'(NIL "a\\"b" () x)', [[None, b'a"b', [], "x"]]),
    (b"BODY[1.MIME]<0> {3}\r\na)b FLAGS (\\Seen)",
     ["BODY[1.MIME]<0>", b"a)b", "FLAGS", ["\\Seen"]]),
    (b'BODY[HEADER.FIELDS (DATE "To")] NIL',
     ['BODY[HEADER.FIELDS (DATE "To")]', None]),
    (b"BINARY[1] ~{2}\r\n\0\0", ["BINARY[1]", b"\0\0"]),
])
def test_values_are_what_the_grammar_says(data, value):
    assert imap.values(data) == value


@pytest.mark.parametrize("data", [b"(a", b"a)", b'"a'])
def test_values_refuse_what_is_no_data(data):
    with pytest.raises((ValueError, IndexError)):
        imap.values(data)
