"""`python -m xdl` is the command `xdl`."""

from xdl.cli.app import main

if __name__ == "__main__":
    main()
