"""Templates to HTML: one environment, escaping on, the same pages for paper and for screens."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Any, Literal

import jinja2
from markupsafe import Markup, escape

from prm_harness.record.verdicts import Verdict

from . import charts, charts_bakeoff, charts_speed, doc, exhibits, marks, numbers, sentences, styles, text

Medium = Literal["paper", "screen"]


def document(template: str, medium: Medium, *, page: str = "a4", fit: str = "", **context: Any) -> str:
    """A whole HTML document.

    Args:
        template: scorecard.html, bakeoff.html or change.html.
        medium: what it is for; the PDF engine gets page references, a browser gets details to open.
        page: paper size.
        fit: class of the body that makes the first page tighter, when it would not fit otherwise.
        context: what the template shows.
    """
    css = styles.paper(page) if medium == "paper" else styles.screen()
    shown = (
        _environment()
        .get_template(template)
        .render(
            medium=medium,
            on_paper=medium == "paper",
            css=css,
            fit=fit,
            script=script(),
            script_hash=base64.b64encode(hashlib.sha256(script().encode()).digest()).decode("ascii"),
            **context,
        )
    )
    return text.printable(shown) if medium == "paper" else text.readable(shown)


@cache
def script() -> str:
    """The page's only script: search and filter. Its digest stands in the page's policy, so no other one can run."""
    return (Path(__file__).parent / "scripts" / "sift.js").read_text("utf-8")


def _unbroken(words: str) -> Markup:
    """Escaped words in which "knock-out" never breaks at its hyphen."""
    marked = re.sub(r"knock-outs?", r'<span class="nb">\g<0></span>', str(escape(words)))
    return Markup(marked)  # noqa: S704 - escaped above


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals |= {
        "Verdict": Verdict,
        "ball": marks.ball,
        "balls": marks.BALLS,
        "legend": marks.LEGEND,
        "mark": marks.mark,
        "charts": charts,
        "duels": charts_bakeoff,
        "exhibit_grades": exhibits.GRADES,
        "metric_limit": exhibits.metric_limit,
        "metric_value": exhibits.metric_value,
        "n": numbers,
        "say": sentences,
        "speed": charts_speed,
        "style_words": doc.style_words,
    }
    environment.filters |= {
        "anchor": lambda ident, kind: text.anchor(kind, ident),
        "clip": text.clip,
        "sentence": text.sentence,
        "nb": _unbroken,
    }
    return environment
