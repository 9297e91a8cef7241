"""Write the graph of a case: entities as nodes, what happened between them as edges, for Graphviz or Mermaid, or as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.faces.cli.cases import add_one, desk, told

if TYPE_CHECKING:
    import argparse

ACTION: Final = "graph"
HELP: Final = "entities, and what happened between them"


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    add_one(parser)
    parser.add_argument("--format", default="dot", choices=("dot", "mermaid", "json"), help="dot for Graphviz (default)")


def run(arguments: argparse.Namespace) -> int:
    """Print the graph."""
    from bartizan.explain.cases.graph import graph_of, written

    found = desk(arguments)
    case = found.case(arguments.case)
    print(written(graph_of(case, found.ties), arguments.format))
    return told(found)
