"""A definition file becomes the definition of its name: the one it gives itself, else that of the file."""

from pathlib import Path

from conductor_local.cli.bulletin import Bulletin
from conductor_local.cli.payloads import read_text
from conductor_local.cli.problems import BadDefinition
from conductor_local.errors import DefinitionError
from conductor_local.runtime.ports import Definition
from conductor_local.runtime.service import Service


async def publish_file(service: Service, file: Path, bulletin: Bulletin) -> Definition:
    """Put the file's definition in use and show its warnings. Raises `BadDefinition`, `InvalidRequest`, `Conflict`."""
    text = read_text(str(file))
    try:
        defined = await service.publish(text, name=file.stem)
    except DefinitionError as fault:
        raise BadDefinition(fault.problems, file=str(file), text=text) from None
    if defined.warnings:
        bulletin.warned(BadDefinition(defined.warnings, file=str(file), text=text))
    return defined.definition
