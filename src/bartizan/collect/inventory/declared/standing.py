"""Make up what stands for a value that nobody gave, where it only names things."""

from __future__ import annotations

import re
from typing import Final

from bartizan.collect.inventory.declared.rendering import stand_in

__all__ = ["DEFAULT_REGION", "made_up", "naming_word"]

DEFAULT_REGION: Final = "us-east-1"
"""What stands for a region: the first of AWS."""
_ACCOUNT: Final = re.compile(r"(^|_)account(_?id|_?number)?$")
_REGION: Final = re.compile(r"(^|_)region$")
_NAMING: Final = re.compile(r"(^|_)(suffix|prefix|environment|env|stage|project|namespace|workspace|owner|team|name|tag|id)$")
_IDS: Final = {"vpc": "vpc-", "subnet": "subnet-", "security_group": "sg-", "sg": "sg-", "ami": "ami-", "instance": "i-"}


def made_up(name: str) -> str | None:
    """Return what stands for a variable that has no value, where it only names things; None where a judgement would hang on it.

    Account ids are twelve digits that differ by the variable's name; a region is the first of AWS.
    """
    if _ACCOUNT.search(name):
        return str(int(stand_in(name, 12), 16))[-11:].rjust(12, "9")
    if _REGION.search(name):
        return DEFAULT_REGION
    if _NAMING.search(name):
        for word, prefix in _IDS.items():
            if re.search(rf"(^|_){word}\d*_id$", name):
                return prefix + stand_in(name, 17)
        return naming_word(name)
    return None


def naming_word(name: str) -> str:
    """Return what stands for a variable that names things: its own name, and digits that are always the same."""
    return f"{name.replace('_', '-')}-{stand_in(name, 6)}"
