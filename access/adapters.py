"""Where the sign-in library asks us: limits, addresses, mails, secrets, and who may come in from outside."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from access import limits, sign_on
from access.letters import NEWS
from access.mail import tell, where
from accounts import ratelimit
from accounts.addresses import client_address
from accounts.models import User
from accounts.secrets import seal, unseal
from accounts.views import is_ours


class AccountAdapter(DefaultAccountAdapter):
    """Accounts come by invitation; wrong passwords are counted; mails go through the outbox."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _(
            "The mail address or the password is not right. Check both; capital letters matter."
        ),
        "enter_current_password": _("This is not your password. Check it; capital letters matter."),
        "incorrect_password": _("This is not your password. Check it; capital letters matter."),
        "incorrect_code": _("This code is not right, or was used already. Wait for the next one."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody makes an account of their own accord."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that our own proxies saw."""
        return client_address(request)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """The library's own counting is not used."""

    @sensitive_variables()
    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """The person, if the password is right; counted before it is checked, and taken back when it was right."""
        email = str(credentials.get("email", ""))
        counted = limits.sign_in(request, email)
        try:
            for limit, who in counted:
                ratelimit.take(limit, who)
        except ratelimit.TooMany as refusal:
            if refusal.first:
                _warn(request, email)
            raise limits.as_form_error(refusal) from refusal
        user: Any = super().authenticate(request, **credentials)
        if user is not None:
            for limit, who in counted:
                ratelimit.give_back(limit, who)
        return user

    def is_safe_url(self, url: str | None) -> bool:
        """Whether one may be sent on to this address."""
        return is_ours(self.request, url or "")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """News about an account reach its person through the outbox; strangers get no mail."""
        what = template_prefix.rpartition("/")[2]
        user = context.get("user") or User.objects.filter(email__iexact=email).first()
        if user is None:
            return
        if what == "password_reset_key":
            tell(user, "password_reset", where(self.request))
        elif what in NEWS:
            tell(user, "account_news", {"what": what, **where(self.request)})

    def add_message(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Pages say themselves what happened; the library's "you have signed in" would only be noise."""
        if kwargs.get("message"):
            super().add_message(request, *args, **kwargs)


def _warn(request: HttpRequest, email: str) -> None:
    """Tell the person, once in a window, that somebody guesses their password."""
    user = User.objects.filter(email__iexact=email, is_active=True).first()
    if user is not None:
        tell(user, "account_news", {"what": "sign_in_blocked", **where(request)})


def _refused(request: HttpRequest, reason: Any) -> ImmediateHttpResponse:
    return ImmediateHttpResponse(render(request, "socialaccount/refused.html", {"reason": reason}, status=403))


class SecondFactorAdapter(DefaultMFAAdapter):
    """Secrets of second factors are encrypted where they are kept."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": AccountAdapter.error_messages["incorrect_code"],
    }

    def encrypt(self, text: str) -> str:
        """The secret as it is kept."""
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """The secret again."""
        return unseal(encrypted_text)

    def _get_site_name(self) -> str:
        return "isotrack"


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """People who come from an identity provider."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """A provider lets in who has an account; it makes none."""
        return False

    def list_apps(self, request: HttpRequest, provider: str | None = None, client_id: str | None = None) -> list[Any]:
        """The operator's provider and those of organizations."""
        return [app for app in sign_on.apps(provider) if client_id in {None, app.client_id}]

    def get_requests_session(self) -> Any:
        """Providers are asked directly; one that sends us elsewhere is not followed."""
        session = super().get_requests_session()
        session.max_redirects = 0
        return session

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Find the account, and refuse whom this provider may not let in."""
        account = sociallogin.account
        known = sociallogin.is_existing
        user = sociallogin.user if known else sign_on.person_named(account, sociallogin.email_addresses)
        if user is None:
            raise _refused(request, _("The address that the provider named has no account here. Ask to be invited."))
        if not sign_on.may_let_in(account.provider, user):
            said = _("This account opens more than one organization; it does not come in by one of them alone.")
            raise _refused(request, said)
        if not known:
            sociallogin.connect(request, user)
