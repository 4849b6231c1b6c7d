"""Tests of `conductor_local.functions`."""
