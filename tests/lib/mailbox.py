"""What a mailbox on the server holds, seen by the raw client: what other
clients' work is compared with."""
from lib import maildir

LETTERS = {"\\Draft": "D", "\\Flagged": "F", "\\Answered": "R", "\\Seen": "S",
           "\\Deleted": "T"}


def content(client, name="INBOX"):
    """{Message-ID: flags in a Maildir's letters}."""
    client.must(f'EXAMINE "{name}"')
    found = {}
    reply = client.must("UID FETCH 1:* (FLAGS BODY.PEEK[])")
    for items in reply.fetches().values():
        flags = "".join(sorted(LETTERS[f] for f in items["FLAGS"]
                               if f in LETTERS))
        found[maildir.id_of(items["BODY[]"])] = flags
    return found


def raw(client, name="INBOX"):
    """{Message-ID: the message's bytes}."""
    client.must(f'EXAMINE "{name}"')
    reply = client.must("UID FETCH 1:* BODY.PEEK[]")
    return {maildir.id_of(items["BODY[]"]): items["BODY[]"]
            for items in reply.fetches().values()}


def store(client, message_id, change, name="INBOX"):
    """STOREs flags of one message, e.g. +FLAGS (\\Seen)."""
    client.must(f'SELECT "{name}"')
    uid = client.must(f'UID SEARCH HEADER Message-ID "{message_id}"')
    uid = uid.find("SEARCH")[0].split()[2].decode()
    client.must(f"UID STORE {uid} {change}")


def remove(client, message_id, name="INBOX"):
    store(client, message_id, "+FLAGS.SILENT (\\Deleted)", name)
    client.must("EXPUNGE")


def names(client):
    reply = client.must('LIST "" "*"')
    return {line.split(b" ")[-1].strip(b'"').decode()
            for line in reply.find("LIST")}
