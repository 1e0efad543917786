"""The API's own sign-in: a key for some hours, for a person who types their password."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from allauth.account.adapter import get_adapter
from django.core.exceptions import ValidationError as Refusal
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import APIException, AuthenticationFailed, PermissionDenied, Throttled
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from access import limits
from accounts import clock, ratelimit, tenancy
from accounts.models import Membership, User
from accounts.reauthentication import has_second_factor, is_code
from records.keys import Grant, issue_key
from records.record import Actor

LASTS = timedelta(hours=12)
WRONG = "The mail address, the password or the code is not right."


class SignInSerializer(serializers.Serializer[Any]):
    """Who signs in, with what, and where."""

    email = serializers.EmailField()
    password = serializers.CharField(max_length=500, trim_whitespace=False)
    code = serializers.CharField(
        max_length=20, required=False, allow_blank=True, help_text="Of the authenticator app, or a recovery code."
    )
    organization = serializers.SlugField(
        required=False, allow_blank=True, help_text="Short name; needed by those who belong to several."
    )
    writes = serializers.BooleanField(default=True)


class TokenSerializer(serializers.Serializer[Any]):
    """The key, shown once, and when it ends."""

    key = serializers.CharField()
    expires_at = serializers.DateTimeField()
    organization = serializers.CharField()
    writes = serializers.BooleanField()


class CodeNeeded(APIException):
    """The password is right; the account asks for its second step."""

    status_code = status.HTTP_401_UNAUTHORIZED
    default_detail = "This account has a second step. Send the code of its authenticator app as `code` too."


class TokenView(APIView):
    """Sign in with mail address and password."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()
    stores = False

    @extend_schema(request=SignInSerializer, responses={201: TokenSerializer}, auth=[])
    def post(self, request: Request) -> Response:
        """Make a key that works for 12 hours with the rights of the person, for programs that people start."""
        serializer = SignInSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        given = serializer.validated_data
        user = self._person(request, given["email"].lower(), given["password"])
        self._second_step(request, user, given.get("code", ""))
        membership = _membership(user, given.get("organization", ""))
        with tenancy.acting_in(membership.organization):
            if membership.organization.require_second_factor and not has_second_factor(user):
                raise PermissionDenied("This organization asks for a second factor. Sign in on the pages and add one.")
            grant = Grant(writes=given["writes"])
            key, text = issue_key(
                membership, "Sign-in", Actor.person(user), expires_at=clock.now() + LASTS, grant=grant
            )
        made = {
            "key": text,
            "expires_at": key.expires_at,
            "organization": membership.organization.slug,
            "writes": key.writes,
        }
        return Response(TokenSerializer(made).data, status.HTTP_201_CREATED, headers={"Cache-Control": "no-store"})

    def get_authenticate_header(self, request: Request) -> str:
        """A refused sign-in is 401, not 403."""
        return 'Bearer realm="isotrack"'

    def _person(self, request: Request, email: str, password: str) -> User:
        try:
            user = get_adapter().authenticate(request._request, email=email, password=password)
        except Refusal as refusal:
            raise Throttled(wait=(refusal.params or {}).get("seconds")) from refusal
        if not isinstance(user, User) or not user.is_active:
            raise AuthenticationFailed(WRONG)
        return user

    def _second_step(self, request: Request, user: User, code: str) -> None:
        if not has_second_factor(user):
            return
        if not code:
            raise CodeNeeded
        counted = limits.second_factor(request._request, user.pk)
        try:
            for limit, who in counted:
                ratelimit.take(limit, who)
        except ratelimit.TooMany as refusal:
            raise Throttled(wait=refusal.seconds) from refusal
        if not is_code(user, code):
            raise AuthenticationFailed(WRONG)
        for limit, who in counted:
            ratelimit.give_back(limit, who)


def _membership(user: User, slug: str) -> Membership:
    """The membership that the key is for; raises by field where it is not clear which."""
    with tenancy.across_organizations():
        rows = Membership.objects.filter(user=user).select_related("organization", "user").order_by("pk")
        mine = [row for row in rows if slug in {"", row.organization.slug}]
    if len(mine) == 1:
        return mine[0]
    if mine:
        names = ", ".join(row.organization.slug for row in mine)
        raise serializers.ValidationError({"organization": [f"Say which: {names}."]})
    if slug:
        raise serializers.ValidationError({"organization": ["You do not belong to this organization."]})
    raise PermissionDenied("You belong to no organization yet.")
