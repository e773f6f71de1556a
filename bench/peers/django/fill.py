"""Makes the database, the people in it, and a file of everybody's id and token."""
import json
import os

import django
from django.core.management import call_command

django.setup()
call_command('migrate', run_syncdb=True, verbosity=0)

from people.models import User  # noqa: E402
from rest_framework_simplejwt.tokens import AccessToken  # noqa: E402

with open(os.environ['BENCH_PEOPLE'], encoding='utf-8') as file:
    people = json.load(file)['people']
User.objects.bulk_create([User(username=person['email'], **person) for person in people])
with open(os.environ['BENCH_TOKENS'], 'w', encoding='ascii') as file:
    file.writelines(f'{user.id} {AccessToken.for_user(user)}\n' for user in User.objects.order_by('id'))
