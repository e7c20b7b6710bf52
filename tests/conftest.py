"""Fixtures: a server in a temporary folder, users, clients, and what the
server said when a test fails."""
import itertools
import pathlib
import shutil
import sys
import tempfile

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from lib import imap, servers  # noqa: E402


def pytest_addoption(parser):
    parser.addoption("--server", default="newel",
                     choices=sorted(servers.SERVERS),
                     help="what the tests run against: dovecot checks the "
                          "tests themselves")
    parser.addoption("--kills", type=int, default=100,
                     help="how often the server is killed under load")


def pytest_configure(config):
    config.addinivalue_line("markers",
                            "newel: needs more than any IMAP server has")


def pytest_collection_modifyitems(config, items):
    if config.getoption("--server") == "newel":
        return
    skip = pytest.mark.skip(reason="Newel only")
    for item in items:
        if "newel" in item.keywords:
            item.add_marker(skip)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """The log of each server that the test used, if it failed."""
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        for value in getattr(item, "funcargs", {}).values():
            if isinstance(value, servers.Server):
                report.sections.append((f"log of {value.name}", value.log()))


@pytest.fixture(scope="session")
def workplace():
    """A folder on a real disk that every user may enter."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="newel-test.",
                                           dir="/var/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def new_server(workplace, request):
    """Makes servers that are not started yet; they go at the end."""
    made = []

    def make(settings=None):
        kind = servers.SERVERS[request.config.getoption("--server")]
        server = kind(workplace / f"server{len(made)}")
        made.append(server)
        server.configure(settings or {})
        return server

    yield make
    for server in made:
        server.remove()


@pytest.fixture(scope="session")
def shared_server(new_server):
    # Many tests from one address, some of them wrong about a password.
    server = new_server({"limits": {"connections-per-address": 5000,
                                     "connections-per-user": 1000},
                         "auth": {"failures-per-address": 100000,
                                  "failure-delay": "0"}})
    server.start()
    return server


numbers = itertools.count()


@pytest.fixture
def server(shared_server):
    """The server that tests share; each has users of its own on it."""
    assert shared_server.process.poll() is None, "the server has ended"
    return shared_server


@pytest.fixture
def user(server):
    name = f"user{next(numbers)}@example.org"
    server.add_users(name)
    return name


@pytest.fixture
def connect(server, user):
    """Opens connections, logged in unless login is False."""
    opened = []

    def open_one(login=True, tls=False, name=None):
        c = imap.Imap(server.imaps if tls else server.imap,
                      server.tls if tls else None)
        opened.append(c)
        if login:
            c.login(name or user, servers.PASSWORD)
        return c

    yield open_one
    for c in opened:
        c.close()
