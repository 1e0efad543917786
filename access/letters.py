"""What the mails about a person's own account say; they hold a secret address only while they are sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, pgettext

from access.models import Invitation
from accounts.models import User
from accounts.ratelimit import wait_in_words
from accounts.templatetags.ui import moment
from audits.models import Audit
from records.people import guests_of

# What happened to an account, in the library's words, and what its person is told.
NEWS: dict[str, Any] = {
    "password_changed": gettext_lazy("Your password was changed"),
    "password_set": gettext_lazy("A password was set for your account"),
    "password_reset": gettext_lazy("Your password was chosen anew by a link"),
    "totp_activated": gettext_lazy("An authenticator app was added to your account"),
    "totp_deactivated": gettext_lazy("The authenticator app was removed from your account"),
    "recovery_codes_generated": gettext_lazy("New recovery codes were made for your account"),
    "webauthn_added": gettext_lazy("A passkey was added to your account"),
    "webauthn_removed": gettext_lazy("A passkey was removed from your account"),
    "account_connected": gettext_lazy("Single sign-on was connected to your account"),
    "account_disconnected": gettext_lazy("Single sign-on was disconnected from your account"),
    "sign_in_blocked": gettext_lazy("Somebody tried many wrong passwords for your account"),
}


class NoLongerTrue(Exception):
    """What the letter was to tell no longer holds."""


@dataclass(frozen=True)
class PlainLetter:
    """A mail that tells of no deadline, before it is laid out; ``url`` is secret for some kinds."""

    subject: str
    sentence: str
    button: str
    url: str
    rows: tuple[tuple[str, str], ...]
    why: str


def reset_address(user: User) -> str:
    """The address at which this person chooses a new password; works once and not for long."""
    token = default_token_generator.make_token(user)
    key = {"uidb36": user_pk_to_url_str(user), "key": token}
    return settings.BASE_URL + reverse("account_reset_password_from_key", kwargs=key)


def _reset(user: User, payload: dict[str, Any], secret: bool) -> PlainLetter:
    lasts = wait_in_words(settings.PASSWORD_RESET_TIMEOUT)
    return PlainLetter(
        subject=_("Choose a new password for isotrack"),
        sentence=_("Somebody, probably you, asked to choose a new password for %s.") % user.email,
        button=_("Choose a password"),
        url=reset_address(user) if secret else _page("account_reset_password"),
        rows=((_("Works"), _("once, for %s") % lasts), *_where(payload)),
        why=_("If it was not you, do nothing: without this link your password stays as it is."),
    )


def _news(user: User, payload: dict[str, Any], secret: bool) -> PlainLetter:
    what = str(NEWS[payload["what"]])
    return PlainLetter(
        subject=f"{what} ({user.email})",
        sentence=f"{what}.",
        button=_("Check how you sign in"),
        url=_page("mfa_index"),
        rows=((_("Account"), user.email), *_where(payload)),
        why=_("If it was not you, choose a new password at once and end your other sessions."),
    )


def _invitation(user: User, payload: dict[str, Any], secret: bool) -> PlainLetter:
    row = Invitation.objects.select_related("organization", "invited_by").get(pk=payload["invitation"])
    if not row.is_open:
        raise NoLongerTrue(gettext_noop("the invitation was accepted, withdrawn or is over"))
    names = {"organization": row.organization, "person": row.invited_by or row.organization}
    audits = ", ".join(_audits(row.limits.get("audits", ())))
    sentence = _("%(person)s invites you to work with %(organization)s in isotrack.") % names
    if audits:
        sentence = _("%(person)s of %(organization)s lets you see audit %(audits)s until it is over.") % {
            **names,
            "audits": audits,
        }
    return PlainLetter(
        subject=_("%(person)s invites you to %(organization)s") % names,
        sentence=sentence,
        button=_("Look at the invitation"),
        url=settings.BASE_URL + reverse("invitation", args=[row.token]) if secret else _page("sign-in"),
        rows=(
            (_("For"), user.email),
            (_("As"), str(row.get_role_display())),
            (_("Works"), _("once, until %s") % moment(row.expires_at)),
        ),
        why=_("If you expect no such invitation, do nothing."),
    )


def _guest_audit(user: User, payload: dict[str, Any], secret: bool) -> PlainLetter:
    """Somebody who is a guest already is let into another audit."""
    audit = Audit.objects.select_related("organization").get(pk=payload["audit"])
    if user.pk not in [guest.user_id for guest in guests_of(audit.organization_id, audit.pk)]:
        raise NoLongerTrue(gettext_noop("the guest sees this audit no longer"))
    names = {"organization": audit.organization, "audit": audit}
    return PlainLetter(
        subject=_("%(organization)s lets you see audit %(audit)s") % names,
        sentence=_("%(organization)s lets you see audit %(audit)s until it is over.") % names,
        button=_("Open the audit"),
        url=settings.BASE_URL + reverse("audit", args=[audit.pk]),
        rows=((_("For"), user.email), (_("Audit"), f"{audit}, {audit.get_kind_display()}")),
        why=_("You get this mail because you are invited to it as a guest auditor."),
    )


def _audits(pks: Sequence[int]) -> list[str]:
    return list(Audit.objects.filter(pk__in=pks).order_by("pk").values_list("number", flat=True)) if pks else []


def _where(payload: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    return (
        (_("When"), moment(datetime.fromisoformat(payload["at"]))),
        (pgettext("address", "From"), payload["address"]),
        (_("With"), payload["browser"]),
    )


def _page(name: str) -> str:
    return settings.BASE_URL + reverse(name)


KINDS: dict[str, Callable[[User, dict[str, Any], bool], PlainLetter]] = {
    "password_reset": _reset,
    "account_news": _news,
    "invitation": _invitation,
    "guest_audit": _guest_audit,
}


def write(kind: str, user: User, payload: dict[str, Any], secret: bool) -> PlainLetter:
    """The letter in the language that is switched on; without ``secret`` its link is one that anyone may see."""
    return KINDS[kind](user, payload, secret)
