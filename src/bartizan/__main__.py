"""Run the command line face: ``python -m bartizan`` is ``bartizan``."""

import sys


def main() -> int:
    """Run the command line and return its exit code."""
    try:
        from bartizan.faces.cli.main import run  # noqa: PLC0415 - start-up: nothing is imported before it is needed

        return run(sys.argv[1:])
    except KeyboardInterrupt:
        # So early that nobody is there yet to say so.
        return 130


if __name__ == "__main__":
    sys.exit(main())
