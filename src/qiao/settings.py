"""Settings of one Qiao installation. Everything that differs between machines comes from ``QIAO_*`` variables."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

SOURCE = Path(__file__).resolve().parent
ROOT = SOURCE.parent.parent
VAR = Path(os.environ.get("QIAO_VAR", ROOT / "var"))
POLICIES = Path(os.environ.get("QIAO_POLICIES", ROOT / "policies"))


def _flag(name: str, default: bool) -> bool:
    return os.environ.get(name, "1" if default else "0").lower() in {"1", "true", "yes", "on"}


def _secret_key() -> str:
    """The key from the environment, or one generated once into ``var/secret_key`` (readable by its owner only)."""
    if key := os.environ.get("QIAO_SECRET_KEY"):
        return key
    path = VAR / "secret_key"
    if not path.exists():
        VAR.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_text().strip()
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(50))
    return path.read_text().strip()


def database(url: str) -> dict[str, Any]:
    """Django's database entry for ``QIAO_DATABASE_URL``; an empty one means SQLite in ``var/``."""
    parts = urlsplit(url or f"sqlite:///{VAR / 'qiao.sqlite3'}")
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": parts.path if parts.path.startswith("//") is False else parts.path[1:],
            "OPTIONS": {
                # Writers queue at BEGIN instead of failing in the middle of a transaction.
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
                    "PRAGMA cache_size=-65536; PRAGMA mmap_size=268435456;"
                ),
            },
        }
    if parts.scheme in {"postgres", "postgresql"}:
        query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        # Compiling a query takes longer than any of ours runs; an address may say otherwise with its own ``options``.
        query.setdefault("options", "-c jit=off")
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": parts.path.lstrip("/"),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": query.pop("host", None) or unquote(parts.hostname or ""),
            "PORT": str(parts.port or query.pop("port", "")),
            "CONN_MAX_AGE": 60,
            "OPTIONS": query,
        }
    raise ImproperlyConfigured(
        f"QIAO_DATABASE_URL begins with {parts.scheme!r}; use sqlite:///FILE or postgres://…"
    )


SECRET_KEY = _secret_key()
DEBUG = _flag("QIAO_DEBUG", False)
ALLOWED_HOSTS = os.environ.get("QIAO_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("QIAO_ORIGINS", "").split(",") if origin]
HTTPS = _flag("QIAO_HTTPS", False)
PUBLIC_ADDRESS = os.environ.get("QIAO_ADDRESS", "http://127.0.0.1:8000").rstrip("/")

INSTALLED_APPS = [
    "qiao.core",  # before allauth, whose templates it replaces
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "csp",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.mfa",
    "qiao.kinds",
    "qiao.desk",
    "qiao.portal",
    "qiao.api",
    "qiao.demo",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "qiao.core.middleware.Private",
    "qiao.core.middleware.UploadLimit",
    "qiao.core.middleware.NoNul",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "qiao.urls"
ASGI_APPLICATION = "qiao.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "qiao.core.context.qiao",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "qiao.core.templatetags.qiao",
            ],
        },
    }
]

DATABASES = {"default": database(os.environ.get("QIAO_DATABASE_URL", ""))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Chinese first; English complete. Message ids are Chinese (house rule 7).
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [SOURCE / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
MEDIA_ROOT = VAR / "files"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

# Uploads: what a person may send at once; contents are checked in qiao.letters.reading.
UPLOAD_LIMIT = int(os.environ.get("QIAO_UPLOAD_LIMIT", str(20 * 1024 * 1024)))
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# Identity. Passwords by argon2, other providers by OpenID Connect, TOTP for whoever switches it on.
AUTH_USER_MODEL = "core.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/desk/"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
ACCOUNT_ADAPTER = "qiao.core.identity.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "qiao.core.identity.SocialAccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
MFA_ALLOW_UNVERIFIED_EMAIL = True  # accounts are made by administrators, who know the address
ACCOUNT_RATE_LIMITS = {"login_failed": "5/15m/key,20/15m/ip"}
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {"openid_connect": {"APPS": []}}
if os.environ.get("QIAO_OIDC_SERVER"):
    SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"].append(
        {
            "provider_id": "oidc",
            "name": os.environ.get("QIAO_OIDC_NAME", "OpenID Connect"),
            "client_id": os.environ["QIAO_OIDC_CLIENT"],
            "secret": os.environ["QIAO_OIDC_SECRET"],
            "settings": {"server_url": os.environ["QIAO_OIDC_SERVER"]},
        }
    )
SESSION_COOKIE_AGE = int(os.environ.get("QIAO_SESSION_SECONDS", str(8 * 3600)))
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _flag("QIAO_BEHIND_PROXY", False) else None
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "qiao_cache"}}

# Mail waits in the outbox until a person approves it, unless QIAO_MAIL_AUTO=1.
MAIL_AUTO = _flag("QIAO_MAIL_AUTO", False)
EMAIL_BACKEND = os.environ.get("QIAO_EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend")
EMAIL_FILE_PATH = VAR / "mail"
EMAIL_TIMEOUT = 20
EMAIL_HOST = os.environ.get("QIAO_EMAIL_HOST", "localhost")
EMAIL_PORT = int(os.environ.get("QIAO_EMAIL_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("QIAO_EMAIL_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("QIAO_EMAIL_PASSWORD", "")
EMAIL_USE_TLS = _flag("QIAO_EMAIL_TLS", False)
DEFAULT_FROM_EMAIL = os.environ.get("QIAO_EMAIL_FROM", "qiao@localhost")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": os.environ.get("QIAO_LOG_LEVEL", "WARNING")},
    "loggers": {"qiao": {"level": "INFO", "propagate": True}},
}

SITE_NAME = _("桥")
SILENCED_SYSTEM_CHECKS: list[str] = []
