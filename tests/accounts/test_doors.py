"""Keys, sessions, roles, repeated requests: what every door does before its own work begins."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts import keys
from accounts.models import AccessKey, Membership
from core import errors
from fleet.models import Depot
from tests.fixtures import PASSWORD, World

pytestmark = pytest.mark.django_db

DEPOT = {"name": "North", "lat": 49.5, "lon": 8.6}


def test_a_key_opens_its_own_organization_and_nothing_else(amber: World, birch: World) -> None:
    assert [row["name"] for row in amber.api().get("depots/").json()["results"]] == ["Amber depot"]
    assert amber.api().get(f"depots/{birch.depot.id}/").status_code == 404
    forged = f"lm_{birch.organization.id.hex}.{amber.key.partition('.')[2]}"
    assert amber.api(forged).get("depots/").status_code == 401


@pytest.mark.parametrize(
    "key",
    ["", "x", "lm_zz.x", f"lm_{uuid4().hex}.{'a' * 43}", "lm_" + "0" * 32 + "." + "a" * 43, "\x00"],
    ids=["nothing", "letter", "no_tenant", "tenant_of_nobody", "tenant_zero", "nul"],
)
def test_a_guessed_key_is_refused(amber: World, key: str) -> None:
    answer = Client().get("/api/v1/depots/", headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 401 and answer.json()["code"] == "not_authenticated"
    assert answer["WWW-Authenticate"] == "Bearer"


def test_a_revoked_key_and_an_inactive_member_are_out(amber: World) -> None:
    phone = amber.driver_api()
    assert phone.get("driver/day").status_code == 200
    with amber.scope():
        Membership.objects.filter(id=amber.members["driver0"].id).update(active=False)
        AccessKey.objects.filter(membership=None).update(revoked_at=timezone.now())
    assert phone.get("driver/day").status_code == 401
    assert amber.api().get("depots/").status_code == 401


def test_scopes_limit_a_key(amber: World) -> None:
    with amber.scope():
        key = keys.issue(name="reader", scopes=["fleet.read"])
        with pytest.raises(errors.Invalid, match="no scope named drive"):
            keys.issue(name="x", scopes=["drive"])
    assert amber.api(key).get("depots/").status_code == 200
    refused = amber.api(key).post("depots/", DEPOT)
    assert refused.status_code == 403 and refused.json()["code"] == "forbidden"
    assert amber.api(key).get("plans/").status_code == 403


def test_only_a_hash_of_the_key_is_stored(amber: World) -> None:
    secret = amber.key.partition(".")[2]
    with amber.scope():
        assert not AccessKey.objects.filter(secret_sha256__contains=secret).exists()
        assert AccessKey.objects.get(secret_sha256=keys.digest(secret)).last_used_on is None
    amber.api().get("depots/")
    with amber.scope():
        assert AccessKey.objects.get(secret_sha256=keys.digest(secret)).last_used_on == timezone.now().date()


@pytest.mark.parametrize(
    ("role", "read", "write"),
    [("owner", 200, 201), ("admin", 200, 201), ("dispatcher", 200, 201), ("viewer", 200, 403), ("driver", 403, 403)],
)
def test_roles(amber: World, role: str, read: int, write: int) -> None:
    client = amber.client(role)
    assert client.get("/api/v1/depots/").status_code == read
    assert client.post("/api/v1/depots/", DEPOT, content_type="application/json").status_code == write


def test_a_session_needs_the_csrf_token(amber: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(amber.members["dispatcher"].user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post("/api/v1/depots/", DEPOT, content_type="application/json").status_code == 403


def test_the_same_idempotency_key_acts_once(amber: World, birch: World) -> None:
    api = amber.api()
    first = api.post("depots/", DEPOT, headers={"Idempotency-Key": "k1"})
    again = api.post("depots/", DEPOT, headers={"Idempotency-Key": "k1"})
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json() and again["Idempotent-Replay"] == "true"
    other = api.post("depots/", {**DEPOT, "name": "South"}, headers={"Idempotency-Key": "k1"})
    assert other.status_code == 422 and other.json()["code"] == "idempotency_key_reused"
    assert birch.api().post("depots/", DEPOT, headers={"Idempotency-Key": "k1"}).status_code == 201
    with amber.scope():
        assert Depot.objects.filter(name="North").count() == 1
    failed = api.post("depots/", {"name": "No place"}, headers={"Idempotency-Key": "k2"})
    assert failed.status_code == 400
    assert api.post("depots/", {**DEPOT, "name": "West"}, headers={"Idempotency-Key": "k2"}).status_code == 201


HOSTILE = [
    '{"name": "a\\u0000b", "lat": 1, "lon": 1}',
    '{"name": "x", "lat": 1e999, "lon": 1}',
    '{"name": "x", "lat": NaN, "lon": 1}',
    '{"name": "x", "lat": "' + "9" * 400 + '", "lon": 1}',
    "[" * 20_000,
    '{"name": ' + "[" * 900 + "]" * 900 + "}",
    "not json",
    '{"name": {"a": 1}, "lat": [], "lon": null}',
    '{"name": "\\ud800", "lat": 1, "lon": 1}',
    "null",
    "[]",
    '"x"',
    "5",
    '{"name": "x", "lat": 1, "lon": 1, "opens": "99:99"}',
    '{"name": "x", "lat": 1, "lon": 1, "opens": "22:00", "closes": "06:00"}',
    '{"name": "' + "x" * 5000 + '", "lat": 1, "lon": 1}',
    '{"name": "x", "lat": true, "lon": 1' + "0" * 5000 + "}",
]


@pytest.mark.parametrize("body", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_bodies_get_a_sentence(amber: World, body: str) -> None:
    answer = amber.api().client.post("/api/v1/depots/", body, content_type="application/json")
    assert answer.status_code == 400, answer.content
    assert len(answer.json()["message"]) > 10


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=99999999999999999999", "limit=x", "cursor=zz", "cursor=" + "9" * 3000]
)
def test_hostile_pages_get_a_sentence(amber: World, query: str) -> None:
    answer = amber.api().client.get(f"/api/v1/depots/?{query}")
    assert answer.status_code == 400 and json.loads(answer.content)["message"]


def test_pages_of_a_listing_walk_forth_and_back(amber: World) -> None:
    api = amber.api()
    for number in range(6):
        assert api.post("depots/", {**DEPOT, "name": f"D{number}"}).status_code == 201
    seen, answer = [], api.get("depots/", limit=3).json()
    seen += [row["name"] for row in answer["results"]]
    assert answer["previous"] is None
    while answer["next"]:
        answer = api.client.get(answer["next"]).json()
        seen += [row["name"] for row in answer["results"]]
    assert seen == ["Amber depot", *(f"D{number}" for number in range(6))]
    back = api.client.get(answer["previous"]).json()
    assert [row["name"] for row in back["results"]] == ["D2", "D3", "D4"]


def test_signing_in_leads_to_ones_work(amber: World) -> None:
    client = Client()
    user = amber.members["dispatcher"].user
    assert client.get("/")["Location"] == "/sign-in/"
    assert client.get("/board/")["Location"] == "/sign-in/?next=/board/"
    wrong = client.post("/sign-in/", {"username": user.email, "password": "wrong"})
    assert wrong.status_code == 200
    right = client.post("/sign-in/", {"username": user.email.upper(), "password": PASSWORD})
    assert right.status_code == 302
    assert client.get("/")["Location"] == "/board/"
    page = client.get("/board/").content.decode()
    assert "Amber Logistics" in page
    client.post("/sign-out/")
    assert client.get("/")["Location"] == "/sign-in/"


def test_a_member_of_two_organizations_chooses(amber: World, birch: World) -> None:
    user = amber.members["dispatcher"].user
    with birch.scope():
        Membership.objects.create(user=user, role="viewer")
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/")["Location"] == "/organizations/"
    assert client.post("/organizations/", {"organization": str(uuid4())}).status_code == 404
    assert client.post("/organizations/", {"organization": str(birch.organization.id)}).status_code == 302
    names = [row["name"] for row in client.get("/api/v1/depots/").json()["results"]]
    assert names == ["Birch depot"]
    assert client.post("/api/v1/depots/", DEPOT, content_type="application/json").status_code == 403
