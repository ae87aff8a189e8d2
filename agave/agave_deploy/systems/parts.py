"""The parts of a system's file: sign-in, folders, lists of suggestions, queues."""

from typing import Final, Literal, cast

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_ssh_public_key

from agave_deploy.systems.fields import RUN_TIME, Fields, Rule
from agave_deploy.systems.model import (
    KINDS,
    Compiler,
    Folders,
    Limits,
    Login,
    Module,
    Preset,
    Queue,
)

__all__ = [
    "NAME",
    "read_compiler",
    "read_folders",
    "read_limits",
    "read_login",
    "read_module",
    "read_preset",
    "read_queue",
    "read_scheduler",
]

NAME: Final = Rule(
    "[a-z][a-z0-9-]{1,30}",
    "2 to 31 letters a-z, digits and '-', with a letter first",
)
_HOST: Final = Rule(
    r"[A-Za-z0-9][A-Za-z0-9.:_-]{0,252}", "the name or address of a machine"
)
_USER: Final = Rule(
    r"[A-Za-z_][A-Za-z0-9_.-]{0,63}", "the name of an account on the machine"
)
_CREDENTIAL: Final = Rule(
    "[a-z][a-z0-9-]{0,40}",
    "the name of a secret (a-z, 0-9 and '-'), never the key itself",
)
_FOLDER: Final = Rule(
    r"(?!.*/\.\.(?:/|$))/[^\x00-\x1f]*",
    "a whole path on the machine: /…, without '..' and '~'",
)
_COMMAND: Final = Rule(
    r"(?!.*\$\{)[^\s-].*", "a command, such as gcc -O2, without '${'"
)
_MODULE: Final = Rule(
    r"[A-Za-z0-9][A-Za-z0-9._/+-]{0,99}", "a module's name, such as gcc/12.2.0"
)
_QUEUE: Final = Rule(
    r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}",
    "1 to 64 letters, digits, '.', '_' and '-'",
)
_MEMORY: Final = Rule("[1-9][0-9]{0,5}(?:MB|GB|TB)", "a size such as 8GB")
_DIRECTIVES: Final = Rule("-.+", "options of sbatch, such as --gres=gpu:1")
_HOST_KEY_WANTED: Final = (
    "the one public key of the host, 'ssh-ed25519 AAAA…': what ssh-keyscan prints "
    "after the host's name (compare its fingerprint with the machine's own)"
)
_HIGHEST_PORT: Final = 65535
_QUEUE_FIELDS: Final = (
    *("name", "mapped_name", "description", "default", "directives"),
    *("max_nodes", "max_processors", "max_run_time", "max_memory"),
    *("max_jobs", "max_user_jobs"),
)


def read_login(fields: Fields, *, historical: bool) -> Login:
    """Read how the tenant gets there.

    Args:
        fields: of `login`.
        historical: whether the machine is gone, and nobody knows its key any more.

    Raises:
        RegistryError: A field is wrong.
    """
    fields.only("protocol", "host", "port", "user", "host_key", "credential")
    protocol = fields.choice("protocol", ("LOCAL", "SSH"))
    if protocol == "LOCAL":
        fields.only("protocol")
        return Login("LOCAL")
    return Login(
        protocol="SSH",
        host=fields.text("host", rule=_HOST),
        port=fields.count("port", 22, _HIGHEST_PORT),
        user=fields.text("user", rule=_USER),
        host_key=_read_host_key(fields, historical=historical),
        credential=fields.text("credential", rule=_CREDENTIAL),
    )


def _read_host_key(fields: Fields, *, historical: bool) -> str:
    if historical and not fields.has("host_key"):
        return ""
    if not fields.has("host_key"):
        raise fields.wrong("host_key", _HOST_KEY_WANTED)
    words = fields.text("host_key").split()
    key = " ".join(words[:2])
    try:
        load_ssh_public_key(key.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise fields.wrong("host_key", _HOST_KEY_WANTED) from error
    return key


def read_folders(fields: Fields, *, needed: bool) -> Folders:
    """Read the folders on the machine.

    Args:
        fields: of `folders`.
        needed: whether there must be one, as on every machine but the tenant's own.

    Raises:
        RegistryError: A field is wrong.
    """
    fields.only("work", "scratch", "home")
    folders = Folders(
        *(fields.text(key, "", _FOLDER) for key in ("work", "scratch", "home"))
    )
    if needed and not folders.named:
        raise fields.wrong("scratch", f"given, or work, or home: {_FOLDER.wanted}")
    return folders


def read_module(fields: Fields) -> Module:
    """Read one suggested module.

    Raises:
        RegistryError: A field is wrong.
    """
    fields.only("name", "label")
    name = fields.text("name", rule=_MODULE)
    return Module(name, fields.text("label", name))


def read_compiler(fields: Fields) -> Compiler:
    """Read one suggested compiler.

    Raises:
        RegistryError: A field is wrong.
    """
    fields.only("label", "command", "for", "language")
    command = fields.text("command", rule=_COMMAND)
    fields.check_words("command", command)
    return Compiler(
        label=fields.text("label", command),
        command=command,
        purpose=fields.choice("for", KINDS),
        language=fields.choice("language", ("c", "c++"), "c"),
    )


def read_preset(fields: Fields) -> Preset:
    """Read one preset.

    Raises:
        RegistryError: A field is wrong.
    """
    fields.only("name", "label", "compile", "launcher", "ranks", "threads", "nodes")
    name = fields.choice("name", KINDS)
    return Preset(
        name=name,
        label=fields.text("label", name),
        compile=fields.text("compile", rule=_COMMAND),
        launcher=fields.text("launcher", ""),
        ranks=fields.count("ranks", 1),
        threads=fields.count("threads", 1),
        nodes=fields.count("nodes", 1),
    )


def read_queue(fields: Fields, processors: int | None) -> Queue:
    """Read one queue.

    Args:
        fields: of the queue.
        processors: of the machine, for a queue that does not say; None where it must.

    Raises:
        RegistryError: A field is wrong.
    """
    fields.only(*_QUEUE_FIELDS)
    return Queue(
        name=fields.text("name", rule=_QUEUE),
        mapped_name=fields.text("mapped_name", "", _QUEUE),
        description=fields.text("description", ""),
        default=fields.flag("default", default=False),
        max_nodes=fields.count("max_nodes"),
        max_processors=fields.count("max_processors", processors),
        max_run_time=fields.text("max_run_time", rule=RUN_TIME),
        max_memory=fields.text("max_memory", "", _MEMORY),
        max_jobs=_maybe(fields, "max_jobs"),
        max_user_jobs=_maybe(fields, "max_user_jobs"),
        directives=fields.text("directives", "", _DIRECTIVES),
    )


def read_limits(fields: Fields) -> Limits:
    """Read the most jobs at once.

    Raises:
        RegistryError: A field is wrong.
    """
    fields.only("system_jobs", "user_jobs")
    usual = Limits()
    return Limits(
        fields.count("system_jobs", usual.system_jobs),
        fields.count("user_jobs", usual.user_jobs),
    )


def read_scheduler(
    fields: Fields, key: str, default: str | None = None
) -> Literal["FORK", "SLURM"]:
    """Read what starts jobs.

    Raises:
        RegistryError: It is nothing that we speak.
    """
    value = fields.choice(key, ("FORK", "SLURM"), default)
    return cast("Literal['FORK', 'SLURM']", value)


def _maybe(fields: Fields, key: str) -> int | None:
    return fields.count(key) if fields.has(key) else None
