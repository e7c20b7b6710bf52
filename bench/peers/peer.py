"""What a peer in a root of its own has beside what every server has."""
import os
import pathlib
import subprocess

from bench.peers import root


def first_child(pid):
    """The oldest that lives; pid itself if there is none."""
    text = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return int(text.split()[0]) if text else pid


class Peer:
    """Comes first among the bases of a class; packages[0] names the version.
    run() is what the server itself is started with."""
    packages = ()

    def __init__(self, folder):
        self.root = root.make(self.root_name, self.packages)
        super().__init__(folder)

    @property
    def version(self):
        return root.version(self.root, self.packages[0])

    @property
    def master(self):
        """unshare has one child, the shell, whose first is the server."""
        return first_child(first_child(self.pid))

    def command(self):
        return root.inside(self.root, self.folder, *self.run())

    def within(self, *command):
        """Runs a command beside the server."""
        done = subprocess.run(root.beside(self.master, *command), text=True,
                              capture_output=True)
        if done.returncode != 0:
            raise RuntimeError(f"{command}: {done.stdout}{done.stderr}")
        return done.stdout


def size_of(*paths):
    """Bytes on disk of files and folders."""
    found = [p for path in paths for p in [path, *pathlib.Path(path).rglob("*")]]
    return sum(os.stat(p).st_blocks * 512 for p in found)
