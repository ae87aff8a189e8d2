"""What a function takes and gives, told by its own code.

```
routes ─┬─ models of query and body ─▶ models.py ─┐
        ├─ types of answers ─────────▶ kinds.py ──┼─▶ document.py ─▶ pages.py
        └─ docstrings ───────────────▶ docs.py ───┘
```

A function serves its own document (`GET /schema`), so this needs the standard library
alone.
"""

from .document import describe, offer_schema
from .examples import Example
from .facts import Facts
from .pages import write_page

__all__ = ["Example", "Facts", "describe", "offer_schema", "write_page"]
