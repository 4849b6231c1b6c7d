"""Conductor against answers recorded from AWS Step Functions."""
