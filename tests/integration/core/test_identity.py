"""Identity: argon2, lock-out after failed tries, expiry, TOTP, OpenID Connect; authority from seats only."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings
from django.core.cache import cache
from django.test import Client, override_settings

from qiao.core.access import seats_of, visible_cases
from qiao.core.models import Person, User
from tests.factories import PASSWORD, World

LOGIN = "/accounts/login/"


@pytest.fixture(autouse=True)
def no_old_tries(db: None) -> None:
    cache.clear()


def sign_in(client: Client, name: str, password: str) -> Any:
    return client.post(LOGIN, {"login": name, "password": password})


def test_password_is_kept_as_argon2(db: None) -> None:
    assert User.objects.create_user("甲", password=PASSWORD).password.startswith("argon2$")


def test_locked_out_after_five_wrong_passwords(world: World, client: Client) -> None:
    for _ in range(5):
        assert sign_in(client, "委员甲", "wrong").status_code == 200
    refused = sign_in(client, "委员甲", PASSWORD)
    assert refused.status_code in (200, 429)
    assert "_auth_user_id" not in client.session
    assert sign_in(Client(), "委员乙", PASSWORD).status_code == 302  # another account is not locked


@pytest.mark.parametrize(
    "name", ["测试区科委leader", "测试区科委LEADER", " 测试区科委leader ", "l@example.org"]
)
def test_no_spelling_of_a_name_gets_round_the_lock(world: World, client: Client, name: str) -> None:
    User.objects.filter(username="测试区科委leader").update(email="l@example.org")
    for _ in range(5):
        sign_in(client, "测试区科委leader", "wrong")
    sign_in(client, name, PASSWORD)
    assert "_auth_user_id" not in client.session


def test_the_settings_have_no_door_of_their_own(world: World, client: Client) -> None:
    """Django's own sign-in page of its admin knows neither the lock-out nor the second factor."""
    user = User.objects.get(username="测试区科委leader")
    user.is_staff = user.is_superuser = True
    user.save()
    door = client.post("/admin/login/", {"username": user.username, "password": PASSWORD, "next": "/admin/"})
    assert "_auth_user_id" not in client.session
    assert door.url.startswith(LOGIN)
    assert parse_qs(urlsplit(client.get("/admin/").url).query)["next"] == ["/admin/"]
    client.force_login(User.objects.get(username="委员甲"))
    assert client.get("/admin/", follow=True).status_code == 403
    client.force_login(user)
    assert client.get("/admin/").status_code == 200


def test_session_ends(world: World, client: Client) -> None:
    assert sign_in(client, "委员甲", PASSWORD).status_code == 302
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["httponly"]
    assert client.session.get_expiry_age() <= 8 * 3600


def test_nobody_registers_by_themselves(client: Client) -> None:
    fields = {"username": "new", "email": "n@example.org", "password1": PASSWORD, "password2": PASSWORD}
    client.post("/accounts/signup/", fields)
    assert not User.objects.filter(username="new").exists()


def test_second_factor_is_asked_once_switched_on(world: World, client: Client) -> None:
    from allauth.mfa.totp.internal.auth import (
        TOTP,
        format_hotp_value,
        generate_totp_secret,
        hotp_value,
        yield_hotp_counters_from_time,
    )

    user = User.objects.get(username="测试区科委leader")
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    answer = sign_in(client, user.username, PASSWORD)
    assert answer.url.startswith("/accounts/2fa/authenticate/")
    assert "_auth_user_id" not in client.session
    wrong = client.post(answer.url, {"code": "000000"})
    assert wrong.status_code == 200
    code = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    client.post(answer.url, {"code": code})
    assert client.session["_auth_user_id"] == str(user.pk)


class Provider(BaseHTTPRequestHandler):
    """A small OpenID Connect provider: discovery, token, keys and user info, as the standard says."""

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    nonce = ""

    def log_message(self, *args: object) -> None:
        pass

    def answer(self, data: object) -> None:
        body = json.dumps(data).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == "/.well-known/openid-configuration":
            names = {
                "authorization_endpoint": "authorize",
                "token_endpoint": "token",
                "userinfo_endpoint": "me",
                "jwks_uri": "keys",
            }
            self.answer({"issuer": self.base, **{key: f"{self.base}/{name}" for key, name in names.items()}})
        elif path == "/me":
            self.answer(
                {"sub": "u-1", "name": "处长一", "preferred_username": "chuzhang", "email": "c@example.org"}
            )
        else:
            numbers = self.key.public_key().public_numbers()

            def b64(n: int) -> str:
                return base64.urlsafe_b64encode(n.to_bytes((n.bit_length() + 7) // 8)).rstrip(b"=").decode()

            self.answer(
                {
                    "keys": [
                        {
                            "kty": "RSA",
                            "kid": "k",
                            "alg": "RS256",
                            "use": "sig",
                            "n": b64(numbers.n),
                            "e": b64(numbers.e),
                        }
                    ]
                }
            )

    def do_POST(self) -> None:
        sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        assert sent["code"] == ["the-code"]
        now = int(time.time())
        claims = {
            "iss": self.base,
            "aud": "qiao",
            "sub": "u-1",
            "iat": now,
            "exp": now + 60,
            "nonce": Provider.nonce,
        }
        token = jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": "k"})
        self.answer({"access_token": "t", "token_type": "Bearer", "id_token": token})


@pytest.fixture
def provider() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_openid_connect_gives_an_account_without_authority(db: None, client: Client, provider: str) -> None:
    app = {
        "provider_id": "oidc",
        "name": "统一身份认证",
        "client_id": "qiao",
        "secret": "s",
        "settings": {"server_url": provider},
    }
    with override_settings(SOCIALACCOUNT_PROVIDERS={"openid_connect": {"APPS": [app]}}):
        assert "统一身份认证" in client.get(LOGIN).content.decode()
        begin = client.post("/accounts/oidc/oidc/login/")
        asked = parse_qs(urlsplit(begin.url).query)
        Provider.nonce = asked.get("nonce", [""])[0]
        done = client.get(
            "/accounts/oidc/oidc/login/callback/", {"code": "the-code", "state": asked["state"][0]}
        )
    assert done.status_code == 302
    person = Person.objects.get(user__username="chuzhang")
    assert client.session["_auth_user_id"] == str(person.user_id)
    assert seats_of(person) == []
    assert list(visible_cases(person)) == []


def test_pages_of_somebody_who_signed_in_are_kept_by_no_cache(world: World, client: Client) -> None:
    assert not client.get("/about/").has_header("Cache-Control")
    assert world.registry.person.user
    client.force_login(world.registry.person.user)
    for path in ("/desk/", "/about/", "/api/v1/me", "/desk/cases.csv"):
        assert client.get(path).headers["Cache-Control"] == "private", path


def test_too_large_a_request_is_refused_with_a_reason(world: World, client: Client) -> None:
    with override_settings(UPLOAD_LIMIT=1024):
        answer = client.post(LOGIN, {"login": "x" * 2_000_000, "password": "y"})
    assert answer.status_code == 413
    assert "MB" in answer.content.decode()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/replies/?q=%00", 200),
        ("/replies/?q=%%0000&unit=%00", 200),
        ("/verify/?code=%00", 200),
        ("/replies/%00/", 404),
        ("/history/roots/%00.json", 404),
    ],
)
def test_no_address_carries_nul_to_the_database(client: Client, db: None, path: str, status: int) -> None:
    """PostgreSQL refuses NUL in text: asking for it must be an ordinary answer, not an error of ours."""
    assert client.get(path).status_code == status
