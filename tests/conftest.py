"""What all tests share: real services, and assertions of the public suites shown in full, like those of tests."""

import pytest

pytest_plugins = ["tests.services.fixtures"]
pytest.register_assert_rewrite("conductor_local.testing.store_suite", "conductor_local.testing.sink_suite")
