"""The driver's phone page: an app shell without data, its manifest and its service worker.

The shell is public: it holds nothing of anybody. What it shows comes from the API with the driver's own key.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import ClassVar

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.cache import patch_cache_control

from accounts import doors, permissions
from core import errors

PAGE, MANIFEST, WORKER = "/drive/", "/drive/manifest.webmanifest", "/drive/sw.js"
ENTRIES = ("app/drive.js",)
"""What the page loads; the chunks that these name belong to the shell too."""
FILES = ("app/drive.css", "app/theme.js", "app/map-worker.js", "icons.svg", "mark.svg", "drive/icon-192.png")
ICONS = (
    ("icon.svg", "any", "image/svg+xml", "any"),
    ("icon-192.png", "192x192", "image/png", "any"),
    ("icon-512.png", "512x512", "image/png", "any"),
    ("icon-maskable-512.png", "512x512", "image/png", "maskable"),
)
_CHUNK = re.compile(r"""["'](\.{1,2}/[\w./-]+\.js)["']""")


class Drive(doors.PageDoor):
    """The page itself."""

    permissions: ClassVar[dict[str, str]] = {"GET": permissions.PUBLIC}

    def get(self, request: HttpRequest) -> HttpResponse:
        response = render(request, "drive/drive.html", {"manifest": MANIFEST, "worker": WORKER})
        patch_cache_control(response, no_cache=True)
        return response


class Manifest(doors.PageDoor):
    """What a phone needs to know to put the page on its home screen."""

    permissions: ClassVar[dict[str, str]] = {"GET": permissions.PUBLIC}

    def get(self, request: HttpRequest) -> HttpResponse:
        manifest = {
            "id": PAGE,
            "name": "Lastmile driver",
            "short_name": "Lastmile",
            "description": "Your route, on your phone.",
            "start_url": PAGE,
            "scope": PAGE,
            "display": "standalone",
            "orientation": "any",
            "lang": "en",
            "background_color": "#0f2621",
            "theme_color": "#11221e",
            "categories": ["business", "navigation"],
            "icons": [
                {"src": static(f"drive/{name}"), "sizes": size, "type": kind, "purpose": purpose}
                for name, size, kind, purpose in ICONS
            ],
        }
        return JsonResponse(manifest, content_type="application/manifest+json")


class Worker(doors.PageDoor):
    """The service worker, told which files make up the shell of this version."""

    permissions: ClassVar[dict[str, str]] = {"GET": permissions.PUBLIC}

    def get(self, request: HttpRequest) -> HttpResponse:
        source = _file("app/sw.js")
        if source is None:
            raise errors.Missing("page")
        names = shell_files()
        mark = hashlib.sha256(source.read_bytes())
        mark.update((Path(settings.BASE_DIR) / "templates" / "drive" / "drive.html").read_bytes())
        for name in names:
            path = _file(name)
            if path is not None:
                mark.update(path.read_bytes())
        urls = [MANIFEST, *(_address(name) for name in names)]
        shell = {"version": mark.hexdigest()[:16], "page": PAGE, "urls": urls}
        text = f"self.SHELL={json.dumps(shell)};\n{source.read_text()}"
        response = HttpResponse(text, content_type="text/javascript; charset=utf-8")
        response["Service-Worker-Allowed"] = PAGE
        patch_cache_control(response, no_cache=True)
        return response


def _file(name: str) -> Path | None:
    """Where a static file lies, in the sources or collected."""
    found = finders.find(name)
    path = Path(found) if found else Path(settings.STATIC_ROOT) / name
    return path if path.is_file() else None


def shell_files() -> list[str]:
    """The static files that the page needs, by name: its entry, the chunks that it names in turn, styles and icons."""
    names, seen = list(ENTRIES), set(ENTRIES)
    for name in names:
        path = _file(name)
        if path is None:
            continue
        folder = Path(name).parent
        for reference in _CHUNK.findall(path.read_text(errors="replace")):
            chunk = _joined(folder, reference)
            if chunk not in seen and _file(chunk) is not None:
                seen.add(chunk)
                names.append(chunk)
    return [*names, *(name for name in FILES if _file(name) is not None)]


def _joined(folder: Path, reference: str) -> str:
    parts = list(folder.parts)
    for part in reference.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def _address(name: str) -> str:
    """Chunks carry a hash in their name and are asked for by that name; the rest by the address of the page's tags."""
    return f"{settings.STATIC_URL}{name}" if "/chunks/" in name else static(name)
