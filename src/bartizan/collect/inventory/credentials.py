"""Tell whether a value looks like a credential, so that it can be said without the value being kept."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["MARK", "NAMES", "looks_like", "marked", "masked"]

MARK: Final = "(redacted)"
"""What stands in place of a value that is not kept; ``(redacted) FORM`` where it looked like a credential of that form."""

_FORMS: Final = (
    ("aws-access-key", re.compile(r"(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Z0-9])")),
    ("private-key", re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY")),
    ("github-token", re.compile(r"(?<![A-Za-z0-9])(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60})")),
    ("gitlab-token", re.compile(r"(?<![A-Za-z0-9])glpat-[A-Za-z0-9_-]{20}")),
    ("slack-token", re.compile(r"xox[abeoprs]-[A-Za-z0-9-]{10}")),
    ("stripe-key", re.compile(r"(?<![A-Za-z0-9])[rs]k_live_[A-Za-z0-9]{16}")),
    ("google-api-key", re.compile(r"(?<![A-Za-z0-9_-])AIza[A-Za-z0-9_-]{35}")),
    ("azure-connection-string", re.compile(r"(?:AccountKey|SharedAccessKey)=[A-Za-z0-9+/]{20}")),
    ("json-web-token", re.compile(r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.")),
    ("url-with-password", re.compile(r"[a-z][a-z0-9+.-]{1,20}://[^\s/:@]{1,64}:[^\s/@]{3,128}@")),
    (
        "password",
        re.compile(
            r"(?i)(?:password|passwd|pwd|secret_?(?:access_?)?key|api_?key|auth_?token)[\"']?\s{0,4}[:=]\s{0,4}[\"']?[^\s\"'$\{<]{6}"
        ),
    ),
)
"""Forms that those who hand credentials out publish; each is bounded, so that a long hostile value costs no more than its length."""
_NAMED: Final = re.compile(
    r"(?i)(?:passw(?:or)?d|passwd|pwd$|secret|api_?key|access_?key|private_?key|auth_?token|credential|^token$|_token$)"
)
_POINTERS: Final = re.compile(r"^(?:arn:|\{\{resolve:|\$\{|/|https?://[^@]*$|ssm:|projects/|vault:)|(?i:_(?:arn|name|id|path|url)$)")
_LEAST: Final = 8
"""Letters below which a value under a telling name is taken for a switch (``true``, ``none``) and no credential."""
_MOST: Final = 65_536
"""Letters of a value that are looked at: user data has at most 16 KiB, a variable 4."""

NAMES: Final = (*(name for name, _form in _FORMS), "named")
"""What ``looks_like`` can say, besides nothing."""


def looks_like(value: str, *, name: str = "") -> str:
    """Return which kind of credential a value looks like, ``named`` where only its name says so, "" where nothing does."""
    text = value[:_MOST]
    for form, pattern in _FORMS:
        if pattern.search(text):
            return form
    told = _NAMED.search(name) and not _POINTERS.search(name) and not _POINTERS.search(text)
    return "named" if told and len(text) >= _LEAST and not text.isspace() else ""


def marked(value: str, *, name: str = "") -> str:
    """Return what stands in place of a value."""
    return " ".join(filter(None, (MARK, looks_like(value, name=name))))


def masked(text: str) -> str:
    """Return a text in which each part that looks like a credential is marked, and the rest is as it was."""
    for form, pattern in _FORMS:
        text = pattern.sub(f"{MARK} {form};", text)
    return text
