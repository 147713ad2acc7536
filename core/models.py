"""Base models of every tenant's table, the journal with its outbox, operations and idempotency keys."""

from __future__ import annotations

from typing import Any, ClassVar, Self
from uuid import UUID

from django.db import models

from core import bulk, ids, states, tenancy


class TenantQuerySet(models.QuerySet[Any]):
    """Writes stamp the open tenant; there is no way round the scope."""

    def create(self, **values: Any) -> Any:
        values.setdefault("tenant_id", tenancy.current())
        return super().create(**values)

    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> Any:
        tenant_id = tenancy.current()
        rows = list(objs)
        for row in rows:
            row.stamp(tenant_id)
        if rows and not args and not set(kwargs) - {"batch_size"} and bulk.insertable(rows):
            bulk.insert_rows(rows)
            return rows
        return super().bulk_create(rows, *args, **kwargs)

    def bulk_update(self, objs: Any, fields: Any, batch_size: int | None = None) -> int:
        rows, names = list(objs), list(fields)
        if bulk.updatable(rows, names):
            return bulk.update_rows(rows, names)
        return super().bulk_update(rows, names, batch_size)


class TenantManager(models.Manager.from_queryset(TenantQuerySet)):  # type: ignore[misc]
    """Raises `TenantScopeClosed` unless a scope is open, and then shows that tenant's rows only."""

    def get_queryset(self) -> TenantQuerySet:
        queryset: TenantQuerySet = super().get_queryset()
        return queryset.filter(tenant_id=tenancy.current())


class TenantModel(models.Model):
    """A row of one organization's business data."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    tenant = models.ForeignKey(
        "accounts.Organization", on_delete=models.CASCADE, related_name="+", db_index=False, editable=False
    )

    objects: ClassVar[TenantManager] = TenantManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.stamp(tenancy.current())
        super().save(*args, **kwargs)

    def stamp(self, tenant_id: UUID) -> None:
        """Put the row under the open tenant; a row of another tenant raises `TenantScopeClash`."""
        self.tenant_id = self.tenant_id or tenant_id
        if self.tenant_id != tenant_id:
            raise tenancy.TenantScopeClash("The row belongs to another tenant.")


class Reference(models.ForeignKey[Any, Any]):
    """A reference between two tables of one tenant. The database key is composite, `(tenant_id, x_id)`: see
    `core.walls`."""

    def __init__(self, to: Any, on_delete: Any = models.PROTECT, **kwargs: Any) -> None:
        kwargs["db_constraint"] = False
        super().__init__(to, on_delete, **kwargs)


class Journaled(TenantModel):
    """A row whose changes are events: `version` counts them and guards against lost updates."""

    machine: ClassVar[states.Machine]
    subject: ClassVar[str]

    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta(TenantModel.Meta):
        abstract = True


class Event(TenantModel):
    """What happened. Written once in the transaction of the change, never updated or deleted by the application."""

    kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=20)
    subject_id = models.UUIDField()
    sequence = models.PositiveIntegerField(help_text="The subject's version after the event.")
    actor_kind = models.CharField(max_length=12)
    actor_id = models.UUIDField(null=True)
    actor_label = models.CharField(max_length=120)
    at = models.DateTimeField()
    device_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)
    data = models.JSONField(default=dict)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint("tenant", "subject_id", "sequence", name="event_sequence_once")]
        indexes = [models.Index("tenant", "kind", "id", name="event_by_kind")]

    def __str__(self) -> str:
        return f"{self.kind} #{self.sequence}"


class Delivery(TenantModel):
    """The outbox: one event owed to one handler. Deleted when handled, parked with its error after the last try."""

    event = Reference(Event, models.CASCADE, related_name="deliveries")
    handler = models.CharField(max_length=120)
    due_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    parked = models.BooleanField(default=False)
    error = models.TextField(blank=True)

    class Meta(TenantModel.Meta):
        verbose_name_plural = "deliveries"
        constraints = [models.UniqueConstraint("tenant", "event", "handler", name="delivery_once")]
        indexes = [
            models.Index("tenant", "due_at", condition=models.Q(parked=False), name="delivery_due"),
        ]

    def __str__(self) -> str:
        return f"{self.handler} of {self.event_id}"


class Operation(Journaled):
    """A long-running piece of work. The row is the truth; a Celery message only wakes a worker."""

    machine = states.OPERATION
    subject = "operation"

    kind = models.CharField(max_length=40)
    queue = models.CharField(max_length=20, default="default")
    status = models.CharField(max_length=12, choices=states.OPERATION.choices, default=states.OPERATION.first)
    params = models.JSONField(default=dict)
    progress = models.JSONField(default=dict)
    result = models.JSONField(null=True)
    error = models.TextField(blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    lease = models.PositiveIntegerField(default=0, help_text="Fencing token: grows with each claim.")
    lease_until = models.DateTimeField(null=True)
    woken_at = models.DateTimeField(null=True)
    cancel_requested = models.BooleanField(default=False)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta(Journaled.Meta):
        constraints = [
            models.CheckConstraint(condition=models.Q(status__in=states.OPERATION.states), name="operation_status"),
        ]
        indexes = [
            models.Index(
                "tenant", "status", condition=models.Q(status__in=["queued", "running"]), name="operation_unfinished"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.status}"

    @classmethod
    def of(cls, operation_id: UUID) -> Self:
        row: Self = cls.objects.get(id=operation_id)
        return row


class IdempotencyKey(TenantModel):
    """The answer given to an unsafe request, kept with its key so that a repeat gets the same answer."""

    caller = models.CharField(max_length=60)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint("tenant", "caller", "key", name="idempotency_once")]

    def __str__(self) -> str:
        return self.key
