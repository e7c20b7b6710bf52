"""What SEARCH finds with an index is what it finds without one."""
import base64
import os
import quopri
import random
import re
import urllib.parse

import pytest

from lib import imap, servers

pytestmark = pytest.mark.newel

WORDS = """newel stair oak Treppe Straße façade Ærø naïve été ÉTÉ ΣΊΣΥΦΟΣ
 μηχανή лестница Москва 日本語 階段 手すり 汉字 한국어 שלום سلام banister a I 42
 1984 e-mail x86_64 don't rail/guard C++ <b> & 100% ﬁnial ǅ İstanbul ıspanak
 résumé re\u0301sume\u0301 co\u00adoperate zero\u200bwidth 𝔑𝔢𝔴𝔢𝔩 😀😃 q""".split()
LONG_WORDS = "staircases balustrade Geländerpfosten лестничная".split()
CHARSETS = ["utf-8", "utf-16", "iso-8859-1", "koi8-r", "shift_jis",
            "windows-1252", "gb18030", "iso-2022-jp", "euc-kr"]


def text_of(rng, count):
    return "".join(rng.choice(WORDS) + rng.choice([" ", " ", ", ", "\r\n", "."])
                   for _ in range(count))


def part_of(rng, kind, text, headers=""):
    for charset in rng.sample(CHARSETS, len(CHARSETS)) + ["utf-8"]:
        try:
            data = text.encode(charset)
            break
        except UnicodeError:
            continue
    if charset != "utf-16" and rng.random() < 0.5:
        coding, data = "quoted-printable", quopri.encodestring(
            data.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")
    else:
        coding, data = "base64", base64.encodebytes(data).replace(
            b"\n", b"\r\n")
    return (f"Content-Type: text/{kind}; charset={charset}\r\n{headers}"
            f"Content-Transfer-Encoding: {coding}\r\n\r\n"
            ).encode() + data + b"\r\n"


def header_word(text):
    return "=?utf-8?b?" + base64.b64encode(text.encode()).decode() + "?="


def message(rng, n):
    subject = " ".join(header_word(rng.choice(WORDS))
                       for _ in range(rng.randrange(4)))
    head = (f"From: {header_word(rng.choice(WORDS))} <u{n % 7}@example.org>\r\n"
            f"To: friends <all{n % 5}@example.com>\r\n"
            f"Cc: {rng.choice(['', 'third@example.net'])}\r\n"
            f"Subject: {subject}\r\nMessage-ID: <{n}.{rng.random()}@x>\r\n"
            f"X-Number: {n * n}\r\nMIME-Version: 1.0\r\n")
    kind = rng.randrange(4)
    plain = part_of(rng, "plain", text_of(rng, rng.randrange(60)))
    if kind == 0:
        return head.encode() + plain
    html = part_of(rng, "html", "<p style='x'>" + "<br>".join(
        text_of(rng, 5).replace("&", "&amp;").replace("<", "&lt;")
        for _ in range(rng.randrange(8))) + "<!-- hidden -->")
    name = f"{rng.choice(WORDS)}.pdf"
    name = rng.choice([f"name=\"{header_word(name)}\"",
                       f"name*=utf-8''{urllib.parse.quote(name)}"])
    attached = (f"Content-Type: application/pdf; {name}\r\n"
                "Content-Transfer-Encoding: base64\r\n\r\nbmV3ZWw=\r\n")
    parts = [plain, html, attached.encode()][:kind + 1]
    body = b"".join(b"--=b\r\n" + p for p in parts) + b"--=b--\r\n"
    return (head + "Content-Type: multipart/mixed; boundary=\"=b\"\r\n\r\n"
            ).encode() + body


def needles(rng, count):
    """Parts of what the mails have, and some of what they don't."""
    for _ in range(count):
        text = text_of(rng, 6).replace("\r\n", " ")
        at = rng.randrange(len(text))
        part = text[at:at + rng.choice([1, 2, 2, 3, 3, 4, 5, 8, 13])]
        if rng.random() < 0.15:
            part += rng.choice("zQé語")
        if rng.random() < 0.3:
            part = part.swapcase()
        yield part


def program(rng, needle):
    keys = ["TEXT", "BODY", "SUBJECT", "FROM", "TO", "CC", "HEADER Subject",
            "HEADER X-Number", "HEADER Content-Type"]
    return rng.choice([
        [(rng.choice(keys), needle)],
        [("TEXT", needle)],
        [("NOT TEXT", needle)],
        [("OR SUBJECT", needle), ("BODY", needle[::-1])],
        [("UNSEEN TEXT", needle), ("NOT FROM", needle[:2])],
        [(f"FUZZY {rng.choice(keys)}", needle)],
        [("NOT FUZZY TEXT", needle)],
    ])


def search(client, keys):
    line = ["UID SEARCH CHARSET UTF-8"]
    for key, text in keys:
        line[-1] += f" {key} "
        line += [text.encode(), ""]
    reply = client.must(line)
    return [int(n) for u in reply.untagged
            for n in re.sub(rb"^\* SEARCH", b"", u).split()
            if u.startswith(b"* SEARCH")]


USER = "search@example.org"


@pytest.fixture(scope="module")
def server(new_server):
    made = new_server()
    made.add_users(USER)
    made.start()
    return made


def client_of(server):
    client = imap.Imap(server.imap)
    client.login(USER, servers.PASSWORD)
    return client


def index_files(server):
    folder = server.home / "data" / "mail" / "index"
    return sorted(p for p in folder.iterdir() if p.suffix == ".db")


def test_an_index_changes_no_answer(server):
    rng = random.Random(4)
    client = client_of(server)
    for n in range(120):
        client.append("INBOX", message(rng, n))
    client.must("SELECT INBOX")
    programs = [program(rng, needle) for needle in needles(rng, 400)]
    without = [search(client, p) for p in programs]
    assert any(without) and not all(without)
    server.cli("reindex", USER)
    assert index_files(server)
    for keys, found in zip(programs, without):
        assert search(client, keys) == found, keys

    # And what comes after it, and what goes.
    client.append("INBOX", message(rng, 1))
    client.append("INBOX", b"Subject: quetzalcoatlus\r\n\r\nquetzal\r\n")
    assert search(client, [("TEXT", "tzalcoatl")]) == [122]
    client.must("UID STORE 122 +FLAGS (\\Deleted)")
    client.must("EXPUNGE")
    assert search(client, [("TEXT", "tzalcoatl")]) == []


def test_words_in_a_long_mail_are_found(server):
    client = client_of(server)
    line = b"The quick brown fox climbs the stair. " * 25 + b"\r\n"
    encoded = base64.encodebytes(line * 3000 + b"Archaeopteryx.\r\n")
    for coding, text in (("7bit", line * 3000 + b"Ichthyosaur.\r\n"),
                         ("base64", encoded.replace(b"\n", b"\r\n"))):
        client.append("Drafts", (f"Subject: long\r\nContent-Transfer-Encoding:"
                                 f" {coding}\r\n\r\n").encode() + text)
    client.must("SELECT Drafts")
    for _ in range(2):
        assert search(client, [("BODY", "thyosaur.")]) == [1]
        assert search(client, [("FUZZY BODY", "icthyosaur")]) == [1]
        assert search(client, [("FUZZY TEXT", "archeopterix")]) == [2]
        assert search(client, [("TEXT", "ARCHAEOPT")]) == [2]
        assert search(client, [("TEXT", "stair. The")]) == [1, 2]
        assert search(client, [("TEXT", "velociraptor")]) == []
        server.cli("reindex", USER)


def test_a_damaged_index_is_built_anew(server):
    client = client_of(server)
    client.append("Archive", b"Subject: pterodactyl\r\n\r\nwings\r\n")
    server.cli("reindex", USER)
    server.stop()
    path = index_files(server)[0]
    size = path.stat().st_size
    with open(path, "r+b") as f:
        for at in range(4096, size, 4096):
            f.seek(at)
            f.write(os.urandom(64))
    for more in ("-wal", "-shm"):
        path.with_name(path.name + more).unlink(missing_ok=True)
    server.start()
    client = client_of(server)
    client.must("SELECT Archive")
    assert search(client, [("TEXT", "rodactyl")]) == [1]
    servers.until(lambda: "event=index.rebuild.done" in server.log())
    assert search(client, [("TEXT", "rodactyl")]) == [1]


def test_reindex_says_what_it_did(server):
    done = server.cli("reindex")
    assert done.stdout == f"{USER}: the search index is built\n"
    wrong = server.cli("reindex", "nobody@example.org", check=False)
    assert wrong.returncode == 1
    assert "nobody@example.org" in wrong.stderr
    server.stop()
    server.cli("reindex", USER)
    server.start()


def test_a_restart_in_the_middle_does_no_harm(server):
    client = client_of(server)
    rng = random.Random(5)
    for n in range(600):
        client.append("Junk", message(rng, n))
    client.append("Junk", b"Subject: coelacanth\r\n\r\nfins\r\n")
    server.kill()
    server.start()
    client = client_of(server)
    client.must("SELECT Junk")
    assert search(client, [("TEXT", "oelacant")]) == [601]
    server.cli("reindex", USER)
    assert search(client, [("TEXT", "oelacant")]) == [601]


def test_the_index_goes_with_the_account(server):
    server.add_users("gone@example.org")
    server.cli("reindex", "gone@example.org")
    before = len(index_files(server))
    server.cli("user", "delete", "gone@example.org", "--yes")
    servers.until(lambda: len(index_files(server)) == before - 1)


def misspelled(rng, word):
    letters = list(word)
    for _ in range(rng.randrange(3)):
        at = rng.randrange(len(letters))
        letters[at:at + 1] = rng.choice(
            [[], [letters[at], "x"], ["x"], letters[at:at + 2][::-1]])
        letters = letters or ["x"]
    return "".join(letters)


def fuzzy_program(rng):
    def words(most):
        return " ".join(misspelled(rng, rng.choice(WORDS + LONG_WORDS))
                        for _ in range(1 + rng.randrange(most)))
    keys = ["TEXT", "BODY", "SUBJECT", "FROM", "HEADER Subject"]
    key = rng.choice(keys)
    return rng.choice([
        [(f"FUZZY {key}", words(4))],
        [(f"FUZZY {key}", words(2)), ("FUZZY TEXT", words(1))],
        [(f"FUZZY OR {key}", words(1)), ("BODY", words(1))],
        [(f"OR FUZZY {key}", words(1)), ("NOT TEXT", words(1))],
        [(f"FUZZY LARGER 1000 OR FUZZY {key}", words(1)),
         ("NOT BODY", words(1))],
        [(f"FUZZY NOT {key}", words(1)), ("TEXT", words(1)),
         ("FUZZY SUBJECT", words(1))],
    ])


def scores(client, keys):
    line = ["UID SEARCH RETURN (ALL RELEVANCY) CHARSET UTF-8"]
    for key, text in keys:
        line[-1] += f" {key} "
        line += [text.encode(), ""]
    found, = [u for u in client.must(line).untagged if b"ESEARCH" in u]
    return re.sub(rb"^.* UID", b"", found)


def test_an_index_changes_no_score(server):
    rng = random.Random(6203)
    others = index_files(server)
    server.add_users("fuzzy@example.org")
    server.cli("reindex", "fuzzy@example.org")
    path, = set(index_files(server)) - set(others)

    def client_again():
        server.start()
        client = imap.Imap(server.imap)
        client.login("fuzzy@example.org", servers.PASSWORD)
        return client

    # A folder in its place: there is no index, and none can be made.
    server.stop()
    for name in (path.name, path.name + "-wal", path.name + "-shm"):
        path.with_name(name).unlink(missing_ok=True)
    path.mkdir()
    client = client_again()
    for n in range(60):
        client.append("INBOX", message(rng, n).replace(
            b"Subject: ",
            f"Subject: {header_word(rng.choice(LONG_WORDS))} ".encode()))
    client.must("SELECT INBOX")
    programs = [fuzzy_program(rng) for _ in range(300)]
    without = [scores(client, p) for p in programs]
    assert sum(b"ALL" in found for found in without) > 100
    assert any(b"ALL" not in found for found in without)

    server.stop()
    path.rmdir()
    client = client_again()
    server.cli("reindex", "fuzzy@example.org")
    assert path.is_file()
    client.must("SELECT INBOX")
    for keys, found in zip(programs, without):
        assert scores(client, keys) == found, keys
