"""Changes wake those who watch, and only them."""

from conductor_local.runtime.changes import Changes


def test_a_change_wakes_those_who_watch_the_execution_or_everything() -> None:
    changes = Changes()
    with changes.watch("a") as first, changes.watch("a") as second, changes.watch("b") as other, changes.watch() as everything:
        changes.changed("a")
        assert [event.is_set() for event in (first, second, other, everything)] == [True, True, False, True]


def test_who_has_gone_is_not_woken() -> None:
    changes = Changes()
    with changes.watch("a") as stays:
        with changes.watch("a") as gone:
            pass
        changes.changed("a")
        assert (stays.is_set(), gone.is_set()) == (True, False)


def test_a_change_that_nobody_watches_is_nothing() -> None:
    changes = Changes()
    with changes.watch("a") as event:
        pass
    changes.changed("a")
    assert not event.is_set()


def test_a_reader_clears_and_is_woken_again() -> None:
    changes = Changes()
    with changes.watch("a") as event:
        changes.changed("a")
        event.clear()
        changes.changed("a")
        assert event.is_set()
