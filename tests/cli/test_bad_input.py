"""Every foreseeable mistake is one line on stderr that says what, where and what to do, with the right exit code."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

BROKEN = "import nothing_of_that_name\n"
VENDORS = (
    "vendors:\n  - connect: python:hollow_prm:create\n  - connect: python:hollow_prm:create?product=Other\n"
)


@pytest.mark.parametrize(
    ("connect", "said"),
    [
        (
            "hollow_prm",
            "write python:package.module:factory, http://host:port, rest:FILE.yaml or manual:FILE.yaml",
        ),
        ("pyton:hollow_prm:create", "did you mean 'python'?"),
        ("python:hollow_prm", "names no factory"),
        ("python:no_such_module:create", "there is no module 'no_such_module'"),
        ("python:broken_prm:create", "there is no module 'nothing_of_that_name'"),
        ("python:hollow_prm:creat", "did you mean 'create'?"),
        ("python:hollow_prm:boom", "the factory raised RuntimeError: no licence"),
        ("python:hollow_prm:thing", "the factory returned a dict, which is not a PrmAdapter"),
        ("python:hollow_prm:create?colour=red", "the factory takes no option 'colour'"),
    ],
)
def test_an_adapter_that_cannot_be_opened(cli, tmp_path: Path, connect: str, said: str) -> None:
    (tmp_path / "broken_prm.py").write_text(BROKEN)
    assert said in cli("audit", connect).one_line(2)
    assert not (tmp_path / "out").exists(), "nothing was audited, so nothing is written"


def test_nobody_answers_at_the_address(cli) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert str(port) in cli("audit", f"http://127.0.0.1:{port}").one_line(2)


def test_somebody_else_answers_at_the_address(cli) -> None:
    page = b"<html><h1>It works!</h1></html>"
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s" % (len(page), page)
    with answering(answer) as address:
        assert address in cli("audit", address).one_line(2)


def test_nobody_ever_answers(cli) -> None:
    with answering(None) as address:
        assert address in cli("audit", f"{address}?timeout=0.2").one_line(2)


@contextmanager
def answering(answer: bytes | None) -> Iterator[str]:
    """A server that says one thing to everybody, or nothing at all."""
    server = socket.create_server(("127.0.0.1", 0))
    kept: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                caller, _ = server.accept()
            except OSError:
                return
            kept.append(caller)
            if answer is not None:
                caller.recv(65536)
                caller.sendall(answer)
                caller.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        for caller in kept:
            caller.close()
        thread.join(timeout=10)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("weights: {Q1.1: 5}\n", "extends"),
        ("extends: mid-market\nwieghts: {}\n", "did you mean 'weights'?"),
        ("extends: mid-market\nweights: {Q1.1: 50}\n", "not to 100"),
        (
            "extends: mid-market\nnot_needed: {E1: we look ourselves}\n",
            "is a knock-out of this profile as well",
        ),
        ("extends: mid-market\nnot_needed: {E99: never}\n", "'E99'"),
        ("extends: [mid-market\n", "line 2"),
    ],
)
@pytest.mark.parametrize("command", ["audit", "bakeoff"])
def test_a_profile_that_cannot_be_used(cli, tmp_path: Path, command: str, content: str, said: str) -> None:
    (tmp_path / "p.yaml").write_text(content)
    (tmp_path / "b.yaml").write_text(f"profile: p.yaml\n{VENDORS}")
    argv = (
        ["audit", "python:hollow_prm:create", "--profile", "p.yaml"]
        if command == "audit"
        else ["bakeoff", "b.yaml"]
    )
    line = cli(*argv).one_line(2)
    assert said in line
    assert "p.yaml" in line


def test_a_profile_that_does_not_exist(cli) -> None:
    assert "the shipped profiles are" in cli(
        "audit", "python:hollow_prm:create", "--profile", "huge"
    ).one_line(2)


def test_a_check_that_does_not_exist(cli) -> None:
    line = cli("audit", "python:hollow_prm:create", "--check", "T99").one_line(2)
    assert "no check 'T99'; `prm-harness checks` lists them" in line


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "start with 'vendors:'"),
        ("- a\n- b\n", "start with 'vendors:'"),
        ("vendors: [\n", "line 2"),
        ("title: none\n", "'vendors' is missing"),
        (f"titel: x\n{VENDORS}", "unknown key 'titel'; did you mean 'title'?"),
        (VENDORS + "    nmae: Other\n", "did you mean 'name'?"),
        (VENDORS + VENDORS, "is written twice"),
        (f"seed: seven\n{VENDORS}", "'seed'"),
        (f"seed: -1\n{VENDORS}", "'seed'"),
        (f"repeats: 0\n{VENDORS}", "'repeats'"),
        (f"repeats: 21\n{VENDORS}", "'repeats'"),
        (f"repeats: often\n{VENDORS}", "'repeats'"),
        ("vendors:\n  - connect: python:hollow_prm:create\n", "takes 2 to 8 vendors, this file names 1"),
        ("vendors:\n" + "".join(f"  - connect: http://h:{n}\n" for n in range(9)), "this file names 9"),
        ("vendors:\n" + "  - connect: python:hollow_prm:create\n" * 2, "listed twice: connect string"),
        (VENDORS.replace("create\n", "create\n    name: Birch\n").replace("Other\n", "Other\n    name: birch!\n"), "name"),
        ("vendors:\n  - connect: ''\n  - connect: http://h\n", "connect"),
        (f"profile: nowhere.yaml\n{VENDORS}", "nowhere.yaml"),
    ],
)  # fmt: skip
def test_a_bakeoff_file_with_a_mistake(cli, tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "b.yaml").write_text(content)
    assert said in cli("bakeoff", "b.yaml").one_line(2)
    assert not (tmp_path / "out").exists()


def test_two_vendors_of_the_same_name_are_told_apart_before_anything_runs(cli, tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text(VENDORS.replace("product=Other", "product=Hollow+PRM"))
    assert "give each vendor its own name" in cli("bakeoff", "b.yaml").one_line(2)


def test_the_last_vendor_is_opened_before_the_first_is_audited(cli, tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text(VENDORS.replace("create?product=Other", "boom"))
    assert "no licence" in cli("bakeoff", "b.yaml").one_line(2)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["audt"], "No such command 'audt'"),
        (["audit"], "Missing argument 'CONNECT'"),
        (["audit", "python:a:b", "--sead", "3"], "No such option '--sead'"),
        (["audit", "python:a:b", "--seed", "many"], "'many' is not a valid integer"),
        (["audit", "python:a:b", "--page", "a5"], "'a5' is not one of"),
        (["report"], "Missing argument 'RUN.ndjson...'"),
        (["report", "nowhere.ndjson"], "nowhere.ndjson: No such file or directory"),
        (["bakeoff", "nowhere.yaml"], "nowhere.yaml: No such file or directory"),
        (["init", "house", "."], "'house' is not one of"),
        (
            ["adapter", "serve", "http://127.0.0.1:1"],
            "only python:package.module:factory and rest:FILE.yaml can",
        ),
        (["adapter", "serve", "python:hollow_prm:boom"], "no licence"),
    ],
)
def test_a_command_line_with_a_mistake(cli, argv: list[str], said: str) -> None:
    assert said in cli(*argv).one_line(2)


def test_a_port_that_is_taken(cli) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        line = cli("adapter", "serve", "python:hollow_prm:create", "--port", port).one_line(2)
    assert f"port {port} on 127.0.0.1 is taken" in line


def test_our_own_defect_is_told_from_a_mistake(cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def defect() -> None:
        raise ZeroDivisionError("by nought")

    monkeypatch.setattr("prm_harness.audit.registry.load_catalogue", defect)
    assert "a defect of prm-harness itself, ZeroDivisionError" in cli("checks").one_line(3)
    monkeypatch.setenv("PRM_HARNESS_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        cli("checks")
