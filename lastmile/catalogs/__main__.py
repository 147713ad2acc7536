"""`python -m lastmile.catalogs update | check | compile`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable

from lastmile.catalogs import books, sources

FOLDER = sources.ROOT / "lastmile" / "locale"
TARGET = sources.ROOT / "var" / "build" / "words"
SOURCES: dict[str, Callable[[], Iterable[sources.Message]]] = {
    "django": sources.of_django,
    "djangojs": sources.of_browser,
}
MOST_TOLD = 40


def main(words: list[str]) -> int:
    """Run one command; returns the exit code."""
    command = words[0] if len(words) == 1 else ""
    if command == "compile":
        books.compile_all(FOLDER, TARGET)
        return 0
    if command not in ("update", "check"):
        print(__doc__)
        return 2
    found: list[str] = []
    for domain, read in SOURCES.items():
        try:
            messages = books.gather(read())
        except sources.Unreadable as error:
            found.append(str(error))
            continue
        for language in books.LANGUAGES:
            path = books.path_of(FOLDER, language, domain)
            if command == "update":
                books.update(path, language, messages)
            found += books.faults(path, language, messages)
        if command == "update":
            print(f"{domain}: {len(messages)} sentences in {len(books.LANGUAGES)} languages")
    for fault in found[:MOST_TOLD]:
        print(fault)
    if len(found) > MOST_TOLD:
        print(f"… and {len(found) - MOST_TOLD} more")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
