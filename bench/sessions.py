"""Sessions of a mail program, visits of a phone, and delivery."""
from bench.measure import Run, user

RECEIVERS = {"one": 1, "many": 50, "shared": 1, "lmtp": 50, "multi": 1}


def mixed_fill(server, scale):
    Run(server, "append", "--user", user("mixed"), "--users", 25,
        "--connections", 25, "--count", 25 * 200, "--batch", 100)


def mixed(**options):
    def measure(server, scale):
        args = [x for k, v in options.items() for x in (f"--{k}", v)]
        r = Run(server, "mixed", "--user", user("mixed"), "--users", 25,
                "--connections", 50, "--count", int(40000 * scale), *args)
        return r.figure(r.ops / r.seconds)
    return measure


def login(tls):
    def measure(server, scale):
        r = Run(server, "login", "--user", user("mixed"), "--users", 25,
                "--connections", 50, "--count", int(3000 * scale), tls=tls)
        return r.figure(r.ops / r.seconds)
    return measure


def delivery_fill(server, scale):
    """Every account is there and used: two processes that make the same one
    at the same time can bring Dovecot's LMTP down."""
    for prefix, users in RECEIVERS.items():
        Run(server, "append", "--user", user(prefix), "--users", users,
            "--connections", users, "--count", users)


delivered = {}  # mails that came by LMTP so far, by server


def messages(row, prefix, users, connections, count, *more):
    def measure(server, scale):
        n = max(int(count * scale), connections)
        args = ["--user", user(prefix), "--users", users,
                "--connections", connections, "--count", n, *more]
        if row == "lmtp":
            # None comes twice: Cyrus throws such mail away.
            first = delivered.get(server.name, 0)
            args += ["--from", first]
            delivered[server.name] = first + n
        r = Run(server, row, *args)
        return r.figure(r.ops / r.seconds)
    return measure
