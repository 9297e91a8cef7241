"""Say a finding in a few lines, for people."""

from __future__ import annotations

from typing import Any, Final

import msgspec

__all__ = ["text_of"]

_OBSERVABLES: Final = 8


def text_of(line: bytes) -> tuple[str, str]:
    """Return title and text of a finding, for people: what, how bad, when, where, and the first observables."""
    found: dict[str, Any] = msgspec.json.decode(line)
    info = found.get("finding_info", {})
    title = f"[{found.get('severity', 'Unknown')}] {info.get('title', 'A finding')}"
    lines = [str(found.get("message") or info.get("desc") or "")]
    lines.append(f"at {found.get('time_dt', found.get('time', ''))}")
    if host := found.get("device", {}).get("hostname"):
        lines.append(f"on {host}")
    seen = dict.fromkeys(f"{one.get('type')}: {one.get('value')}" for one in found.get("observables", ()))
    lines += list(seen)[:_OBSERVABLES]
    lines.append(f"finding {info.get('uid', '')}, rule {info.get('analytic', {}).get('uid', '')}")
    return title, "\n".join(text for text in lines if text)
