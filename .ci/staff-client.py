"""The staff family through python-requests, in the ways that its users send: JSON, forms with and without files, a
Session with the Token header. Prints one line with counts; exits 1 at the first difference."""
import struct
import sys
import zlib
from datetime import datetime, timedelta, timezone

import requests

ORIGIN, TOKEN = sys.argv[1:]
USERS = ORIGIN + "/api/users/"
TIMEOUT = 20
SECRET = "a long secret of 2026"
counts = {"requests": 0, "checks": 0}


class Anything:
    """Equal to whatever the test says yes to."""

    def __init__(self, name, test):
        self.name, self.test = name, test

    def __eq__(self, other):
        return self.test(other)

    def __repr__(self):
        return self.name


def is_time(value):
    return isinstance(value, str) and value.endswith("Z") and datetime.fromisoformat(value[:-1]) is not None


ID = Anything("an id", lambda value: type(value) is int and value > 0)
TEXT = Anything("a text", lambda value: isinstance(value, str) and value != "")
TIME = Anything("a time", is_time)
BOOL = Anything("a boolean", lambda value: isinstance(value, bool))
AVATAR = Anything("an avatar", lambda value: isinstance(value, str) and value.startswith(ORIGIN + "/media/avatars/"))
MESSAGES = Anything("messages", lambda value: isinstance(value, list) and len(value) > 0 and all(isinstance(text, str) for text in value))


def fail(what, expected, found):
    sys.exit(f"DIFFERENCE: {what}\n  expected: {expected!r}\n  found:    {found!r}")


def same(what, expected, found):
    counts["checks"] += 1
    if not expected == found:
        fail(what, expected, found)


def ask(session, method, path, status, *, says=None, keys=None, **sent):
    """One request; `says` is what the answer must hold, `keys` which keys and in which order. Returns the answer's JSON."""
    url = path if path.startswith("http") else USERS + path
    response = session.request(method, url, timeout=TIMEOUT, allow_redirects=False, **sent)
    counts["requests"] += 1
    what = f"{method} {url} {sent or ''}"[:300]
    if response.status_code != status:
        fail(what, status, f"{response.status_code} {response.text}")
    counts["checks"] += 1
    if response.content == b"":
        return None
    body = response.json()
    for key, value in (says or {}).items():
        same(f"{what}: {key}", value, body.get(key))
    if keys is not None:
        same(f"{what}: its keys", keys, list(body))
    return body


def png(width=40, height=30, colour=(200, 30, 60)):
    def chunk(kind, data):
        framed = kind + data
        return struct.pack(">I", len(data)) + framed + struct.pack(">I", zlib.crc32(framed))
    rows = b"".join(b"\0" + bytes(colour) * width for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def pages(session, path, limit):
    """Everything of a list, by following `next`."""
    url, found = f"{path}{'&' if '?' in path else '?'}limit={limit}", []
    while url is not None:
        page = ask(session, "GET", url, 200, keys=["count", "next", "previous", "results"])
        found += page["results"]
        if len(found) < page["count"]:
            same(f"{url}: a full page", limit, len(page["results"]))
        url = page["next"]
    same(f"{path}: the count", page["count"], len(found))
    return found


api = requests.Session()
api.headers.update({"Authorization": f"Token {TOKEN}"})
nobody = requests.Session()

USER = ["id", "username", "mobile_number", "email", "first_name", "last_name", "full_name", "gender", "avatar", "is_staff",
        "is_admin", "is_active", "last_login", "created_at", "updated_at", "is_online", "groups_data", "images", "attributes"]
GROUP = ["id", "name", "notes", "users_count", "created_at", "updated_at"]


def groups():
    made = [ask(api, "POST", "groups/", 201, json={"name": name, "notes": f"about {name}"}, keys=GROUP,
                says={"id": ID, "name": name, "notes": f"about {name}", "users_count": 0, "created_at": TIME, "updated_at": TIME})
            for name in ("Admins", "Authors", "Editors", "Readers")]
    ids = [group["id"] for group in made]
    same("groups by pages", ids, [group["id"] for group in pages(api, "groups/?ordering=id", 3)])
    same("groups backwards", ids[::-1], [group["id"] for group in pages(api, "groups/?ordering=-name", 2)])
    same("groups by search", ["Editors"], [group["name"] for group in pages(api, "groups/?search=EDIT", 10)])
    ask(api, "GET", f"groups/{ids[1]}/", 200, says={"name": "Authors"}, keys=GROUP)
    ask(api, "PATCH", f"groups/{ids[1]}/", 200, json={"notes": "who writes"}, says={"name": "Authors", "notes": "who writes"})
    ask(api, "PATCH", f"groups/{ids[1]}/", 200, data={"name": "Writers"}, says={"name": "Writers", "notes": "who writes"})
    ask(api, "DELETE", f"groups/{ids[3]}/", 204)
    ask(api, "GET", f"groups/{ids[3]}/", 404, says={"detail": "Not found."})
    ask(api, "POST", "groups/", 400, json={"name": "editors"}, says={"name": MESSAGES})
    ask(api, "POST", "groups/", 400, json={}, says={"name": ["This field is required."]})
    ask(api, "PATCH", f"groups/{ids[0]}/", 400, json={"name": ""}, says={"name": ["This field may not be blank."]})
    return ids[:3]


def create(group_ids):
    """Somebody by each body that a client can send."""
    first, second, third = group_ids
    full = {"username": "michael_chen", "mobile_number": "+1-555-0156", "email": "michael.chen@techcorp.com", "first_name": "Michael",
            "last_name": "Chen", "gender": "male", "is_staff": True, "is_admin": False, "password": SECRET, "groups": [first, third]}
    michael = ask(api, "POST", "", 201, json=full, keys=USER, says={
        "id": ID, "username": "michael_chen", "mobile_number": "+1-555-0156", "email": "michael.chen@techcorp.com", "first_name": "Michael",
        "last_name": "Chen", "full_name": "Michael Chen", "gender": "male", "avatar": None, "is_staff": True, "is_admin": False,
        "is_active": True, "last_login": None, "created_at": TIME, "updated_at": TIME, "is_online": False,
        "groups_data": [{"id": first, "name": "Admins"}, {"id": third, "name": "Editors"}]})
    ask(api, "POST", "", 201, data={"username": "urla", "is_staff": False, "groups": [first, second]}, says={
        "username": "urla", "is_staff": False, "is_active": True, "email": None, "groups_data": [{"id": first, "name": "Admins"}, {"id": second, "name": "Writers"}]})
    multipart = {"username": "paul", "first_name": "Paül", "is_staff": True, "groups": [second, third]}
    # Without a type of its own, as requests sends it when it is handed a name and the bytes.
    paul = ask(api, "POST", "", 201, data=multipart, files={"avatar": ("face.png", png())}, says={
        "username": "paul", "first_name": "Paül", "is_staff": True, "avatar": AVATAR,
        "groups_data": [{"id": second, "name": "Writers"}, {"id": third, "name": "Editors"}]})
    picture = nobody.get(paul["avatar"], timeout=TIMEOUT)
    same("the picture", (200, "image/webp"), (picture.status_code, picture.headers["content-type"]))
    for i in range(12):
        ask(api, "POST", "", 201, json={"username": f"guest{i:02}", "first_name": "Guest", "last_name": f"N{i:02}", "gender": "female" if i % 2 else "non-binary"})
    return michael, paul


def lists(michael, paul, group_ids):
    everybody = ["root", "michael_chen", "urla", "paul", *(f"guest{i:02}" for i in range(12))]
    names = lambda path, limit=10: [user["username"] for user in pages(api, path, limit)]
    first = ask(api, "GET", "", 200, says={"count": 16, "previous": None, "next": TEXT})
    same("ten unless told", 10, len(first["results"]))
    same("a user in a list", ask(api, "GET", f"{michael['id']}/", 200), pages(api, "?search=michael_chen", 10)[0])
    same("everybody by pages", everybody, names("?ordering=id", 5))
    same("everybody backwards", everybody[::-1], names("?ordering=-id", 7))
    same("by name", sorted(everybody), names("?ordering=username", 100))
    same("unknown orders are ignored", sorted(everybody), names("?ordering=shoe_size,username", 100))
    for search in ("michael_chen", "TECHCORP", "chen", "+1-555-0156"):
        same(f"search {search}", ["michael_chen"], [user["username"] for user in pages(api, "?" + requests.compat.urlencode({"search": search}), 10)])
    same("search nothing", [], names("?search=nobody-has-this"))
    same("is_staff", ["michael_chen", "paul"], names("?is_staff=true&ordering=id"))
    same("is_admin", ["root"], names("?is_admin=True"))
    same("gender", 6, len(names("?gender=female")))
    same("has_avatar", ["paul"], names("?has_avatar=true"))
    same("has_email", ["root", "michael_chen"], names("?has_email=1&ordering=id"))
    same("has_phone", ["michael_chen"], names("?has_phone=true"))
    same("group_id", ["michael_chen", "urla"], names(f"?group_id={group_ids[0]}&ordering=id"))
    same("groups_in", ["urla", "paul"], names(f"?groups_in={group_ids[1]}&ordering=id"))
    same("ids", ["michael_chen", "urla", "paul"], names(f"?id_min={michael['id']}&id_max={paul['id']}&ordering=id"))
    today = datetime.now(timezone.utc).date()
    same("created since yesterday", 16, len(names(f"?created_from={today - timedelta(days=1)}", 100)))
    same("created before yesterday", [], names(f"?created_to={today - timedelta(days=2)}"))
    same("two at once", ["michael_chen"], names(f"?is_staff=true&search=chen&group_id={group_ids[0]}"))
    same("a filter stays in next", ["guest01", "guest03", "guest05"], names("?gender=female&ordering=username", 2)[:3])


def update(michael, group_ids):
    first, second, third = group_ids
    path = f"{michael['id']}/"
    seed = {"first_name": "Michael", "last_name": "Chen-Rodriguez", "mobile_number": "+1-555-0157", "is_staff": True, "groups": [first, second, third]}
    all_three = [{"id": first, "name": "Admins"}, {"id": second, "name": "Writers"}, {"id": third, "name": "Editors"}]
    now = {"username": "michael_chen", "full_name": "Michael Chen-Rodriguez", "mobile_number": "+1-555-0157", "is_staff": True, "groups_data": all_three}
    ask(api, "PATCH", path, 200, json=seed, says={**now, "avatar": None})
    ask(api, "PATCH", path, 200, data=seed, files={"avatar": ("avatar.jpg", png())}, says={**now, "avatar": AVATAR})
    ask(api, "PATCH", path, 200, data={"is_staff": False, "groups": [first, third]}, says={
        **now, "is_staff": False, "groups_data": [all_three[0], all_three[2]], "avatar": AVATAR})
    ask(api, "PATCH", path.rstrip("/"), 200, json={"gender": "non-binary"}, says={"gender": "non-binary", "first_name": "Michael"})
    ask(api, "PATCH", path, 200, json={"avatar": None}, says={"avatar": None})
    ask(api, "PATCH", path, 200, files={"avatar": ("avatar.png", png(), "image/png")}, says={"avatar": AVATAR, "first_name": "Michael"})
    ask(api, "PATCH", path, 200, files={"avatar": (None, "")}, says={"avatar": None})
    ask(api, "PUT", path, 200, json={"username": "michael_chen", "email": "m@example.com"}, says={"email": "m@example.com", "last_name": "Chen-Rodriguez"})
    whole = ask(api, "GET", path, 200)
    same("the whole object sent back", {**whole, "updated_at": TIME}, ask(api, "PUT", path, 200, json={**whole, "avatar": None}))
    # The originals' older clients lose their session's header at a redirect: there must be none.
    ask(api, "GET", path.rstrip("/"), 200, says={"id": michael["id"]})


def people_sign_in(michael):
    token = ask(nobody, "POST", "auth/pwd/signin/", 200, json={"username": "michael_chen", "password": SECRET}, keys=["token"])["token"]
    same("a token of forty digits", 40, len(token))
    me = requests.Session()
    me.headers.update({"Authorization": f"Token {token}"})
    own = ask(me, "GET", "me/", 200, says={"id": michael["id"], "username": "michael_chen", "last_login": TIME, "groups": Anything("ids", lambda ids: all(type(i) is int for i in ids))})
    ask(me, "PATCH", "me/", 200, json={"first_name": "Mike"}, says={**own, "first_name": "Mike", "full_name": "Mike Chen-Rodriguez"})
    ask(me, "PATCH", "me/", 200, data={"last_name": "Chen"}, files={"avatar": ("me.png", png())}, says={"last_name": "Chen", "avatar": AVATAR})
    ask(me, "PUT", "me/", 200, data={"username": "michael_chen", "gender": "male"}, says={"gender": "male", "avatar": AVATAR})
    ask(nobody, "POST", "auth/pwd/signup/", 200, data={"username": "walk-in", "password1": SECRET, "password2": SECRET})
    ask(nobody, "POST", "auth/pwd/signin/", 200, data={"username": "walk-in", "password": SECRET}, says={"token": TEXT})
    return me


def errors(michael, paul, me):
    path = f"{michael['id']}/"
    wrong = {"username": "PAUL", "email": "no address", "gender": "robot", "is_staff": "maybe", "groups": [999], "first_name": None,
             "last_name": "x" * 151, "mobile_number": "1" * 21, "avatar": "https://example.com/a.png"}
    found = ask(api, "PATCH", path, 400, json=wrong)
    same("all at once", sorted(wrong), sorted(found))
    for field, texts in found.items():
        same(f"{field}: a list of texts", MESSAGES, texts)
    same("taken", ["A user with that username already exists."], found["username"])
    same("choice", ['"robot" is not a valid choice.'], found["gender"])
    same("group", ['Invalid pk "999" - object does not exist.'], found["groups"])
    ask(api, "PATCH", path, 400, files={"avatar": ("a.png", b"no picture")}, says={"avatar": MESSAGES})
    ask(api, "PATCH", path, 400, data={"groups": "1,2"}, says={"groups": MESSAGES})
    ask(api, "PUT", path, 400, json={"first_name": "x"}, says={"username": ["This field is required."]})
    ask(api, "POST", "", 400, json={}, says={"username": ["This field is required."]})
    ask(api, "PATCH", path, 400, json=["x"], says={"non_field_errors": MESSAGES})
    ask(api, "PATCH", path, 400, data="{", headers={"Content-Type": "application/json"}, says={"detail": TEXT})
    ask(api, "PATCH", path, 415, data="<a/>", headers={"Content-Type": "text/xml"}, says={"detail": TEXT})
    ask(nobody, "POST", "auth/pwd/signin/", 400, json={"username": "michael_chen", "password": "wrong"}, says={"non_field_errors": ["Unable to log in with provided credentials."]})
    for session, headers, text in (
        (nobody, {}, "Authentication credentials were not provided."),
        (nobody, {"Authorization": "Token " + "0" * 40}, "Invalid token."),
        (nobody, {"Authorization": "Token"}, "Invalid token header. No credentials provided."),
    ):
        ask(session, "PATCH", path, 401, headers=headers, json={"first_name": "x"}, says={"detail": text})
    for method, where in (("GET", ""), ("POST", ""), ("GET", path), ("PATCH", path), ("DELETE", path), ("GET", "groups/")):
        ask(me, method, where, 403, says={"detail": "You do not have permission to perform this action."})
    for where in ("999/", "abc/", "0/", "-1/"):
        ask(api, "GET", where, 404, says={"detail": "Not found."})
        ask(api, "PATCH", where, 404, json={"first_name": "x"}, says={"detail": "Not found."})
    ask(api, "POST", path, 405, json={}, says={"detail": 'Method "POST" not allowed.'})
    same("nothing of it was stored", ("Mike", "paul"), (ask(api, "GET", path, 200)["first_name"], ask(api, "GET", f"{paul['id']}/", 200)["username"]))


def delete(paul):
    ask(api, "DELETE", f"{paul['id']}/", 204)
    ask(api, "GET", f"{paul['id']}/", 404, says={"detail": "Not found."})
    ask(api, "DELETE", f"{paul['id']}/", 404, says={"detail": "Not found."})
    same("not in the list", [], pages(api, "?search=paul", 10))


group_ids = groups()
michael, paul = create(group_ids)
lists(michael, paul, group_ids)
update(michael, group_ids)
me = people_sign_in(michael)
errors(michael, paul, me)
delete(paul)
print(f"python-requests {requests.__version__}: {counts['requests']} requests, {counts['checks']} checks, no difference")
