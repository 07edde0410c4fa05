"""`lsbench` and `python -m lsbench`."""

from lsbench.cli.app import main

if __name__ == "__main__":
    main()
