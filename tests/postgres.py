"""A PostgreSQL of one's own: Debian's binaries, a cluster in a temporary folder, reached by a unix socket only."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterator

_NUMBERS = count(1)
MISSING = "needs PostgreSQL's server (Debian: postgresql) and psycopg (extra 'postgres')"


def binaries() -> Path | None:
    """Return the folder of the newest server there is."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    beside = shutil.which("initdb")
    return found[-1].parent if found else Path(beside).parent if beside else None


@dataclass
class Cluster:
    """A running server."""

    tools: Path
    folder: Path
    user: str

    def new(self) -> str:
        """Return the address of an empty database."""
        name = f"state_{os.getpid()}_{next(_NUMBERS)}"
        self.ask("postgres", f"CREATE DATABASE {name}")
        return self.address(name)

    def address(self, name: str) -> str:
        return f"postgresql://{self.user}@/{name}?host={quote(str(self.folder), safe='')}"

    def ask(self, name: str, query: str) -> list[tuple[Any, ...]]:
        import psycopg

        with psycopg.connect(self.address(name), autocommit=True) as connection:
            found = connection.execute(query)
            return found.fetchall() if found.description else []

    def start(self) -> None:
        options = f"-c listen_addresses='' -c unix_socket_directories={self.folder} -c fsync=off -c full_page_writes=off"
        self._run("pg_ctl", "start", "--wait", "--silent", "-l", str(self.folder / "log"), "-o", options)

    def stop(self, how: str = "immediate") -> None:
        self._run("pg_ctl", "stop", "--wait", "--silent", "--mode", how)

    def _run(self, tool: str, *words: str) -> None:
        who = self.user if os.geteuid() == 0 else None
        command = [str(self.tools / tool), "-D", str(self.folder / "data"), *words]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=self.folder, user=who)


@contextmanager
def cluster() -> Iterator[Cluster | None]:
    """Run a server; None where there is none to be run."""
    tools = binaries()
    try:
        import psycopg  # noqa: F401 - whether it is there
    except ImportError:
        tools = None
    user = _user()
    if tools is None or user is None:
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="bartizan-postgres-"))
    if os.geteuid() == 0:
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
    made = Cluster(tools, folder, user)
    try:
        made._run("initdb", "--no-sync", "--auth=trust", f"--username={user}", "--encoding=UTF8")
        made.start()
        yield made
        made.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _user() -> str | None:
    """Return who may run the server, which root may not."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid()).pw_name
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in known), None)
