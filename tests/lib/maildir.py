"""Maildirs as tests see them."""
import itertools
import os
import re

count = itertools.count()


def make(folder):
    for part in ("cur", "new", "tmp"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    return folder


def add(folder, message, flags=""):
    """A new message of the user, with LF line ends as on any UNIX."""
    name = f"1721037600.{next(count)}.here:2,{flags}"
    path = make(folder) / "cur" / name
    path.write_bytes(message.replace(b"\r\n", b"\n"))
    return path


def files(folder):
    return [p for part in ("cur", "new") for p in (folder / part).iterdir()]


def id_of(data):
    m = re.search(rb"(?mi)^Message-ID: *(<[^>]*>)", data)
    return m[1].decode() if m else None


def flags_of(path):
    return "".join(sorted(path.name.partition(":2,")[2]))


def content(folder):
    """{Message-ID: flags}, T (trashed) apart from the rest."""
    return {id_of(p.read_bytes()): flags_of(p) for p in files(folder)}


def find(folder, message_id):
    return next(p for p in files(folder) if id_of(p.read_bytes()) ==
                message_id)


def set_flags(path, flags):
    base = path.name.partition(":2,")[0]
    target = path.parent.parent / "cur" / f"{base}:2,{''.join(sorted(flags))}"
    os.rename(path, target)
    return target
