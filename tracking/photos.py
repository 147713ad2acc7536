"""Photos and signatures from phones, made harmless: looked at before they are decoded, then drawn anew.

What is stored is never what was sent: a JPEG (or a PNG for a signature) of at most `SIDE` pixels a side, turned
upright, without EXIF, position, colour profile or comments.
"""

from __future__ import annotations

import io
import warnings

from PIL import Image, ImageOps, UnidentifiedImageError

from core import errors
from core.words import say

MOST_BYTES = 8 * 1024 * 1024
MOST_PIXELS = 40_000_000
"""Of a baseline JPEG, which is read at a reduced scale and so never held in full."""
MOST_PIXELS_WHOLE = 16_000_000
"""Of everything that has to be decoded in full: 64 MB at four bytes a pixel."""
SIDE = 2048
QUALITY = 85
FORMATS = ("JPEG", "PNG", "WEBP")


def harmless(content: bytes, kind: str) -> tuple[bytes, str]:
    """The image drawn anew and its suffix (`jpg`, `png`). `kind` is photo or signature.

    Raises `Invalid`: too_large, not_an_image, image_too_large.
    """
    if len(content) > MOST_BYTES:
        raise errors.Invalid("too_large", say("A photo has at most 8 MB."), param="file")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _drawn(content, kind)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise _too_large() from error
    except errors.Refused:
        raise
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, TypeError, IndexError, EOFError, MemoryError,
            OverflowError, ZeroDivisionError) as error:
        raise errors.Invalid("not_an_image", say("This file is not a photo that can be read: send JPEG, PNG or WebP."),
                             param="file") from error


def _drawn(content: bytes, kind: str) -> tuple[bytes, str]:
    with Image.open(io.BytesIO(content), formats=FORMATS) as image:
        # The header alone has been read so far: nothing has been decoded.
        pixels = image.width * image.height
        in_full = image.format != "JPEG" or bool(image.info.get("progressive"))
        if pixels > (MOST_PIXELS_WHOLE if in_full else MOST_PIXELS) or getattr(image, "n_frames", 1) > 1:
            raise _too_large()
        image.draft("RGB", (SIDE, SIDE))
        image.load()
        image.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS, reducing_gap=2.0)
        upright = ImageOps.exif_transpose(image)
        out = io.BytesIO()
        if kind == "signature" and image.format == "PNG":
            plain = upright.convert("RGBA")
            Image.frombytes("RGBA", plain.size, plain.tobytes()).save(out, "PNG", optimize=True)
            return out.getvalue(), "png"
        if "transparency" in upright.info or upright.mode in ("RGBA", "LA", "PA"):
            rgba = upright.convert("RGBA")
            paper = Image.new("RGB", rgba.size, "white")
            paper.paste(rgba, mask=rgba.getchannel("A"))
        else:
            plain = upright.convert("RGB")
            paper = Image.frombytes("RGB", plain.size, plain.tobytes())
        paper.save(out, "JPEG", quality=QUALITY, optimize=True)
        return out.getvalue(), "jpg"


def _too_large() -> errors.Invalid:
    return errors.Invalid(
        "image_too_large", say("This picture has more pixels than is taken here (40 million)."), param="file")
