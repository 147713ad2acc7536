"""Photos and signatures from phones: drawn anew, or refused before they are decoded."""

from __future__ import annotations

import io
import resource
import struct
import zlib
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from core import errors
from dispatch.models import Proof
from tests.fixtures import World
from tests.tracking.conftest import Phone
from tests.tracking.day import distributed, reload
from tracking import photos


def jpeg(width: int = 60, height: int = 40, **save: Any) -> bytes:
    out = io.BytesIO()
    image = Image.new("RGB", (width, height), (200, 30, 30))
    image.paste((30, 30, 200), (0, 0, width // 2, height))
    image.save(out, "JPEG", **save)
    return out.getvalue()


def exif(orientation: int) -> bytes:
    data = Image.Exif()
    data[0x0112] = orientation
    data[0x010F] = "Camera of Ada"
    data.get_ifd(0x8825)[1] = "N"
    return data.tobytes()


def png_bomb(side: int) -> bytes:
    """A tiny file that unfolds to side × side pixels of nothing."""
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    packer = zlib.compressobj(9)
    line = b"\x00" * (side // 8 + 1)
    body = b"".join(packer.compress(line * 500) for _ in range(side // 500)) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def test_a_photo_is_turned_upright_and_forgets_where_it_was_taken() -> None:
    drawn, suffix = photos.harmless(jpeg(exif=exif(6), comment=b"secret", icc_profile=b"x" * 200), "photo")
    image = opened(drawn)
    assert (suffix, image.format, image.size) == ("jpg", "JPEG", (40, 60))
    assert not image.getexif()
    assert not {"exif", "comment", "icc_profile"} & set(image.info)
    assert b"Ada" not in drawn
    assert b"secret" not in drawn


def test_a_large_photo_is_made_smaller() -> None:
    drawn, _ = photos.harmless(jpeg(6000, 3000), "photo")
    assert opened(drawn).size == (2048, 1024)


def test_a_signature_keeps_its_glass_and_a_see_through_photo_is_put_on_paper() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (30, 20), (0, 0, 0, 0)).save(out, "PNG", pnginfo=None)
    drawn, suffix = photos.harmless(out.getvalue(), "signature")
    assert (suffix, opened(drawn).mode) == ("png", "RGBA")
    drawn, suffix = photos.harmless(out.getvalue(), "photo")
    assert (suffix, opened(drawn).getpixel((5, 5))) == ("jpg", (255, 255, 255))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "I;16", "CMYK"])
def test_every_mode_is_drawn(mode: str) -> None:
    out = io.BytesIO()
    Image.new(mode, (10, 10)).save(out, "JPEG" if mode == "CMYK" else "PNG")
    assert opened(photos.harmless(out.getvalue(), "photo")[0]).mode == "RGB"


GIF = b"GIF89a\x01\x00\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"


@pytest.mark.parametrize("content", [
    b"", b"\xff\xd8\xff", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.4", GIF, jpeg()[:400],
    b"\x89PNG\r\n\x1a\n" + b"\x00" * 40, b"RIFF\x10\x00\x00\x00WEBPVP8 ", b"PK\x03\x04" * 20])
def test_what_is_no_photo_is_refused_with_a_sentence(content: bytes) -> None:
    with pytest.raises(errors.Invalid) as caught:
        photos.harmless(content, "photo")
    assert caught.value.code == "not_an_image"


@pytest.mark.parametrize("side", [6400, 9000, 14000, 30000])
def test_a_bomb_is_refused_by_its_header_without_unfolding(side: int) -> None:
    bomb = png_bomb(side)
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(errors.Invalid) as caught:
        photos.harmless(bomb, "photo")
    assert caught.value.code == "image_too_large"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb < 20_000


def test_a_header_that_lies_about_its_size_is_refused() -> None:
    content = bytearray(jpeg())
    frame = content.index(b"\xff\xc0")
    content[frame + 5 : frame + 9] = struct.pack(">HH", 60000, 60000)
    with pytest.raises(errors.Invalid):
        photos.harmless(bytes(content), "photo")


def upload(phone: Phone, content: bytes, upload_id: object, kind: str = "photo", name: str = "a.jpg") -> Any:
    return phone.api.send("driver/uploads", id=str(upload_id), kind=kind, file=SimpleUploadedFile(name, content))


def test_an_upload_is_stored_once_and_proves_a_delivery(phone: Phone, amber: World, settings: Any) -> None:
    with amber.scope():
        day = distributed(amber, proof_required="photo")
    upload_id = uuid4()
    phone.report(day.report("route_started", 0), now=day.at(0))
    bare = day.report("attempted", 5, day.stops[0], data={"outcome": "delivered_to_recipient"})
    assert phone.report(bare, now=day.at(6))[0]["code"] == "proof_missing"
    named = day.report("attempted", 7, day.stops[0],
                       data={"outcome": "delivered_to_recipient", "uploads": [str(upload_id)]})
    early = phone.report(named, now=day.at(8))[0]
    assert (early["status"], early["code"]) == ("rejected", "unknown_upload")
    content = jpeg(exif=exif(1))
    for _ in range(2):
        answer = upload(phone, content, upload_id)
        assert (answer.status_code, answer.json()) == (201, {"id": str(upload_id)})
    assert upload(phone, jpeg(10, 10), upload_id).json()["code"] == "id_taken"
    assert phone.report(named, now=day.at(9))[0]["status"] == "applied"
    files = [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]
    assert len(files) == 1
    assert files[0].parent.name == amber.organization.id.hex
    with amber.scope():
        proof = Proof.objects.get()
        assert proof.attempt is not None
        assert reload(day.stops[0]).status == "attempted"


def test_a_proof_is_seen_by_its_own_organization_alone(phone: Phone, amber: World, birch: World) -> None:
    upload_id = uuid4()
    upload(phone, jpeg(), upload_id)
    answer = amber.client("viewer").get(f"/api/v1/proofs/{upload_id}")
    assert answer.status_code == 200
    assert opened(b"".join(answer.streaming_content)).size == (60, 40)
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"].startswith("private")
    for stranger in (birch.api(), birch.driver_api()):
        foreign = stranger.get(f"proofs/{upload_id}")
        assert foreign.status_code in (403, 404)
    assert birch.api().get(f"proofs/{upload_id}").json() == birch.api().get(f"proofs/{uuid4()}").json()
    assert phone.api.get(f"proofs/{upload_id}").status_code == 403


def test_ids_of_others_are_refused_without_a_word_about_them(phone: Phone, amber: World, birch: World) -> None:
    upload_id = uuid4()
    upload(phone, jpeg(), upload_id)
    assert upload(Phone(amber, 1), jpeg(), upload_id).status_code == 409
    assert upload(Phone(birch), jpeg(), upload_id).status_code == 409
    with birch.scope():
        assert not Proof.objects.exists()


@pytest.mark.parametrize(("content", "kind", "code"), [
    (b"no photo", "photo", "not_an_image"), (b"", "photo", "not_an_image"), (jpeg(), "video", "invalid"),
    (b"x" * (8 * 1024 * 1024 + 1), "photo", "too_large")])
def test_bad_uploads_are_refused_with_a_sentence(phone: Phone, content: bytes, kind: str, code: str) -> None:
    answer = upload(phone, content, uuid4(), kind)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert answer.json()["message"]


def test_an_upload_without_its_parts_is_refused(phone: Phone) -> None:
    assert phone.api.send("driver/uploads").status_code == 400
    assert phone.api.send("driver/uploads", id="x", kind="photo", file="text").status_code == 400
    assert phone.api.post("driver/uploads", {}).status_code == 415
