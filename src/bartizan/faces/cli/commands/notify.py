"""Try the channels of `bartizan serve`, and see what became of notices.

FILE is the file of settings. `test` sends a finding that says that it is a test to each channel, now, whatever its level;
`status` shows what waits, was sent and was set aside; `revive` lets what was set aside be tried again.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bartizan.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from bartizan.respond.notify.contract import Channel

HELP: Final = "try the channels of the server, and see what became of notices"
EXAMPLES: Final = ("bartizan notify test watch.yml", "bartizan notify test watch.yml --channel soc", "bartizan notify status watch.yml")
FAILED: Final = 1


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the actions."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, about in (("test", "send a test"), ("status", "show what became of notices"), ("revive", "try again what was set aside")):
        action = actions.add_parser(name, help=about)
        action.add_argument("file", type=Path, metavar="FILE")
        if name == "test":
            action.add_argument("--channel", metavar="NAME", help="only this channel")


def run(arguments: argparse.Namespace) -> int:
    """Do what was asked."""
    from bartizan.faces.server.settings import read_settings

    settings = read_settings(arguments.file)
    if arguments.action == "test":
        from bartizan.faces.server.assembling import channels

        asked = [one.channel for one in channels(settings) if arguments.channel in {None, one.channel.name}]
        if not asked:
            message = f"{arguments.file}: there is no channel{'' if arguments.channel is None else f' {arguments.channel!r}'} under notify"
            raise UsageError(message)
        return max(_test(channel) for channel in asked)
    from bartizan.faces.server.assembling import places_of
    from bartizan.respond.notify.outbox import Outbox

    places = places_of(settings)
    outbox = Outbox(places.ledger)
    outbox.carry_over(places.outbox)
    if arguments.action == "revive":
        print(f"{outbox.revive(time.time())} notices are tried again")
    for (name, state), count in sorted(outbox.counts().items()):
        print(f"{name}: {count} {state}")
    for name, uid, why in outbox.troubles():
        print(f"{name}: {uid} was set aside: {why}")
    outbox.close()
    return 0


def _test(channel: Channel) -> int:
    from bartizan.respond.notify.contract import Notice

    now = time.time()
    finding = {
        "class_uid": 2004,
        "time": int(now * 1000),
        "severity": "Informational",
        "message": "This is a test of a channel; nothing has happened.",
        "finding_info": {"title": "A test of this channel", "uid": f"test-{int(now)}", "analytic": {"uid": "bartizan-notify-test"}},
    }
    refused = channel.send(Notice(f"test-{int(now)}", "informational", json.dumps(finding).encode()), now)
    print(f"{channel.name}: {'took it' if refused is None else f'did not take it: {refused.why}'}")
    return 0 if refused is None else FAILED
