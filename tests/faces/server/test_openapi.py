"""The document that the server serves of itself says what it does, and whatever is made of it breaks nothing."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest
from tests.faces.server.serving import serving
from tests.hunting import pack

from bartizan.collect.receivers.catalogue import receivers

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.enable_socket
DOCUMENT: dict[str, Any] = json.loads((files("bartizan.faces.server") / "openapi.json").read_bytes())
OPERATORS = {"/healthz", "/readyz", "/metrics", "/openapi.json"}


def test_each_operation_is_served_and_each_protocol_is_described() -> None:
    served: dict[str, set[str]] = {}
    for path, operations in DOCUMENT["paths"].items():
        for method in operations:
            found = [one.name for one in receivers() if one.serves(method.upper(), path.replace("{index}", "logs"))]
            served.setdefault(found[0] if found else "", set()).add(path)
    assert served.pop("") == OPERATORS
    assert served.keys() == {one.name for one in receivers()}


@pytest.mark.slow
def test_what_is_made_of_the_document_is_answered_without_a_fault_of_the_server(tmp_path: Path) -> None:
    if importlib.util.find_spec("schemathesis") is None:
        pytest.skip("schemathesis is not installed: pip install schemathesis")
    with serving(tmp_path, "--rules", str(pack(tmp_path / "rules"))) as server:
        url = f"http://127.0.0.1:{server.port}/openapi.json"
        checks = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
        options = ["--checks", checks, "--max-examples", "30", "--seed", "7", "--generation-database", "none", "--no-color"]
        command = [sys.executable, "-m", "schemathesis.cli", "run", url, *options]
        said = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, timeout=500)
        assert said.returncode == 0, said.stdout[-5000:] + said.stderr[-2000:]
        assert server.ask("GET", "/healthz")[0] == 200
        assert server.process.poll() is None
        assert server.metric("bartizan_received_records_total") > 0
