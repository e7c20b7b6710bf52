"""Programs that tests run."""
import os
import subprocess


def run(command, folder, check=True, given=None, timeout=60, **environment):
    """Runs a client with a home of its own; gives what it printed."""
    done = subprocess.run(
        [str(word) for word in command], input=given, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout,
        cwd=folder, env={**os.environ, "HOME": str(folder),
                         "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8",
                         **environment})
    if check:
        assert done.returncode == 0, f"{command[0]} said\n{done.stdout}"
    return done.stdout
