"""LMTP as an MTA speaks it."""
import socket


class Lmtp:
    """A connection to a port of this machine, or to a path."""

    def __init__(self, where):
        if isinstance(where, int):
            self.sock = socket.create_connection(("127.0.0.1", where), 20)
        else:
            self.sock = socket.socket(socket.AF_UNIX)
            self.sock.settimeout(20)
            self.sock.connect(str(where))
        self.file = self.sock.makefile("rb")
        assert self.reply()[0] == 220

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.sock.close()

    def send(self, data):
        self.sock.sendall(data.encode() if isinstance(data, str) else data)

    def reply(self):
        """(code, text of all its lines)."""
        lines = []
        while True:
            line = self.file.readline().decode()
            assert line.endswith("\r\n"), f"connection closed: {line!r}"
            lines.append(line[4:-2])
            if line[3] == " ":
                return int(line[:3]), "\n".join(lines)

    def ask(self, line):
        self.send(line + "\r\n")
        return self.reply()

    def ask_all(self, *lines):
        """Pipelined: all lines in one packet."""
        self.send("".join(line + "\r\n" for line in lines))
        return [self.reply() for _ in lines]
