"""What phones may send."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework import serializers

from tracking.actions import Said
from tracking.actions.reports import AT_A_STOP, KINDS

WORD = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]*$"
CODE = r"^[a-z_]{1,32}$"


class SignInInput(serializers.Serializer[Any]):
    email = serializers.CharField(max_length=254)
    password = serializers.CharField(max_length=200, trim_whitespace=False)
    device = serializers.RegexField(WORD, max_length=60, required=False, allow_blank=True, default="")
    organization = serializers.SlugField(
        max_length=40, required=False, help_text="Whose driver, for who drives for several; the first one otherwise.")


class OrderOutcome(serializers.Serializer[Any]):
    order = serializers.UUIDField()
    outcome = serializers.RegexField(CODE)


class ReportData(serializers.Serializer[Any]):
    outcome = serializers.RegexField(CODE, required=False)
    note = serializers.RegexField(WORD, max_length=500, required=False, allow_blank=True)
    name = serializers.RegexField(WORD, max_length=120, required=False, allow_blank=True)
    pin = serializers.RegexField(r"^[0-9]{0,6}$", required=False, allow_blank=True)
    uploads = serializers.ListField(child=serializers.UUIDField(), max_length=20, required=False)
    orders = serializers.ListField(child=OrderOutcome(), required=False, max_length=200)
    route = serializers.UUIDField(required=False)


class ReportInput(serializers.Serializer[Any]):
    id = serializers.UUIDField(help_text="Made by the phone; the same again is the same report.")
    type = serializers.ChoiceField(list(KINDS))
    stop = serializers.UUIDField(required=False, allow_null=True)
    device_at = serializers.DateTimeField()
    sequence = serializers.IntegerField(min_value=0, max_value=2**53)
    lat = serializers.FloatField(min_value=-90, max_value=90, required=False, allow_null=True)
    lon = serializers.FloatField(min_value=-180, max_value=180, required=False, allow_null=True)
    data = ReportData(required=False)  # type: ignore[assignment]

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        if values["type"] in AT_A_STOP and not values.get("stop"):
            raise serializers.ValidationError({"stop": ["This report needs a stop."]})
        if values["type"] == "attempted" and not values.get("data", {}).get("outcome"):
            raise serializers.ValidationError({"data": {"outcome": ["An attempt needs its outcome."]}})
        return values


class ReportsInput(serializers.Serializer[Any]):
    reports = serializers.ListField(child=ReportInput(), max_length=200)
    sent_at = serializers.DateTimeField(
        required=False, help_text="The phone's clock when it sends this: corrects device_at where the clock is wrong.")


class PositionInput(serializers.Serializer[Any]):
    fix_at = serializers.DateTimeField()
    lat = serializers.FloatField()
    lon = serializers.FloatField()
    accuracy_m = serializers.FloatField(required=False, allow_null=True)
    speed_mps = serializers.FloatField(required=False, allow_null=True)
    heading = serializers.FloatField(required=False, allow_null=True)


class PositionsInput(serializers.Serializer[Any]):
    positions = serializers.ListField(child=PositionInput(), max_length=200)


class UploadInput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kind = serializers.ChoiceField(["photo", "signature"])
    file = serializers.FileField(allow_empty_file=True, max_length=300)


def said(values: dict[str, Any]) -> Said:
    """The report of a valid `ReportInput`."""
    data = values.get("data", {})
    body = {"stop": values.get("stop"), "lat": values.get("lat"), "lon": values.get("lon"), "data": data}
    return Said(
        id=values["id"], kind=values["type"], stop_id=values.get("stop"), device_at=values["device_at"],
        sequence=values["sequence"], lat=values.get("lat"), lon=values.get("lon"), data=data, body=_plain(body),
    )


def _plain(value: Any) -> Any:
    """The same in JSON's own types."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return str(value) if isinstance(value, UUID) else value
