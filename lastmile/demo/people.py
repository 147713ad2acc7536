"""The demonstration's organizations and who works there."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import make_password

from accounts import keys, permissions
from accounts.models import AccessKey, Membership, Organization, User
from core import tenancy
from lastmile.demo.region import Region

AMBER = "amber", "Amber Logistics", "+493023125100"
BIRCH = "birch", "Birch Couriers", "+493023125200"
# Numbers of the range that the Bundesnetzagentur keeps free for fiction: (0)30 23125 xxx.
STAFF = {
    "owner": "Odile Marchetti", "dispatcher": "Dana Lindqvist", "viewer": "Viktor Almeida",
}
BIRCH_STAFF = {"owner": "Beate Novák", "dispatcher": "Bilal Haddad", "viewer": "Bree Halloran"}
DRIVERS = (
    "Ada Okoro", "Bruno Ferrari", "Chiara Rossi", "Deniz Kaya", "Emil Dvořák", "Fatou Mensah", "Goran Horvat",
    "Hana Sato", "Ivo Petrov", "Jana Kovács", "Kwame Boateng", "Leyla Şahin", "Marek Zieliński", "Noor Banerjee",
    "Oskar Dahl", "Paula Silva", "Rafael Núñez", "Selin Öztürk", "Tomás Carvalho", "Ursula Brandt", "Vera Novak",
    "Wanda Girard", "Yusuf Demir", "Zoë Bakker", "Aiko Tanabe", "Björn Öhman", "Célia Moreau", "Dario Vass",
    "Elif Yıldız", "Finn Jónsson", "Gita Raman", "Håkon Lie", "Inês Rivera", "Jonas Ahlgren", "Katya Laurent",
    "Lena Noor", "Mehmet Çelik", "Nadia Kamau", "Olga Szabó", "Pavel Ito",
)
KEY_NAME = "Demonstration"


@dataclass
class Login:
    """A person's log-in as demo.json tells it."""

    email: str
    password: str
    name: str

    def row(self) -> dict[str, str]:
        return {"email": self.email, "password": self.password, "name": self.name}


class Desk:
    """Makes people who are not there yet; keeps the passwords of those who are, as far as demo.json knows them.

    People of one `group` (a company's drivers) share a password, which is hashed once: a good hash is slow on purpose,
    and a dozen of them would be what the first start waits for.
    """

    def __init__(self, told: dict[str, Any]) -> None:
        self._told = {row["email"]: row["password"] for row in _logins(told)}
        self._groups: dict[str, str] = {}
        self._hashes: dict[str, str] = {}

    def person(self, email: str, name: str, *, group: str = "", **flags: Any) -> tuple[User, Login]:
        """The user with this address. A password that nobody knows any more is replaced."""
        user = User.objects.filter(email=email).first()
        password = self._told.get(email) or self._groups.get(group) or secrets.token_urlsafe(9)
        if group:
            self._groups.setdefault(group, password)
        if user is None or email not in self._told:
            user = user or User(email=email, name=name, **flags)
            user.password = self._hashed(password)
            user.save()
        return user, Login(email, password, user.name)

    def _hashed(self, password: str) -> str:
        if password not in self._hashes:
            self._hashes[password] = make_password(password)
        return self._hashes[password]

    def member(self, email: str, name: str, role: str, *, group: str = "") -> tuple[Membership, Login]:
        """A member of the open organization."""
        user, login = self.person(email, name, group=group)
        membership, _ = Membership.objects.get_or_create(user=user, defaults={"role": role})
        return membership, login


def _logins(told: dict[str, Any]) -> list[dict[str, str]]:
    """Every log-in that an earlier demo.json holds."""
    found: list[dict[str, str]] = []
    for value in told.values():
        if isinstance(value, dict):
            found += [value] if {"email", "password"} <= value.keys() else _logins(value)
        elif isinstance(value, list):
            found += [one for one in value if isinstance(one, dict) and {"email", "password"} <= one.keys()]
    return found


def organization(slug: str, name: str, phone: str, region: Region) -> Organization:
    """The organization with this slug, living by the region's clock and money."""
    row, _ = Organization.objects.update_or_create(
        slug=slug, defaults={
            "timezone": region.timezone, "country": region.country, "currency": region.currency,
            "distance_unit": region.distance_unit, "active": True},
        create_defaults={
            "name": name, "phone": phone, "timezone": region.timezone, "country": region.country,
            "currency": region.currency, "distance_unit": region.distance_unit, "reattempt_cents": 350})
    return row


def staff(desk: Desk, slug: str, names: dict[str, str], *, group: str = "") -> dict[str, Login]:
    """Owner, dispatcher and viewer of the open organization: {role: log-in}."""
    return {role: desk.member(f"{role}@{slug}.example", name, role, group=group)[1] for role, name in names.items()}


def api_key(told: str, *, on: date) -> str:
    """The demonstration's key with every scope: the one told before if it is still good, else a new one alone."""
    if told and keys.tenant_of(told) == tenancy.current() and keys.find(told, on=on) is not None:
        return told
    AccessKey.objects.filter(name=KEY_NAME, membership=None).delete()
    return keys.issue(name=KEY_NAME, scopes=sorted(permissions.KEY_SCOPES))


def same_installation(told: dict[str, Any], organization_id: UUID) -> bool:
    """Is demo.json of this database? Passwords of another one mean nothing here."""
    return told.get("organization_id") == str(organization_id)
