"""The sign-in page; in the demonstration it offers the demo accounts."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from access.views import SignInView, refusing
from accounts import tenancy
from accounts.models import Membership
from isotrack.demo.seed import PASSWORD

DEMO_SLUG = "halden"


class DemoSignInView(SignInView):
    """Lists the people of the demonstration organization, one button each, while the demonstration runs."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the accounts; an installation that is no demonstration has none."""
        return super().get_context_data(**kwargs, demo_accounts=_demo_accounts() if settings.DEMO else [])


page = refusing(DemoSignInView.as_view())


def _demo_accounts() -> list[dict[str, str]]:
    with tenancy.across_organizations():
        members = Membership.objects.filter(organization__slug=DEMO_SLUG, user__is_active=True, user__is_service=False)
        return [
            {
                "name": str(member.user),
                "email": member.user.email,
                "role": member.get_role_display(),
                "password": PASSWORD,
            }
            for member in members.select_related("user").order_by("pk")
        ]
