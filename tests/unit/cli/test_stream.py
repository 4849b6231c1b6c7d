"""Reading server-sent events."""

from conductor_local.cli.stream import parse_events


def test_an_event_has_id_type_and_body() -> None:
    (event,) = parse_events(["id: 7", "event: STEP_STARTED", 'data: {"a":1}', ""])
    assert (event.id, event.type, event.body) == ("7", "STEP_STARTED", {"a": 1})


def test_comments_and_other_fields_are_skipped() -> None:
    assert list(parse_events([": still here", "", "retry: 2000", ""])) == []


def test_an_event_that_the_connection_cut_is_not_told() -> None:
    assert list(parse_events(["id: 1", 'data: {"a":1}'])) == []


def test_data_over_several_lines_is_one_body() -> None:
    (event,) = parse_events(['data: {"a":', "data: 1}", ""])
    assert event.body == {"a": 1}


def test_an_id_holds_until_the_next_one() -> None:
    assert [event.id for event in parse_events(["id: 1", "data: {}", "", "data: {}", ""])] == ["1", "1"]
