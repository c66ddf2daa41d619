"""The report as a PDF: the same page, printed by a browser, with its facts in the file's metadata.

A browser and not a library: WeasyPrint 70 stops at a size of the style sheet and, without it, fills
every map and curve black and writes the equations as one line. Chromium prints what it shows,
tagged for screen readers and with an outline of the headings.
"""

from __future__ import annotations

import re
import tempfile
from io import BytesIO
from pathlib import Path

from riskmodel._version import __version__
from riskmodel.errors import RiskModelError
from riskmodel.report.browser import print_page
from riskmodel.world.wholefile import beside

_MARK = re.compile(rb"\(node(\d{8})\)")


def write_pdf(page: str, target: Path, *, title: str, subject: str) -> None:
    """Print a page to ``target``, whole or not at all.

    The same page and the same browser give the same bytes: the file carries no date of its own, and
    ``subject`` says what the page is of (date of the world, years, seed).

    Raises
    ------
    RiskModelError : pypdf is not installed, or there is no browser that prints
    """
    try:
        from pypdf import PdfWriter
        from pypdf.generic import BooleanObject, DictionaryObject, NameObject
    except ImportError:
        raise RiskModelError("a PDF needs the package pypdf: "
                             "pip install 'riskmodel[pdf]'") from None
    with beside(target) as work, tempfile.TemporaryDirectory(prefix="riskmodel-pdf-") as at:
        printed = Path(at) / "printed.pdf"
        print_page(page, printed)
        file = PdfWriter(clone_from=printed)
        file.pdf_header = "%PDF-1.7"
        told = file.metadata
        file.metadata = {
            "/Title": title, "/Subject": subject, "/Creator": f"riskmodel {__version__}",
            "/Producer": "" if told is None else told.producer or ""}
        # readers show the title, not the name of the file
        file.root_object[NameObject("/ViewerPreferences")] = DictionaryObject(
            {NameObject("/DisplayDocTitle"): BooleanObject(True)})
        whole = BytesIO()
        file.write(whole)
        work.write_bytes(renumbered(whole.getvalue()))


def renumbered(pdf: bytes) -> bytes:
    """Return a PDF whose marks of table cells count from 1, in their order.

    The browser names them by a counter of its own, which does not always begin at the same number;
    the names keep their length, so that nothing in the file moves.
    """
    rank = {old: number for number, old in enumerate(sorted(set(_MARK.findall(pdf))), 1)}
    return _MARK.sub(lambda found: b"(node%08d)" % rank[found[1]], pdf)
