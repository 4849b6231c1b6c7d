"""How fast Conductor is, measured beside a bare probe in the same run: `make bench`."""
