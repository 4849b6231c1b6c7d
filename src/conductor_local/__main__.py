"""`python -m conductor_local` is the `conductor` command."""

from conductor_local.cli.main import main

if __name__ == "__main__":
    main()
