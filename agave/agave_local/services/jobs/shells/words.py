"""What is said of a machine to the owner of a job, who may not be its operator."""

SILENT = "The system's machine does not answer."
BUSY = "The connection to the system's machine is busy with other jobs."
TOO_LONG = "The system's machine took too long, or the connection to it broke."
TOO_MUCH = "The system's machine answers without end."
REFUSED = (
    "The system's machine does not let the tenant in. Who administers the system has "
    "to check its credential."
)
OTHER_KEY = (
    "The system's machine does not show the key that the system's description names "
    "(hostKey), so nothing was sent there. Who administers the system has to find out "
    "why, and to mend the description if the machine is the right one."
)
FULL = (
    "The system's machine has no room: its disk is full, or the account may use no "
    "more. Who administers the system has to make room."
)
DENIED = (
    "The system's machine lets the tenant's account neither read nor write in the "
    "folder of the jobs. Who administers the system has to check it."
)
TROUBLE = "The system's machine can't use a file or a folder of the job."
NOT_UNDERSTOOD = "The system's machine gives answers that make no sense."
IN_THE_WAY = "There is something else where a file of the job should be."
NO_COMMANDS = (
    "The system's machine lets the tenant's account in, but runs no commands for it. "
    "Who administers the system has to check the account's shell."
)
