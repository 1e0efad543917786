"""The locked packages against known holes, offline: `check` compares, `update` takes in an export of the OSV database.

The advisories are a file with a date; the answer says that date, and is as good as the file.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from packaging.version import InvalidVersion, Version

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "requirements" / "advisories.json"
LOCKS = (ROOT / "requirements" / "run.txt", ROOT / "requirements" / "saml.txt")
PINNED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)


def locked(files: tuple[Path, ...] = LOCKS) -> dict[str, str]:
    """The version of each package by its name in its plain form."""
    found = (pair for file in files for pair in PINNED.findall(file.read_text(encoding="utf-8")))
    return {plain(name): version for name, version in found}


def plain(name: str) -> str:
    """The name of a package as the index writes it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def holes(packages: dict[str, str], advisories: list[dict[str, Any]]) -> list[str]:
    """One line for each advisory that concerns a locked version."""
    return [
        f"{name} {packages[name]}: {entry['id']} {entry.get('summary', '')} (mended in {fixes or 'no version'})"
        for entry in advisories
        for affected in entry["affected"]
        if (name := plain(affected["package"]["name"])) in packages and concerns(packages[name], affected)
        for fixes in [", ".join(fixed_in(affected))]
    ]


def concerns(version: str, affected: dict[str, Any]) -> bool:
    """Whether a version lies in one of the ranges, or is named."""
    if version in affected.get("versions", ()):
        return True
    return any(_inside(Version(version), events) for events in _events(affected))


def _events(affected: dict[str, Any]) -> Iterator[list[dict[str, str]]]:
    """What happened to a package in order of its versions; commits are another matter."""
    yield from (entry["events"] for entry in affected.get("ranges", ()) if entry["type"] != "GIT")


def _inside(version: Version, events: list[dict[str, str]]) -> bool:
    """Follow introduced, fixed and last_affected in order of versions."""
    inside = False
    for event in sorted(events, key=_place):
        ((kind, text),) = event.items()
        place = _version(text)
        if kind == "introduced" and version >= place:
            inside = True
        elif (kind == "fixed" and version >= place) or (kind == "last_affected" and version > place):
            inside = False
    return inside


def _place(event: dict[str, str]) -> Version:
    return _version(next(iter(event.values())))


def _version(text: str) -> Version:
    try:
        return Version(text)
    except InvalidVersion:
        return Version("0")


def fixed_in(affected: dict[str, Any]) -> list[str]:
    """The versions in which it was mended."""
    return [event["fixed"] for events in _events(affected) for event in events if "fixed" in event]


def check(most_days: int | None, today: date) -> int:
    """Print what is known; the exit code."""
    data = json.loads(DATA.read_text(encoding="utf-8"))
    packages = locked()
    days = (today - date.fromisoformat(data["as_of"])).days
    found = holes(packages, data["advisories"])
    for line in found:
        print(line)
    known = len(data["advisories"])
    age = f"as of {data['as_of']} ({days} days old)"
    print(f"{len(packages)} packages against {known} advisories {age}: {len(found)} concern us")
    if most_days is not None and days > most_days:
        print(f"isotrack: the advisories are older than {most_days} days; take in a newer export", file=sys.stderr)
        return 1
    return 1 if found else 0


def update(export: Path, as_of: date) -> None:
    """Keep of an export (a zip or a folder of OSV records) what speaks of locked packages."""
    packages = locked()
    kept: list[dict[str, Any]] = [
        {key: entry[key] for key in ("id", "summary", "affected") if key in entry}
        for entry in _records(export)
        if "withdrawn" not in entry and any(plain(a["package"]["name"]) in packages for a in entry.get("affected", ()))
    ]
    write(as_of, f"OSV export {export.name}", sorted(kept, key=lambda entry: entry["id"]))
    print(f"{len(kept)} advisories kept as of {as_of}")


def write(as_of: date, source: str, advisories: list[dict[str, Any]]) -> None:
    """Write the file."""
    text = json.dumps({"as_of": as_of.isoformat(), "source": source, "advisories": advisories}, indent=1)
    DATA.write_text(text + "\n", encoding="utf-8")


def _records(export: Path) -> Iterator[dict[str, Any]]:
    if export.is_dir():
        yield from (json.loads(path.read_text(encoding="utf-8")) for path in sorted(export.rglob("*.json")))
        return
    with zipfile.ZipFile(export) as archive:
        for name in archive.namelist():
            if name.endswith(".json"):
                yield json.loads(archive.read(name))


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="what", required=True)
    one = commands.add_parser("check", help="compare the locked packages")
    one.add_argument("--max-age", type=int, metavar="DAYS", help="fail when the file is older; for release builds")
    two = commands.add_parser("update", help="take in an export")
    two.add_argument("export", type=Path)
    two.add_argument("--as-of", type=date.fromisoformat, required=True, metavar="YYYY-MM-DD")
    given = parser.parse_args()
    if given.what == "check":
        return check(given.max_age, date.today())  # noqa: DTZ011 (the day of the machine that builds)
    update(given.export, given.as_of)
    return 0


if __name__ == "__main__":
    sys.exit(main())
