"""The real Apache Kafka broker, one KRaft node, from the artifacts its project publishes (services/kafka/pom.xml).

The jars, 43 MB, are fetched once into a folder named for the pom, so that another version is another folder.
"""

import base64
import fcntl
import json
import shutil
import struct
import subprocess
import sys
import uuid
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from string import Template

from scripts.services import programs
from scripts.services.daemon import Daemon, ServiceError, ask

SOURCE = Path(__file__).parents[2] / "services" / "kafka"
START_S = 60.0
_JVM = (
    "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-Dorg.slf4j.simpleLogger.showDateTime=true",
)  # fmt: skip
_API_VERSIONS = struct.pack(">ihhih", 10, 18, 0, 7, -1)  # size, key, version, correlation id, no client id


def prepare_kafka(folder: Path, port: int, controller_port: int, *, cache: Path) -> Daemon:
    """Fetch the jars into `cache`, format the folder once, and return the broker, not yet started. Raises `ServiceError`."""
    folder = folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    template = Template((SOURCE / "server.properties").read_text())
    properties = folder / "server.properties"
    properties.write_text(template.substitute(port=port, controller_port=controller_port, folder=folder))
    java = _java(cache)
    if not (folder / "data" / "meta.properties").exists():
        _run([*java, "kafka.tools.StorageTool", "format", "-t", _cluster_id(), "-c", str(properties)], "format Kafka's folder")
    return Daemon("Kafka", folder, port, (*java, "kafka.Kafka", str(properties)), lambda: _answers(port), START_S)


def create_topics(broker: Daemon, partitions: Mapping[str, int], *, cache: Path) -> list[str]:
    """Create the topics that are missing, by name with their partitions; return what to tell about those that are otherwise.

    What was created is noted beside the data, so that asking again costs nothing. Raises `ServiceError`.
    """
    note = broker.folder / "topics.json"
    there: dict[str, int] = json.loads(note.read_text()) if note.exists() else {}
    command = [*_java(cache), "org.apache.kafka.tools.TopicCommand", "--bootstrap-server", broker.address, "--create"]
    for topic, count in partitions.items():
        if topic not in there:
            _run([*command, "--if-not-exists", "--topic", topic, "--partitions", str(count)], f"create the topic {topic}")
            there[topic] = count
            note.write_text(json.dumps(there))
    return [
        f"The topic {topic} keeps its {there[topic]} partitions; for {count}, stop the services and remove {broker.folder}."
        for topic, count in partitions.items()
        if there[topic] != count
    ]  # fmt: skip


def fetch_jars(cache: Path) -> Path:
    """Return the folder with the broker's jars, fetched by Maven when it is not there yet. Raises `ServiceError`."""
    pom = SOURCE / "pom.xml"
    jars = cache.absolute() / f"kafka-{sha256(pom.read_bytes()).hexdigest()[:12]}"
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "jars.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not jars.exists():
            _fetch(pom, jars)
    return jars


def _fetch(pom: Path, jars: Path) -> None:
    print("Fetching Apache Kafka (43 MB, once) …", file=sys.stderr)
    partial = jars.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    goal = ("dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={partial}")
    _run([programs.maven(), "--quiet", "--batch-mode", "--strict-checksums", "--file", str(pom), *goal], "fetch Kafka")
    partial.rename(jars)


def _java(cache: Path) -> list[str]:
    return [programs.java(), *_JVM, "-cp", f"{fetch_jars(cache)}/*"]


def _run(command: list[str], purpose: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ServiceError(f"Cannot {purpose}:\n{(done.stdout + done.stderr).strip()}")


def _cluster_id() -> str:
    """Mint an id as Kafka's own `random-uuid` does: 16 bytes in URL-safe base64, never beginning with a dash."""
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=").replace("-", "A", 1)


def _answers(port: int) -> bool:
    """Ask for the API versions, the first question of every client; a broker answers once it may serve."""
    return ask(port, _API_VERSIONS)[4:8] == _API_VERSIONS[8:12]
