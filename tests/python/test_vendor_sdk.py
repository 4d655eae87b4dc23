"""The vendor's own SDK and hwm send the same requests, and the sandbox takes both."""

from __future__ import annotations

import json
import uuid
import warnings
from typing import Any

import pytest

import hwm
from conftest import StartSandbox
from sandbox import Sandbox

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from huaweicloudsdkcore.http.http_config import HttpConfig
    from huaweicloudsdkmeeting.v1 import BatchUpdateUserStatusRequest, MeetingClient
    from huaweicloudsdkmeeting.v1.meeting_credentials import AuthTypeEnum, MeetingCredentials

ACCOUNTS = ["test010", "张伟", "løvik"]


@pytest.fixture
def over_tls(start_sandbox: StartSandbox) -> Sandbox:
    """The accounts, disabled all, behind TLS."""
    users = [
        {"account": account, "third_account": f"tp-{account}", "status": 1} for account in ACCOUNTS
    ]
    return start_sandbox(user_list=users, tls=True)


def sdk_client(sandbox: Sandbox, credentials: Any) -> Any:
    config = HttpConfig.get_default_config()
    config.ssl_ca_cert = sandbox.ca_file
    return (
        MeetingClient.new_builder()
        .with_http_config(config)
        .with_credentials(credentials)
        .with_endpoint(sandbox.url)
        .build()
    )


def by_app_id(sandbox: Sandbox) -> tuple[Any, dict[str, Any]]:
    credentials = (
        MeetingCredentials()
        .with_auth_type_enum(AuthTypeEnum.APP_ID)
        .with_app_id(sandbox.app_id)
        .with_app_key(sandbox.app_key)
    )
    return credentials, {"app_id": sandbox.app_id, "app_key": sandbox.app_key}


def by_password(sandbox: Sandbox) -> tuple[Any, dict[str, Any]]:
    login = sandbox.login
    credentials = MeetingCredentials(login["account"], login["password"])
    return credentials, {"login": login["account"], "password": login["password"]}


def signing(request: dict[str, Any]) -> dict[str, Any]:
    """What of a request for a token must be alike: all but what no two have in common."""
    body = {key: value for key, value in json.loads(request["body"]).items() if value}
    one_time = {key: bool(body.pop(key, None)) for key in ("nonce", "expireTime")}
    kind, _, value = dict(request["headers"])["authorization"].partition(" ")
    return {
        **{key: request[key] for key in ("method", "path", "query", "status")},
        "body": body,
        "one_time": one_time,
        "content_type": dict(request["headers"])["content-type"].partition(";")[0],
        "authorization": (kind, value if kind == "Basic" else value.partition(",access=")[2]),
    }


def setting(request: dict[str, Any]) -> dict[str, Any]:
    """What of a status request must be alike."""
    headers = dict(request["headers"])
    return {
        **{key: request[key] for key in ("method", "path", "query", "status", "accounts")},
        "body": json.loads(request["body"]),
        "content_type": headers["content-type"],
        "language": headers.get("accept-language"),
        "has_token": bool(headers["x-access-token"]),
        "request_id_digits": len(headers["x-request-id"]),
    }


@pytest.mark.parametrize("sign_in", [by_app_id, by_password])
@pytest.mark.parametrize("account_type", [0, 1])
def test_both_send_the_same_requests(over_tls: Sandbox, sign_in: Any, account_type: int) -> None:
    accounts = ACCOUNTS if account_type == 0 else [f"tp-{account}" for account in ACCOUNTS]
    credentials, options = sign_in(over_tls)

    sdk_client(over_tls, credentials).batch_update_user_status(
        BatchUpdateUserStatusRequest(
            x_request_id=uuid.uuid4().hex,
            accept_language="en-US",
            value=0,
            account_type=account_type,
            body=accounts,
        )
    )
    by_sdk = over_tls.requests()
    assert set(over_tls.statuses().values()) == {0}

    over_tls.forget_requests()
    with hwm.Client(**over_tls.place(), **options, language="en-US") as client:
        call: dict[str, Any] = {"account_type": account_type}
        assert client.set_status("normal", accounts, **call).ok
    by_hwm = over_tls.requests()

    assert len(by_sdk) == len(by_hwm) == 2
    assert signing(by_hwm[0]) == signing(by_sdk[0])
    assert setting(by_hwm[1]) == setting(by_sdk[1])
    assert by_hwm[1]["status"] == 200


def test_both_are_told_of_an_unknown_account(over_tls: Sandbox) -> None:
    credentials, options = by_password(over_tls)
    request = BatchUpdateUserStatusRequest(value=1, account_type=0, body=["nobody"])
    with pytest.raises(Exception, match=r"USG\.201040000"):
        sdk_client(over_tls, credentials).batch_update_user_status(request)
    with hwm.Client(**over_tls.place(), **options) as client:
        assert client.set_status("disabled", ["nobody"])[0].service_code == "USG.201040000"
