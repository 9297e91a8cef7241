"""Take texts out of JSON by the names of the members that hold them: what stands in their place says what they looked like."""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from typing import Any, Final, NamedTuple

from bartizan.collect.inventory.credentials import MARK, marked, masked

__all__ = ["masked_in", "without"]

_ADDRESS: Final = re.compile(r"(?<=://)[^\s/:@]{1,64}:[^\s/@]{1,128}(?=@)")
_SIGNED: Final = re.compile(
    r"(?i)(?<=[?&])(sig|code|signature|access_token|x-amz-signature|x-amz-security-token|x-goog-signature)=[^&\s\"'#]+"
)
"""What in an address lets in whoever has it: shared access signatures, keys of functions, signatures of AWS and Google."""
_VALUES: Final = frozenset({"value", "Value"})


class _Told(NamedTuple):
    whole: frozenset[str]
    pairs: frozenset[str]


def without(document: Any, whole: frozenset[str], pairs: frozenset[str]) -> Any:  # noqa: ANN401 - JSON
    """Return JSON without the values of secrets, and without passwords and signatures in addresses.

    ``whole`` are the members of which every text within may be a secret; ``pairs`` those that hold mappings or pairs of names and values,
    of which the names stay.
    """
    return _walk(document, _Told(whole, pairs), pairs=False)


def _walk(value: Any, told: _Told, *, pairs: bool) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, list):
        return [_walk(each, told, pairs=pairs) for each in value]
    if isinstance(value, str) and "://" in value:
        return _SIGNED.sub(rf"\1={MARK}", _ADDRESS.sub(MARK, value))
    if not isinstance(value, dict):
        return value
    secret = told.whole | _VALUES if pairs else told.whole
    name = next((value[key] for key in ("name", "Name") if isinstance(value.get(key), str)), "")
    walked = {}
    for key, each in value.items():
        texts = key == "Environment" and isinstance(each, dict) and all(isinstance(one, str) for one in each.values())
        hidden = key in secret or texts
        walked[key] = _hidden((pairs and name) or key, each) if hidden else _walk(each, told, pairs=pairs or key in told.pairs)
    return walked


def _hidden(name: str, value: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        return {key: _hidden(key, each) for key, each in value.items()}
    if isinstance(value, list):
        return [_hidden(name, each) for each in value]
    if value is None or isinstance(value, bool):
        return value
    return marked(_plain(str(value)), name=name)


def _plain(text: str) -> str:
    """Return a text that is base64, perhaps of gzip, as what it holds; another as it is."""
    try:
        held = base64.b64decode(text, validate=True)
        if held[:2] == b"\x1f\x8b":
            held = zlib.decompressobj(31).decompress(held, 1 << 16)
        return held.decode()
    except (binascii.Error, ValueError, zlib.error):
        return text


def masked_in(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Return JSON of which each text has what looks like a credential taken out."""
    if isinstance(value, dict):
        return {key: masked_in(each) for key, each in value.items()}
    if isinstance(value, list):
        return [masked_in(each) for each in value]
    return masked(value) if isinstance(value, str) else value
