"""Run the command with every record mapped to OCSF in full, whether somebody asks for it or not: what mapping costs is in the figure."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from bartizan.__main__ import main
from bartizan.detect.hunt import judge, parts

if TYPE_CHECKING:
    from bartizan.collect.chunk import Chunk
    from bartizan.collect.contract import Part, Source


def _whole(source: Source, part: Part, chunk: Chunk, *, sparing: bool) -> parts.RoutePart:  # noqa: ARG001 - it is what is not wanted here
    return parts.route_part(source, part, chunk, sparing=False)


if __name__ == "__main__":
    setattr(judge, "route_part", _whole)  # noqa: B010 - a name that the module does not offer
    sys.exit(main())
