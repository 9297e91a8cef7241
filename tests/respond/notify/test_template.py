"""People write notices as they want them, and a template can neither reach anything nor run for ever."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.faces.command import bartizan
from tests.respond.notify.test_notify import LINE, hook, notice

from bartizan.errors import InputError
from bartizan.respond.notify.contract import Notice, Refusal
from bartizan.respond.notify.template import NoticeTemplate
from bartizan.respond.notify.webhook import SIGNATURE, Webhook, signature

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["hook"]


@pytest.fixture
def made(tmp_path: Path) -> Path:
    return tmp_path / "notice.j2"


def written(made: Path, text: str, one: Notice | None = None) -> str | Refusal:
    made.write_text(text)
    return NoticeTemplate(made).written(one or notice("u1"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{{ level | upper }}: {{ finding.finding_info.title }}", "HIGH: Root came in by password"),
        ("{{ title }}\n{{ text.splitlines()[0] }}", "[High] Root came in by password\nRoot came in"),
        ("{{ finding.actor.user.name }}-{{ nothing.at.all }}-{{ uid }}", "--u1"),
        ("{% for one in finding.observables %}{{ one.value }} {% endfor %}", "203.0.113.9 203.0.113.9 "),
        ('{{ {"a": finding.device.hostname, "b": "<\'>"} | tojson }}', '{"a": "web-01", "b": "\\u003c\\u0027\\u003e"}'),
    ],
)  # fmt: skip
def test_a_template_sees_the_finding(made: Path, text: str, told: str) -> None:
    assert written(made, text) == told


@pytest.mark.parametrize(
    "text",
    [
        "{{ ''.__class__.__mro__ }}x",
        "{{ finding.__init__.__globals__ }}x",
        "{{ finding.update({'a': 1}) }}",
        "{{ finding.finding_info.title.format.__self__ }}x",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}x",
        "{% include '/etc/passwd' %}",
        "{{ range(10) }}",
        "{{ 1 / 0 }}",
        "{{ 'x' * 100000 }}",
        "{% for a in finding.observables %}{% for b in (text * 500)[:99999] %}{{ b }}{% endfor %}{% endfor %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    ],
)
def test_nothing_else_can_be_reached_or_run_for_ever(made: Path, text: str) -> None:
    told = written(made, text)
    assert told in ("x", "") or (isinstance(told, Refusal) and not told.again and str(made) in told.why)


def test_a_template_that_is_none_is_said_with_its_line(made: Path) -> None:
    made.write_text("one\n{% if %}")
    with pytest.raises(InputError, match=r"notice\.j2:2: Expected an expression"):
        NoticeTemplate(made)
    with pytest.raises(InputError, match=r"missing: cannot be read"):
        NoticeTemplate(made.with_name("missing"))


@pytest.mark.enable_socket
def test_a_webhook_gets_what_the_template_wrote_signed(
    made: Path, hook: tuple[str, list[tuple[str, bytes, dict[str, str]]], list[int]]
) -> None:
    url, got, _ = hook
    for text in ('{"text": {{ title | tojson }}}', "{{ title }}"):
        made.write_text(text)
        assert Webhook(name="soc", url=url, secret=b"s3cret", template=NoticeTemplate(made)).send(notice("u1"), 1000.0) is None
    bodies = [(body, headers["content-type"]) for _, body, headers in got]
    assert bodies == [
        (b'{"text": "[High] Root came in by password"}', "application/json"),
        (b"[High] Root came in by password", "text/plain; charset=utf-8"),
    ]
    assert [headers[SIGNATURE.lower()] for _, _, headers in got] == [signature(b"s3cret", body, 1000) for body, _ in bodies]


@pytest.mark.enable_socket
def test_the_test_of_a_channel_uses_its_template(
    made: Path,
    tmp_path: Path,
    hook: tuple[str, list[tuple[str, bytes, dict[str, str]]], list[int]],
) -> None:
    url, got, _ = hook
    config = tmp_path / "watch.yml"
    config.write_text(f"state: state\nnotify: [{{name: soc, webhook: '{url}', template: notice.j2}}]\n")
    made.write_text("{{ finding.finding_info.title }}!")
    said = bartizan("notify", "test", config)
    assert (said.code, said.out, got[0][1]) == (0, "soc: took it\n", b"A test of this channel!")
    made.write_text("{{ 1 / 0 }}")
    assert bartizan("notify", "test", config).out == f"soc: did not take it: {made}: ZeroDivisionError: division by zero\n"
    made.write_text("{% x %}")
    assert f"{made}:1: Encountered unknown tag 'x'" in bartizan("config", "check", config).err


@pytest.mark.enable_socket
@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # a part of apprise imports what Python 3.13 drops
def test_what_goes_through_apprise_has_the_first_line_as_its_title(
    made: Path, hook: tuple[str, list[tuple[str, bytes, dict[str, str]]], list[int]]
) -> None:
    pytest.importorskip("apprise", reason="needs the extra 'notify'")
    from bartizan.respond.notify.others import AppriseChannel

    url, got, _ = hook
    made.write_text("{{ title }}\n\nsee {{ uid }}")
    channel = AppriseChannel(name="chat", url=url.replace("http://", "json://"), template=NoticeTemplate(made))
    assert channel.send(Notice("u1", "high", LINE), 0.0) is None
    told = json.loads(got[0][1])
    assert (told["title"], told["message"]) == ("[High] Root came in by password", "see u1")
    made.write_text("{{ 1 / 0 }}")
    broken = AppriseChannel(name="chat", url=url.replace("http://", "json://"), template=NoticeTemplate(made)).send(notice("u1"), 0.0)
    assert broken == Refusal(f"{made}: ZeroDivisionError: division by zero", again=False)
