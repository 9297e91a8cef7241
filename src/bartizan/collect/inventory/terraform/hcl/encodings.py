"""The functions of Terraform's language that turn values into JSON, YAML and CSV, and back."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any, Final

from bartizan.documents import Document, documents

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["ENCODINGS", "encode"]


def encode(value: object) -> str:
    """Return a value as JSON, as jsonencode writes it: keys sorted, ``<``, ``>`` and ``&`` escaped."""
    text = json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False, allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _decode_yaml(text: str) -> Any:  # noqa: ANN401 - YAML holds anything
    read = list(documents(text.encode()))
    if len(read) != 1 or not isinstance(read[0], Document):
        message = "it is not one document of YAML"
        raise ValueError(message)
    return json.loads(json.dumps(read[0].value, default=str))


ENCODINGS: Final[Mapping[str, Callable[..., Any]]] = {
    "jsondecode": json.loads,
    "yamldecode": _decode_yaml,
    "yamlencode": encode,
    "csvdecode": lambda text: list(csv.DictReader(io.StringIO(text))),
}
