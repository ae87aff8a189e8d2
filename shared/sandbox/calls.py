"""What programs in a sandbox are refused: system calls, by number and by argument."""

from dataclasses import dataclass
from enum import Enum

NEW_NAMESPACES = 0x7E020080  # NEWTIME, NEWNS, NEWCGROUP, …UTS, IPC, USER, PID, NET
FIRST_PROCESS = 1
UNIX, INTERNET, NETLINK = (1,), (2, 10), (16,)
# The usual one, ICMP, TCP, UDP; of netlink only what getifaddrs asks.  A socket of
# another protocol has the kernel load a module for it.
PROTOCOLS, ROUTE = (0, 1, 6, 17, 58), (0,)
TIOCSTI, TIOCLINUX, TIOCCONS, TIOCSETD = 0x5412, 0x541C, 0x541D, 0x5423
FIOSETOWN, SIOCSPGRP = 0x8901, 0x8902
F_SETOWN, F_SETOWN_EX = 8, 15
SET_ID_BITS = 0o6000
MAKES_FILE = 0x400040  # O_CREAT, O_TMPFILE

# Numbers on x86-64 and aarch64; None where a processor has no such call.
DENIED: dict[str, tuple[int | None, int | None]] = {
    # keys of the kernel, which no namespace parts
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    # counted for the whole machine, so that one user could leave none for others
    "io_setup": (206, 0),
    # large and young parts of the kernel
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "fanotify_init": (300, 262),
    "modify_ldt": (154, None),
    "uselib": (134, None),
    # file systems
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "open_tree_attr": (467, 467),
    "open_by_handle_at": (304, 265),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "lookup_dcookie": (212, 18),
    "nfsservctl": (180, 42),
    # the machine itself
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "create_module": (174, None),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "reboot": (169, 142),
    "acct": (163, 89),
    "syslog": (103, 116),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "adjtimex": (159, 171),
    "clock_adjtime": (305, 266),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "iopl": (172, None),
    "ioperm": (173, None),
    "vhangup": (153, 58),
    # other namespaces, and what belongs to process 1
    "setns": (308, 268),
    "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424),
    "tkill": (200, 130),
}
# Their flags lie in memory, out of a filter's sight; programs then take clone and open.
HIDDEN = {"clone3": 435, "openat2": 437}


class Test(Enum):
    """How an argument is looked at."""

    EQUAL = "it is one of the values"
    OTHER = "it is none of the values"
    ANY_BIT = "it has one of the values' bits"


@dataclass(frozen=True)
class Argument:
    """What a rule says of one argument.

    Attributes:
        place: Which one, from 0.
        test: How it is looked at.
        values: What it is compared with.
    """

    place: int
    test: Test
    values: tuple[int, ...]


@dataclass(frozen=True)
class Rule:
    """A call that is denied where its arguments are as described, all of them.

    Attributes:
        numbers: As in `DENIED`.
        arguments: What they must be.
    """

    numbers: tuple[int | None, int | None]
    arguments: tuple[Argument, ...]


def deny_if(x86: int | None, arm: int | None, *arguments: Argument) -> Rule:
    """Return a rule, in one line."""
    return Rule((x86, arm), arguments)


def equal(place: int, *values: int) -> Argument:
    """Return that an argument is one of some values."""
    return Argument(place, Test.EQUAL, values)


def other(place: int, *values: int) -> Argument:
    """Return that an argument is none of some values."""
    return Argument(place, Test.OTHER, values)


def any_bit(place: int, mask: int) -> Argument:
    """Return that an argument has one of some bits."""
    return Argument(place, Test.ANY_BIT, (mask,))


RULES = (
    deny_if(56, 220, any_bit(0, NEW_NAMESPACES)),  # clone
    deny_if(272, 97, any_bit(0, NEW_NAMESPACES)),  # unshare
    deny_if(41, 198, other(0, *UNIX, *INTERNET, *NETLINK)),  # socket
    deny_if(41, 198, equal(0, *INTERNET), other(2, *PROTOCOLS)),
    deny_if(41, 198, equal(0, *NETLINK), other(2, *ROUTE)),
    deny_if(53, 199, other(0, *UNIX)),  # socketpair
    # Typing into somebody's terminal (CVE-2017-5226), the console and its clipboard,
    # and drivers that a terminal's line can be given to.
    deny_if(16, 29, equal(1, TIOCSTI, TIOCLINUX, TIOCCONS, TIOCSETD)),  # ioctl
    # The server is process 1 and ends in good order on SIGTERM: nobody inside may
    # send it one, by whatever call, nor take its limits away.
    deny_if(16, 29, equal(1, FIOSETOWN, SIOCSPGRP)),  # ioctl
    deny_if(62, 129, equal(0, FIRST_PROCESS)),  # kill
    deny_if(234, 131, equal(0, FIRST_PROCESS)),  # tgkill
    deny_if(129, 138, equal(0, FIRST_PROCESS)),  # rt_sigqueueinfo
    deny_if(297, 240, equal(0, FIRST_PROCESS)),  # rt_tgsigqueueinfo
    deny_if(302, 261, equal(0, FIRST_PROCESS)),  # prlimit64
    deny_if(72, 25, equal(1, F_SETOWN_EX)),  # fcntl
    deny_if(72, 25, equal(1, F_SETOWN), equal(2, FIRST_PROCESS)),
    # What runs as its owner may be run by others of this machine, in a home that is
    # root's as root.  The bits mean nothing in a sandbox.
    deny_if(90, None, any_bit(1, SET_ID_BITS)),  # chmod
    deny_if(91, 52, any_bit(1, SET_ID_BITS)),  # fchmod
    deny_if(268, 53, any_bit(2, SET_ID_BITS)),  # fchmodat
    deny_if(452, 452, any_bit(2, SET_ID_BITS)),  # fchmodat2
    deny_if(85, None, any_bit(1, SET_ID_BITS)),  # creat
    deny_if(2, None, any_bit(1, MAKES_FILE), any_bit(2, SET_ID_BITS)),  # open
    deny_if(257, 56, any_bit(2, MAKES_FILE), any_bit(3, SET_ID_BITS)),  # openat
    deny_if(133, None, any_bit(1, SET_ID_BITS)),  # mknod
    deny_if(259, 33, any_bit(2, SET_ID_BITS)),  # mknodat
)
