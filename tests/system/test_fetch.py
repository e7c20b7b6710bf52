"""Bytes come back exactly, in whatever pieces a client asks for them."""
import base64
import quopri
import random
import re

import pytest

from lib import mail


def part(encoding, body, kind="application/octet-stream"):
    return (f"Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: {kind}\r\n"
            f"Content-Transfer-Encoding: {encoding}\r\n\r\n").encode() + body


def value(client, item):
    """The string that a FETCH of one item gives, and whether it has ~."""
    reply = client.must(f"FETCH 1 {item}")
    line = next(u for u in reply.untagged if b" FETCH (" in u)
    m = re.search(rb"(?:BODY|BINARY)\[[^\]]*\](?:<\d+>)? (?:\"\"|(~?)\{(\d+)\}"
                  rb"\r\n)", line)
    assert m, line[:200]
    if m[2] is None:
        return b"", False
    return line[m.end():m.end() + int(m[2])], m[1] == b"~"


def in_chunks(client, item, size, step):
    got = b""
    for at in range(0, size + step, step):
        piece, _ = value(client, f"{item}<{at}.{step}>")
        assert len(piece) <= step
        got += piece
    return got


# Also where a chunk ends between CR and LF, none is lost or doubled.
@pytest.mark.parametrize("step", [1, 7, 64])
def test_chunks_make_the_whole(connect, step):
    client = connect()
    message = mail.simple(1, "one\r\ntwo\r\n\r\nthree")
    client.append("INBOX", message)
    client.must("SELECT INBOX")
    assert value(client, "BODY.PEEK[]")[0] == message
    assert in_chunks(client, "BODY.PEEK[]", len(message), step) == message
    size = client.must("FETCH 1 RFC822.SIZE").untagged[0]
    assert b"RFC822.SIZE %d)" % len(message) in size


def decoded_cases():
    rng = random.Random(1)
    data = rng.randbytes(300000)
    text = "".join(rng.choice("aé=\t ,.") for _ in range(90000)).encode()
    lines = [text[i:i + 60] for i in range(0, len(text), 60)]
    plain = b"\r\n".join(lines)
    printable = quopri.encodestring(text, quotetabs=True).replace(
        b"\n", b"\r\n")
    # Lines of odd lengths, so that no piece ends with whole quantums.
    coded = base64.b64encode(data)
    wrapped = b"\r\n".join(coded[i:i + 75] for i in range(0, len(coded), 75))
    return [("base64", wrapped, data, True),
            ("quoted-printable", printable, text, False),
            ("8bit", plain, plain, False)]


@pytest.mark.parametrize("encoding,body,want,binary", decoded_cases(),
                         ids=lambda v: v if isinstance(v, str) else "")
def test_binary_gives_what_was_encoded(connect, encoding, body, want, binary):
    client = connect()
    client.append("INBOX", part(encoding, body))
    client.must("SELECT INBOX")
    assert value(client, "BINARY.PEEK[1]") == (want, binary)
    assert b"BINARY.SIZE[1] %d)" % len(want) in client.must(
        "FETCH 1 BINARY.SIZE[1]").untagged[0]
    for at, n in [(0, 1), (65535, 2), (65530, 70000), (len(want) - 1, 9),
                  (len(want), 9), (49150, 5)]:
        assert value(client, f"BINARY.PEEK[1]<{at}.{n}>")[0] == (
            want[at:at + n])


def test_a_nul_never_gets_into_a_literal(connect):
    client = connect()
    message = part("binary", b"a\0b\r\n")
    reply = client.command(["APPEND INBOX ~", message])
    if not reply.ok:
        pytest.skip("it takes no NUL")
    client.must("SELECT INBOX")
    whole, binary = value(client, "BODY.PEEK[]")
    assert len(whole) == len(message)
    assert binary or b"\0" not in whole
    assert value(client, "BINARY.PEEK[1]") == (b"a\0b\r\n", True)


def test_many_messages_in_one_fetch_come_in_order(connect):
    client = connect()
    for n in range(1, 301):
        client.append("INBOX", mail.simple(n, f"text {n}"))
    client.must("SELECT INBOX")
    reply = client.must("UID FETCH 1:* (UID BODY.PEEK[TEXT])")
    assert [u.split()[1] for u in reply.untagged] == [
        b"%d" % n for n in range(1, 301)]
    for n, line in enumerate(reply.untagged, 1):
        assert b"\r\ntext %d\r\n)" % n in line
    client.must("STORE 2:299 +FLAGS.SILENT (\\Deleted)")
    reply = client.must("EXPUNGE")
    assert len(reply.untagged) == 298
    assert client.must("UID SEARCH ALL").untagged[-1] == b"* SEARCH 1 300"
