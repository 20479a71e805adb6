"""What spans show of requests and answers, and what they hide: against OpenInference's own libraries."""
import base64
import gzip
import json

import openai
import pytest
from harness.client import Connection
from harness.collector import Collector
from harness.envoy import wait_for
from harness.provider import Answer, Provider
from openinference.instrumentation import REDACTED_VALUE, TraceConfig
from openinference.instrumentation.openai import OpenAIInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from test_metrics import Front

USAGE = {"prompt_tokens": 12, "completion_tokens": 5, "total_tokens": 17}
IMAGE = "data:image/png;base64," + base64.b64encode(b"secret pixels").decode()
WEATHER = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}
CALL = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city":"Bern"}'}}
MESSAGES = [
    {"role": "system", "content": "secret system"},
    {"role": "user", "content": [{"type": "text", "text": "secret question"},
                                 {"type": "image_url", "image_url": {"url": IMAGE}}]},
    {"role": "assistant", "content": "secret thought", "tool_calls": [CALL]},
    {"role": "tool", "tool_call_id": "call_1", "content": "secret rain"},
]


def chunk(**delta):
    return b"data: %s\n\n" % json.dumps({"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "named",
                                         "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}).encode()


def answer(request):
    body = request.json()
    path = request.path.removeprefix("/v1/")
    if path == "embeddings":
        return Answer.json({"object": "list", "model": "named", "usage": {"prompt_tokens": 2, "total_tokens": 2},
                            "data": [{"object": "embedding", "index": i, "embedding": [0.5, -0.25, i]}
                                     for i in range(2)]})
    if path == "completions":
        return Answer.json({"id": "c1", "object": "text_completion", "created": 1, "model": "named", "usage": USAGE,
                            "choices": [{"index": 0, "text": "secret ending", "finish_reason": "stop",
                                         "logprobs": None}]})
    if body.get("user") == "bad":
        return Answer.json({"error": {"message": "secret reason"}}, 400)
    if body.get("stream"):
        size = body.get("max_tokens", 1)
        words = [chunk(role="assistant", content="secret ")] + [chunk(content="answer")] * size
        last = b"data: %s\n\n" % json.dumps({"id": "c1", "object": "chat.completion.chunk", "created": 1,
                                             "model": "named", "choices": [], "usage": USAGE}).encode()
        return Answer.events([*words, last, b"data: [DONE]\n\n"])
    message = {"role": "assistant", "content": "secret answer"}
    if body.get("tools"):
        message = {"role": "assistant", "content": None, "tool_calls": [CALL]}
    whole = {"id": "c1", "object": "chat.completion", "created": 1, "model": "named", "usage": USAGE,
             "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}]}
    if "gzip" in (request.header("accept-encoding") or ""):
        return Answer(200, [("content-type", "application/json"), ("content-encoding", "gzip")],
                      gzip.compress(json.dumps(whole).encode()))
    return Answer.json(whole)


@pytest.fixture
def start(tmp_path, start_envoy, monkeypatch):
    """start(carrier, **environment) is a front with a collector behind it."""
    provider, running = Provider(answer), []
    collector = Collector()

    def begin(carrier, **environment):
        collector.posts.clear()
        for name, value in {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_BSP_SCHEDULE_DELAY": "20",
                            "OTEL_METRICS_EXPORTER": "none", **environment}.items():
            monkeypatch.setenv(name, value)
        front = Front(carrier, tmp_path, start_envoy, provider)
        running.append(front)
        front.provider, front.collector = provider, collector
        return front

    yield begin
    for one in running:
        one.stop()
    collector.close()
    provider.close()


def spans(front, count):
    found = wait_for(lambda: len(all_of_them := front.collector.spans()) >= count and all_of_them,
                     f"{count} spans")
    assert len(found) == count
    return sorted(found, key=lambda span: span.start_ns)


def send(front, path, body, **headers):
    with Connection(front.envoy.ports["main"]) as connection:
        response = connection.send(json.dumps(body).encode(), path=path, headers=headers)
        return response.status, response.read()


def everything(front):
    """One request of each kind, and the attributes of their spans."""
    for path, body in (("/v1/chat/completions", {"model": "m", "temperature": 0.5, "messages": MESSAGES}),
                       ("/v1/chat/completions", {"model": "m", "messages": MESSAGES[:1], "tools": [WEATHER]}),
                       ("/v1/embeddings", {"model": "m", "input": ["secret words", "more"]}),
                       ("/v1/completions", {"model": "m", "prompt": "secret beginning"})):
        assert send(front, path, body)[0] == 200
    return [span.attributes for span in spans(front, 4)]


@pytest.mark.parametrize("carrier", ["module", "extproc"])
def test_spans_say_what_the_instrumentation_of_the_clients_library_says(start, carrier):
    front = start(carrier)
    exporter, tracing = InMemorySpanExporter(), TracerProvider()
    tracing.add_span_processor(SimpleSpanProcessor(exporter))
    instrumentor = OpenAIInstrumentor()
    instrumentor.instrument(tracer_provider=tracing)
    try:
        with openai.OpenAI(base_url=f"http://127.0.0.1:{front.envoy.ports['main']}/v1", api_key="unused",
                           max_retries=0, timeout=60) as client:
            client.chat.completions.create(model="m", temperature=0.5, messages=MESSAGES)
            client.chat.completions.create(model="m", messages=MESSAGES[:1], tools=[WEATHER])
            list(client.chat.completions.create(model="m", messages=MESSAGES[3:], stream=True,
                                                stream_options={"include_usage": True}))
            client.completions.create(model="m", prompt="secret beginning")
            client.embeddings.create(model="m", input=["secret words", "more"], encoding_format="float")
    finally:
        instrumentor.uninstrument()
    theirs = [dict(span.attributes) for span in exporter.get_finished_spans()]
    ours = [span.attributes for span in spans(front, 5)]
    compared = 0
    for their, our in zip(theirs, ours):
        for key, value in their.items():
            if key in ("output.value", "llm.provider", "llm.finish_reason", "llm.request.model_name",
                       "llm.response.model_name") or key.startswith(("url.", "http.", "metadata")):
                continue  # what the library makes of the answer, and what only a client knows
            if key in ("input.value", "llm.invocation_parameters", "embedding.invocation_parameters") \
                    or key.endswith("json_schema"):
                value, shown = (json.loads(text) for text in (value, our[key]))
                # Defaults of the library are no words of the client's.
                assert all(shown[name] == value[name] for name in value if name in shown), key
            else:
                assert our[key] == value, key
            compared += 1
    assert compared > 60, compared
    assert json.loads(ours[0]["output.value"])["choices"][0]["message"]["content"] == "secret answer"
    whole = json.loads(ours[2]["output.value"])
    assert whole["choices"][0]["message"]["content"] == "secret answer", "a stream is shown as one answer"


# The switch, and the member of the library's configuration that is for the same.
SWITCHES = {f"OPENINFERENCE_HIDE_{name.upper()}": f"hide_{name}" for name in (
    "inputs", "outputs", "input_messages", "output_messages", "input_text", "output_text", "input_images",
    "llm_invocation_parameters", "embeddings_text", "embeddings_vectors", "prompts", "choices")}


@pytest.mark.parametrize("carrier, switch", [("module", "OPENINFERENCE_HIDE_INPUTS"),
                                             ("module", "OPENINFERENCE_HIDE_OUTPUTS"),
                                             *(("extproc", switch) for switch in SWITCHES)])
def test_each_switch_hides_what_it_does_in_the_library(start, carrier, switch):
    shown = everything(start(carrier))
    hidden = everything(start(carrier, **{switch: "true"}))
    config = TraceConfig(**{SWITCHES[switch]: True})
    changed = 0
    for before, after in zip(shown, hidden):
        for attributes in (before, after):
            attributes.pop("aigw.request_id")
        expected = {key: masked for key, value in before.items() if (masked := config.mask(key, value)) is not None}
        # Here the peer hides more than the library.
        if switch == "OPENINFERENCE_HIDE_INPUTS":
            expected = {key: REDACTED_VALUE if key.endswith("embedding.text") else value
                        for key, value in expected.items()}
        elif switch == "OPENINFERENCE_HIDE_OUTPUTS":
            expected = {key: value for key, value in expected.items()
                        if not key.endswith("embedding.vector") and not key.startswith("llm.choices")}
        elif switch == "OPENINFERENCE_HIDE_LLM_INVOCATION_PARAMETERS":
            expected.pop("embedding.invocation_parameters", None)
        assert after == expected
        changed += after != before
    assert changed > 0


def test_images_that_are_too_long(start):
    front = start("extproc", OPENINFERENCE_BASE64_IMAGE_MAX_LENGTH=str(len(IMAGE) - 1))
    attributes = everything(front)[0]
    [url] = [value for key, value in attributes.items() if key.endswith("image.image.url")]
    assert url == REDACTED_VALUE == TraceConfig(base64_image_max_length=len(IMAGE) - 1).mask(
        "llm.input_messages.1.message.contents.1.message_content.image.image.url", IMAGE)


@pytest.mark.parametrize("carrier", ["module", "extproc"])
def test_nothing_of_content_leaves_where_all_is_hidden(start, carrier):
    front = start(carrier, OPENINFERENCE_HIDE_INPUTS="true", OPENINFERENCE_HIDE_OUTPUTS="true")
    everything(front)
    assert send(front, "/v1/chat/completions", {"model": "m", "user": "bad", "messages": MESSAGES})[0] == 400
    spans(front, 5)
    assert not [post for post in front.collector.posts if b"secret" in post[2]]


@pytest.mark.parametrize("carrier", ["module", "extproc"])
def test_an_error_is_shown_with_its_body(start, carrier):
    front = start(carrier)
    assert send(front, "/v1/chat/completions", {"model": "m", "user": "bad", "messages": MESSAGES})[0] == 400
    [span] = spans(front, 1)
    assert span.description == 'Error code: 400 - {"error": {"message": "secret reason"}}'
    assert span.events["exception"] == {"exception.type": "BadRequestError", "exception.message": span.description}


@pytest.mark.parametrize("carrier", ["module", "extproc"])
@pytest.mark.parametrize("capture", ["true", "false"])
def test_gen_ai(start, carrier, capture):
    front = start(carrier, AI_GATEWAY_TRACING_SEMCONV="gen_ai",
                  OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=capture)
    body = {"model": "m", "temperature": 0, "max_tokens": 7, "stop": "x", "messages": MESSAGES}
    assert send(front, "/v1/chat/completions", {**body, "tools": [WEATHER]})[0] == 200
    assert send(front, "/v1/chat/completions", {**body, "stream": True})[0] == 200
    assert send(front, "/v1/chat/completions", {**body, "user": "bad"})[0] == 400
    first, stream, failed = spans(front, 3)
    wanted = {"gen_ai.request.temperature": 0.0, "gen_ai.request.max_tokens": 7, "gen_ai.response.id": "c1",
              "gen_ai.request.stop_sequences": ("x",), "gen_ai.response.finish_reasons": ("stop",)}
    assert wanted.items() <= first.attributes.items(), first.attributes
    if capture == "false":
        assert not [post for post in front.collector.posts if b"secret" in post[2] or b"weather" in post[2]]
        assert failed.description == "Error code: 400"
        return
    said = json.loads(first.attributes["gen_ai.input.messages"])
    assert said == [
        {"role": "system", "parts": [{"type": "text", "content": "secret system"}]},
        {"role": "user", "parts": [{"type": "text", "content": "secret question"}, {"type": "image"}]},
        {"role": "assistant", "parts": [
            {"type": "text", "content": "secret thought"},
            {"type": "tool_call", "id": "call_1", "name": "weather", "arguments": '{"city":"Bern"}'}]},
        {"role": "tool", "parts": [{"type": "tool_call_response", "content": "secret rain", "id": "call_1"}]}]
    assert json.loads(first.attributes["gen_ai.output.messages"]) == [
        {"role": "assistant", "finish_reason": "stop", "parts": [
            {"type": "tool_call", "id": "call_1", "name": "weather", "arguments": '{"city":"Bern"}'}]}]
    assert json.loads(first.attributes["gen_ai.tool.definitions"]) == [WEATHER]
    [streamed] = json.loads(stream.attributes["gen_ai.output.messages"])
    assert streamed["parts"] == [{"type": "text", "content": "secret " + "answer" * 7}]
    assert "secret reason" in failed.description


@pytest.mark.parametrize("carrier", ["module", "extproc"])
def test_an_answer_in_a_coding_is_shown_decoded(start, carrier):
    front = start(carrier)
    body = {"model": "m", "messages": MESSAGES}
    status, compressed = send(front, "/v1/chat/completions", body, **{"accept-encoding": "gzip"})
    assert status == 200 and compressed[:2] == b"\x1f\x8b"
    [span] = spans(front, 1)
    assert span.attributes["llm.output_messages.0.message.content"] == "secret answer"
    assert span.attributes["output.value"].encode() == gzip.decompress(compressed)


@pytest.mark.parametrize("carrier", ["module", "extproc"])
def test_a_span_holds_no_more_than_its_bound(start, carrier):
    front = start(carrier)
    # What goes to the server as a whole is bounded by Envoy here.
    size = 3 << 20 if carrier == "module" else 1 << 10
    long = {"model": "m", "messages": [{"role": "user", "content": "x" * size}], "stream": True,
            "max_tokens": 20_000}
    status, stream = send(front, "/v1/chat/completions", long)
    assert status == 200 and len(stream) > 3 << 20
    [span] = spans(front, 1)
    attributes = span.attributes
    if carrier == "module":
        assert len(attributes["input.value"]) == 1 << 20 and attributes["aigw.input.size"] == len(json.dumps(long))
    assert attributes["aigw.output.size"] == len(stream)
    text = attributes["llm.output_messages.0.message.content"]
    assert text.startswith("secret answeranswer") and len(text) < 1 << 20
    assert attributes["llm.token_count.total"] == 17, "what is counted is counted to the end"


def test_the_limits_of_opentelemetry(start):
    front = start("extproc", OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT="9", OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT="5")
    assert send(front, "/v1/chat/completions", {"model": "m", "messages": MESSAGES})[0] == 200
    [span] = spans(front, 1)
    assert len(span.attributes) == 9 and span.dropped_attributes > 10
    assert max(len(value) for value in span.attributes.values() if isinstance(value, str)) == 5
