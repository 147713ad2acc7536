"""Proof pictures: a parcel in front of a door, and a signature. Drawn, so that nothing has to be shipped."""

from __future__ import annotations

import io
import math
import random

from PIL import Image, ImageDraw

WALLS = ((201, 189, 170), (176, 184, 189), (214, 203, 181), (168, 120, 98), (225, 222, 214))
DOORS = ((58, 79, 92), (96, 58, 47), (47, 74, 58), (120, 124, 128), (72, 52, 84))


def photo(rng: random.Random) -> bytes:
    """A JPEG of a parcel on a doorstep, as a phone would take it (about 15 kB)."""
    width, height = 720, 960
    wall, door = rng.choice(WALLS), rng.choice(DOORS)
    image = Image.new("RGB", (width, height), wall)
    draw = ImageDraw.Draw(image)
    for row in range(0, 700, 46):
        tone = tuple(max(0, c - rng.randint(4, 14)) for c in wall)
        draw.line([(0, row), (width, row)], fill=tone, width=2)
    left = rng.randint(150, 290)
    draw.rectangle([left - 16, 60, left + 316, 712], fill=tuple(c // 2 for c in wall))
    draw.rectangle([left, 76, left + 300, 712], fill=door)
    for panel in ((110, 330), (370, 660)):
        draw.rectangle([left + 40, panel[0], left + 260, panel[1]], outline=tuple(c + 22 for c in door), width=5)
    draw.ellipse([left + 262, 400, left + 286, 424], fill=(198, 170, 92))
    draw.rectangle([0, 712, width, height], fill=(126, 124, 120))
    for row in range(730, height, 52):
        draw.line([(0, row), (width, row + rng.randint(-6, 6))], fill=(108, 106, 102), width=3)
    size, x = rng.randint(150, 230), rng.randint(120, 420)
    y, tall = rng.randint(770, 820), rng.uniform(0.5, 0.85)
    draw.polygon([(x, y), (x + size, y), (x + size + 42, y - 34), (x + 42, y - 34)], fill=(206, 166, 112))
    draw.polygon([(x + size, y), (x + size + 42, y - 34), (x + size + 42, y - 34 + size * tall),
                  (x + size, y + size * tall)], fill=(158, 120, 74))
    draw.rectangle([x, y, x + size, y + size * tall], fill=(184, 143, 92))
    draw.rectangle([x + size * 0.44, y, x + size * 0.56, y + size * tall], fill=(214, 190, 148))
    draw.rectangle([x + 14, y + 16, x + size * 0.38, y + size * 0.3], fill=(244, 243, 238))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=68)
    return out.getvalue()


def signature(rng: random.Random) -> bytes:
    """A PNG of a written name on transparent ground."""
    image = Image.new("RGBA", (600, 200), (255, 255, 255, 0))
    draw = ImageDraw.Draw(image)
    phase, slant = rng.uniform(0, 6.3), rng.uniform(-0.12, 0.05)
    waves = [(rng.uniform(1.2, 2.6), rng.uniform(14, 34)), (rng.uniform(4.5, 8.5), rng.uniform(10, 30))]
    points = []
    for step in range(240):
        share = step / 239
        x = 60 + 470 * share + 22 * math.sin(11 * share + phase)
        y = 104 + sum(tall * math.sin(6.283 * wave * share + phase) for wave, tall in waves) * (1 - 0.45 * share)
        points.append((x, y + slant * x))
    draw.line(points, fill=(22, 32, 60, 255), width=5, joint="curve")
    draw.line([(90, 168), (rng.randint(380, 520), 160)], fill=(22, 32, 60, 255), width=4)
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()
