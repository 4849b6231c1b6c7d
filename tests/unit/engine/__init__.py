"""Tests of `conductor_local.engine`."""
