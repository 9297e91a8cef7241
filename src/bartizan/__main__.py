"""Run the command line face: ``python -m bartizan`` is ``bartizan``."""

import os
import sys


def main() -> int:
    """Run the command line and return its exit code."""
    # numpy brings a library for matrices along that starts a thread for each processor, all of which wait busily, and we have no matrices.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        from bartizan.faces.cli.main import run  # noqa: PLC0415 - start-up: nothing is imported before it is needed

        return run(sys.argv[1:])
    except KeyboardInterrupt:
        # So early that nobody is there yet to say so.
        return 130


if __name__ == "__main__":
    sys.exit(main())
