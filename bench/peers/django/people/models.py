from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.backends.signals import connection_created
from django.dispatch import receiver


class User(AbstractUser):
    bio = models.TextField(blank=True, max_length=5000)
    location = models.CharField(blank=True, max_length=250)
    real_name = models.CharField(blank=True, max_length=250)


@receiver(connection_created)
def be_durable(connection, **_):
    with connection.cursor() as cursor:
        cursor.execute('PRAGMA journal_mode=WAL')
        cursor.execute('PRAGMA synchronous=FULL')
