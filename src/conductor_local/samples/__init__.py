"""The sample workflows: data only."""
