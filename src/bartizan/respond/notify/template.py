"""Write a notice as the user wants it: a Jinja template in a sandbox, which sees one finding and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
from jinja2 import ChainableUndefined, TemplateError, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from bartizan.errors import InputError
from bartizan.respond.notify.contract import Refusal
from bartizan.respond.notify.texts import text_of

if TYPE_CHECKING:
    from pathlib import Path

    from bartizan.respond.notify.contract import Notice

__all__ = ["NoticeTemplate"]

_MOST: Final = 64 << 10
"""Characters of a notice: no chat, pager or mail takes more, and a loop in a template must end."""


class NoticeTemplate:
    """A template in a file, given ``finding`` (OCSF as stored), ``title`` and ``text`` (what is sent without one), ``level``, ``uid``.

    What a finding does not have is empty. Nothing is escaped: ``{{ finding | tojson }}`` writes JSON.
    """

    def __init__(self, path: Path) -> None:
        """Read and compile it; InputError with file and line where that cannot be."""
        self._path = path
        # A notice is no page: what escapes it is whoever shows it.
        inside = ImmutableSandboxedEnvironment(undefined=ChainableUndefined, autoescape=False, keep_trailing_newline=False)
        inside.globals.clear()
        try:
            self._template = inside.from_string(path.read_text(encoding="utf-8"))
        except TemplateSyntaxError as error:
            message = f"{path}:{error.lineno}: {error.message}"
            raise InputError(message) from error
        except (OSError, UnicodeDecodeError) as error:
            message = f"{path}: cannot be read: {error}"
            raise InputError(message) from error

    def written(self, notice: Notice) -> str | Refusal:
        """Return what the template makes of a notice; a Refusal, not to be tried again, where it makes nothing of it."""
        finding: dict[str, Any] = msgspec.json.decode(notice.line)
        title, text = text_of(notice.line)
        parts: list[str] = []
        size = 0
        try:
            for part in self._template.generate(finding=finding, title=title, text=text, level=notice.level, uid=notice.uid):
                parts.append(part)
                size += len(part)
                if size > _MOST:
                    return Refusal(f"{self._path}: makes more than {_MOST} characters of a finding", again=False)
        except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError, RecursionError) as error:
            return Refusal(f"{self._path}: {type(error).__name__}: {error}", again=False)
        return "".join(parts)
