"""Every operation of the API, read from its own schema, with rows to fill its addresses."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from drf_spectacular.renderers import OpenApiJsonRenderer

from isotrack.api.schema import Generator
from tests.api.world import World

METHODS = ("get", "post", "patch", "delete")


@cache
def schema() -> Any:
    """The OpenAPI document, as it is served."""
    return json.loads(OpenApiJsonRenderer().render(Generator().get_schema(public=True), renderer_context={}))


@dataclass(frozen=True)
class Operation:
    """One method of one address; ``says`` is what the schema says of it."""

    method: str
    path: str

    @property
    def says(self) -> Any:
        return schema()["paths"][self.path][self.method]

    @property
    def body(self) -> Any:
        """The schema of its body, None without one."""
        content = self.says.get("requestBody", {}).get("content", {})
        return next(iter(content.values()))["schema"] if content else None

    @property
    def is_upload(self) -> bool:
        """Whether its body is a form with a file."""
        return "multipart/form-data" in self.says.get("requestBody", {}).get("content", {})

    @property
    def written(self) -> set[str]:
        """The fields that its body may have."""
        body = self.body or {}
        named = schema()["components"]["schemas"][body["$ref"].rpartition("/")[2]] if "$ref" in body else body
        return {name for name, field in named.get("properties", {}).items() if not field.get("readOnly")}

    @property
    def parameter(self) -> str | None:
        """The name in braces, if the address has one."""
        return self.path.partition("{")[2].partition("}")[0] or None

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path}"

    @property
    def is_list(self) -> bool:
        """Whether it answers pages of rows."""
        return any(parameter["name"] == "cursor" for parameter in self.says.get("parameters", ()))

    def address(self, row: int) -> str:
        """The address of a row."""
        return self.path.replace("{" + str(self.parameter) + "}", str(row))

    def row_of(self, world: World) -> int | None:
        """The row of a world that this address speaks of; None when organizations share it or have none."""
        resource = self.path.split("/")[3]
        rows: dict[str, Any] = {
            "audits": world.audit,
            "certificates": world.certificate,
            "certification-bodies": world.body,
            "corrective-actions": world.action,
            "decisions": world.decision,
            "editions": world.edition,
            "evidence": world.evidence,
            "nonconformities": world.nonconformity,
            "organizations": world.organization,
            "reliances": world.reliance,
            "schemes": world.scheme,
            "sites": world.site,
            "standards": world.standard,
            "team-members": world.member,
            "plan-entries": world.entry,
            "checklist-items": world.item,
            "findings": world.finding,
            "audit-reports": world.report,
            "events": world.event,
            "history-heads": world.head,
            "history-checks": world.check,
        }
        return rows[resource].pk if resource in rows else None


def operations() -> list[Operation]:
    """All of them, in the order of the schema."""
    paths = schema()["paths"]
    return [Operation(method, path) for path in paths for method in METHODS if method in paths[path]]


OF_ONE_ROW = [operation for operation in operations() if operation.parameter and "sweep-runs" not in operation.path]
LISTS = [operation for operation in operations() if operation.is_list]
WRITING = [op for op in operations() if op.method != "get" and not {"simulations", "token"} & set(op.path.split("/"))]
