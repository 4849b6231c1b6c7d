"""A definition file becomes the definition of its name: the one it gives itself, else that of the file."""

from pathlib import Path

from conductor_local.cli.bulletin import Bulletin
from conductor_local.cli.problems import BadDefinition
from conductor_local.cli.sources import DefinitionFile
from conductor_local.cli.substitutions import Substitutions
from conductor_local.runtime.ports import Definition
from conductor_local.runtime.service import Service


async def publish_file(service: Service, file: Path, bulletin: Bulletin, substitutions: Substitutions) -> Definition:
    """Put the file's definition in use and show its warnings. Raises `BadDefinition`, `InvalidRequest`, `Conflict`."""
    definition = DefinitionFile(str(file), substitutions)
    with definition.problems_located():
        defined = await service.publish(definition.source, name=definition.name)
    if defined.warnings:
        bulletin.warned(BadDefinition(defined.warnings, file=definition.shown, text=definition.text))
    return defined.definition
