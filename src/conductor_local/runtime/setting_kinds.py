"""Kinds of values that settings have: text -> value, raising ValueError with what is allowed."""

import math
import os
import re
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path


def whole(least: int, most: int) -> Callable[[str], int]:
    """Make the reader of a whole number within bounds."""

    def read(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,18}", text) or not least <= int(text) <= most:
            raise ValueError(f"a whole number from {least} to {most}")
        return int(text)

    return read


def one_of(*words: str) -> Callable[[str], str]:
    """Make the reader of one of a few words."""

    def read(text: str) -> str:
        if text not in words:
            raise ValueError(" or ".join(f'"{word}"' for word in words))
        return text

    return read


def scale(text: str) -> float:
    """Read a factor."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 <= number <= 1_000:
        raise ValueError("a number from 0 (immediate) to 1000, such as 0.1")
    return number


def switch(text: str) -> bool:
    """Read true or false."""
    words = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}
    if text.lower() not in words:
        raise ValueError("true or false")
    return words[text.lower()]


def host(text: str) -> str:
    """Read a host name or an address."""
    host = text.strip("[]")
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,253}", host) and not _is_address(host):
        raise ValueError("a host name or an IP address, without scheme and port, such as 127.0.0.1")
    return host


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def hosts(text: str) -> tuple[str, ...]:
    """Read several, with commas between them."""
    return tuple(host(part.strip()) for part in text.split(",") if part.strip())


def token(text: str) -> str:
    """Read a secret that callers show."""
    if not re.fullmatch(r"[!-~]{8,512}", text):
        raise ValueError("8 to 512 printable ASCII characters without spaces")
    return text


def words(text: str) -> str:
    """Read a text that is not empty."""
    if not text.strip() or "\0" in text:
        raise ValueError("a text that is not empty")
    return text


def path(text: str) -> Path:
    """Read a path."""
    return Path(words(text)).expanduser()


def endpoints(text: str) -> tuple[str, ...]:
    """Read where AWS's services are."""
    parts = tuple(part.strip() for part in text.split(",") if part.strip())
    if not all(re.fullmatch(r"(?:[a-z0-9-]+=)?https?://[^\s,=]+", part) for part in parts):
        raise ValueError("URLs with commas between them, such as http://127.0.0.1:4566 or sqs=http://127.0.0.1:9324")
    return parts


def region(text: str) -> str:
    """Read the name of an AWS region."""
    if not re.fullmatch(r"[a-z]{2,}(-[a-z0-9]+)+", text):
        raise ValueError("the name of an AWS region, such as us-east-1")
    return text


def paths(text: str) -> tuple[str, ...]:
    """Read several, with the separator of the system between them."""
    return tuple(part for part in words(text).split(os.pathsep) if part)


def redis_url(text: str) -> str:
    """Read the address of a Redis."""
    if not re.fullmatch(r"rediss?://\S+", text):
        raise ValueError("redis://[[user]:password@]host[:port][/database], or rediss:// for TLS")
    return text


def prefix(text: str) -> str:
    """Read what keys begin with."""
    if not re.fullmatch(r"[A-Za-z0-9_.-]{1,64}", text):
        raise ValueError("1 to 64 letters, digits, dots, hyphens and underscores")
    return text


def seconds(text: str) -> float:
    """Read a duration."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number <= 10 * 366 * 86_400:
        raise ValueError("a number of seconds above 0, such as 604800 for a week")
    return number
