"""The one page template and its style: everything is escaped unless it was made by ourselves."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from incohort.errors import Fault, kinds_of
from incohort.results import Concern
from incohort.tables.marks import INTERNAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge:
    """A few words on the first screen that a reader must not miss."""

    text: str
    is_warning: bool = False


def render(template: str, *, is_internal: bool = False, **values: object) -> str:
    """A page as one HTML file: its style inside, no request, and no script but that of `script`."""
    page = _environment().get_template(template)
    common = {
        "version": version("incohort"),
        "css": _css(),
        "is_internal": is_internal,
        "internal_mark": INTERNAL,
        "script_seal": _seal(script()) if "script" in values else "",
    }
    return page.render(**common, **values)


def rendered(template: str, **values: object) -> str:
    """A part of a page, for where the rest is somebody else's."""
    return _environment().get_template(template).render(**values)


def faults_page(
    cohort: str,
    faults: Sequence[Fault],
    concerns: Sequence[Concern] = (),
    *,
    is_internal: bool = False,
) -> str:
    """What is wrong with a cohort and what is worth a look; an internal page names the patients."""
    kinds = kinds_of(faults)
    return render(
        "faults.html.j2",
        cohort=cohort,
        kinds=kinds,
        concerns=concerns,
        is_internal=is_internal,
        with_patients=is_internal,
    )


@cache
def _environment() -> Environment:
    return Environment(
        loader=FunctionLoader(_text),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )


@cache
def script() -> Markup:
    """What sorts and filters the list of reports; the only script of any page."""
    return Markup(_text("index.js"))  # noqa: S704 — our own file


def _seal(text: str) -> Markup:
    """What lets a page run this script and no other."""
    seal = b64encode(sha256(text.encode()).digest()).decode()
    return Markup(f"'sha256-{seal}'")  # noqa: S704 — a digest


@cache
def _css() -> Markup:
    texts = [_text(name) for name in ("findings.css", "page.css")]
    return Markup("\n".join(texts))  # noqa: S704 — our own files


def _text(name: str) -> str:
    return files("incohort.reports").joinpath("templates", name).read_text("utf-8")
