"""``manage.py demo``: the demonstration organization and its sign-ins."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from accounts import clock, tenancy
from accounts.models import Membership
from isotrack.demo.seed import PASSWORD, seed_demo


class Command(BaseCommand):
    """Make the demonstration organization if it is not there, and print who can sign in."""

    help = "Make the demonstration organization if it is not there, and print who can sign in."

    def handle(self, *args: Any, **options: Any) -> None:
        """Seed once; every further call only prints."""
        organization = seed_demo(clock.today())
        self.stdout.write(f"{organization.name}: sign in with one of these addresses and the password {PASSWORD}")
        with tenancy.acting_in(organization):
            people = Membership.objects.filter(user__is_service=False)
            for member in people.select_related("user").order_by("pk"):
                self.stdout.write(f"  {member.user.email:<26} {member.get_role_display()}")
