"""What all tests share: the assertions of the public suites are shown in full, like those of tests."""

import pytest

pytest.register_assert_rewrite("conductor_local.testing.store_suite")
