"""COMPRESS=DEFLATE (RFC 4978)."""
import zlib

import pytest

from lib import imap, mail


class Deflated:
    """A socket that speaks DEFLATE over another."""

    def __init__(self, sock):
        self.sock = sock
        self.packer = zlib.compressobj(wbits=-15)
        self.unpacker = zlib.decompressobj(wbits=-15)
        self.received = 0

    def sendall(self, data):
        self.sock.sendall(self.packer.compress(data) +
                          self.packer.flush(zlib.Z_SYNC_FLUSH))

    def recv(self, n):
        while True:
            data = self.sock.recv(n)
            self.received += len(data)
            plain = self.unpacker.decompress(data)
            if plain or not data:
                return plain

    def settimeout(self, seconds):
        self.sock.settimeout(seconds)

    def close(self):
        self.sock.close()


def compress(client):
    client.must("COMPRESS DEFLATE")
    client.sock = Deflated(client.sock)


@pytest.mark.parametrize("tls", [False, True])
def test_a_session_goes_on_compressed(connect, tls):
    client = connect(tls=tls)
    client.append("INBOX", mail.simple(1, "plum " * 50000))
    client.must("SELECT INBOX")
    compress(client)
    # Each reply comes whole: nothing waits in the compressor.
    for _ in range(3):
        client.must("NOOP")
    reply = client.must("FETCH 1 BODY.PEEK[]")
    assert reply.untagged[0].count(b"plum ") == 50000
    assert client.sock.received < 20000
    client.append("INBOX", mail.simple(2, "pear " * 50000))
    assert client.must("FETCH 2 BODY.PEEK[]").untagged[0].count(
        b"pear ") == 50000
    reply = client.command("COMPRESS DEFLATE")
    assert reply.tagged.split(b" ", 1)[1].startswith(
        b"NO [COMPRESSIONACTIVE]")
    client.must("LOGOUT")


def test_idle_is_pushed_through_the_compressor(connect):
    actor, client = connect(), connect()
    client.must("SELECT INBOX")
    compress(client)
    tag = client.idle()
    actor.append("INBOX", mail.simple(1))
    assert client.response(10) == b"* 1 EXISTS"
    assert client.done(tag).ok


def test_commands_in_one_packet_are_answered_in_order(connect):
    client = connect()
    client.append("INBOX", mail.simple(1))
    compress(client)
    client.send("a SELECT INBOX\r\nb STORE 1 +FLAGS (\\Deleted)\r\n"
                "c EXPUNGE\r\nd IDLE\r\nDONE\r\ne NOOP\r\n")
    for tag in "abcde":
        assert client.finish(tag).ok


def test_what_is_not_deflate_ends_the_connection(connect):
    client = connect()
    client.must("COMPRESS DEFLATE")
    client.send(b"\xff\xff\xff\xff plain text after all\r\n")
    with pytest.raises((imap.Closed, TimeoutError)) as e:
        while True:
            client._more()
    assert e.type is imap.Closed


def test_unknown_algorithms_are_refused(connect):
    client = connect()
    assert client.command("COMPRESS ZSTD").status in ("NO", "BAD")
    client.must("NOOP")
