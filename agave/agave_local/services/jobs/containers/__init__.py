"""Jobs of the tenant's own machine in containers of an engine.

    launcher.py   the `Launcher`: who launches twice finds the first one's container
    ├── box.py        everything that a container is told
    ├── work.py       the work folder before it is a container's
    ├── note.py       what the tenant remembers of a container
    ├── watch.py      the thread that sees containers to their end, within their limits
    └── engine.py     the engine: what is asked of it, over the Docker SDK
    choice.py     containers, sandboxes, or whichever of them can be had

A container runs on while the tenant is away, and ends in its time by itself.
"""
