"""Where the programs of other people are. A missing one is installed from Debian's packages when that is possible without asking:
as root, with apt-get. Otherwise the error says what to install."""

import os
import re
import shutil
import subprocess
import sys

from scripts.services.daemon import ServiceError

JAVA_LEAST = 17  # Kafka 4's brokers run on no older one
_PACKAGES = {"redis-server": "redis-server", "java": "default-jre-headless", "mvn": "maven"}
_APT = ("apt-get", "-o", "DPkg::Lock::Timeout=120", "--yes", "--quiet")


def redis_server() -> str:
    """Return the path of Redis. Raises `ServiceError`."""
    return _found("redis-server", "Redis")


def maven() -> str:
    """Return the path of Maven. Raises `ServiceError`."""
    return _found("mvn", "Maven")


def java() -> str:
    """Return the path of a Java that runs Kafka: that of JAVA_HOME, else of PATH. Raises `ServiceError`."""
    home = os.environ.get("JAVA_HOME")
    path = f"{home}/bin/java" if home and os.access(f"{home}/bin/java", os.X_OK) else _found("java", "Java")
    shown = subprocess.run([path, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', shown)
    if version is None or int(version[1]) < JAVA_LEAST:
        raise ServiceError(f"Kafka needs Java {JAVA_LEAST} or newer; {path} says: {shown.strip()}. Point JAVA_HOME at a newer one.")
    return path


def _found(program: str, what: str) -> str:
    path = shutil.which(program) or _installed(program)
    if path is None:
        raise ServiceError(f"{what} is missing: no {program} on PATH. On Debian or Ubuntu: apt-get install {_PACKAGES[program]}")
    return path


def _installed(program: str) -> str | None:
    """Install a program; None when this machine or this user cannot."""
    if os.name != "posix" or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return None
    package = _PACKAGES[program]
    print(f"Installing {package} …", file=sys.stderr)
    if not _apt("install", "--no-install-recommends", package):
        _apt("update")
        _apt("install", "--no-install-recommends", package)
    return shutil.which(program)


def _apt(*arguments: str) -> bool:
    """Run apt-get; RUNLEVEL keeps the package from starting a system service."""
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    return subprocess.run([*_APT, *arguments], env=environ, stdout=subprocess.DEVNULL, check=False).returncode == 0
