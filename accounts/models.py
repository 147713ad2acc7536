"""Organizations, people, their roles, and keys."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower

from accounts import languages, objectives, permissions
from core import ids
from core.models import Reference, TenantManager, TenantModel, TenantQuerySet


class Organization(models.Model):
    """A company on the platform: the tenant. A directory row; everything else of a company lies behind the walls."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    slug = models.CharField(max_length=40, unique=True, validators=[RegexValidator(r"^[a-z0-9]+(-[a-z0-9]+)*$")])
    name = models.CharField(max_length=120)
    timezone = models.CharField(max_length=60, default="UTC")
    country = models.CharField(max_length=2, default="DE", help_text="ISO 3166-1 alpha-2, the default of addresses.")
    currency = models.CharField(max_length=3, default="EUR")
    phone = models.CharField(max_length=20, blank=True, help_text="Shown to recipients.")
    distance_unit = models.CharField(max_length=2, default="km", choices=[("km", "kilometres"), ("mi", "miles")])
    clock = models.CharField(max_length=3, default="24h", choices=[("24h", "24 hours"), ("12h", "12 hours")])
    language = models.CharField(
        max_length=2, default="en", choices=languages.NAMES, help_text="Of everybody who has not chosen their own."
    )
    objective = models.CharField(
        max_length=12,
        choices=[(wish.name, wish.title) for wish in objectives.WISHES],
        default=objectives.CHEAPEST,
        help_text="What plans aim at.",
    )
    reattempt_cents = models.PositiveIntegerField(default=0, help_text="Handling cost of a failed attempt.")
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(objective__in=list(objectives.NAMES)), name="organization_objective"
            ),
            models.CheckConstraint(condition=models.Q(clock__in=["24h", "12h"]), name="organization_clock"),
            models.CheckConstraint(
                condition=models.Q(language__in=list(languages.CODES)), name="organization_language"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> User:
        """An e-mail address signs in however its letters are written."""
        return self.get(email=(username or "").strip().lower())

    def create_user(self, email: str, password: str | None = None, **values: Any) -> User:
        user = self.model(email=email.strip().lower(), **values)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **values: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **values)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in. What they may do is said by their membership; `is_staff` is the platform's operator."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    language = models.CharField(
        max_length=2, blank=True, default="", choices=languages.NAMES, help_text="Empty: as the organization."
    )
    is_staff = models.BooleanField("operator", default=False)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_once"),
            models.CheckConstraint(condition=models.Q(language__in=["", *languages.CODES]), name="user_language"),
        ]

    def __str__(self) -> str:
        return self.name or self.email


class MembershipManager(TenantManager):
    def own(self, user_id: UUID) -> models.QuerySet[Membership]:
        """A person's own memberships over all organizations; row-level security shows them in the personal scope
        only."""
        rows: models.QuerySet[Membership] = TenantQuerySet(self.model, using=self._db)
        return rows.filter(user_id=user_id, active=True).order_by("created_at")


class Membership(TenantModel):
    """A person's role in an organization."""

    # A person who has just signed in sees their own memberships before any organization is chosen, and nothing else.
    wall_using = (
        "tenant_id = (select current_setting('app.tenant')::uuid)"
        " or user_id = (select nullif(current_setting('app.user', true), '')::uuid)"
    )

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    role = models.CharField(max_length=12, choices=[(role, role) for role in permissions.ROLES])
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[MembershipManager] = MembershipManager()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint("tenant", "user", name="membership_once"),
            models.CheckConstraint(condition=models.Q(role__in=list(permissions.ROLES)), name="membership_role"),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.role})"


class AccessKey(TenantModel):
    """A bearer key: an organization's API key with scopes, or a driver's phone that acts as its member.

    Only the SHA-256 of the secret is kept; the key names its tenant, so that no look-up ever crosses tenants.
    """

    name = models.CharField(max_length=80)
    secret_sha256 = models.CharField(max_length=64)
    membership = Reference(Membership, models.CASCADE, null=True, related_name="keys")
    scopes = ArrayField(models.CharField(max_length=20), default=list)
    live = models.BooleanField(default=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_on = models.DateField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint("tenant", "secret_sha256", name="access_key_once")]

    def __str__(self) -> str:
        return self.name


class OperatorVisit(TenantModel):
    """The platform's operator looked into an organization: who, why, until when, and what was opened."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300)
    opened_at = models.DateTimeField(auto_now_add=True)
    until = models.DateTimeField()
    paths = ArrayField(models.CharField(max_length=300), default=list)

    class Meta(TenantModel.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.user}: {self.reason}"
