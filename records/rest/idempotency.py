"""Sending a POST again without doing it twice: ``Idempotency-Key``.

The key is claimed in a transaction of its own; the change and its answer are then kept in one transaction, so a
crash leaves either both or none. Only answers that changed something are kept: after a refusal the key is free.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpResponse
from rest_framework.exceptions import ParseError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import clock
from accounts.models import IdempotencyKey, Organization
from records.rest.errors import KeyReused, StillRunning

KEPT_FOR = timedelta(hours=24)
RUNS_AT_MOST = timedelta(minutes=2)
KEPT_HEADERS = ("ETag", "Location")
VALID = re.compile(r"[\x21-\x7e]{1,200}")


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to run one request; lost when another took it over."""

    row_id: int
    token: str

    def keep(self, response: Response) -> None:
        """Keep the answer in the transaction of the change; raises ``StillRunning`` when the claim was lost."""
        kept = IdempotencyKey.objects.filter(pk=self.row_id, claim=self.token, answer_code=None).update(
            answer_code=response.status_code,
            answer_body=JSONRenderer().render(response.data).decode(),
            answer_headers={name: response[name] for name in KEPT_HEADERS if name in response},
        )
        if not kept:
            raise StillRunning

    def release(self) -> None:
        """Free the key after a refusal."""
        IdempotencyKey.objects.filter(pk=self.row_id, claim=self.token, answer_code=None).delete()


def once(request: Request, organization: Organization, run: Callable[[], Response]) -> HttpResponse:
    """Run a change in one transaction; with an ``Idempotency-Key`` once only, however often it is sent."""
    key = request.headers.get("Idempotency-Key")
    if key is None or request.method != "POST":
        return _in_transaction(run)
    if not VALID.fullmatch(key):
        raise ParseError("An Idempotency-Key is 1 to 200 visible ASCII characters.")
    claimed = _claim(request, organization, key)
    if isinstance(claimed, HttpResponse):
        return claimed
    try:
        return _in_transaction(run, claimed)
    except BaseException:
        claimed.release()
        raise


@transaction.atomic
def _in_transaction(run: Callable[[], Response], claim: Claim | None = None) -> Response:
    response = run()
    if claim:
        claim.keep(response)
    return response


def _claim(request: Request, organization: Organization, key: str) -> Claim | HttpResponse:
    """The right to run this request, or the answer that it got before."""
    IdempotencyKey.objects.filter(claimed_at__lt=clock.now() - KEPT_FOR).delete()
    names: dict[str, Any] = {"user": request.user, "route": request.path[:200], "key": key}
    asked = _fingerprint(request)
    token = secrets.token_hex(16)
    try:
        with transaction.atomic():
            row = IdempotencyKey.objects.create(
                organization=organization,
                request_hash=asked,
                claim=token,
                claimed_at=clock.now(),
                **names,
            )
        return Claim(row.pk, token)
    except IntegrityError:
        row = IdempotencyKey.objects.filter(**names).first()
    if row is None:
        raise StillRunning
    if row.request_hash != asked:
        raise KeyReused
    return _answered(row) if row.answer_code else _take_over(row, token)


def _fingerprint(request: Request) -> str:
    """The hash of what was sent; of a form its fields and files, because its boundary is another one each time."""
    if not str(request.content_type).startswith("multipart/"):
        return hashlib.sha256(request._request.body).hexdigest()
    digest = hashlib.sha256()
    form: Any = request.data
    for name, values in sorted(form.lists()):
        for value in values:
            digest.update(repr((name, getattr(value, "name", value))).encode("utf-8", "backslashreplace"))
            for chunk in value.chunks() if hasattr(value, "chunks") else ():
                digest.update(chunk)
            if hasattr(value, "seek"):
                value.seek(0)
    return digest.hexdigest()


def _take_over(row: IdempotencyKey, token: str) -> Claim:
    """A request that has been running for too long has died; its change was never committed."""
    now = clock.now()
    dead = IdempotencyKey.objects.filter(
        pk=row.pk, claim=row.claim, answer_code=None, claimed_at__lt=now - RUNS_AT_MOST
    )
    if not dead.update(claim=token, claimed_at=now):
        raise StillRunning
    return Claim(row.pk, token)


def _answered(row: IdempotencyKey) -> HttpResponse:
    headers = {**row.answer_headers, "Idempotency-Replayed": "true"}
    return HttpResponse(row.answer_body, "application/json", row.answer_code, headers=headers)
