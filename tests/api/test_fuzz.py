"""Whatever is sent to whichever operation, the answer is one that the schema declares, and never a failure of ours."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.calling import PROBLEM, Caller
from tests.api.routes import Operation, operations, schema
from tests.api.world import World

EXAMPLES = 3000 if os.environ.get("CI") else 400
KINDS = ["audit", "certificate", "body", "action", "decision", "edition", "nonconformity", "reliance", "scheme", "site"]
FIELDS = {"sites": "site", "certificates": "certificate", "owner": "user"}
ODD_TEXTS = [
    "", " ", "\0", "\ud800", "a\0b", "x" * 10_001, "’; DROP TABLE audits_audit; --", "%s%n{0}{{7*7}}", "١٢٣", "😀",
    "\u202e", "../..", "<script>alert(1)</script>", "2026-02-30", "0001-01-01", "9999-12-31", "2026-11-23T10:00:00Z",
    "NaN", "-0", "1e400", "nc:1", "null", "true", "\r\nX-Header: 1", "\ufeff", "Ω" * 300,
]  # fmt: skip
ODD_NUMBERS = [0, -1, 1, 2**31, 2**63 - 1, 2**63, -(2**63) - 1, 10**40, 1.5, -0.0, 1e308, 5e-324]
ODD: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from(ODD_TEXTS),
    st.sampled_from(ODD_NUMBERS),
    st.sampled_from([None, True, False, [], {}, [[]], {"": {}}, [None], {"id": 1}]),
    st.text(max_size=40),
    st.recursive(st.none() | st.integers(), lambda inner: st.lists(inner, max_size=3), max_leaves=5),
)
DAYS = (st.integers(-9, 0) | st.integers(-9, 0) | st.integers(-900, 900)).map(
    lambda n: str(date(2026, 11, 23) + timedelta(days=n))
)
OPERATIONS = operations()


def resolved(says: Any) -> Any:
    """A schema with its reference followed."""
    if "$ref" in says:
        return resolved(schema()["components"]["schemas"][says["$ref"].rpartition("/")[2]])
    for key in ("allOf", "oneOf", "anyOf"):
        if key in says:
            return resolved(says[key][0])
    return says


@dataclass(frozen=True)
class Ids:
    """Rows that requests may name: the caller's own, and any others."""

    own: World
    others: list[int]

    def of(self, name: str) -> st.SearchStrategy[int]:
        """Mostly the own row that a field of this name means."""
        row: Any = getattr(self.own, FIELDS.get(name, name), None)
        return st.sampled_from(([row.pk] * 200 if hasattr(row, "pk") else []) + self.others)


def sound(says: Any, ids: Ids, name: str = "") -> st.SearchStrategy[Any]:
    """Values that the schema allows, with ids of rows that may be there."""
    says = resolved(says)
    kind = says.get("type")
    kinds = kind if isinstance(kind, list) else [kind]
    if "enum" in says:
        return st.sampled_from(says["enum"])
    if "integer" in kinds:
        return ids.of(name)
    if "array" in kinds:
        return st.lists(sound(says["items"], ids, name), max_size=3)
    if "boolean" in kinds:
        return st.booleans()
    if "object" in kinds:
        return body_of(says, ids) if "properties" in says else st.dictionaries(RULES, PARAMETERS, max_size=2)
    if says.get("format") == "date":
        return DAYS
    return st.sampled_from(["major", "minor", "PCA", "2.5", "design", "nc:1", "ISO 9001"]) | st.text(max_size=30)


RULES = st.sampled_from(["suspension", "nc.major.closure", "cycle", "nc.major.plan", "surveillance.first"])
PARAMETERS: st.SearchStrategy[Any] = st.dictionaries(
    st.sampled_from(["limit", "due", "on_breach", "length", "x"]),
    st.sampled_from(["30d", "6m", "next_audit", "suspend", None, "-1d", "9999999999m", True, 1e308, [], {}]),
    max_size=2,
)


def body_of(says: Any, ids: Ids) -> st.SearchStrategy[Any]:
    """A mapping as the schema describes it; in half of them one field is odd, or unknown."""
    required = says.get("required", ())
    fields = {name: sound(inner, ids, name) for name, inner in says.get("properties", {}).items()}
    right = st.fixed_dictionaries(
        {name: fields[name] for name in fields if name in required},
        optional={name: fields[name] for name in fields if name not in required},
    )
    wrong = st.dictionaries(st.sampled_from([*fields, *fields, "id", "status", "x", ""]), ODD, max_size=1)
    return st.tuples(right, st.just({}) | wrong).map(lambda both: {**both[0], **both[1]})


@st.composite
def requests(draw: st.DrawFn, ids: Ids) -> tuple[Operation, str, Any, dict[str, str]]:
    """An operation, its address, its body and its headers."""
    operation = draw(st.sampled_from(OPERATIONS))
    own = operation.row_of(ids.own) or 1
    row = draw(st.sampled_from([own] * 10 + [*ids.others, 0, 10**18 - 1, 10**30, "x", "1'", "-1"]))
    address = operation.path.replace("{" + str(operation.parameter) + "}", quote(str(row)))
    parameters = [parameter for parameter in operation.says.get("parameters", ()) if parameter["in"] == "query"]
    query = {
        parameter["name"]: draw(
            sound(parameter["schema"], ids, parameter["name"]).map(str) | st.sampled_from(ODD_TEXTS)
        )
        for parameter in parameters
        if draw(st.integers(0, 5)) == 0
    }
    if query:
        address += "?" + urlencode(query, errors="surrogatepass")
    bodies = body_of(resolved(operation.body), ids) if operation.body else st.none()
    body = draw(st.one_of(bodies, bodies, bodies, ODD)) if operation.body else None
    headers = draw(
        st.fixed_dictionaries(
            {"If_Match": st.sampled_from(['"1"', "*", "*", "*", '"0"', "W/1", '"' + "9" * 400 + '"', "\x7f", ","])},
            optional={"Idempotency_Key": st.sampled_from(["k", "k k", "x" * 300, "é"])},
        )
    )
    return operation, address, body, headers


@pytest.fixture
def ids(world: World, foreign: World) -> Ids:
    """Ids of rows of both organizations."""
    return Ids(world, sorted({getattr(of, kind).pk for of in (world, foreign) for kind in KINDS}))


@pytest.mark.timeout(600)
def test_nothing_that_is_sent_makes_the_api_fail(world, foreign, api, ids):
    seen: dict[int, int] = {}

    @settings(
        max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True, database=None
    )
    @given(request=requests(ids))
    def send(request: tuple[Operation, str, Any, dict[str, str]]) -> None:
        operation, address, body, headers = request
        with transaction.atomic():
            response = api.send(operation.method.upper(), address, body, **headers)
            transaction.set_rollback(True)
        seen[response.status_code] = seen.get(response.status_code, 0) + 1
        check(operation, response)

    send()
    assert sum(seen.values()) >= EXAMPLES
    assert {200, 400, 404, 412} <= set(seen), seen


def check(operation: Operation, response: Any) -> None:
    """The answer is declared, and a refusal is a problem document."""
    assert response.status_code < 500, response.content[:300]
    assert str(response.status_code) in operation.says["responses"], f"{operation}: {response.status_code}"
    if response.status_code >= 400:
        assert response["Content-Type"] == PROBLEM
        assert response.json()["status"] == response.status_code


@pytest.mark.parametrize(("length", "status"), [(200, 200), (201, 400)])
def test_a_list_of_ids_is_limited(world: World, api: Caller, length: int, status: int) -> None:
    body = {"sites": [world.site.pk] * length}
    response = api.send("PATCH", f"certificates/{world.certificate.pk}/", body, If_Match="*")
    assert response.status_code == status
