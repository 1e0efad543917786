"""The alert rules of an organization as the judging of deadlines uses them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date

from accounts.models import Membership
from accounts.permissions import Role
from certifications.models import AlertRule
from lifecycle.reminders import DAYS_BEFORE

FIRST_DAY = date(1990, 1, 1)
ABOUT: dict[str, frozenset[str]] = {
    "nonconformities": frozenset(
        {"nc_response", "nc_plan", "nc_action", "nc_closure", "stage2_verification", "recertification_closure"}
    ),
    "audits": frozenset({"first_surveillance", "yearly_surveillance", "surveillance_interval", "surveillance_window"}),
    "expiry": frozenset({"expiry", "restoration", "transfer"}),
    "suspension": frozenset({"suspension_limit"}),
}
Reader = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Rule:
    """An alert rule without its row; ``since`` is the first day of which it speaks."""

    recipient: str = "owner"
    days: tuple[int, ...] = DAYS_BEFORE
    about: str = "any"
    person_id: int | None = None
    standard_id: int | None = None
    site_id: int | None = None
    since: date = FIRST_DAY

    @classmethod
    def of(cls, row: AlertRule) -> Rule:
        """The rule of a row."""
        return cls(row.recipient, tuple(row.days), row.about, row.person_id, row.standard_id, row.site_id, row.since)

    def covers(self, kind: str, standard_id: int | None, site_ids: Collection[int]) -> bool:
        """Whether it tells of a deadline of this kind, of what is held to this standard at these sites."""
        return (
            (self.about == "any" or kind in ABOUT[self.about])
            and self.standard_id in {None, standard_id}
            and (self.site_id is None or self.site_id in site_ids)
        )


@dataclass(frozen=True, slots=True)
class People:
    """The members of one organization who are told something, and its alert rules."""

    officers: tuple[int, ...] = ()
    managers: tuple[int, ...] = ()
    members: frozenset[int] = frozenset()
    rules: tuple[Rule, ...] = field(default=())

    def readers(self, owner_id: int | None) -> tuple[Reader, ...]:
        """The owner, else the compliance officers; each with the reason why."""
        return ((owner_id, "owner"),) if owner_id else tuple((user, "officer") for user in self.officers)

    def readers_by(self, rule: Rule, owner_id: int | None) -> tuple[Reader, ...]:
        """Whom a rule tells."""
        if rule.recipient == "owner":
            return self.readers(owner_id)
        if rule.recipient == "person":
            return ((rule.person_id, "rule"),) if rule.person_id in self.members else ()
        group, role = (self.managers, "manager") if rule.recipient == "managers" else (self.officers, "rule")
        return tuple((user, role) for user in group)


def people_of(organization_ids: Iterable[int]) -> dict[int, People]:
    """Officers, managers and alert rules of each organization; two queries."""
    ids = list(organization_ids)
    by_role: dict[tuple[int, str], list[int]] = {}
    rows = Membership.objects.filter(organization_id__in=ids, user__is_active=True).order_by("pk")
    for organization_id, role, user_id in rows.values_list("organization_id", "role", "user_id"):
        by_role.setdefault((organization_id, role), []).append(user_id)
    rules: dict[int, list[Rule]] = {}
    for row in AlertRule.objects.filter(organization_id__in=ids):
        rules.setdefault(row.organization_id, []).append(Rule.of(row))
    everybody: dict[int, set[int]] = {}
    for (organization_id, _role), users in by_role.items():
        everybody.setdefault(organization_id, set()).update(users)
    return {
        organization_id: People(
            officers=tuple(
                by_role.get((organization_id, Role.COMPLIANCE_OFFICER))
                or by_role.get((organization_id, Role.ADMINISTRATOR))
                or ()
            ),
            managers=tuple(by_role.get((organization_id, Role.MANAGER), ())),
            members=frozenset(members),
            rules=tuple(rules.get(organization_id, ())),
        )
        for organization_id, members in everybody.items()
    }
