"""Cut a stream of syslog into messages: octet counting and newlines (RFC 6587, RFC 5425), told apart message by message.

What is in a message (RFC 3164, RFC 5424) is read by the source ``syslog``, as from a file.
"""

from __future__ import annotations

from typing import Final

__all__ = ["MESSAGE_BYTES", "SyslogStream", "datagram"]

MESSAGE_BYTES: Final = 64 << 10
"""The longest message that is taken; RFC 5424 asks for 2,048, Windows events reach 60,000. Of a longer one the beginning is kept."""
_DIGITS: Final = 9
_ENDS: Final = b"\n\0"


class SyslogStream:
    """The bytes of one connection."""

    def __init__(self, limit: int = MESSAGE_BYTES) -> None:
        """Begin with nothing."""
        self._limit = limit
        self._held = b""
        self._skip = 0
        """Bytes of a counted message still to come that are not kept."""
        self._dropping = False
        """Whether the rest of a line that was too long is passed over."""
        self.cut = 0
        """Messages of which only the beginning was kept."""

    def feed(self, data: bytes) -> list[bytes]:
        """Take bytes and return the messages that are whole now."""
        found: list[bytes] = []
        held = self._held + data
        at = 0
        while at < len(held):
            step = self._step(held, at, found)
            if step < 0:
                break
            at = step
        self._held = held[at:]
        return found

    def finish(self) -> list[bytes]:
        """Return what is left at the end: a message that no newline ends, or one cut off."""
        rest, self._held = self._held, b""
        message = _tidy(rest[: self._limit])
        return [message] if message and not self._dropping else []

    def _step(self, held: bytes, at: int, found: list[bytes]) -> int:
        """Take one message that begins at ``at``; return the place behind it, -1 where its end has not come yet."""
        if self._skip:
            passed = min(self._skip, len(held) - at)
            self._skip -= passed
            return at + passed
        if not self._dropping and held[at : at + 1] in _COUNT:
            counted = self._counted(held, at, found)
            if counted:
                return counted
        return self._line(held, at, found)

    def _counted(self, held: bytes, at: int, found: list[bytes]) -> int:
        """Take a message that tells its length; 0 where this is none, -1 where more must come."""
        space = held.find(b" ", at, at + _DIGITS + 1)
        if space < 0:
            return -1 if held[at:].isdigit() and len(held) - at <= _DIGITS else 0
        if not held[at:space].isdigit():
            return 0
        return self._sized(held, int(held[at:space]), space + 1, found)

    def _sized(self, held: bytes, size: int, begin: int, found: list[bytes]) -> int:
        if held[begin : begin + 1] not in {b"", b"<"}:
            return 0
        if len(held) - begin < min(size, self._limit):
            return -1
        if size > self._limit:
            self.cut += 1
            self._skip = size - self._limit
            size = self._limit
        _keep(held[begin : begin + size], found)
        return begin + size

    def _line(self, held: bytes, at: int, found: list[bytes]) -> int:
        ends = [place for end in _ENDS if (place := held.find(end, at)) >= 0]
        if not ends:
            if self._dropping:
                return len(held)
            if len(held) - at <= self._limit:
                return -1
            self._dropping = True
            self.cut += 1
            found.append(_tidy(held[at : at + self._limit]))
            return len(held)
        end = min(ends)
        if self._dropping:
            self._dropping = False
        else:
            if end - at > self._limit:
                self.cut += 1
            _keep(held[at : min(end, at + self._limit)], found)
        return end + 1


_COUNT: Final = frozenset(bytes([digit]) for digit in b"123456789")


def datagram(data: bytes) -> list[bytes]:
    """Return the message of a UDP datagram (RFC 5426), nothing for an empty one."""
    found: list[bytes] = []
    _keep(data, found)
    return found


def _keep(message: bytes, found: list[bytes]) -> None:
    message = _tidy(message)
    if message:
        found.append(message)


def _tidy(message: bytes) -> bytes:
    """Return a message on one line: newlines within it become what rsyslog writes for them."""
    message = message.strip(b"\r\n\0 ")
    return message.replace(b"\r\n", b"#012").replace(b"\n", b"#012") if b"\n" in message else message
