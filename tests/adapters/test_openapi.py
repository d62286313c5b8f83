"""The OpenAPI document says what the server does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from toy import Toy

from prm_harness.adapter import CONTRACT_VERSION
from prm_harness.adapter.codec import ALL_OPERATIONS, READING, STREAMING, shape
from prm_harness.adapter.http_server import serving
from prm_harness.adapter.openapi import document


def refs(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from ([value["$ref"]] if "$ref" in value else ())
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from refs(item)


def test_every_operation_is_there_with_its_arguments() -> None:
    told = document()
    assert told["openapi"] == "3.1.0"
    assert told["info"]["version"] == CONTRACT_VERSION
    assert set(told["paths"]) == {
        "/v1/info",
        *(f"/v1/ops/{name}" for name in ALL_OPERATIONS if name != "info"),
    }
    for name in ALL_OPERATIONS:
        if name == "info":
            continue
        post = told["paths"][f"/v1/ops/{name}"]["post"]
        args = post["requestBody"]["content"]["application/json"]["schema"]["properties"]["args"]
        assert set(args["properties"]) == set(shape(name).arguments)
        assert ("parameters" in post) is (name not in READING)
        media = "application/x-ndjson" if name in STREAMING else "application/json"
        assert set(post["responses"]["200"]["content"]) == {media}


def test_every_reference_leads_somewhere() -> None:
    told = document()
    for ref in set(refs(told)):
        here: Any = told
        for step in ref.removeprefix("#/").split("/"):
            here = here[step]
        assert here


def test_files_are_base64_text() -> None:
    content = document()["components"]["schemas"]["FileContent"]["properties"]["content"]
    assert (content["type"], content["contentEncoding"]) == ("string", "base64")


def test_a_served_adapter_hands_it_out() -> None:
    with serving(Toy()) as url, httpx.Client(trust_env=False) as client:
        answer = client.get(f"{url}/v1/openapi.json")
    assert answer.status_code == 200
    assert answer.json()["openapi"] == "3.1.0"


@pytest.mark.parametrize("name", sorted(set(ALL_OPERATIONS) - {"info"}))
def test_what_the_document_requires_the_server_requires(name: str) -> None:
    args = document()["paths"][f"/v1/ops/{name}"]["post"]["requestBody"]["content"]["application/json"][
        "schema"
    ]
    required = args["properties"]["args"].get("required", [])
    demanded = [p.name for p in shape(name).signature.parameters.values() if p.default is p.empty]
    assert required == demanded
