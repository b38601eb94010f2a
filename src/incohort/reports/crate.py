"""Where a report comes from, as RO-Crate 1.2 with the Process Run Crate profile 0.5.

It names inputs by their names and, of a public cohort, by their hashes. No path, user or host is
in it; clock times are here and nowhere else in a report's folder.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from incohort.reports.harvest import Harvest
from incohort.reports.libraries import software
from incohort.reports.manifest import CRATE, IDENTITY, sealed
from incohort.reports.page import Run

_CRATE = "https://w3id.org/ro/crate/1.2"
_PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
_FORMATS = {
    ".html": "text/html",
    ".json": "application/json",
    ".ipynb": "application/x-ipynb+json",
}
Entity = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """When a run began and ended, by the clock, in UTC."""

    started: datetime
    ended: datetime


def crate_record(
    run: Run, harvested: Harvest, folder: Path, times: Times, identity: str = ""
) -> Entity:
    """The crate's metadata for the files that already lie in `folder`.

    `identity` is which report it is, so that another one never takes its place.
    """
    files = [_file(path) for path in sorted(folder.iterdir()) if path.is_file()]
    objects = [_notebook(run), *_inputs(run), *_parameters(run.values)]
    tools = _software(harvested)
    timings = [_value(f"#seconds-cell-{n}", f"seconds of cell {n}", seconds)
               for n, seconds in enumerate(harvested.seconds, 1)]  # fmt: skip
    graph = [
        {
            "@id": CRATE,
            "@type": "CreativeWork",
            "about": _to("./"),
            "conformsTo": _to(_CRATE),
        },
        _root(run, files, times),
        {"@id": _PROFILE, "@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5"},
        _action(harvested, times, {"object": objects, "result": files, "timings": timings}),
        *files,
        *objects,
        *tools,
        *timings,
        _value(IDENTITY, "which report this is", identity),
    ]
    return sealed({"@context": f"{_CRATE}/context", "@graph": graph})


def _root(run: Run, files: list[Entity], times: Times) -> Entity:
    return {
        "@id": "./",
        "@type": "Dataset",
        "conformsTo": _to(_PROFILE),
        "name": f"{run.notebook.title}: {run.card.title}",
        "description": f"Report of notebook {run.notebook.name} on cohort {run.card.name}.",
        "datePublished": times.ended.isoformat(timespec="seconds"),
        "license": run.card.licence or "No licence is stated by the cohort.",
        "hasPart": [_to(file["@id"]) for file in files],
        "mentions": [_to("#run")],
    }


def _action(harvested: Harvest, times: Times, parts: Mapping[str, list[Entity]]) -> Entity:
    failure = harvested.failure
    status = "FailedActionStatus" if failure else "CompletedActionStatus"
    return {
        "@id": "#run",
        "@type": "CreateAction",
        "name": "incohort run",
        "instrument": _to("#incohort"),
        "object": [_to(item["@id"]) for item in parts["object"]],
        "result": [_to(item["@id"]) for item in parts["result"]],
        "startTime": times.started.isoformat(timespec="milliseconds"),
        "endTime": times.ended.isoformat(timespec="milliseconds"),
        "actionStatus": _to(f"http://schema.org/{status}"),
        **({"error": f"{failure.name}: {failure.message}"} if failure else {}),
        "additionalProperty": [_to(item["@id"]) for item in parts["timings"]],
    }


def _file(path: Path) -> Entity:
    content = path.read_bytes()
    return {
        "@id": path.name,
        "@type": "File",
        "name": path.name,
        "encodingFormat": _FORMATS[path.suffix],
        "contentSize": str(len(content)),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def _notebook(run: Run) -> Entity:
    return {
        "@id": "#source-notebook",
        "@type": "SoftwareSourceCode",
        "name": run.notebook.name,
        "programmingLanguage": "Python",
        "sha256": run.notebook.sha256,
    }


def _inputs(run: Run) -> list[Entity]:
    return [
        {
            "@id": f"#cohort-{number}",
            "@type": "CreativeWork",
            "name": f"{run.card.name}/{file.name}",
            **({} if file.sha256 is None else {"sha256": file.sha256}),
            **({} if file.n_rows is None else {"size": file.n_rows}),
        }
        for number, file in enumerate(run.card.files, 1)
    ]


def _parameters(values: Mapping[str, Any]) -> list[Entity]:
    return [_value(f"#parameter-{name}", name, str(value)) for name, value in values.items()]


def _software(harvested: Harvest) -> list[Entity]:
    versions = software(harvested.modules)
    tools = [
        {"@id": f"#{name}", "@type": "SoftwareApplication", "name": name, "version": number}
        for name, number in versions.items()
    ]
    tools[0]["softwareRequirements"] = [_to(tool["@id"]) for tool in tools[1:]]  # type: ignore[assignment]
    return tools


def _value(identity: str, name: str, value: float | str) -> Entity:
    return {"@id": identity, "@type": "PropertyValue", "name": name, "value": value}


def _to(identity: str) -> Entity:
    return {"@id": identity}
