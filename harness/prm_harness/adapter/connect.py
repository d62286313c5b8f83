"""Connect strings: ``python:package.module:factory``, ``http://host:port``, ``rest:FILE.yaml`` and ``manual:FILE.yaml``.

Each may end in options: ``?name=value&name=value``.
"""

from __future__ import annotations

import importlib
import inspect
import os
import sys
from collections.abc import Callable
from difflib import get_close_matches
from typing import Any, Final
from urllib.parse import parse_qsl

from .contract import CONTRACT_VERSION, NotSupported, PrmAdapter, version
from .faults import AdapterFault, ConnectError, described, shortened
from .records import AdapterInfo

SCHEMES: Final = ("python", "http", "https", "rest", "manual")


def open_adapter(connect: str) -> PrmAdapter:
    """The adapter that a connect string leads to, alive and speaking this contract.

    Raises:
        ConnectError: one line that says what is wrong with the string, or with what answered.
    """
    scheme, colon, rest = connect.partition(":")
    if not colon:
        raise ConnectError(
            f"{connect!r} is not a connect string; write python:package.module:factory, http://host:port, "
            "rest:FILE.yaml or manual:FILE.yaml"
        )
    if scheme == "python":
        adapter = _from_python(connect, rest)
    elif scheme in {"http", "https"}:
        adapter = _from_http(connect)
    elif scheme in {"rest", "manual"}:
        adapter = _from_file(connect, scheme, rest)
    else:
        raise ConnectError(f"unknown scheme {scheme!r} in {connect!r}{_did_you_mean(scheme, SCHEMES)}")
    _check_contract(connect, _ask_info(connect, adapter))
    return adapter


def _from_python(connect: str, rest: str) -> PrmAdapter:
    target, _, query = rest.partition("?")
    module_name, colon, factory_name = target.partition(":")
    if not (colon and module_name and factory_name):
        raise ConnectError(f"{connect!r} names no factory; write python:package.module:factory")
    factory = _factory(connect, _module(connect, module_name), factory_name)
    options = _options(connect, query, factory)
    try:
        adapter = factory(**options)
    except Exception as error:
        raise ConnectError(shortened(f"{connect}: the factory raised {described(error)}")) from error
    if not isinstance(adapter, PrmAdapter):
        raise ConnectError(
            f"{connect}: the factory returned a {type(adapter).__name__}, which is not a PrmAdapter"
        )
    return adapter


def _module(connect: str, name: str) -> Any:
    # A vendor's own module lies in the folder where the command is run, as with `python -m`.
    here = os.getcwd()  # noqa: PTH109 - sys.path holds strings
    if here not in sys.path and "" not in sys.path:
        sys.path.insert(0, here)
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        raise ConnectError(f"{connect}: there is no module {error.name!r}") from error
    except Exception as error:
        raise ConnectError(shortened(f"{connect}: importing {name} raised {described(error)}")) from error


def _factory(connect: str, module: Any, name: str) -> Callable[..., Any]:
    factory = getattr(module, name, None)
    if factory is None:
        public = [n for n in vars(module) if not n.startswith("_")]
        raise ConnectError(
            f"{connect}: module {module.__name__!r} has no {name!r}{_did_you_mean(name, public)}"
        )
    if not callable(factory):
        raise ConnectError(
            f"{connect}: {module.__name__}.{name} is a {type(factory).__name__}, not a factory"
        )
    return factory  # type: ignore[no-any-return]


def _options(connect: str, query: str, factory: Callable[..., Any]) -> dict[str, str]:
    options = _pairs(connect, query)
    parameters = inspect.signature(factory).parameters
    if any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters.values()):
        return options
    for name in options:
        if name not in parameters:
            raise ConnectError(
                f"{connect}: the factory takes no option {name!r}{_did_you_mean(name, parameters)}"
            )
    return options


def _pairs(connect: str, query: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True) if query else []
    except ValueError:
        raise ConnectError(f"{connect}: options are written ?name=value&name=value, not {query!r}") from None
    options = dict(pairs)
    if len(options) != len(pairs):
        raise ConnectError(f"{connect}: an option is given twice")
    return options


def _from_http(connect: str) -> PrmAdapter:
    from .http_client import http_adapter

    base_url, _, query = connect.partition("?")
    options = dict(parse_qsl(query))
    try:
        timeout = float(options.pop("timeout")) if "timeout" in options else None
    except ValueError:
        raise ConnectError(f"{connect}: timeout is a number of seconds") from None
    if options:
        name = next(iter(options))
        raise ConnectError(f"{connect}: no such option {name!r}{_did_you_mean(name, ['timeout'])}")
    return http_adapter(base_url, timeout=timeout)


def _from_file(connect: str, scheme: str, rest: str) -> PrmAdapter:
    path, _, query = rest.partition("?")
    options = _pairs(connect, query)
    if scheme == "manual":
        from .manual.opening import manual_adapter

        return manual_adapter(path, options)
    if not path:
        raise ConnectError(f"{connect!r} names no file; write rest:FILE.yaml")
    from .rest.opening import rest_adapter

    return rest_adapter(path, options)


def _ask_info(connect: str, adapter: PrmAdapter) -> AdapterInfo:
    try:
        info = adapter.info()
    except AdapterFault as fault:
        raise ConnectError(shortened(f"{connect}: {fault.what}")) from fault
    except NotSupported as refusal:
        raise ConnectError(f"{connect}: {refusal}; info is part of the core") from refusal
    except Exception as error:
        raise ConnectError(shortened(f"{connect}: info() raised {described(error)}")) from error
    if not isinstance(info, AdapterInfo):
        raise ConnectError(f"{connect}: info() returned a {type(info).__name__}, not an AdapterInfo")
    return info


def _check_contract(connect: str, info: AdapterInfo) -> None:
    """Same major version, and no newer than ours: an older minor version only lacks optional operations."""
    ours, theirs = version(CONTRACT_VERSION), version(info.contract)
    if theirs is None:
        raise ConnectError(f"{connect}: contract version {info.contract!r} is not of the form major.minor")
    assert ours is not None
    if theirs[0] == ours[0] and theirs <= ours:
        return
    older = "the adapter is older" if theirs < ours else "this harness is older"
    raise ConnectError(
        f"{connect}: the adapter speaks contract {info.contract}, this harness {CONTRACT_VERSION}; {older}, update it"
    )


def _did_you_mean(name: str, known: Any) -> str:
    names = list(known)
    close = get_close_matches(name, names, n=1)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f" (known: {', '.join(sorted(names)[:12])})" if names else ""
