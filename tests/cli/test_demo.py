from __future__ import annotations

from pathlib import Path

import pytest

from prm_harness.adapter.connect import open_adapter
from prm_harness.cli import demo, engines
from prm_harness.cli.demo import CONTESTANTS


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Two contestants that are judged in a second; the real ones take a minute and are held elsewhere."""
    hollow = "python:hollow_prm:create"
    monkeypatch.setattr(demo, "CONTESTANTS", (hollow, f"{hollow}?product=Echo+PRM"))
    monkeypatch.setattr(engines, "EXAMPLES", tmp_path / "no-examples")


def test_the_contestants_are_the_reference_prms_one_a_style() -> None:
    styles = [open_adapter(connect).info().style for connect in CONTESTANTS]
    assert styles == ["mirror", "native_mapping", "ipaas", "batch_etl", "passthrough"]


def test_it_ends_well_when_the_bakeoff_was_made_whatever_the_verdicts(cli, tmp_path: Path) -> None:
    ended = cli("demo", "--out", "o", "--no-pdf")
    assert ended.code == 0
    assert ended.last.startswith("exit 0: the bake-off was made in ")
    assert "the PDFs are missing" not in ended.out, "they were not asked for"
    for name in ("the Singer portal (tap-salesforce)", "the Node portal (jsforce)"):
        assert f"left out: {name}, because the examples are not part of this installation" in ended.out
    for name in ("o/bakeoff.html", "o/hollow-prm/scorecard.html", "o/echo-prm/scorecard.html"):
        assert f"look at {name}" in ended.out
        assert (tmp_path / name).exists()


def test_without_the_pdf_libraries_it_ends_with_html_and_json_and_says_what_to_do(
    command, no_pdf: str, tmp_path: Path
) -> None:
    script = (
        "from prm_harness.cli import demo, engines, main\n"
        "engines.EXAMPLES = engines.EXAMPLES / 'none'\n"
        "demo.CONTESTANTS = ('python:hollow_prm:create', 'python:hollow_prm:create?product=Echo')\n"
        "if __name__ == '__main__': main(['demo'])\n"
    )
    (tmp_path / "quick_demo.py").write_text(script)
    ended = command(module="quick_demo", before=f"{no_pdf}:{tmp_path}")
    assert ended.code == 0, ended
    assert "look at out/demo/bakeoff.html" in ended.out
    assert "`prm-harness doctor` prints the command" in ended.out
    assert "libpango" in ended.err
    assert "Traceback" not in ended.err
    made = {path.name for path in (tmp_path / "out" / "demo").iterdir() if path.is_file()}
    assert made == {"bakeoff.html", "bakeoff.json"}
