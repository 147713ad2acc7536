"""Database units as people read them."""

from __future__ import annotations

from django import template

register = template.Library()


@register.filter
def kilograms(weight_g: int) -> str:
    """Grams as kilograms, without a needless tail: 1500 → "1.5 kg"."""
    return f"{weight_g / 1000:,.3f}".rstrip("0").rstrip(".") + " kg"


@register.filter
def litres(volume_ml: int) -> str:
    """Millilitres as litres: 13300 → "13.3 l"."""
    return f"{volume_ml / 1000:,.3f}".rstrip("0").rstrip(".") + " l"
