"""As the quickstarts of Django REST Framework and simplejwt have it, on SQLite as durable as the service's."""
import os
from datetime import timedelta

SECRET_KEY = 'only for measuring, on an address that nobody else reaches'
ALLOWED_HOSTS = ['127.0.0.1']
INSTALLED_APPS = ['django.contrib.auth', 'django.contrib.contenttypes', 'rest_framework', 'people']
MIDDLEWARE = ['django.middleware.security.SecurityMiddleware', 'django.middleware.common.CommonMiddleware']
ROOT_URLCONF = 'people.urls'
AUTH_USER_MODEL = 'people.User'
DEFAULT_AUTO_FIELD = 'django.db.models.BigAutoField'
TIME_ZONE = 'UTC'
USE_TZ = True
DATABASES = {'default': {
    'ENGINE': 'django.db.backends.sqlite3', 'NAME': os.environ['BENCH_DATABASE'], 'CONN_MAX_AGE': None, 'OPTIONS': {'timeout': 20},
}}
REST_FRAMEWORK = {
    'DEFAULT_AUTHENTICATION_CLASSES': ['rest_framework_simplejwt.authentication.JWTAuthentication'],
    'DEFAULT_PERMISSION_CLASSES': ['rest_framework.permissions.IsAuthenticated'],
    'DEFAULT_PAGINATION_CLASS': 'rest_framework.pagination.LimitOffsetPagination',
    'DEFAULT_FILTER_BACKENDS': ['rest_framework.filters.SearchFilter'],
    'PAGE_SIZE': 20,
}
SIMPLE_JWT = {'ACCESS_TOKEN_LIFETIME': timedelta(days=1)}
