"""What breaks under a running server, one after the other, and what is wrong with what it did then: nothing, if all is well.

Each fault is real: a disk of some megabytes that is full, one that turns read-only, a clock that jumps, bytes of the journal that
change. A record is acknowledged or it is not; in the end each acknowledged one has its finding, once, and the balance closes.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks._sending import Server, children, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["FAULTS", "Untried"]

RULE = """title: A login as root
id: 11111111-1111-4111-8111-111111111111
level: high
logsource: {product: linux, service: sshd}
detection: {words: [Accepted password for root], condition: words}
"""
FILLER = 400
"""Lines beside each login, so that disks fill in seconds."""
BODIES = 40
PATIENCE = 120.0
DAY = 86_400
LIBRARY = "/usr/lib/*/faketime/libfaketimeMT.so.1"
_PRIVILEGED = {**os.environ, "PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"}


class Untried(Exception):  # noqa: N818 - says what became of it
    """A fault cannot be made on this machine."""


@dataclass
class Faulty:
    """A server whose surroundings break. ``kept``: logins that were acknowledged."""

    folder: Path
    kept: set[int] = field(default_factory=set)
    number: int = 0
    wrong: list[str] = field(default_factory=list)

    @contextlib.contextmanager
    def served(self, *, ready: bool = True) -> Iterator[Server]:
        """Serve, and wait until it judges, or only until it listens."""
        (self.folder / "rule.yml").write_text(RULE)
        with serving(self.folder, "--rules", str(self.folder / "rule.yml"), ready=ready) as server:
            yield server

    def send(self, server: Server) -> int:
        """Send a login and much beside it; return the status."""
        self.number += 1
        number = self.number
        clock = f"{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}"
        line = f"Nov 26 {clock} web-01 sshd[2112]: Accepted password for root from 203.0.113.50 port {number} ssh2\n"
        beside = "".join(
            f"Nov 26 {clock} web-01 sshd[{number}]: Connection closed by 203.0.113.9 port {one} [preauth]\n" for one in range(FILLER)
        )
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        try:
            connection.request("POST", "/v1/records", (line + beside).encode())
            answer = connection.getresponse()
            answer.read()
            if answer.status == http.HTTPStatus.SERVICE_UNAVAILABLE:
                self.expect(answer.headers["retry-after"] is not None, "a 503 did not say when to try again")
        finally:
            connection.close()
        if answer.status == http.HTTPStatus.OK:
            self.kept.add(number)
        return answer.status

    def send_until(self, server: Server, status: int, *, most: float = PATIENCE) -> None:
        """Send until that is the answer."""
        end, found = time.monotonic() + most, 0
        while (found := self.send(server)) != status and time.monotonic() < end:
            if found != http.HTTPStatus.OK:
                time.sleep(0.2)
        self.expect(found == status, f"a sender was never answered {status}, but {found}")

    def settle(self, server: Server) -> None:
        """Wait until all that was acknowledged is judged."""
        self.until(lambda: server.ready() and not server.metric("bartizan_backlog_bytes"), "not all was judged in the end")

    def until(self, what: Callable[[], bool], why: str) -> None:
        """Wait for something."""
        end = time.monotonic() + PATIENCE
        while not what():
            if time.monotonic() > end:
                self.wrong.append(why)
                return
            time.sleep(0.2)

    def expect(self, what: bool, why: str) -> None:  # noqa: FBT001 - a statement
        """Note what is not so."""
        if not what:
            self.wrong.append(why)

    @property
    def log(self) -> str:
        """Return what the server said."""
        return (self.folder / "log").read_text()

    def segments(self) -> list[Path]:
        """Return the files of the journal."""
        return sorted((self.folder / "state" / "journal").glob("*.wal"))

    def verify(self, *, lost: int = 0) -> list[str]:
        """Compare what was acknowledged with what was found; ``lost``: how many may be, because the log of the server says so."""
        with contextlib.closing(sqlite3.connect(self.folder / "state" / "watch.sqlite")) as database:
            lines = [bytes(row[0]) for row in database.execute("SELECT line FROM finding")]
            query = "SELECT sum(read), sum(stored), sum(unparsed), sum(duplicate) FROM balance"
            read, *rest = (int(one or 0) for one in database.execute(query).fetchone())
        found = Counter(int(line.split(b" port ", 1)[1].split(b" ", 1)[0]) for line in lines)
        missing = self.kept - found.keys()
        self.expect(len(missing) <= lost, f"{len(missing)} acknowledged records have no finding")
        self.expect(max(found.values(), default=1) == 1, "a finding is there twice")
        self.expect(read == sum(rest), f"the balance is open: {read} read, {rest}")
        self.expect(bool(self.kept), "nothing was acknowledged at all")
        return self.wrong


def disk_full(folder: Path) -> list[str]:
    """Fill a disk of 24 MB, then make it larger."""
    with _mounted(folder, "size=24m"):
        one = Faulty(folder)
        with one.served() as server:
            with _hoarded(folder):
                one.send_until(server, 503)
            for _ in range(5):
                one.send(server)
            _mount("remount,size=200m", folder)
            one.send_until(server, 200)
            one.settle(server)
        return one.verify()


def read_only(folder: Path) -> list[str]:
    """Let the kernel make a disk read-only under the server, as it does where a disk fails; then mend it and serve again."""
    disk, image = folder / "disk", folder / "image"
    disk.mkdir()
    with image.open("wb") as file:
        file.truncate(64 << 20)
    for command in (["mkfs.ext4", "-q", str(image)], ["mount", "-o", "loop,errors=remount-ro", str(image), str(disk)]):
        _ran(command)
    try:
        trigger = Path("/sys/fs/ext4", Path(_ran(["findmnt", "-no", "SOURCE", str(disk)]).strip()).name, "trigger_fs_error")
        if not trigger.exists():
            message = "this kernel makes no disk read-only on request"
            raise Untried(message)
        one = Faulty(disk)
        with one.served() as server:
            _some(one, server)
            trigger.write_text("1")
            one.send_until(server, 503)
            _kill(server)
        _ran(["umount", str(disk)])
        subprocess.run(["e2fsck", "-fy", str(image)], check=False, capture_output=True, env=_PRIVILEGED)
        _ran(["mount", "-o", "loop", str(image), str(disk)])
        with one.served() as server:
            one.send_until(server, 200)
            one.settle(server)
        return one.verify()
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=False, capture_output=True)


def clock_jump(folder: Path) -> list[str]:
    """Set the clock two days forward under the server, then four back: it runs on a clock of its own."""
    one = Faulty(folder)
    clock = folder / "clock"
    clock.write_text("+0")
    own = {"LD_PRELOAD": _faketime(), "FAKETIME_TIMESTAMP_FILE": str(clock), "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    with _environment(own), one.served() as server:
        for jump in ("+0", f"+{2 * DAY}", f"-{2 * DAY}", "+0"):
            clock.write_text(jump)
            _some(one, server)
            one.settle(server)
        one.expect(server.ready(), "it does not judge any more")
    days = {path for (path,) in _rows(folder, "SELECT DISTINCT day FROM balance")}
    one.expect(len(days) == 3, f"the balance is of {sorted(days)}, not of three days")  # noqa: PLR2004 - today, two days on, two days back
    return one.verify()


def torn_tail(folder: Path) -> list[str]:
    """Cut the journal in the middle of its last entry, as a power cut does, and write zeros behind it."""
    one = Faulty(folder)
    _unjudged(one)
    last = one.segments()[-1]
    lost = one.number
    os.truncate(last, last.stat().st_size - 100)
    os.truncate(last, last.stat().st_size + 4096)
    # The cut entry was acknowledged here, for no power failed: with it goes its record, which the server says.
    with one.served() as server:
        one.expect("was put aside" in one.log, "it was not said that the end of the journal was put aside")
        _some(one, server)
        one.settle(server)
    one.kept.discard(lost)
    return one.verify()


def corrupt_tail(folder: Path) -> list[str]:
    """Change a byte in the middle of the last segment, which acknowledged entries stand behind."""
    one = Faulty(folder)
    _unjudged(one)
    _flip(one.segments()[-1], 0.5)
    with one.served() as server:
        one.expect("the journal was damaged there: " in one.log, "it was not said that the journal was damaged")
        _some(one, server)
        one.settle(server)
    return one.verify(lost=1)


def corrupt_segment(folder: Path) -> list[str]:
    """Change a byte in a segment that another follows; then move that file away, as the server says."""
    one = Faulty(folder)
    _unjudged(one)
    first = one.segments()[0]
    shutil.copy(first, first.with_name(f"{2:012d}.wal"))
    behind = len(one.kept)
    _flip(first, 0.5)
    with one.served(ready=False) as server:
        one.until(lambda: f"{first}: damaged at byte" in one.log, "the damaged file was not named")
        one.expect(not server.ready(), "it says that it is ready and judges nothing")
        one.expect(one.send(server) == 200, "senders are not answered while a segment is damaged")  # noqa: PLR2004 - an HTTP status
        first.rename(first.with_suffix(".damaged"))
        one.settle(server)
    one.expect(behind > 0, "there was nothing to be damaged")
    # The second segment holds the same records again: what the first lost comes from there, and nothing is found twice.
    return one.verify()


def _some(one: Faulty, server: Server, count: int = BODIES) -> None:
    for _ in range(count):
        one.send(server)


def _unjudged(one: Faulty) -> None:
    """Leave entries in the journal that are acknowledged and not judged: the judge is stopped, then all is killed."""
    with one.served() as server:
        for pid in children(server.process.pid):
            os.kill(pid, signal.SIGSTOP)
        _some(one, server)
        _kill(server)


def _kill(server: Server) -> None:
    """Kill a server and its children, and wait until none of them holds a file."""
    own = children(server.process.pid)
    for pid in [server.process.pid, *own]:
        os.kill(pid, signal.SIGKILL)
    server.process.wait()
    deadline = time.monotonic() + PATIENCE
    while any(_holds(pid) for pid in own) and time.monotonic() < deadline:
        time.sleep(0.01)


def _holds(pid: int) -> bool:
    """Tell whether a process may have files open: one that is dead has none, though its entry is there until it is waited for."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def _flip(path: Path, share: float) -> None:
    with path.open("r+b") as file:
        file.seek(int(path.stat().st_size * share))
        byte = file.read(1)[0]
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte ^ 1]))


@contextlib.contextmanager
def _hoarded(folder: Path) -> Iterator[None]:
    """Take room away with a file of somebody else's."""
    (folder / "hoard").write_bytes(bytes(12 << 20))
    yield
    (folder / "hoard").unlink()


@contextlib.contextmanager
def _mounted(folder: Path, options: str) -> Iterator[None]:
    _mount(options, folder)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)


def _mount(options: str, folder: Path) -> None:
    _ran(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)])


def _ran(command: list[str]) -> str:
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True, env=_PRIVILEGED).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        message = f"{' '.join(command)}: {getattr(error, 'stderr', None) or error}"
        raise Untried(message) from error


def _faketime() -> str:
    """Return the library that gives a process a clock of its own."""
    found = next(iter(Path("/").glob(LIBRARY[1:])), None)
    if found is None:
        message = "Debian's package faketime is not installed"
        raise Untried(message)
    return str(found)


@contextlib.contextmanager
def _environment(words: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(words)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _rows(folder: Path, query: str) -> list[tuple[str]]:
    with contextlib.closing(sqlite3.connect(folder / "state" / "watch.sqlite")) as database:
        return database.execute(query).fetchall()


FAULTS: dict[str, Callable[[Path], list[str]]] = {
    "disk full": disk_full,
    "disk that cannot be written": read_only,
    "clock jump": clock_jump,
    "torn tail": torn_tail,
    "corrupt tail": corrupt_tail,
    "corrupt segment": corrupt_segment,
}
"""By name. Each takes an empty folder and returns what is wrong."""
