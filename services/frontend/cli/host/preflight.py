"""What must be true before the platform starts; each failure says what to do."""

import errno
import shutil
import socket
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from services.frontend.cli.exits import CliError
from services.frontend.cli.host.catalogue import Service, managed_services
from services.frontend.cli.settings import PACKAGED_MODEL, CliSettings
from services.shared.kit.keyfiles import ensure_key_file
from services.shared.kit.settings import port_of

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def check(settings: CliSettings) -> None:
    """Everything a start needs.

    Raises:
        CliError: something is missing or taken.
    """
    check_prepared(settings)
    check_disk(settings)
    check_ports(settings)


def create_secrets(settings: CliSettings) -> None:
    """The keys the services share; those that exist stay."""
    for name in ("internal", "engine", "vectordb"):
        if getattr(settings, f"{name}_key") is None:
            ensure_key_file(settings.secrets_dir / f"{name}.key")


def check_prepared(settings: CliSettings) -> None:
    """The environments and the packaged models are there."""
    needed = [settings.models_dir / "all-MiniLM-L6-v2"] if _packaged_embedding(settings) else []
    if settings.engine_managed:
        needed.append(settings.engine_python)
        if not settings.model:
            needed.append(settings.models_dir / PACKAGED_MODEL / "config.json")
    missing = [str(path) for path in needed if not path.exists()]
    if missing:
        raise CliError(
            f"The platform is not prepared: {missing[0]} is missing.",
            hint="Run 'make up', which prepares everything first, or 'make prepare' alone.",
        )


def check_disk(settings: CliSettings) -> None:
    """There is room for data and logs."""
    folder = next(path for path in (settings.home, *settings.home.parents) if path.exists())
    free = shutil.disk_usage(folder).free
    if free < settings.min_free_disk_bytes:
        raise CliError(
            f"Only {free / 1024**2:,.0f} MiB of disk are free at {folder}; "
            f"{settings.min_free_disk_bytes / 1024**2:,.0f} MiB are needed.",
            hint="Free some space, set RAGWORKS_HOME to another disk, or lower RAGWORKS_MIN_FREE_DISK_BYTES.",
        )


def check_ports(settings: CliSettings) -> None:
    """Nobody else listens on the ports of our services."""
    for service in managed_services(settings):
        url = settings.address(service.name)
        if (urlsplit(url).hostname or "") in _LOOPBACK and _is_taken(settings.bind_host, port_of(url)):
            raise _port_taken(service, port_of(url))


def _packaged_embedding(settings: CliSettings) -> bool:
    return settings.embedding_model == "all-MiniLM-L6-v2"


def _is_taken(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno in {errno.EADDRINUSE, errno.EACCES}:
                return True
            raise CliError(f"Cannot listen on {host}: {error.strerror}.", hint="Check RAGWORKS_BIND_HOST.") from error
    return False


def _port_taken(service: Service, port: int) -> CliError:
    variable = f"RAGWORKS_{service.name.upper()}_URL"
    return CliError(
        f"Port {port}, which {service.name} needs, is already taken by {_owner_of(port)}.",
        hint=f"Stop that process, or choose another port: {variable}=http://127.0.0.1:{port + 1000} make up",
    )


def _owner_of(port: int) -> str:
    import psutil

    try:
        connections = psutil.net_connections(kind="inet")
    except psutil.AccessDenied:
        return "another process"
    for connection in connections:
        if connection.status == psutil.CONN_LISTEN and connection.pid and _port_of(connection.laddr) == port:
            return _describe(connection.pid)
    return "a process of another user"


def _port_of(address: Sequence[object]) -> object:
    return address[1] if len(address) > 1 else None


def _describe(pid: int) -> str:
    import psutil

    try:
        process = psutil.Process(pid)
        command = " ".join(process.cmdline()) or process.name()
    except psutil.Error:
        return f"pid {pid}"
    shown = command if len(command) <= 80 else command[:77] + "..."
    return f"pid {pid} ({Path(shown.split(' ')[0]).name}{shown[len(shown.split(' ')[0]) :]})"
