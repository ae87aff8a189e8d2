"""The form by which a person submits a job of an app, as HTML."""

from html import escape
from typing import Any

from agave_local.records.store import Document
from agave_local.services.apps.items import choices_of

_RESOURCES = (
    ("nodeCount", "Nodes", "defaultNodeCount", "number"),
    ("processorsPerNode", "Processors per node", "defaultProcessorsPerNode", "number"),
    ("memoryPerNode", "Memory per node", "defaultMemoryPerNode", "text"),
    ("maxRunTime", "Longest run time", "defaultMaxRunTime", "text"),
)


def to_form(app: Document, action: str) -> str:
    """Write the form of an app; whatever its author wrote is text in it.

    Args:
        app: the record.
        action: address that jobs are submitted to.
    """
    title = escape(str(app.get("label") or app["id"]))
    inputs = "".join(_field(item, "inputs") for item in _shown(app["inputs"]))
    parameters = "".join(
        _field(item, "parameters") for item in _shown(app["parameters"])
    )
    resources = "".join(
        _labelled(name, label, _input(name, kind, app.get(default)))
        for name, label, default, kind in _RESOURCES
    )
    return (
        f'<form class="job" method="post" action="{escape(action)}">'
        f"<h2>{title}</h2>"
        f'<input type="hidden" name="appId" value="{escape(app["id"])}">'
        + _labelled("name", "Name of the job", _input("name", "text", "", needed=True))
        + _group("Inputs", inputs)
        + _group("Parameters", parameters)
        + _group("Resources", resources)
        + '<button type="submit">Submit</button></form>'
    )


def _shown(items: list[Document]) -> list[Document]:
    shown = [item for item in items if item["value"].get("visible", True)]
    return sorted(shown, key=lambda item: item["value"].get("order") or 0)


def _group(title: str, fields: str) -> str:
    return f"<fieldset><legend>{title}</legend>{fields}</fieldset>" if fields else ""


def _field(item: Document, group: str) -> str:
    value, details = item["value"], item["details"]
    name = f"{group}.{item['id']}"
    label = str(details.get("label") or item["id"])
    usual = value.get("default", value.get("defaultValue"))
    needed = bool(value.get("required")) and usual is None
    kind = value.get("type", "string") if group == "parameters" else "string"
    match kind:
        case "enumeration":
            control = _select(name, value, usual)
        case "bool" | "flag":
            control = _checkbox(name, usual)
        case "number":
            control = _input(name, "number", usual, needed=needed, more=' step="any"')
        case _:
            control = _input(name, "text", usual, needed=needed)
    return _labelled(name, label, control, str(details.get("description") or ""))


def _labelled(name: str, label: str, control: str, help_text: str = "") -> str:
    told = f"<small>{escape(help_text)}</small>" if help_text else ""
    return f'<p><label for="{escape(name)}">{escape(label)}</label>{control}{told}</p>'


def _input(
    name: str, kind: str, value: Any, *, needed: bool = False, more: str = ""
) -> str:
    usual = "" if value is None else f' value="{escape(str(value))}"'
    required = " required" if needed else ""
    named = escape(name)
    return f'<input id="{named}" name="{named}" type="{kind}"{usual}{required}{more}>'


def _checkbox(name: str, value: Any) -> str:
    checked = " checked" if str(value).lower() in ("true", "1") else ""
    named = escape(name)
    return f'<input id="{named}" name="{named}" type="checkbox" value="true"{checked}>'


def _select(name: str, value: Document, usual: Any) -> str:
    options = "".join(
        f'<option value="{escape(key)}"{" selected" if key == str(usual) else ""}>'
        f"{escape(label)}</option>"
        for key, label in choices_of(value)
    )
    return f'<select id="{escape(name)}" name="{escape(name)}">{options}</select>'
