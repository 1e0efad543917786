"""Signatures on what matters: who signed what, with which meaning, and whether the record is still what was signed.

An app names its acts with ``signable``. A page shows what is signed (``SignatureForm``), the door calls ``sign`` before
it changes anything; docs/howto/signatures.md shows both.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.core import signing
from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts import clock
from accounts.models import User
from accounts.tenancy import OrganizationRow
from records import chain
from records.models import ActorKind, Signature
from records.policy import policy_of
from records.record import Actor, Entry, plain, record, subject_type
from records.terms import say_codes

SECONDS = 30 * 60
Lines = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Act:
    """Something that people sign.

    ``shown`` gives the lines of the record that stand on the screen; what the act itself changes is no part of them.
    ``signs`` is the model that the signature is about; where that is not the row on the screen, ``of`` names the
    attribute of the one that leads to the other.
    """

    name: str
    title: str | Promise
    meaning: str | Promise
    signs: type[OrganizationRow]
    shown: Callable[[Any], Lines]
    of: str = ""

    def lines(self, about: Any) -> list[list[str]]:
        """The lines as they are now of the row that a signature is about."""
        return as_shown(self, getattr(about, self.of) if self.of else about)


ACTS: dict[str, Act] = {}


def signable(act: Act) -> Act:
    """Make an act known, so that an organization can ask for a signature under it."""
    ACTS[act.name] = act
    for name in ("act", "signed"):
        say_codes(name, {act.name: act.title})
    return act


class SignatureRequired(ValidationError):
    """The organization asks for a signature under this act, and none was given."""

    def __init__(self, act: Act) -> None:
        said = _("“%s” needs your signature: do it on its page, where you confirm it with your password.")
        super().__init__(said % act.title, code="signature_required")


@dataclass(frozen=True, slots=True)
class Signing:
    """What a person has just confirmed with their password: the act, what they saw, and the form they saw it in."""

    act: str
    signer: User
    content: str
    nonce: str


def is_asked(organization_id: int, act: str) -> bool:
    """Whether the organization asks for a signature under this act."""
    return act in ACTS and act in policy_of(organization_id).signed


def as_shown(act: Act, row: Any) -> list[list[str]]:
    """What stands on the screen of a row."""
    return [[str(label), str(value)] for label, value in act.shown(row)]


def content_hash(meaning: str, shown: Sequence[Sequence[str]], entered: Mapping[str, Any]) -> str:
    """The digest of everything that was on the screen."""
    return sha256(chain.canonical([meaning, shown, entered]).encode()).hexdigest()


def new_token(act: Act, row: Any, signer: User) -> str:
    """What a form carries from its display to its signature: what was shown to whom, once, for half an hour."""
    seen = content_hash(str(act.meaning), as_shown(act, row), {})
    return signing.dumps([act.name, row.pk, signer.pk, seen, secrets.token_hex(16)], salt="records.signature")


def read_token(token: str, act: Act, row: Any, signer: User) -> Signing:
    """The signing that a form allows; raises ``ValidationError`` for one of another person, act, row or time."""
    again = _("Read it again and sign once more: this form is too old or belongs to something else.")
    try:
        name, pk, person, seen, nonce = signing.loads(token, salt="records.signature", max_age=SECONDS)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise ValidationError(again) from error
    if (name, pk, person) != (act.name, row.pk, signer.pk):
        raise ValidationError(again)
    return Signing(name, signer, seen, nonce)


def signed_by(by: Actor, given: Signing | None) -> Actor:
    """The actor with the signature that they gave."""
    return replace(by, signing=given) if given else by


def sign(act: Act, row: Any, by: Actor, entered: Mapping[str, Any], about: Any = None) -> Signature | None:
    """Called by the door in its transaction, before it changes ``row``: keep the signature that the actor gave.

    ``entered`` are the fields that the act is about to write on ``about`` (the row itself without one). Rules and
    imports sign nothing. Raises ``SignatureRequired`` where the organization asks for one and none was given, and
    ``ValidationError`` when the record is no longer what the signer saw or the form has signed already.
    """
    given: Signing | None = by.signing
    if given is None or given.act != act.name:
        if by.kind in {ActorKind.PERSON, ActorKind.KEY, ActorKind.SERVICE} and is_asked(row.organization_id, act.name):
            raise SignatureRequired(act)
        return None
    shown, meaning = as_shown(act, _locked(row)), str(act.meaning)
    if content_hash(meaning, shown, {}) != given.content:
        raise ValidationError(_("The record has changed since you read it. Read it again and sign once more."))
    if Signature.objects.filter(organization_id=row.organization_id, nonce=given.nonce).exists():
        raise ValidationError(_("This form was signed already. Read the record again."))
    values = plain({name: str(value) for name, value in entered.items() if value not in (None, "")})
    subject = about or row
    kept = Signature.objects.create(
        organization_id=row.organization_id,
        act=act.name,
        subject_type=subject_type(subject),
        subject_id=subject.pk,
        subject_label=str(subject)[:200],
        signer=given.signer,
        signer_name=str(given.signer)[:150],
        signed_at=clock.now(),
        meaning=meaning,
        language=translation.get_language() or "en",
        shown=shown,
        entered=values,
        content_hash=content_hash(meaning, shown, values),
        nonce=given.nonce,
    )
    _tell(kept, row, by)
    return kept


def _locked(row: OrganizationRow) -> Any:
    """The row as it is stored, held until the commit, so that nobody changes it between reading and signing."""
    return type(row).objects.select_for_update().get(pk=row.pk)


def _tell(kept: Signature, row: OrganizationRow, by: Actor) -> None:
    after = {"act": kept.act, "meaning": kept.meaning, "name": kept.signer_name, "content": kept.content_hash}
    record(by, [Entry.about(row, "signature.given", clock.today(row.organization), after=after)])


@dataclass(frozen=True)
class Signed:
    """A signature beside its record: who, when, in which meaning, and what has changed since."""

    name: str
    meaning: str
    signed_at: datetime
    content_hash: str
    changed: Sequence[str]

    @property
    def holds(self) -> bool:
        """Whether the record is still what was signed."""
        return not self.changed


def signatures_on(row: Any) -> list[Signed]:
    """The signatures about a row, oldest first, each compared with the record as it is now; one query."""
    kept = Signature.objects.filter(subject_type=subject_type(row), subject_id=row.pk)
    return [Signed(s.signer_name, s.meaning, s.signed_at, s.content_hash, tuple(_changed(s, row))) for s in kept]


def _changed(kept: Signature, row: Any) -> list[str]:
    """Names of what no longer is what was signed, the signature itself included."""
    if content_hash(kept.meaning, kept.shown, kept.entered) != kept.content_hash:
        return [_("the signature itself")]
    with translation.override(kept.language):
        now = dict(ACTS[kept.act].lines(row)) if kept.act in ACTS else dict(kept.shown)
    lines = [label for label, value in kept.shown if now.get(label) != value]
    fields = [name for name, value in kept.entered.items() if hasattr(row, name) and str(getattr(row, name)) != value]
    return lines + [str(row._meta.get_field(name).verbose_name) for name in fields]
