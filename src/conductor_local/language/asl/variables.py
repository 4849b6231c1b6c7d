"""The names that an `Assign` gives (reference sheet 7).

Rules: a branch or an iteration is a scope of its own; what it assigns may not have the name of anything that the states around it
assign, before or after. What the state itself assigns that holds the branch or iteration does not count (AWS takes that, recorded
2024-11), for by then the scope is gone. The children of a distributed Map see nothing around them, and may use every name.
"""

from collections.abc import Iterator, Mapping

from conductor_local.language.asl.diagnostics import Diagnostics, Place
from conductor_local.language.asl.fields import Fields
from conductor_local.language.checks import BODY_DEPTH_MAX
from conductor_local.payload import Json

NAME_CHARS_MAX = 80
RESERVED = "states"


def check_names(fields: Fields) -> None:
    """Note every name in the `Assign` of a state, rule or Catcher that no variable may have."""
    for key in fields.value["Assign"]:
        name = _name(key)
        if name == RESERVED:
            _refuse(fields, key, f"Variable name '{name}' is reserved")
        elif not name.isidentifier():
            _refuse(fields, key, f"Variable name '{name}' is not a valid identifier")
        elif len(name) > NAME_CHARS_MAX:
            _refuse(fields, key, f"Variable name '{name}' exceeds {NAME_CHARS_MAX} characters")


def _name(key: str) -> str:
    return key.removesuffix(".$")


def _refuse(fields: Fields, key: str, text: str) -> None:
    place = fields.at("Assign")
    fields.reading.diagnostics.error(place, text, caret=place.member(key))


def check_scopes(machine: Json, diagnostics: Diagnostics) -> None:
    """Note every name that is assigned in a machine and in one around it. Made from the JSON, which may be wrong elsewhere."""
    _check_body(machine, Place(), {}, diagnostics, 0)


def _check_body(body: Json, place: Place, outer: Mapping[str, Place], diagnostics: Diagnostics, depth: int) -> None:
    states = body.get("States") if isinstance(body, dict) else None
    if not isinstance(states, dict) or depth > BODY_DEPTH_MAX:
        return
    places = {name: place.member("States").member(name) for name in states}
    own: dict[str, dict[str, Place]] = {name: {} for name in states}
    for name, state in states.items():
        for variable, assign, key in _assigned(state, places[name]):
            own[name].setdefault(variable, assign)
            if variable in outer:
                text = f"Variable name '{variable}' is already used in an outer scope"
                hint = f"{outer[variable].location} assigns it; inside, take another name and return the value as output"
                diagnostics.error(assign, text, hint=hint, caret=key)
    for name, state in states.items():
        for inner, at, sees_outer in _bodies(state, places[name]):
            around = {variable: at for other in states if other != name for variable, at in own[other].items()}
            _check_body(inner, at, {**outer, **around} if sees_outer else {}, diagnostics, depth + 1)


def _assigned(state: Json, place: Place) -> Iterator[tuple[str, Place, Place]]:
    """Yield each name that a state, its rules and its Catchers assign, with the places of the `Assign` and of its key."""
    for holder, at in [(state, place), *_items(state, "Choices", place), *_items(state, "Catch", place)]:
        assign = holder.get("Assign") if isinstance(holder, dict) else None
        for key in assign if isinstance(assign, dict) else ():
            yield _name(key), at.member("Assign"), at.member("Assign").member(key)


def _bodies(state: Json, place: Place) -> Iterator[tuple[Json, Place, bool]]:
    """Yield the machines inside a state, and whether they see what is around them."""
    for branch, at in _items(state, "Branches", place):
        yield branch, at, True
    for name in ("ItemProcessor", "Iterator"):
        processor = state.get(name) if isinstance(state, dict) else None
        if isinstance(processor, dict):
            config = processor.get("ProcessorConfig")
            yield processor, place.member(name), not (isinstance(config, dict) and config.get("Mode") == "DISTRIBUTED")


def _items(state: Json, name: str, place: Place) -> Iterator[tuple[Json, Place]]:
    items = state.get(name) if isinstance(state, dict) else None
    for index, item in enumerate(items if isinstance(items, list) else ()):
        yield item, place.member(name).item(index)
