"""The first wall between organizations: rows are read only inside a named scope.

``with acting_in(organization):`` lets managers see that organization's rows. Without a scope every read raises
``OrganizationRequired``. ``across_organizations`` is for jobs that serve all of them. ``acting_as(membership)`` shows
no more than the membership reaches: a contributor's own tasks, a guest's audit, the sites it is limited to.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar

from django.db import models
from django.db.models.base import ModelBase

from accounts import clock

if TYPE_CHECKING:
    from accounts.models import Membership, Organization
    from accounts.reach import Reach

ALL: Final = "all"
_scope: ContextVar[int | str | None] = ContextVar("organization", default=None)
_reach: ContextVar[Reach | None] = ContextVar("reach", default=None)
Row = TypeVar("Row", bound=models.Model, covariant=True)


class OrganizationRequired(RuntimeError):
    """Rows of an organization were read without saying whose they are."""


@contextmanager
def _acting(scope: int | str | None, reach: Reach | None = None) -> Iterator[None]:
    tokens = _scope.set(scope), _reach.set(reach)
    try:
        yield
    finally:
        _scope.reset(tokens[0])
        _reach.reset(tokens[1])


def acting_in(organization: Organization | int) -> AbstractContextManager[None]:
    """Read and write rows of this organization only."""
    return _acting(organization if isinstance(organization, int) else organization.pk)


def acting_as(membership: Membership) -> AbstractContextManager[None]:
    """Read and write what this member of an organization reaches."""
    return _acting(membership.organization_id, membership.reach)


def across_organizations() -> AbstractContextManager[None]:
    """Read rows of every organization; only jobs and commands of the operator may."""
    return _acting(ALL)


@contextmanager
def whole_organization() -> Iterator[None]:
    """Read all rows of the organization, whoever acts: what is worked out from facts needs every one of them."""
    token = _reach.set(None)
    try:
        yield
    finally:
        _reach.reset(token)


def current() -> int | str | None:
    """The organization's id, ``ALL``, or None outside any scope."""
    return _scope.get()


def current_reach() -> Reach | None:
    """The limits of whoever acts; None is no limit."""
    return _reach.get()


def sees_everything() -> bool:
    """Whether whoever acts reaches every row of the organization."""
    return _reach.get() is None


class OrganizationManager(models.Manager[Row]):
    """Reads rows of the current organization, also those that a limited membership does not reach."""

    def get_queryset(self) -> models.QuerySet[Row]:
        """Rows of the organization in whose scope the caller acts; raises outside any scope."""
        scope = current()
        if scope is None:
            raise OrganizationRequired(f"{self.model.__name__} is read outside acting_in(organization)")
        rows = super().get_queryset()
        return rows if scope == ALL else rows.filter(organization_id=scope)

    def none(self) -> models.QuerySet[Row]:
        """No rows, for which nobody needs a scope: forms are declared with them."""
        return super().get_queryset().none()


class ScopedManager(OrganizationManager[Row]):
    """Reads rows of the current organization that the caller reaches."""

    def get_queryset(self) -> models.QuerySet[Row]:
        """As above; whoever may see the whole organization costs nothing."""
        rows, reach = super().get_queryset(), _reach.get()
        return rows if reach is None else reach.limit(rows)


class _Guarded(ModelBase):
    """Rows that are reached through another one, saved or deleted obey the organization as those that are listed."""

    @property
    def _base_manager(self) -> OrganizationManager[Any]:
        manager: Any = OrganizationManager()
        manager.name, manager.model, manager.auto_created = "_base_manager", self, True
        return manager


class OrganizationRow(models.Model, metaclass=_Guarded):
    """A row that belongs to one organization."""

    organization = models.ForeignKey("accounts.Organization", on_delete=models.PROTECT, related_name="+")

    objects: ScopedManager[Any] = ScopedManager()

    # Whether history, evidence or papers may be about such a row; False for what is itself reached through them.
    is_subject: ClassVar[bool] = True

    class Meta:
        abstract = True

    @classmethod
    def within(cls, reach: Reach) -> models.Q:
        """Which rows a membership of limited reach sees: those that belong to rows it sees."""
        return reach.through(cls)


class EditableRow(OrganizationRow):
    """A row that people edit; ``version`` counts the saves so that the second of two is refused."""

    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        abstract = True
