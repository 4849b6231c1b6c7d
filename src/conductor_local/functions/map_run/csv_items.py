"""CSV as an ItemReader reads it: an object for each row, every value a text.

Rules, all recorded from AWS: missing cells are empty texts, also in rows that are blank or too short; cells beyond the headers are
dropped; headers are taken literally and must differ; the members of a row stand in the order of their names. Documented by AWS: a
backslash takes what follows it literally, and is itself left out.
"""

import csv
import io
from collections.abc import Iterator, Sequence

from conductor_local.functions.map_run.order import reader_failed
from conductor_local.payload import Json

_DELIMITERS = {"COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "SPACE": " ", "TAB": "\t"}


def csv_rows(body: bytes, config: dict[str, Json]) -> Iterator[Json]:
    """Yield the rows as objects. Raises `RunFailed`."""
    rows = cells(body, _DELIMITERS[config.get("CSVDelimiter", "COMMA")])
    headers = config["CSVHeaders"] if config.get("CSVHeaderLocation") == "GIVEN" else next(rows, [])
    return objects(rows, headers)


def objects(rows: Iterator[list[str]], headers: Sequence[str]) -> Iterator[Json]:
    """Name the cells of rows. Raises `RunFailed`."""
    if len(set(headers)) < len(headers):
        raise reader_failed("CSV headers cannot contain duplicates.")
    order = sorted(range(len(headers)), key=lambda place: headers[place])
    return ({headers[place]: row[place] if place < len(row) else "" for place in order} for row in rows)


def cells(body: bytes, delimiter: str = ",") -> Iterator[list[str]]:
    """Yield the cells of each row. Raises `RunFailed`."""
    try:
        text = body.decode("utf-8-sig")
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, escapechar="\\")
    except UnicodeDecodeError:
        raise reader_failed("The CSV file is not UTF-8 text.") from None
    except csv.Error as error:
        raise reader_failed(f"The CSV file cannot be read: {error}.") from None
