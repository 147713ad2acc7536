"""Every knob of Lastmile, read from the environment; a wrong value refuses to start and names itself.

`docs/operations.md` lists them. `./run` sets all of them for the embedded services; in production they come from the
container or the unit file. DEVELOPMENT=1 allows plain http, a default host list and the local mail catcher.
"""

import os
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy

from lastmile.environment import Environment

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment()

# --- Who and where -----------------------------------------------------------------------------------------------
DEVELOPMENT = env.switch("DEVELOPMENT", False)
TESTING = env.switch("TESTING", False)
DEBUG = env.switch("DEBUG", False)
SECRET_KEY = env.text("SECRET_KEY")
if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5:
    raise env.refuse("SECRET_KEY", SECRET_KEY, "at least 50 random characters")
PUBLIC_URL = env.url("PUBLIC_URL", "http://127.0.0.1:8000" if DEVELOPMENT or TESTING else None)
SECURE = PUBLIC_URL.startswith("https://")
if not (SECURE or DEVELOPMENT or TESTING):
    raise env.refuse("PUBLIC_URL", PUBLIC_URL, "an https:// address (plain http is for DEVELOPMENT=1 only)")
_public_host = urlsplit(PUBLIC_URL).hostname or ""
_local_hosts = ",127.0.0.1,localhost,[::1]" if DEVELOPMENT or TESTING else ""
ALLOWED_HOSTS = env.hosts("ALLOWED_HOSTS", _public_host + _local_hosts)
CSRF_TRUSTED_ORIGINS = env.origins("CSRF_TRUSTED_ORIGINS", PUBLIC_URL if SECURE else "")
BEHIND_PROXY = env.switch("BEHIND_PROXY", False)

CLOCK_FILE = env.text("CLOCK_FILE", "")
if CLOCK_FILE and not (DEVELOPMENT or TESTING):
    raise env.refuse("CLOCK_FILE", CLOCK_FILE, "empty: a played clock is for DEVELOPMENT=1 only")

# --- Parts -------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "lastmile",
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "channels",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "csp",
    "axes",
    "core",
    "accounts",
    "fleet",
    "routing",
    "orders",
    "dispatch",
    "tracking",
    "notifications",
    "analytics",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "core.logs.RequestIdMiddleware",
    "lastmile.policy.PolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "accounts.speaking.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.operator.VisitMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "lastmile.urls"
ASGI_APPLICATION = "lastmile.asgi.application"
WSGI_APPLICATION = "lastmile.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "accounts.context.caller",
                "accounts.context.language",
                "accounts.operator.visit_of",
                "orders.context.review",
            ],
        },
    },
]

# --- PostgreSQL: `default` is the runtime role that owns nothing, `owner` is used by migrate alone ----------------
_pool_size = env.whole("DATABASE_POOL_SIZE", 0 if TESTING else 8, 0, 200, "connections for each process")
_limits = "-c lock_timeout=10s -c statement_timeout=60s -c idle_in_transaction_session_timeout=120s"
_pool = {"pool": {"min_size": 1, "max_size": _pool_size, "timeout": 10}} if _pool_size else {}
DATABASES = {
    "default": {
        **env.database("DATABASE_URL"),
        "CONN_MAX_AGE": 0,
        "ATOMIC_REQUESTS": False,
        # None of Django's own statements is prepared, whatever the threshold: it is for `core.prepared`.
        "OPTIONS": {"options": _limits, "prepare_threshold": 5, **_pool},
    },
}
_owner = env.database("DATABASE_OWNER_URL", "")
if _owner:
    DATABASES["owner"] = {**_owner, "CONN_MAX_AGE": 0, "OPTIONS": {"options": "-c lock_timeout=10s"}}

# --- Redis: broker, cache and live rows; it may be emptied at any moment without loss -----------------------------
REDIS_URL = env.url("REDIS_URL", schemes=("redis", "rediss"))
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "cache",
        "OPTIONS": {"socket_timeout": 5, "socket_connect_timeout": 2, "health_check_interval": 30},
    },
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [{"address": REDIS_URL, "socket_timeout": None, "max_connections": 2000}]},
    },
}
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True  # rows are the truth; nobody reads a task's result
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,  # seconds; longer than the longest solve
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "socket_timeout": 30,
    "socket_connect_timeout": 5,
    "socket_keepalive": True,
    "health_check_interval": 10,
}
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 2, "interval_start": 0, "interval_step": 0.2, "interval_max": 0.4}
CELERY_REDIS_SOCKET_TIMEOUT = 10
CELERY_REDIS_BACKEND_HEALTH_CHECK_INTERVAL = 10
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_BEAT_SCHEDULER = "lastmile.celery.Scheduler"
CELERY_TIMEZONE = "UTC"

# --- Maps, roads, addresses ---------------------------------------------------------------------------------------
ATLAS_DIR = env.folder("ATLAS_DIR", BASE_DIR / "var" / "atlas" / "city")
ENGINE_DIR = env.folder("ENGINE_DIR", BASE_DIR / "var" / "engine")
ROADS = env.adapter("ROADS", "none", words=["none"], with_url=["osrm"])
GEOCODER = env.adapter("GEOCODER", "atlas", words=["atlas", "none"], with_url=["nominatim", "photon"])
MAP_STYLE_URL = env.url("MAP_STYLE_URL", "")
_style = urlsplit(MAP_STYLE_URL)
MAP_ORIGINS = env.origins("MAP_ORIGINS", f"{_style.scheme}://{_style.netloc}" if MAP_STYLE_URL else "")

# --- Solving ------------------------------------------------------------------------------------------------------
SOLVE_SECONDS = env.whole("SOLVE_SECONDS", 10, 1, 600, "seconds")
SOLVE_MAX_SECONDS = env.whole("SOLVE_MAX_SECONDS", 600, 1, 600, "seconds")
if SOLVE_MAX_SECONDS < SOLVE_SECONDS:
    raise env.refuse("SOLVE_MAX_SECONDS", str(SOLVE_MAX_SECONDS), f"at least SOLVE_SECONDS ({SOLVE_SECONDS})")

# Into how many parts a large day is cut at first, for as many workers of the queue `solve` on other machines.
SOLVER_PARTS = env.whole("SOLVER_PARTS", 1, 1, 64, "parts")
SOLVER_THREADS = env.whole("SOLVER_THREADS", min(2, os.cpu_count() or 1), 1, 64, "threads")

# --- People -------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
if TESTING:
    PASSWORD_HASHERS.insert(0, "django.contrib.auth.hashers.MD5PasswordHasher")
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/sign-in/"
AXES_USERNAME_FORM_FIELD = "username"
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ACCESS_FAILURE_LOG = False
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False

# --- Browser safety -----------------------------------------------------------------------------------------------
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# `lastmile.policy` adds what the admin's own scripts need, under /admin/ only.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "style-src-attr": ["'unsafe-inline'"],
        "img-src": ["'self'", "data:", "blob:", *MAP_ORIGINS],
        "font-src": ["'self'", "data:"],
        "connect-src": ["'self'", PUBLIC_URL.replace("http", "ws", 1), *MAP_ORIGINS],
        "worker-src": ["'self'", "blob:"],
        "manifest-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    },
}

# --- Files --------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = env.folder("STATIC_ROOT", BASE_DIR / "var" / "static")
STATICFILES_DIRS = [path for path in (BASE_DIR / "lastmile" / "static", BASE_DIR / "var" / "build") if path.is_dir()]
MEDIA_ROOT = env.folder("MEDIA_ROOT", BASE_DIR / "var" / "media")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
if (ATLAS_DIR / "public").is_dir():
    WHITENOISE_ROOT = ATLAS_DIR / "public"  # serves /map/basemap.pmtiles by HTTP ranges
WHITENOISE_USE_FINDERS = TESTING or DEBUG
WHITENOISE_MIMETYPES = {".mjs": "text/javascript", ".pmtiles": "application/octet-stream"}
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ("jpg", "png", "woff2", "gz", "br", "pmtiles", "map")

# --- Words and time -----------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
# The first is the language of the sources; docs/languages.md says how to add one.
LANGUAGES = [("en", "English"), ("nl", "Nederlands"), ("de", "Deutsch"), ("fr", "Français"), ("es", "Español")]
LOCALE_PATHS = [BASE_DIR / "lastmile" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- Telling people -----------------------------------------------------------------------------------------------
MAIL = env.text("MAIL_URL", "catcher")  # not MAIL: a login shell keeps the mailbox path there
if MAIL != "catcher":
    env.url("MAIL_URL", MAIL, schemes=("smtp", "smtp+tls", "smtp+ssl"))
    _mail = urlsplit(MAIL)
    EMAIL_HOST = _mail.hostname
    EMAIL_PORT = _mail.port or {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465}[_mail.scheme]
    EMAIL_HOST_USER = unquote(_mail.username or "")
    EMAIL_HOST_PASSWORD = unquote(_mail.password or "")
    EMAIL_USE_TLS = _mail.scheme == "smtp+tls"
    EMAIL_USE_SSL = _mail.scheme == "smtp+ssl"
    EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = env.text("MAIL_FROM", f"Lastmile <no-reply@{_public_host}>")
SMS = env.adapter("SMS", "catcher", words=["catcher"], with_url=["http"])

# --- Doors --------------------------------------------------------------------------------------------------------


def _mark(_request: HttpRequest) -> str:
    return static("mark.svg")


REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Lastmile API",
    "DESCRIPTION": "Orders, plans, routes and live rows of a delivery organization.",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}
UNFOLD = {
    "SITE_TITLE": "Lastmile",
    "SITE_HEADER": "Lastmile",
    "SITE_SUBHEADER": "Platform operator",
    "SITE_URL": reverse_lazy("admin:index"),
    "SITE_ICON": _mark,
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _mark}],
    "BORDER_RADIUS": "6px",
    "COLORS": {
        "primary": {  # the green of the product's own pages
            "50": "rgb(236 253 245)",
            "100": "rgb(209 250 229)",
            "200": "rgb(167 243 208)",
            "300": "rgb(110 231 183)",
            "400": "rgb(52 211 153)",
            "500": "rgb(16 150 110)",
            "600": "rgb(13 107 86)",
            "700": "rgb(10 90 72)",
            "800": "rgb(8 72 58)",
            "900": "rgb(6 58 47)",
            "950": "rgb(3 35 28)",
        },
    },
    "SHOW_HISTORY": False,
    "ENVIRONMENT": "accounts.operator.badge",
    "SITE_DROPDOWN": [
        {"icon": "logout", "title": "Leave the visited organization", "link": "/admin/accounts/organization/leave/"},
        {"icon": "map", "title": "Dispatcher's board", "link": "/board/"},
    ],
}

# --- Logs ---------------------------------------------------------------------------------------------------------
LOG_LEVEL = env.choice("LOG_LEVEL", "INFO", ["DEBUG", "INFO", "WARNING", "ERROR"])
LOG_JSON = env.switch("LOG_JSON", not (DEVELOPMENT or TESTING))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {"()": "lastmile.logs.JsonFormatter"},
        "text": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"},
    },
    "filters": {"context": {"()": "core.logs.Context"}},
    "handlers": {
        "out": {
            "class": "logging.StreamHandler",
            "formatter": "json" if LOG_JSON else "text",
            "filters": ["context"],
        },
    },
    "root": {"handlers": ["out"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": [], "level": LOG_LEVEL, "propagate": True},
        "httpx": {"level": "WARNING"},
        "axes": {"level": "WARNING"},
        # Celery tells of every message, and the pulse alone is one a second.
        "celery.app.trace": {"level": "DEBUG" if LOG_LEVEL == "DEBUG" else "WARNING"},
        "celery.worker.strategy": {"level": "DEBUG" if LOG_LEVEL == "DEBUG" else "WARNING"},
        "celery.beat": {"level": "DEBUG" if LOG_LEVEL == "DEBUG" else "WARNING"},
    },
}
