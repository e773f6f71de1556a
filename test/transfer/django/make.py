"""Makes the database and the pictures that test/transfer/django.test.ts brings over: python3 make.py, with Debian's
python3-django, python3-pil, python3-argon2 and python3-bcrypt."""
import io
import os
import sys

import django
from django.conf import settings

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
settings.configure(
    BASE_DIR=HERE,
    DATABASES={'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': os.path.join(HERE, 'db.sqlite3')}},
    INSTALLED_APPS=['django.contrib.auth', 'django.contrib.contenttypes', 'users'],
    AUTH_USER_MODEL='users.User',
    MEDIA_ROOT=os.path.join(HERE, 'media'),
    USE_TZ=True,
    DEFAULT_AUTO_FIELD='django.db.models.AutoField',
    PASSWORD_HASHERS=[
        'django.contrib.auth.hashers.PBKDF2PasswordHasher', 'django.contrib.auth.hashers.Argon2PasswordHasher',
        'django.contrib.auth.hashers.BCryptSHA256PasswordHasher', 'django.contrib.auth.hashers.BCryptPasswordHasher',
        'django.contrib.auth.hashers.PBKDF2SHA1PasswordHasher', 'django.contrib.auth.hashers.UnsaltedMD5PasswordHasher',
    ],
)
django.setup()

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.core.management import call_command
from PIL import Image
from users.models import User

for name in ('db.sqlite3',):
    if os.path.exists(os.path.join(HERE, name)):
        os.remove(os.path.join(HERE, name))
call_command('migrate', run_syncdb=True, verbosity=0)


def picture(color):
    out = io.BytesIO()
    Image.new('RGB', (64, 48), color).save(out, 'JPEG')
    return ContentFile(out.getvalue())


crew = Group.objects.create(name='Crew')
HASHERS = ['default', 'argon2', 'bcrypt_sha256', 'bcrypt', 'pbkdf2_sha1']
for i, hasher in enumerate(HASHERS):
    user = User(username=f'{hasher}.user', email=f'{hasher}@Example.com', first_name='Zoë', last_name='Ångström', number_phone=f'555010{i}',
                password=make_password(f'old password of {hasher}', hasher=hasher))
    user.save()
    user.groups.add(crew)
User.objects.create(username='chief', email='chief@example.com', is_staff=True, is_superuser=True, password=make_password('old password of chief'))
User.objects.create(username='gone', email='', is_active=False, password=make_password(None))
User.objects.create(username='twin', email='argon2@example.com', password=make_password('old password of twin'))
User.objects.create(username='broken', email='not an address', password=make_password('old password of broken'))
User.objects.create(username='weak', email='weak@example.com', password=make_password('old password of weak', hasher='unsalted_md5'))
# The id of somebody who is gone is free, and a hole in the ids stays one.
User.objects.create(username='deleted').delete()
last = User.objects.create(username='pictured', email='pictured@example.com', password=make_password('old password of pictured'))
last.avatar.save('me.jpg', picture((200, 30, 30)))
lost = User.objects.create(username='lost', email='lost@example.com', avatar='avatars/nowhere.jpg', password=make_password('old password of lost'))
