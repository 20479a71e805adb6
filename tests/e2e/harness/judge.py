"""What is wrong with a request that arrived at a provider, by models that are not ours: the request types of the SDKs,
botocore's model of bedrock-runtime and its signatures."""
import collections.abc
import importlib
import re
import sys

import bedrock_model
import botocore.auth
import pydantic
import typing_extensions
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from harness import sdk

CREDENTIALS = ("authorization", "api-key", "x-api-key", "x-goog-api-key", "x-amz-date", "x-amz-security-token")


def request_type(package, module, name):
    """Checks a body by a request type of an SDK, of which all is checked and no member may be unknown."""
    params = getattr(importlib.import_module(module), name)
    for loaded_name, loaded in list(sys.modules.items()):
        if loaded_name.startswith(package + ".types"):
            for one in filter(typing_extensions.is_typeddict, vars(loaded).values()):
                one.__pydantic_config__ = pydantic.ConfigDict(extra="forbid", arbitrary_types_allowed=True)
    return pydantic.TypeAdapter(params)


def consume(value):
    """What an SDK calls an Iterable is checked when it is read."""
    if isinstance(value, dict):
        value = value.values()
    elif isinstance(value, (str, bytes)) or not isinstance(value, collections.abc.Iterable):
        return
    for one in value:
        consume(one)


def signature_faults(request, key, secret, region):
    """What is wrong with how AWS's key `key` signed a request, by botocore."""
    headers = dict(request.headers)
    found = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/bedrock/aws4_request, ?"
                         r"SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})", headers.get("authorization", ""))
    if not found:
        return [f"authorization: {headers.get('authorization')}"]
    access, day, signed_region, signed, signature = found.groups()
    moment = headers.get("x-amz-date", "")
    if (access, signed_region) != (key, region) or not moment.startswith(day):
        return [f"signed for {access} in {signed_region} at {moment}"]
    if not {"host", "x-amz-date"} <= set(signed.split(";")):
        return [f"signed are only {signed}"]
    aws = AWSRequest(method=request.method, url=f"http://{headers['host']}{request.path}", data=request.body,
                     headers={name: headers.get(name, "") for name in signed.split(";")})
    aws.context["timestamp"] = moment
    signer = botocore.auth.SigV4Auth(Credentials(key, secret), "bedrock", region)
    text = signer.string_to_sign(aws, signer.canonical_request(aws))
    return [] if signer.signature(text, aws) == signature else ["the signature is not botocore's"]


class Judge:
    """`secrets` are what no provider may see."""

    def __init__(self, key, secret, region, secrets):
        self._key, self._secret, self._region, self._secrets = key, secret, region, secrets
        self._chat = request_type("openai", "openai.types.chat.completion_create_params", "CompletionCreateParams")
        self._responses = request_type(
            "openai", "openai.types.responses.response_create_params", "ResponseCreateParams")
        self._messages = {}
        for version in sdk.ANTHROPIC:
            with sdk.anthropic(version):
                self._messages[version] = request_type("anthropic", "anthropic.types.message_create_params",
                                                        "MessageCreateParams")
        self._bedrock = bedrock_model.load()

    def faults(self, request, kind, version):
        """`kind` is openai, responses, azure, anthropic or bedrock; `version` that of Anthropic's API which it must ask
        for."""
        headers = dict(request.headers)
        wrong = [f"{name} reached the provider" for name in headers
                 if name.startswith(("x-ai-eg-", "x-envoy-original"))]
        wrong += [f"{name} holds a secret" for name, value in headers.items() for one in self._secrets if one in value]
        if len(headers) != len(request.headers):
            wrong.append(f"a header came twice: {request.headers}")
        carried = {name: headers[name] for name in CREDENTIALS if name in headers}
        if kind == "bedrock":
            wrong += signature_faults(request, self._key, self._secret, self._region)
            carried = {}
        bearer = {"authorization": f"Bearer {self._key}"}
        expected = {"openai": bearer, "responses": bearer, "azure": {"api-key": self._key}, "bedrock": {},
                    "anthropic": {"x-api-key": self._key} if version == "2023-06-01" else bearer}[kind]
        if carried != expected:
            wrong.append(f"credentials: {carried}")
        if kind == "anthropic":
            if headers.get("anthropic-version") != version:
                wrong.append(f"anthropic-version is {headers.get('anthropic-version')}")
        else:
            wrong += [f"{name} is Anthropic's" for name in headers if name.startswith("anthropic-")]
        wrong += self._path(request, kind)
        if request.method == "POST":
            wrong += self._body(request.json(), request.path, kind, version)
        return wrong

    @staticmethod
    def _path(request, kind):
        form = {"openai": "/v1/chat/completions", "responses": "/v1/responses",
                "azure": r"/openai/deployments/[^/?]+/chat/completions\?api-version=.+",
                "anthropic": "/v1/messages", "bedrock": r"/model/[^/]+/converse(-stream)?"}[kind]
        return [] if re.fullmatch(form, request.path) else [f"path {request.path}"]

    def _body(self, body, path, kind, version):
        if kind == "bedrock":
            operation = self._bedrock.operation_model("ConverseStream" if path.endswith("stream") else "Converse")
            return bedrock_model.problems(body, operation.input_shape)
        types = {"anthropic": self._messages.get(version), "responses": self._responses}
        try:
            consume(types.get(kind, self._chat).validate_python(body))
        except pydantic.ValidationError as error:
            # A union says what is wrong by each of its members; the last words are those of the closest one.
            return [f"{error}"[-1500:]]
        return []
