"""Say of each method of an API of API Gateway (v1), and each route of one (v2), whether something other than itself guards it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.review.cloud.checks.contract import Join, Row, declare
from bartizan.review.cloud.checks.joins.statements import open_to_anyone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.collect.inventory.contract import Resource, Value
    from bartizan.review.cloud.checks.tables import Tables

__all__ = ["JOIN"]

_PROPERTIES: Final = declare(
    ("verb", "string", "the verb, ANY for all"),
    ("authorization", "string", "NONE, AWS_IAM, CUSTOM or COGNITO_USER_POOLS"),
    ("api_key_required", "boolean", "whether it needs a key"),
    ("validator", "string", "what validates requests"),
    ("private", "boolean", "whether only networks reach the API"),
    ("guarded", "boolean", "whether the policy of the API says who may call it"),
)
_OWN: Final = ("verb", "authorization", "api_key_required", "validator")


def _rows(tables: Tables) -> Iterator[Row]:
    apis = {one.uid.rpartition("/")[2]: one for one in tables.of("aws", "api_gateway_rest_api")}
    for method in tables.of("aws", "api_gateway_method"):
        told = {name: method.properties[name] for name in _OWN if name in method.properties}
        unknown = tables.unknowns(method, {name: name for name in _OWN})
        named = str(method.properties.get("rest_api") or "")
        api = apis.get(named.rpartition("/")[2])
        if api is None:
            yield Row(method, told, {**unknown, **dict.fromkeys(("private", "guarded"), f"the API {named} was not read")})
        else:
            unknown |= tables.unknowns(api, {"private": "endpoint_types", "guarded": "policy"})
            yield Row(method, {**told, **_of_api(tables, api)}, unknown)


def _of_api(tables: Tables, api: Resource) -> dict[str, Value]:
    types = api.properties.get("endpoint_types")
    statements = tables.policies(api.uid, "resource")
    return {
        "private": isinstance(types, list) and types == ["PRIVATE"],
        "guarded": bool(statements) and not any(open_to_anyone(one) for one in statements),
    }


JOIN = Join(
    provider="aws",
    name="api_method_guard",
    about="What guards a method of an API.",
    subjects=("api_gateway_method",),
    needs={"api_gateway_method": _OWN, "api_gateway_rest_api": ("endpoint_types", "policy")},
    properties=_PROPERTIES,
    rows=_rows,
)
