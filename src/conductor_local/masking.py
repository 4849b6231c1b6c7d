"""The one place that hides secrets before a value is shown in a log or the console. Pure.

Keys decide, whatever their case and spelling: `password`, `userPassword`, `api_key`, `API-Key`, `Authorization`. A key that only
sounds like a secret is hidden too: a value hidden by mistake costs less than one shown by mistake. None, true and false are shown;
they tell no secret.
"""

import re
from functools import lru_cache

from conductor_local.payload import Json

MASK = "***"

_ANYWHERE = (
    "password", "passwd", "passphrase", "secret", "token", "credential", "authorization", "apikey", "accesskey", "privatekey",
    "signingkey", "encryptionkey", "connectionstring",
)  # fmt: skip
"""Hidden wherever these letters stand in a key, separators left out."""
_WORDS = frozenset({"auth", "bearer", "cookie", "cookies", "cvc", "cvv", "jwt", "otp", "pass", "pin", "pwd", "ssn"})
"""Hidden where one of these is a whole word of a key: `author` and `spinning` are not secrets."""
_KEY = re.compile(r"""(?P<key>[A-Za-z_][\w.-]{0,80})["']?[ ]?[:=][ ]?""")
_VALUE = re.compile(r""""(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|(?:(?:Bearer|Basic)[ ])?[^\s,;&"'(){}\[\]]+|[\[{(][^\])}]*[\])}]""")
"""What programs write behind a key in a line of text: a quoted value or a bracket as a whole, else up to the next separator."""
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def mask(value: Json) -> Json:
    """Return a copy in which everything under a sensitive key reads `***`. The value itself is not changed."""
    if isinstance(value, dict):
        return {key: _hidden(item) if is_sensitive(str(key)) else mask(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [mask(item) for item in value]
    return value


def mask_text(text: str) -> str:
    """Return a text in which what is written as the value of a sensitive key (`password=…`, `"token": "…"`) reads `***`."""
    shown, place = "", 0
    for found in _KEY.finditer(text):
        value = _VALUE.match(text, found.end()) if found.start() >= place and is_sensitive(found["key"]) else None
        if value is not None:
            shown, place = f"{shown}{text[place : found.end()]}{MASK}", value.end()
    return shown + text[place:]


@lru_cache(maxsize=4096)
def is_sensitive(key: str) -> bool:
    """Tell whether what lies under `key` is to be hidden."""
    letters = "".join(filter(str.isalnum, key)).lower()
    return any(part in letters for part in _ANYWHERE) or any(word.lower() in _WORDS for word in _WORD.findall(key))


def _hidden(value: Json) -> Json:
    return value if value is None or isinstance(value, bool) else MASK
