"""Names and scores on Redis sort as the instants they stand for."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from conductor_local.stores.instants import to_microseconds
from conductor_local.stores.redis_keys import instant_of, padded
from conductor_local.stores.redis_scripts import scripts

INSTANTS = [datetime(year, 3, 1, 12, tzinfo=UTC) for year in (1970, 2001, 2026, 2255, 2287, 2300, 5138, 9999)]


def test_text_sorts_as_instants_do() -> None:
    assert all(padded(earlier) < padded(later) for earlier, later in pairwise(INSTANTS))


@pytest.mark.parametrize("at", INSTANTS)
def test_a_score_gives_the_instant_back(at: datetime) -> None:
    assert instant_of(str(to_microseconds(at)).encode()) == at
    assert abs(instant_of(f"{float(to_microseconds(at)):.17g}".encode()) - at) < timedelta(milliseconds=1)


def test_a_score_that_was_rounded_up_is_still_an_instant() -> None:
    last = datetime.max.replace(tzinfo=UTC)
    assert instant_of(b"2.53402300800000e+17") == last


def test_every_script_states_what_it_returns() -> None:
    assert len(scripts()) > 10
    assert all(b"-- Returns " in each.text for each in scripts())
