"""Name the place where files of old days are kept: s3://BUCKET/PREFIX, or file:///FOLDER of another disk.

`bartizan lake maintain --cold-days N` moves them there. Who may go there is told by the environment, as for every program that
speaks with S3 (AWS_ACCESS_KEY_ID, AWS_PROFILE, a role of the machine): nothing secret is written down.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.faces.cli.lakes import add_lake

if TYPE_CHECKING:
    import argparse

ACTION: Final = "cold"
HELP: Final = "where files of old days are kept"


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    add_lake(parser)
    parser.add_argument("url", metavar="URL", help="s3://BUCKET/PREFIX or file:///FOLDER")
    parser.add_argument("--endpoint", default="", metavar="URL", help="the server, where it is not Amazon's: https://HOST:PORT")
    parser.add_argument("--region", default="", metavar="NAME", help="the region of the bucket")
    parser.add_argument("--at-hand", type=float, metavar="GB", help="how much of what was brought back is kept at hand (default: 21 GB)")


def run(arguments: argparse.Namespace) -> int:
    """Name it."""
    from bartizan.lake.opening import open_lake

    open_lake(arguments.lake).close()
    from bartizan.lake.cold import CACHE_BYTES, Place, set_place  # needs the extra, which opening the lake has looked for

    size = CACHE_BYTES if arguments.at_hand is None else int(arguments.at_hand * 1e9)
    set_place(arguments.lake, Place(url=arguments.url, endpoint=arguments.endpoint, region=arguments.region, cache_bytes=size))
    print(f"{arguments.lake} keeps files of old days in {arguments.url}; `bartizan lake maintain --cold-days N` moves them there")
    return 0
