"""A phone hands in a photo or a signature, under the id that it chose itself."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction

from core import errors, tenancy
from core.actor import Actor
from core.words import say
from dispatch.models import Proof
from fleet.models import Driver
from tracking import photos


def take_upload(driver: Driver, *, upload_id: UUID, kind: str, content: bytes, by: Actor, at: datetime) -> Proof:
    """Store the image as a proof that no attempt claims yet. The same id again is the same upload.

    Raises `Invalid` for what is no image, `Conflict` ("id_taken") when the id belongs to something else.
    """
    held: Proof | None = Proof.objects.filter(id=upload_id).first()
    sha256 = hashlib.sha256(content).hexdigest()
    if held is not None:
        if held.driver_id != driver.id or held.sha256 != sha256:
            raise errors.Conflict("id_taken", say("Another upload has this id: give each one an id of "
                                                  "its own."), param="id")
        return held
    drawn, suffix = photos.harmless(content, kind)
    path = f"{tenancy.current().hex}/{secrets.token_hex(16)}.{suffix}"
    _write(Path(settings.MEDIA_ROOT) / path, drawn)
    try:
        with transaction.atomic():
            proof = Proof(id=upload_id, driver=driver, kind=kind, path=path, sha256=sha256, size=len(drawn),
                          created_at=at)
            proof.save(force_insert=True)
            return proof
    except Exception:
        with contextlib.suppress(OSError):
            (Path(settings.MEDIA_ROOT) / path).unlink()
        raise


def _write(path: Path, content: bytes) -> None:
    """Written beside its place and moved there, so that a file that exists is whole."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.chmod(0o600)
    part.replace(path)


def file_of(proof: Proof) -> Path:
    """Where the proof's file lies. Raises `Missing` when it is gone."""
    path = Path(settings.MEDIA_ROOT) / proof.path
    if not path.is_file():
        raise errors.Missing("file")
    return path
