"""Functions are found in folders, files and modules, again and again."""

import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from conductor_local.errors import SettingsError
from conductor_local.functions import Registry, load
from conductor_local.functions.registry import describe


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A working directory of the test's own; what it imports is forgotten afterwards."""
    monkeypatch.chdir(tmp_path)
    path, modules = list(sys.path), set(sys.modules)
    yield tmp_path
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        if str(tmp_path) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


def write(path: str, text: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(dedent(text).lstrip())


def call(registry: Registry, name: str, *arguments: Any) -> Any:
    function = registry.find(name)
    assert function is not None
    return function.target(*arguments)


MARKED = """
from conductor_local.functions import function

@function
def send(payload):
    "Send it.

    More."
    return 1

@function(name="payNow", timeout_seconds=5)
async def pay(payload):
    return 2

def helper(a, b): ...
""".replace('"Send', '"""Send').replace('More."', 'More."""')


def test_marked_functions_of_a_file_are_found() -> None:
    write("orders.py", MARKED)
    assert load(["orders.py"]).names == ["payNow", "send"]


def test_a_view_tells_place_description_kind_and_limit() -> None:
    write("orders.py", MARKED)
    pay, send = load(["orders.py"]).views()
    assert (send.name, send.description, send.file, send.line, send.is_async) == ("send", "Send it.", "orders.py", 3, False)
    assert (pay.name, pay.is_async, pay.timeout_seconds) == ("payNow", True, 5)


def test_every_public_callable_written_in_functions_py_is_found() -> None:
    write(
        "functions.py",
        """
        from json import dumps
        from conductor_local.functions import function
        class Order: ...
        number = 1
        def plain(payload): ...
        shorter = lambda payload: payload
        def _private(a, b): ...
        @function(name="named")
        def marked(payload): ...
        """,
    )
    assert load(["functions.py"]).names == ["named", "plain", "shorter"]


def test_a_folder_is_read_without_private_files_and_tests() -> None:
    for name in ("orders", "_private", "test_orders", "orders_test", "conftest", "setup"):
        write(f"app/{name}.py", f"from conductor_local.functions import function\n@function\ndef {name}_f(): ...\n")
    assert load(["app"]).names == ["orders_f"]


def test_two_folders_may_have_files_and_siblings_of_the_same_name() -> None:
    for folder in ("one", "two"):
        write(f"{folder}/functions.py", f"import shared\ndef {folder}(): return shared.NAME\n")
        write(f"{folder}/shared.py", f"NAME = '{folder}'\n")
    registry = load(["one", "two"])
    assert [call(registry, name) for name in ("one", "two")] == ["one", "two"]


def test_a_sibling_may_be_imported_while_a_function_runs() -> None:
    write("app/functions.py", "def late():\n    import late_sibling\n    return late_sibling.X\n")
    write("app/late_sibling.py", "X = 1\n")
    assert call(load(["app"]), "late") == 1


def test_a_file_named_like_a_standard_module_hides_nothing() -> None:
    write("app/colorsys.py", "from conductor_local.functions import function\n@function\ndef paint(): ...\n")
    assert load(["app"]).names == ["paint"]
    sys.modules.pop("colorsys", None)
    import colorsys

    assert hasattr(colorsys, "rgb_to_hsv")


def test_a_function_imported_from_a_sibling_is_not_found_twice() -> None:
    write("app/a.py", "from conductor_local.functions import function\n@function\ndef send(): ...\n")
    write("app/b.py", "from a import send\n")
    assert load(["app"]).names == ["send"]


def test_a_file_named_twice_is_loaded_once() -> None:
    write("app/functions.py", "def f(): ...\n")
    assert load(["app", "app/functions.py"]).names == ["f"]


def test_a_dotted_module_is_imported_by_its_own_name() -> None:
    write("shop/__init__.py", "")
    write("shop/prices.py", "PRICE = 3\n")
    write("shop/functions.py", "from .prices import PRICE\ndef price(): return PRICE\n")
    assert call(load(["shop.functions"]), "price") == 3


def test_a_package_may_gather_marked_functions_of_its_modules() -> None:
    write("bazaar/__init__.py", "from .mail import send\n")
    write("bazaar/mail.py", "from conductor_local.functions import function\n@function\ndef send(): ...\n")
    assert load(["./bazaar/__init__.py"]).names == ["send"]


def test_a_package_named_by_its_dotted_name_gathers_too() -> None:
    write("kiosk/inner/__init__.py", "from .mail import send\n")
    write("kiosk/inner/mail.py", "from conductor_local.functions import function\n@function\ndef send(): ...\n")
    assert load(["kiosk.inner"]).names == ["send"]


def test_loading_again_sees_new_code_in_files_and_siblings() -> None:
    write("functions.py", "import prices\ndef price(): return ('old', prices.PRICE)\n")
    write("prices.py", "PRICE = 1\n")
    old = load(["functions.py"])
    write("functions.py", "import prices\ndef price(): return ('new', prices.PRICE)\n")
    write("prices.py", "PRICE = 2\n")
    new = load(["functions.py"])
    assert [call(old, "price"), call(new, "price")] == [("old", 1), ("new", 2)]


def test_loading_again_sees_new_code_in_dotted_modules() -> None:
    write("store/__init__.py", "")
    write("store/functions.py", "def price(): return 1\n")
    load(["store.functions"])
    write("store/functions.py", "def price(): return 2\n")
    assert call(load(["store.functions"]), "price") == 2


def test_a_load_that_fails_leaves_modules_and_path_as_they_were() -> None:
    write("functions.py", "import sibling\ndef f(): ...\n")
    write("sibling.py", "X = 1\n")
    load(["functions.py"])
    modules, path = dict(sys.modules), list(sys.path)
    write("more/functions.py", "import broken\n")
    write("more/broken.py", "1 / 0\n")
    with pytest.raises(SettingsError):
        load(["functions.py", "more"])
    assert sys.path == path
    assert {name: module for name, module in sys.modules.items() if "sibling" in name} == {"sibling": modules["sibling"]}
    assert "broken" not in sys.modules


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def f(:\n", r"^functions\.py:1: SyntaxError: .*Correct the line and save\.$"),
        (
            "\nimport nonexistent_thing\n",
            r"^functions\.py:2: ModuleNotFoundError: .* Install 'nonexistent_thing' in the environment",
        ),
        ("x = 1\ny = x / 0\n", r"^functions\.py:2: ZeroDivisionError: division by zero\. .*correct the line and save\.$"),
        ("raise SystemExit\n", r"^functions\.py:1: SystemExit: SystemExit\. Put what ends the program under if __name__"),
        ("from . import x\n", r"^functions\.py:1: ImportError: .*plain name, or name the package as a dotted module"),
        ("def f(a, b): ...\n", r"^functions\.py:1: function 'f': nothing fills the parameter 'b'"),
        ("raise ValueError('a\\nb')\n", r"^functions\.py:1: ValueError: a b\."),
        (
            "from conductor_local.functions import function\n@function\nclass A: ...\n",
            r"functions\.py:2: TypeError: @function marks functions; A is a class",
        ),
        (
            "from conductor_local.functions import function\n@function('x')\ndef f(): ...\n",
            r"functions\.py:2: TypeError: .*write @function\(name='x'\)",
        ),
        (
            "from conductor_local.functions import function\n@function(timeout_seconds=0)\ndef f(): ...\n",
            r"functions\.py:2: ValueError: timeout_seconds must be a number above 0, not 0",
        ),
        (
            "from conductor_local.functions import function\n@function(name=' ')\ndef f(): ...\n",
            r"functions\.py:2: ValueError: the name of a function must not be empty",
        ),
    ],
)
def test_a_file_that_cannot_be_loaded_is_told_in_one_line_with_its_place(text: str, message: str) -> None:
    Path("functions.py").write_text(text)
    with pytest.raises(SettingsError, match=message) as caught:
        load(["functions.py"])
    assert "\n" not in caught.value.message


def test_an_error_in_a_sibling_is_told_with_the_siblings_place() -> None:
    write("functions.py", "import sibling\n")
    write("sibling.py", "x = 1\nx.y\n")
    with pytest.raises(SettingsError, match=r"^sibling\.py:2: AttributeError"):
        load(["functions.py"])


def test_an_error_in_the_parent_of_a_dotted_module_is_told() -> None:
    write("parent/__init__.py", "1 / 0\n")
    write("parent/functions.py", "")
    with pytest.raises(SettingsError, match=r"^parent/__init__\.py:1: ZeroDivisionError"):
        load(["parent.functions"])


def test_a_keyboard_interrupt_while_loading_is_the_persons_own() -> None:
    write("functions.py", "raise KeyboardInterrupt\n")
    with pytest.raises(KeyboardInterrupt):
        load(["functions.py"])


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("fuctions.py", "There is no folder, file or module 'fuctions.py'; did you mean 'functions.py'?"),
        ("app/fuctions.py", "There is no folder, file or module 'app/fuctions.py'; name a folder, a .py file or a dotted module."),
        ("no.such.module", "There is no folder, file or module 'no.such.module'; name a folder"),
        ("notes.txt", "'notes.txt' is not a Python file. Name a folder"),
    ],
)
def test_a_place_that_is_not_there_is_told_with_the_nearest(place: str, message: str) -> None:
    write("functions.py", "")
    write("notes.txt", "")
    with pytest.raises(SettingsError) as caught:
        load([place])
    assert caught.value.message.startswith(message)


def test_a_name_used_twice_is_told_with_both_places() -> None:
    for folder in ("one", "two"):
        write(f"{folder}/functions.py", "def send(): ...\n")
    with pytest.raises(SettingsError, match=r"called 'send': one/functions\.py:1 and two/functions\.py:1"):
        load(["one", "two"])


def test_a_users_function_takes_the_place_of_a_builtin_one() -> None:
    write("functions.py", "def logAnalytics(): return 'mine'\n")
    builtin = [describe(lambda: "ours", name=name, is_builtin=True) for name in ("logAnalytics", "other")]
    registry = load(["functions.py"], builtin=builtin)
    assert call(registry, "logAnalytics") == "mine"
    assert call(registry, "other") == "ours"


def test_a_builtin_function_does_not_replace_a_users() -> None:
    registry = Registry([describe(lambda: "mine", name="f"), describe(lambda: "ours", name="f", is_builtin=True)])
    assert len(registry) == 1
    assert call(registry, "f") == "mine"


def test_dataclasses_and_postponed_annotations_work_in_a_users_file() -> None:
    write(
        "functions.py",
        """
        from __future__ import annotations
        from dataclasses import dataclass
        from conductor_local.functions import Context
        @dataclass
        class Order:
            id: int
        def price(order: Order, call: Context): return order.id
        """,
    )
    function = load(["functions.py"]).find("price")
    assert function is not None
    assert function.signature.wants_context
    assert function.signature.decode is not None
    assert function.signature.decode(b'{"id":1}').id == 1


def test_a_function_wrapped_by_a_decorator_is_found_at_its_own_place() -> None:
    write(
        "functions.py",
        """
        import functools
        def _twice(f):
            @functools.wraps(f)
            def wrapper(*args): return f(*args) * 2
            return wrapper

        @_twice
        def number(payload): return payload
        """,
    )
    registry = load(["functions.py"])
    assert call(registry, "number", 4) == 8
    assert registry.views()[0].line == 7


IMPORT = (
    "import sys; from conductor_local.functions import function, Context; print(sorted(m for m in sys.modules if 'msgspec' in m))"
)


def test_importing_what_users_need_is_cheap() -> None:
    import subprocess

    done = subprocess.run([sys.executable, "-c", IMPORT], capture_output=True, text=True, timeout=20, check=True)
    assert done.stdout == "[]\n"


def test_there_is_nothing_else_to_import() -> None:
    import conductor_local.functions as functions

    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = functions.nothing
