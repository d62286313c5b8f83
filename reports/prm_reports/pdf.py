"""HTML to one PDF that is PDF/A-3a and PDF/UA-1 at once, byte-identical every time.

The engine offers one standard per file; the other's mark is added to its metadata. Options go to both of its steps
(laying out and writing), because it drops tags and attachments silently when they are given to one only.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from .errors import PdfUnavailable

ASSETS: Final = Path(__file__).parent
FITS: Final = {"a4": ("", "compact", "compact tight"), "letter": ("compact", "compact tight")}
"""Body classes tried in turn until the answer fits on the first page; Letter is the shorter sheet."""

_UA = b"""<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"><pdfuaid:part>1</pdfuaid:part>
</rdf:Description><rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA Universal Accessibility Schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 to which the file conforms</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description></rdf:RDF>"""


@dataclass(frozen=True)
class Attached:
    """A file to travel inside the PDF."""

    name: str
    content: bytes
    description: str


def write(
    html_for: Callable[[str], str],
    *,
    page: str,
    second: str | None,
    attached: Sequence[Attached],
    moment: datetime,
) -> bytes:
    """Lay out and write the document.

    Args:
        html_for: HTML for one of :data:`FITS`.
        page: paper size.
        second: id of the heading that must start page 2, or None where the whole document has to fit one page; a
            tighter fit is tried while it does not.
        attached: files to travel inside.
        moment: the only date in the file: when the run ended.

    Raises:
        PdfUnavailable: the engine's system libraries are missing.
    """
    try:
        import weasyprint
    except (ImportError, OSError) as cause:
        raise PdfUnavailable(cause) from cause
    date = moment.isoformat(timespec="seconds")
    fits = FITS[page] if second else FITS["a4"]
    for fit in fits:
        html = html_for(fit)
        options: dict[str, Any] = {
            "pdf_variant": "pdf/a-3a",
            "pdf_identifier": hashlib.sha256(html.encode("utf-8", "replace")).digest()[:16],
            "attachments": [
                weasyprint.Attachment(
                    file_obj=BytesIO(file.content),
                    name=file.name,
                    description=file.description,
                    relationship="Data",
                    created=moment,
                    modified=moment,
                )
                for file in attached
            ],
        }
        laid_out = weasyprint.HTML(
            string=html, base_url=f"{ASSETS.as_uri()}/", url_fetcher=_fetcher()
        ).render(**options)
        if fit == fits[-1] or _fits(laid_out, second):
            break
    laid_out.metadata.created = laid_out.metadata.modified = date
    _claim_accessible(laid_out.metadata)
    with warnings.catch_warnings():
        # The engine leaves closing its colour profile to the garbage collector.
        warnings.simplefilter("ignore", ResourceWarning)
        written: bytes = laid_out.write_pdf(**options)
    return written


def _fits(laid_out: Any, second: str | None) -> bool:
    return len(laid_out.pages) == 1 if second is None else _page_of(laid_out, second) == 1


def _page_of(laid_out: Any, anchor: str) -> int | None:
    """Index of the page that holds the anchor."""
    return next((index for index, page in enumerate(laid_out.pages) if anchor in page.anchors), None)


def _claim_accessible(metadata: Any) -> None:
    generate = metadata.generate_rdf_metadata
    metadata.generate_rdf_metadata = lambda *args: generate(*args).replace(b"</rdf:RDF>", _UA)


def _fetcher() -> Any:
    """A fetcher that reads the bundled fonts and pictures inside the page, and nothing else."""
    from weasyprint.urls import URLFetcher

    class Bundled(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
            if not url.startswith("data:") and not _bundled(url):
                raise ValueError(f"reports load bundled files only, not {url[:80]}")
            return super().fetch(url, headers)

    return Bundled(allowed_protocols=("data", "file"), allow_redirects=False)


def _bundled(url: str) -> bool:
    parts = urlsplit(url)
    path = Path(unquote(parts.path)).resolve()
    return parts.scheme == "file" and not parts.netloc and path.is_relative_to(ASSETS)
