"""The cache of an installation with Redis: shared while Redis answers, each process's own while it does not."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

log = logging.getLogger(__name__)
PAUSE = 5.0
PATIENCE = {"socket_connect_timeout": 1, "socket_timeout": 1, "retry": Retry(NoBackoff(), 1)}


class OwnCache(LocMemCache):
    """What this process keeps for itself; a counter that was begun elsewhere begins anew."""

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """Count on."""
        self.add(key, 0, version=version)
        return int(super().incr(key, delta, version))


def steady(name: str) -> Callable[..., Any]:
    """A method that asks Redis, and this process's own cache for ``PAUSE`` seconds after Redis did not answer."""

    def ask(self: SteadyRedisCache, *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() >= SteadyRedisCache.away_until:
            try:
                return getattr(RedisCache, name)(self, *args, **kwargs)
            except RedisError as error:
                log.warning("the cache does not answer, this process goes on alone: %s", error)
                SteadyRedisCache.away_until = time.monotonic() + PAUSE
        return getattr(self.own, name)(*args, **kwargs)

    return ask


class SteadyRedisCache(RedisCache):
    """Only limits and marks of some minutes lie here: losing it costs no page. What must hold lies in the database."""

    away_until = 0.0

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params | {"OPTIONS": PATIENCE | params.get("OPTIONS", {})})
        self.own = OwnCache("own", {})

    add, get, set, touch, delete = map(steady, ("add", "get", "set", "touch", "delete"))
    get_many, set_many, delete_many = map(steady, ("get_many", "set_many", "delete_many"))
    incr, has_key, clear = map(steady, ("incr", "has_key", "clear"))
