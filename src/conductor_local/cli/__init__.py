"""The command line. `main` finds the command; `commands/` holds one module per command; the rest is what they share."""
