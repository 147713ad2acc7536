"""The words of a PDF, as a reader's copy would have them."""

from __future__ import annotations

import shutil
import subprocess

import pytest


def text_of(content: bytes) -> str:
    """All text of the pages, in reading order; skips the test where there is no program that can read it."""
    program = shutil.which("pdftotext")
    if program is None:
        pytest.skip("no pdftotext (poppler-utils)")
    read = subprocess.run([program, "-layout", "-", "-"], input=content, capture_output=True, check=True)
    return read.stdout.decode()
