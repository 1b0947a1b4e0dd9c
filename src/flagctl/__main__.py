"""`python -m flagctl`."""

from flagctl.cli import main

main()
