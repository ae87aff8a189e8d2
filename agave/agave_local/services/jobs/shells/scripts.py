"""The few scripts that shells themselves have a machine run."""

import shlex


def removal(path: str) -> str:
    """Return what removes a file or a folder; nothing there is as good.

    A program may have taken the right to change its folders from itself.
    """
    here = shlex.quote(path)
    return (
        f"rm -rf -- {here} 2>/dev/null && exit\n"
        f"[ -L {here} ] || chmod -R u+rwX -- {here} 2>/dev/null\n"
        f"rm -rf -- {here}\n"
    )


def trial(folder: str, token: str) -> str:
    """Return what writes a little into a folder, and says why it can't.

    SFTP has one word for everything: a full disk, a quota, a file system that is
    read-only.
    """
    return (
        f"folder={shlex.quote(folder)}\n"
        'while [ ! -d "$folder" ]; do folder=$(dirname -- "$folder"); done\n'
        f'draft="$folder/.ipt-trial-{token}"\n'
        'LC_ALL=C dd if=/dev/zero of="$draft" bs=65536 count=4 2>&1\n'
        'code=$?; rm -f -- "$draft"; exit $code\n'
    )
