"""`python -m services.frontend.cli` is the `ragworks` command."""

from services.frontend.cli.app import main

main()
