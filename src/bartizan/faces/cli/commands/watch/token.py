"""Make and revoke tokens in the state of a watch: `add NAME` prints one, once; a server that runs knows of it within seconds.

Of a token only a digest is kept. Senders may as well stand in the settings, with their tokens in files.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import argparse

ACTION: Final = "token"
PROTOCOLS: Final = ("elastic", "ndjson", "otlp", "splunk")
HELP: Final = "let somebody send, or send no more"


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    parser.add_argument("file", type=Path, metavar="FILE", help="the settings of the server")
    actions = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    add = actions.add_parser("add", help="make a token and print it")
    add.add_argument("name", metavar="NAME", help="how the sender is shown")
    add.add_argument("--receiver", action="append", default=[], choices=PROTOCOLS, help="only this protocol; repeatable")
    add.add_argument("--rate", type=int, default=0, metavar="BYTES", help="bytes per second, unpacked; 0 without bound")
    add.add_argument("--size", type=int, default=0, metavar="BYTES", help="bytes of a body, unpacked; 0 as the server's own bound")
    add.add_argument("--silent", type=int, default=0, metavar="SECONDS", help="silence after which that is a finding; 0 never")
    revoke = actions.add_parser("revoke", help="make a token invalid")
    revoke.add_argument("name", metavar="NAME")
    actions.add_parser("list", help="show who has a token")


def run(arguments: argparse.Namespace) -> int:
    """Do what was asked."""
    from contextlib import closing

    from bartizan.collect.receivers.gate import Sender
    from bartizan.faces.server.assembling import places_of
    from bartizan.faces.server.senders import SenderTable
    from bartizan.faces.server.settings import read_settings

    with closing(SenderTable(places_of(read_settings(arguments.file)).ledger)) as table:
        if arguments.what == "add":
            scope = {name: getattr(arguments, name) for name in ("rate", "size", "silent")}
            print(table.add(Sender(name=arguments.name, receivers=tuple(arguments.receiver), **scope)))
        elif arguments.what == "revoke":
            table.revoke(arguments.name)
            print(f"{arguments.name}: sends no more")
        for sender in table.senders() if arguments.what == "list" else ():
            bounds = [f"{name} {value}" for name in ("rate", "size", "silent") if (value := getattr(sender, name))]
            print(f"{sender.name}: {', '.join([*sender.receivers, *bounds]) or 'all protocols, without bound'}")
    return 0
