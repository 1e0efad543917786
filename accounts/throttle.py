"""How often one API key may ask."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts import clock
from accounts.models import ApiKey


class KeyThrottle(BaseThrottle):
    """So many requests of one key a minute; counted where all processes see it."""

    seconds = 60

    def allow_request(self, request: Request, view: Any) -> bool:
        """Count the request; people who are signed in are not counted."""
        if not isinstance(request.auth, ApiKey):
            return True
        now = int(clock.now().timestamp())
        self.seconds = 60 - now % 60
        key = f"api-requests:{request.auth.prefix}:{now // 60}"
        cache.add(key, 0, timeout=120)
        return int(cache.incr(key)) <= settings.API_REQUESTS_PER_MINUTE

    def wait(self) -> float:
        """Seconds until the next minute begins."""
        return self.seconds
