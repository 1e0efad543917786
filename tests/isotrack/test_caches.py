"""The cache while Redis answers, while it is away, and when it comes back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from isotrack.caches import SteadyRedisCache
from tests.alerts.smtp import free_port

pytestmark = pytest.mark.redis


@pytest.fixture(autouse=True)
def _answering() -> Iterator[None]:
    SteadyRedisCache.away_until = 0.0
    yield
    SteadyRedisCache.away_until = 0.0


def cache(url: str) -> SteadyRedisCache:
    return SteadyRedisCache(url, {})


def test_processes_count_together(redis_url: str) -> None:
    one, other = cache(redis_url), cache(redis_url)
    assert one.add("tries", 0)
    assert (one.incr("tries"), other.incr("tries"), other.add("tries", 0)) == (1, 2, False)


def test_while_redis_is_away_limits_hold_in_each_process() -> None:
    away = cache(f"redis://127.0.0.1:{free_port()}/0")
    away.own.clear()
    assert away.add("tries", 0)
    assert [away.incr("tries") for _ in range(3)] == [1, 2, 3]
    assert (away.add("once", True, 60), away.add("once", True, 60)) == (True, False)
    assert away.incr("begun-in-redis") == 1
    assert SteadyRedisCache.away_until > 0


def test_it_is_asked_again_after_a_pause(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    cache(f"redis://127.0.0.1:{free_port()}/0").set("told", "alone")
    there = cache(redis_url)
    assert there.get("told") == "alone"
    monkeypatch.setattr(SteadyRedisCache, "away_until", 0.0)
    assert there.get("told") is None
    there.set("told", "together")
    assert cache(redis_url).get("told") == "together"
