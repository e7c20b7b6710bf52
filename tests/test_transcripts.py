"""Plays tests/transcripts/*.txt."""
import pathlib

import pytest

from lib import mail, servers, transcript

FOLDER = pathlib.Path(__file__).parent / "transcripts"


def cases():
    for path in sorted(FOLDER.glob("*.txt")):
        newel = ["newel"] in transcript.read(path.read_text())[0]
        yield pytest.param(path, id=path.stem,
                           marks=[pytest.mark.newel] if newel else [])


@pytest.mark.parametrize("path", cases())
def test_transcript(path, server, user, connect):
    directives, steps = transcript.read(path.read_text())
    options = {d[0]: d[1:] for d in directives}

    def open_one():
        c = connect(login="nologin" not in options, tls="tls" in options)
        if "nologin" in options:
            c.buffer = c.greeting + b"\r\n" + c.buffer
        return c

    if "mail" in options:
        c = connect()
        for n in range(1, int(options["mail"][0]) + 1):
            c.append("INBOX", mail.simple(n))
        c.close()
    player = transcript.Player(open_one, {"user": user,
                                          "password": servers.PASSWORD})
    player.play(steps)
