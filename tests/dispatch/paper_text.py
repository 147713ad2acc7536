"""The words of a PDF, as a reader's copy would have them."""

from __future__ import annotations

import pypdfium2


def text_of(content: bytes) -> str:
    """All text of the pages, with a form feed between them."""
    document = pypdfium2.PdfDocument(content)
    try:
        return "\f".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()
