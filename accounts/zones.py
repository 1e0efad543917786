"""Time zones by the names that people look for."""

from __future__ import annotations

from zoneinfo import available_timezones


def places() -> list[tuple[str, str]]:
    """Zones to choose from; old spellings and fixed offsets are left out."""
    return [(zone, zone.replace("_", " ")) for zone in sorted(available_timezones()) if _is_place(zone)]


def _is_place(zone: str) -> bool:
    return zone == "UTC" or ("/" in zone and not zone.startswith(("Etc/", "SystemV/", "US/", "posix/", "right/")))
