"""The HTML of the sign-in page: whole in one answer, without a script."""

import base64
import hashlib
from collections.abc import Mapping
from html import escape

_STYLE = """
:root {
  color-scheme: light dark;
  --ground: #f4f5f7; --card: #fff; --text: #1b1f24; --quiet: #4f5864;
  --line: #767f8c; --accent: #0b57d0; --on-accent: #fff; --wrong: #b3261e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14171a; --card: #1e2226; --text: #eceff2; --quiet: #b4bcc6;
    --line: #8b949e; --accent: #8ab4f8; --on-accent: #0b1a30; --wrong: #ffb4ab;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem;
  background: var(--ground); color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif;
}
main {
  width: 100%; max-width: 24rem; padding: 2rem 1.5rem;
  background: var(--card); border-radius: .75rem;
}
h1 { margin: 0 0 .5rem; font-size: 1.5rem; line-height: 1.2; }
p { margin: 0 0 1.25rem; color: var(--quiet); overflow-wrap: anywhere; }
label { display: block; margin-top: 1rem; font-weight: 600; }
input {
  width: 100%; margin-top: .25rem; padding: .625rem .75rem; font: inherit;
  color: inherit; background: transparent;
  border: 1px solid var(--line); border-radius: .5rem;
}
input[aria-invalid="true"] { border-color: var(--wrong); }
.refusal { margin: 0; color: var(--wrong); font-weight: 600; }
.actions { display: flex; flex-wrap: wrap; gap: .75rem; margin-top: 1.5rem; }
button {
  flex: 1; min-height: 2.75rem; padding: .5rem 1rem; font: inherit; font-weight: 600;
  border: 1px solid var(--line); border-radius: .5rem; cursor: pointer;
  color: inherit; background: transparent;
}
button.main {
  color: var(--on-accent); background: var(--accent); border-color: var(--accent);
}
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
"""

STYLE_HASH = (
    "sha256-" + base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
)


def show_sign_in(
    client: str,
    host: str,
    fields: Mapping[str, str],
    *,
    username: str = "",
    refusal: str = "",
) -> str:
    """Write the sign-in page.

    Args:
        client: name of the application that asks.
        host: where the browser goes afterwards.
        fields: hidden in the form.
        username: as typed before.
        refusal: why the last try failed.
    """
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in fields.items()
    )
    return _page(
        "Sign in",
        f"""<p><strong>{escape(client)}</strong> wants to use your files, jobs and
records in your name. You will be taken to {escape(host)} afterwards.</p>
<form method="post" action="/authorize">
{hidden}{_inputs(username, refusal)}
<div class="actions">
<button class="main" type="submit" name="action" value="allow">Sign in</button>
<button type="submit" name="action" value="deny" formnovalidate>Cancel</button>
</div>
</form>""",
    )


def show_problem(message: str) -> str:
    """Write the page of a request that cannot be answered by a sign-in."""
    return _page("This sign-in cannot go on", f"<p>{escape(message)}</p>")


def _inputs(username: str, refusal: str) -> str:
    wrong = ' aria-invalid="true" aria-describedby="refusal"' if refusal else ""
    told = f'<p class="refusal" id="refusal" role="alert">{escape(refusal)}</p>'
    # Whoever comes back with a wrong password goes on at the password.
    at_name, at_word = (" autofocus", "") if not refusal else ("", " autofocus")
    return f"""{told if refusal else ""}
<label for="username">Username</label>
<input id="username" name="username" value="{escape(username)}" required{at_name}
 autocomplete="username" autocapitalize="none" spellcheck="false"{wrong}>
<label for="password">Password</label>
<input id="password" name="password" type="password" required{at_word}
 autocomplete="current-password"{wrong}>"""


def _page(title: str, content: str) -> str:
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<style>{_STYLE}</style>
</head>
<body>
<main>
<h1>{escape(title)}</h1>
{content}
</main>
</body>
</html>
"""
