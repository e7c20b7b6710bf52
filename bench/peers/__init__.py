"""The servers that are compared, by the names that bench/run knows."""
from bench.peers import cyrus, dovecot, newel

SERVERS = {
    "dovecot-sdbox": dovecot.Sdbox,
    "dovecot-mdbox": dovecot.Mdbox,
    "dovecot-xapian": dovecot.Xapian,
    "cyrus": cyrus.Cyrus,
    "cyrus-xapian": cyrus.Xapian,
    "newel": newel.Newel,
}
