"""No check reads a product's insides, knows which defect is planted or whom it judges, or sleeps.

What an import may reach is held by the arrows; this reads what the checks' own code says.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import prm_scenarios
from prm_harness.reference.defects import DEFECTS

MODULES = sorted(Path(prm_scenarios.__file__).parent.rglob("*.py"))
SLEEPING_OR_PRYING = {
    "time", "asyncio", "threading", "sys", "os", "inspect", "gc", "importlib", "ctypes", "pickle", "subprocess", "socket",
    "requests", "urllib",
}  # fmt: skip
PRYING = {"getattr", "setattr", "vars", "dir", "globals", "eval", "exec", "type", "open", "__import__"}
WHO_IT_IS = {
    "vendor",
    "product",
    "version",
    "style",
    "sample",
    "artefact",
    "unverified",
    "notes",
    "unsupported_notes",
}
"""What an adapter says of itself and no verdict may depend on."""


def complaints(tree: ast.Module) -> Iterator[str]:
    """What a module of checks does that a check may not."""
    decorators = {
        id(node) for part in ast.walk(tree) if isinstance(part, ast.FunctionDef)
        for decorator in part.decorator_list for node in ast.walk(decorator)
    }  # fmt: skip
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (f"imports {n.name}" for n in names if n.name.split(".")[0] in SLEEPING_OR_PRYING)
            case ast.ImportFrom(module=module, level=0) if not _allowed(str(module)):
                yield f"imports from {module}"
            case ast.Attribute(attr=name, value=ast.Name(id=of)) if name.startswith("_") and of != "self":
                yield f"reads {of}.{name}"
            case ast.Attribute(attr=name) if name.startswith("__") or name == "sleep":
                yield f"reads .{name}"
            case ast.Attribute(attr=name, value=ast.Attribute(attr="info")) if name in WHO_IT_IS:
                yield f"asks for info.{name}"
            case ast.Attribute(attr="model_dump" | "model_fields", value=ast.Attribute(attr="info")):
                yield "takes info apart"
            case ast.Name(id=name) if name in PRYING:
                yield f"calls {name}"
            case ast.Constant(value=str(text)) if text in DEFECTS and id(node) not in decorators:
                yield f"names the defect {text}"
            case ast.Constant(value=str(text)) if "defect=" in text or "prm_harness.reference" in text:
                yield f"speaks of {text!r}"


def _allowed(module: str) -> bool:
    root = module.split(".", maxsplit=1)[0]
    # Of the harness, only what its public face re-exports; histories are drawn by Hypothesis.
    return (
        module == "prm_harness"
        or root == "hypothesis"
        or (root in sys.stdlib_module_names and root not in SLEEPING_OR_PRYING)
    )


@pytest.mark.parametrize("path", MODULES, ids=[path.stem for path in MODULES])
def test_a_check_looks_from_outside(path):
    assert list(complaints(ast.parse(path.read_text(encoding="utf-8")))) == []


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("import time", "imports time"),
        ("from time import sleep", "imports from time"),
        ("from prm_harness.reference.mirror import create", "imports from prm_harness.reference.mirror"),
        ("prm._session.call('read')", "reads prm._session"),
        ("prm.read.__self__", "reads .__self__"),
        ("if prm.info.product == 'Mirror': pass", "asks for info.product"),
        ("if prm.info.style == 'ipaas': pass", "asks for info.style"),
        ("prm.info.model_dump()", "takes info apart"),
        ("getattr(prm, 'x')", "calls getattr"),
        ("if name == 'first-page-only': pass", "names the defect first-page-only"),
        ("x = '?defect=a'", "speaks of '?defect=a'"),
    ],
)
def test_one_that_does_not_is_noticed(code, says):
    assert says in list(complaints(ast.parse(code)))


def test_catches_is_the_one_place_where_a_defect_is_named():
    code = "@check(catches=('first-page-only',))\ndef body(crm):\n    yield settled\n"
    assert list(complaints(ast.parse(code))) == []
