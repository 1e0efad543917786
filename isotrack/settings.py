"""Settings. Every value that an operator may change is read from the environment; docs/settings.md lists them."""

import os
from pathlib import Path
from typing import Any

import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.utils.translation import gettext_noop

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(env.str("ISOTRACK_ENV_FILE", default=str(BASE_DIR / ".env")))

# --- Process -----------------------------------------------------------------------------------------------------
DEBUG = env.bool("ISOTRACK_DEBUG", default=False)
DEMO = env.bool("ISOTRACK_DEMO", default=False)
EMBEDDED = env.bool("ISOTRACK_EMBEDDED", default=False)
VAR_DIR = Path(env.str("ISOTRACK_VAR_DIR", default=str(BASE_DIR / "var")))
SECRET_KEY_FILE = VAR_DIR / "secret-key"
INSECURE_SECRET_KEY = "insecure-development-key-do-not-use-in-production"
SECRET_KEY = env.str("ISOTRACK_SECRET_KEY", default=None) or (
    SECRET_KEY_FILE.read_text().strip() if os.access(SECRET_KEY_FILE, os.R_OK) else INSECURE_SECRET_KEY
)
ALLOWED_HOSTS = env.list("ISOTRACK_ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("ISOTRACK_TRUSTED_ORIGINS", default=[])
BASE_URL = env.str("ISOTRACK_BASE_URL", default="http://localhost:8000").rstrip("/")
CLOCK_FILE = env.str("ISOTRACK_CLOCK_FILE", default="")
WEB_BIND = env.str("ISOTRACK_WEB_BIND", default="127.0.0.1:8000")
WEB_PROCESSES = env.int("ISOTRACK_WEB_PROCESSES", default=2)
LOG_LEVEL = env.str("ISOTRACK_LOG_LEVEL", default="INFO").upper()

SIGNING_KEY = env.str("ISOTRACK_SIGNING_KEY", default=None)
SIGNING_KEY_FILE = VAR_DIR / "signing-key"
HEADS_DIR = Path(env.str("ISOTRACK_HEADS_DIR", default=str(VAR_DIR / "heads")))

# --- Application -------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "accounts.adminapp.OperationsConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.socialaccount.providers.saml",
    "allauth.mfa",
    "allauth.usersessions",
    "django_filters",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "accounts",
    "records",
    "evidence",
    "certifications",
    "audits",
    "nonconformities",
    "exchange",
    "access",
    "followup",
    "alerts",
    "agenda",
    "isotrack",
]
MIDDLEWARE = [
    "records.trace.RequestIdMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "isotrack.limits.BodyLimitMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "access.middleware.SessionLimits",
    "accounts.middleware.OrganizationMiddleware",
    "access.middleware.SecondFactor",
]
ROOT_URLCONF = "isotrack.urls"
WSGI_APPLICATION = "isotrack.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "isotrack.context.page",
            ],
        },
    },
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Database ----------------------------------------------------------------------------------------------------
DATABASES = {"default": env.db("ISOTRACK_DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'isotrack.sqlite3'}")}
# The owner of the tables, who alone may change them; only `manage.py migrate` connects as it.
OWNER_DATABASE = env.db("ISOTRACK_OWNER_DATABASE_URL") if env.str("ISOTRACK_OWNER_DATABASE_URL", default="") else {}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

BACKUP_KEY = env.str("ISOTRACK_BACKUP_KEY", default="")
BACKUP_DATABASE = env.db("ISOTRACK_BACKUP_DATABASE_URL") if env.str("ISOTRACK_BACKUP_DATABASE_URL", default="") else {}

# --- People ------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "full_name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "access.passwords.KnownPasswordValidator"},
]
ADMIN_PATH = env.str("ISOTRACK_ADMIN_PATH", default="admin/").strip("/") + "/"
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "portfolio"
LOGOUT_REDIRECT_URL = "sign-in"
PASSWORD_RESET_TIMEOUT = 60 * env.int("ISOTRACK_PASSWORD_RESET_MINUTES", default=60)
INVITATION_DAYS = env.int("ISOTRACK_INVITATION_DAYS", default=7)
SIGN_IN_TRIES = env.int("ISOTRACK_SIGN_IN_TRIES", default=10)
SIGN_IN_TRIES_FROM_ADDRESS = env.int("ISOTRACK_SIGN_IN_TRIES_FROM_ADDRESS", default=100)
FIELD_KEY = env.str("ISOTRACK_FIELD_KEY", default=None) or ""
TRUSTED_PROXIES = env.int("ISOTRACK_TRUSTED_PROXIES", default=int(env.bool("ISOTRACK_BEHIND_PROXY", default=False)))
SESSION_IDLE_SECONDS = 60 * env.int("ISOTRACK_SESSION_IDLE_MINUTES", default=720)
SESSION_COOKIE_AGE = 3600 * env.int("ISOTRACK_SESSION_HOURS", default=168)

# Limits are kept by accounts.ratelimit, which counts in the database; the library's own would count per process.
ACCOUNT_ADAPTER = "access.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_RATE_LIMITS = MFA_RATE_LIMITS = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_FORMS = {
    "login": "access.forms.SignInForm",
    "reauthenticate": "access.forms.PasswordAgainForm",
    "change_password": "access.forms.ChangeForm",
    "set_password": "access.forms.FirstPasswordForm",
    "reset_password": "access.forms.ResetForm",
    "reset_password_from_key": "access.forms.ResetKeyForm",
}
MFA_FORMS = {
    "authenticate": "access.forms.CodeForm",
    "reauthenticate": "access.forms.CodeAgainForm",
    "activate_totp": "access.forms.ActivateAppForm",
    "add_webauthn": "access.forms.AddPasskeyForm",
    "edit_webauthn": "access.forms.RenamePasskeyForm",
}
MFA_ADAPTER = "access.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "isotrack"
MFA_TOTP_TOLERANCE = 1
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = BASE_URL.startswith("http://localhost")
SOCIALACCOUNT_ADAPTER = "access.adapters.SingleSignOnAdapter"
SOCIALACCOUNT_ONLY = False
SOCIALACCOUNT_LOGIN_ON_GET = True  # the link of the sign-in page; our policy lets no form go elsewhere
OIDC_URL = env.str("ISOTRACK_OIDC_URL", default="")
OIDC_NAME = env.str("ISOTRACK_OIDC_NAME", default=gettext_noop("single sign-on"))
OIDC_CLIENT_ID = env.str("ISOTRACK_OIDC_CLIENT_ID", default="")
OIDC_CLIENT_SECRET = env.str("ISOTRACK_OIDC_CLIENT_SECRET", default="")
SAML_METADATA = env.str("ISOTRACK_SAML_METADATA", default="")
SAML_NAME = env.str("ISOTRACK_SAML_NAME", default=gettext_noop("single sign-on"))
SAML_DOMAINS = env.list("ISOTRACK_SAML_DOMAINS", default=[])
SAML_KEY = env.str("ISOTRACK_SAML_KEY", default="")
SAML_CERTIFICATE = env.str("ISOTRACK_SAML_CERTIFICATE", default="")
SSO_HOSTS = env.list("ISOTRACK_SSO_HOSTS", default=[])
SOCIALACCOUNT_STORE_TOKENS = False

# --- Language and time -------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("fr", "Français"), ("es", "Español"), ("pl", "Polski")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

# --- Files -------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = env.str("ISOTRACK_STATIC_ROOT", default=str(VAR_DIR / "static"))
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = env.str("ISOTRACK_MEDIA_ROOT", default=str(VAR_DIR / "files"))
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or DEMO
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG or DEMO
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
EVIDENCE_ROOT = env.str("ISOTRACK_EVIDENCE_ROOT", default=str(VAR_DIR / "evidence"))
EVIDENCE_MAX_BYTES = env.int("ISOTRACK_EVIDENCE_MAX_BYTES", default=50 * 1024 * 1024)
EVIDENCE_QUOTA_BYTES = env.int("ISOTRACK_EVIDENCE_QUOTA_BYTES", default=20 * 1024**3)
EVIDENCE_S3_BUCKET = env.str("ISOTRACK_EVIDENCE_S3_BUCKET", default="")
CLAMD = env.str("ISOTRACK_CLAMD", default="")
STORAGES["evidence"] = (
    {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": EVIDENCE_S3_BUCKET,
            "endpoint_url": env.str("ISOTRACK_EVIDENCE_S3_ENDPOINT", default="") or None,
            "region_name": env.str("ISOTRACK_EVIDENCE_S3_REGION", default="") or None,
            "access_key": env.str("ISOTRACK_EVIDENCE_S3_KEY", default="") or None,
            "secret_key": env.str("ISOTRACK_EVIDENCE_S3_SECRET", default="") or None,
            "default_acl": None,
            "file_overwrite": True,
        },
    }
    if EVIDENCE_S3_BUCKET
    else {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": EVIDENCE_ROOT, "allow_overwrite": True},
    }
)
IMPORT_MAX_BYTES = env.int("ISOTRACK_IMPORT_MAX_BYTES", default=25 * 1024 * 1024)

# --- Jobs --------------------------------------------------------------------------------------------------------
CELERY_BROKER_URL = env.str("ISOTRACK_BROKER_URL", default="memory://localhost/")
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"polling_interval": 0.1} if CELERY_BROKER_URL.startswith("memory") else {"visibility_timeout": 3600}
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 1800
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
SWEEP_PERIOD_SECONDS = env.int("ISOTRACK_SWEEP_PERIOD_SECONDS", default=300)
CELERY_BEAT_SCHEDULE = {
    "wake-up": {
        "task": "records.wake_up",
        "schedule": SWEEP_PERIOD_SECONDS,
        "options": {"expires": SWEEP_PERIOD_SECONDS},
    },
    "webhooks": {"task": "alerts.tell_webhooks", "schedule": 15, "options": {"expires": 15}},
    "nightly": {"task": "records.nightly", "schedule": crontab(hour=0, minute=7)},
}
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat-schedule")

# --- Cache: what processes must agree on for minutes ------------------------------------------------------------
CACHES = {
    "default": env.cache_url(
        "ISOTRACK_CACHE_URL",
        default=CELERY_BROKER_URL.replace("redis", "rediscache", 1)
        if CELERY_BROKER_URL.startswith("redis")
        else "locmemcache://",
    )
}
if CACHES["default"]["BACKEND"].endswith(".RedisCache"):
    CACHES["default"]["BACKEND"] = "isotrack.caches.SteadyRedisCache"

# --- Mail --------------------------------------------------------------------------------------------------------
EMAIL_CONFIG = env.email("ISOTRACK_EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = env.str("ISOTRACK_FROM_EMAIL", default="isotrack <isotrack@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- Webhooks ----------------------------------------------------------------------------------------------------
WEBHOOK_TRUSTED = env.list("ISOTRACK_WEBHOOK_TRUSTED", default=[])

# --- API ---------------------------------------------------------------------------------------------------------
API_REQUESTS_PER_MINUTE = env.int("ISOTRACK_API_REQUESTS_PER_MINUTE", default=600)
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.ApiKeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PAGINATION_CLASS": "isotrack.api.pagination.Pages",
    "DEFAULT_FILTER_BACKENDS": ["records.rest.filters.StrictFilters"],
    "DEFAULT_SCHEMA_CLASS": "isotrack.api.schema.Schema",
    "DEFAULT_PARSER_CLASSES": ["records.rest.parsers.StrictJSON"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "isotrack.api.errors.problem",
    "DEFAULT_THROTTLE_CLASSES": ["accounts.throttle.KeyThrottle"],
    "PAGE_SIZE": 50,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "isotrack API",
    "DESCRIPTION": "Certificates, audits, nonconformities and corrective actions as a state machine over dated facts.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "DEFAULT_GENERATOR_CLASS": "isotrack.api.schema.Generator",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "CertificateStatus": "certifications.states.CertificateStatus",
        "DatedStep": "nonconformities.states.Step",
        "WorkStep": "nonconformities.states.WorkStep",
        "WrittenStep": "nonconformities.states.WRITTEN",
        "VerificationResult": "nonconformities.states.RESULTS",
        "EffectVerdict": "nonconformities.states.VERDICTS",
    },
}

# --- Security ----------------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "frame-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
LARGEST_BODY = max(IMPORT_MAX_BYTES, EVIDENCE_MAX_BYTES) + 1024 * 1024
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
HTTPS = env.bool("ISOTRACK_HTTPS", default=False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("ISOTRACK_BEHIND_PROXY", default=False) else None
)
if HTTPS:
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"

# --- Logs --------------------------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "filters": {"secrets": {"()": "accounts.logs.HideCalendarAddresses"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["secrets"]}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
}
