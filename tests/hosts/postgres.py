"""A PostgreSQL of the tests' own, started from the Debian packages or from wherever its programs are found."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

_PLACES = "/usr/lib/postgresql/*/bin"
PASSWORD = "no:one@knows/it"  # noqa: S105 (of a server that lives for a test)


def programs() -> Path | None:
    """The folder of initdb and pg_ctl; None where there is no PostgreSQL."""
    found = [Path(named).parent for named in [shutil.which("initdb")] if named]
    return next(
        (one for one in [*found, *sorted(Path("/").glob(_PLACES[1:]), reverse=True)] if (one / "initdb").exists()), None
    )


@contextlib.contextmanager
def server() -> Iterator[str]:
    """A running server: the address of its base ``kam`` without the password, which is `PASSWORD`."""
    where = programs()
    if where is None:
        raise FileNotFoundError("initdb")
    with tempfile.TemporaryDirectory(dir="/tmp") as name, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        folder, secret = Path(name), Path(name) / "password"
        secret.write_text(PASSWORD)
        as_user = ["runuser", "-u", "postgres", "--"] if os.name == "posix" and os.geteuid() == 0 else []
        if as_user:
            subprocess.run(["chown", "-R", "postgres", name], check=True)
        data = str(folder / "data")

        def run(program: str, *arguments: str) -> None:
            command = [*as_user, str(where / program), *arguments]
            subprocess.run(command, check=True, cwd=name, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        run("initdb", "-D", data, "-U", "kam", "-A", "scram-sha-256", f"--pwfile={secret}", "-E", "UTF8", "--no-sync")
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
        run("pg_ctl", "-D", data, "-w", "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield f"127.0.0.1:{port}/postgres"
        finally:
            run("pg_ctl", "-D", data, "-m", "immediate", "stop")
