"""The mail that the load generator makes up, as Python's parser sees it."""
import email
import email.policy
import json
import pathlib
import subprocess

import pytest

TOP = pathlib.Path(__file__).resolve().parents[1]
LOAD = TOP / "build/bench/load/newel-load"
COUNT = 1000


def load(*words):
    return subprocess.run([LOAD, *map(str, words)], check=True,
                          capture_output=True).stdout


def mails(count, first=0, size=0):
    """Their bytes: each is behind a line with its size."""
    said = load("mails", "--count", count, "--from", first, "--size", size)
    found = []
    while said:
        n, _, said = said.partition(b"\n")
        found.append(said[:int(n)])
        said = said[int(n):]
    return found


def parsed(raw):
    return email.message_from_bytes(raw, policy=email.policy.default)


def texts(message):
    return [p.get_content() for p in message.walk()
            if p.get_content_maintype() == "text"]


@pytest.fixture(scope="module")
def made():
    return mails(COUNT)


@pytest.fixture(scope="module")
def messages(made):
    return [parsed(raw) for raw in made]


def test_it_is_the_same_in_every_run(made):
    assert mails(COUNT) == made
    assert mails(10, 500) == made[500:510]


def test_it_needs_no_care_on_the_wire(made):
    for raw in made:
        lines = raw.split(b"\r\n")
        assert not any(line.startswith(b".") for line in lines)
        assert max(map(len, lines)) <= 998
        assert b"\n" not in b"".join(lines)
        assert raw.endswith(b"\r\n")


def test_its_charsets_and_encodings_are_what_they_say(messages):
    charsets = set()
    for message in messages:
        for part in message.walk():
            assert not part.defects
            charsets.add(part.get_content_charset())
        assert not any("\ufffd" in text for text in texts(message))
    assert charsets >= {"utf-8", "iso-8859-1", "koi8-r", "iso-2022-jp"}


def test_its_sizes_are_those_of_mail(made):
    sizes = sorted(map(len, made))
    assert 4000 < sum(sizes) / COUNT < 6000
    assert sizes[COUNT // 2] < sum(sizes) / COUNT
    assert sizes[-1] > 100000


def test_a_size_is_kept_to():
    for size in (500, 5000, 50000):
        sizes = [len(raw) for raw in mails(200, size=size)]
        assert 0.7 * size < sum(sizes) / len(sizes) < 1.7 * size


def test_planted_words_are_as_many_as_it_counts(messages):
    counts = json.loads(load("count", "--count", COUNT))
    for word in ("quetzalcoatlus", "axolotl"):
        assert sum(any(word in t for t in texts(m))
                   for m in messages) == counts[word] > 0
    assert sum("ptarmigan" in m["subject"]
               for m in messages) == counts["ptarmigan"] > 0


def test_a_small_mail_has_the_planted_words_too():
    small = mails(COUNT, size=500)
    counts = json.loads(load("count", "--count", COUNT))
    assert sum(any("axolotl" in t for t in texts(parsed(raw)))
               for raw in small) == counts["axolotl"]
