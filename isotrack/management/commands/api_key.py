"""``api_key``: make a key with which another system speaks for a person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import clock, tenancy
from accounts.models import Membership
from records.keys import issue_key
from records.record import Actor


class Command(BaseCommand):
    """Prints the key once; only its hash is kept."""

    help = "Make an API key for a member of an organization and print it once."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose key, what it is called, what it may."""
        parser.add_argument("--organization", required=True, metavar="SLUG", help="short name of the organization")
        parser.add_argument("--user", required=True, metavar="MAIL", help="mail address of the member it speaks for")
        parser.add_argument("--name", required=True, help="what the key is for")
        parser.add_argument("--write", action="store_true", help="may write what the person's role allows")
        parser.add_argument("--days", type=int, metavar="N", help="expires after so many days; default: never")

    def handle(self, *args: Any, **options: Any) -> None:
        """Find the member, make the key, print it."""
        with tenancy.across_organizations():
            membership = (
                Membership.objects.select_related("organization", "user")
                .filter(organization__slug=options["organization"], user__email=options["user"].lower())
                .first()
            )
        if membership is None:
            raise CommandError(f"{options['user']} is not a member of “{options['organization']}”.")
        days = options["days"]
        expires_at = clock.now() + timedelta(days=days) if days is not None else None
        by = Actor.person(membership.user)
        with tenancy.acting_in(membership.organization):
            try:
                _, text = issue_key(membership, options["name"], by, options["write"], expires_at)
            except ValidationError as error:
                raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(text)
