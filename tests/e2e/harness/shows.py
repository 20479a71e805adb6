"""What of a conversation a case really shows, read from what the client sends and gets, in each of its five languages.

`aspects` is what a case may declare by `shows:` (tests/cases/README.md). The rules:
  text                the answer has text
  stream              the client asks for a stream, and the answer is one of several events
  tools               the request has tools, and the answer calls one of them
  parallel tools      the same, with two calls or more
  reasoning           the answer has thoughts
  image               the request has a picture, and so has the provider's
  structured output   the request has a schema for the answer, the provider's has it too, and the answer is JSON
  error               the provider answers with an error status, and the client gets an error status
  limits              the request limits the tokens, and the answer says that it ended by that
"""
import json
from dataclasses import dataclass, field

from botocore.eventstream import EventStreamBuffer


@dataclass
class Asked:
    tools: set = field(default_factory=set)
    stream: bool = False
    limit: int = None
    image: str = ""  # base64, or a URL
    schema: dict = None


@dataclass
class Said:
    text: str = ""
    thoughts: str = ""  # or their signatures
    calls: list = field(default_factory=list)  # names
    stop: str = ""
    events: int = 0  # of a stream


def language_of(path):
    for part, language in (("/chat/completions", "chat"), ("/responses", "responses"), ("/messages", "messages"),
                           ("enerateContent", "gemini"), ("/converse", "converse")):
        if part in path:
            return language
    raise ValueError(f"{path} is no endpoint of conversations")


def walk(value):
    """Every object below a value, also those that JSON in a string holds."""
    if isinstance(value, dict):
        yield value
        for below in value.values():
            yield from walk(below)
    elif isinstance(value, list):
        for below in value:
            yield from walk(below)
    elif isinstance(value, str) and value.startswith("{"):
        try:
            yield from walk(json.loads(value))
        except ValueError:
            return


def members(value, name):
    return [one[name] for one in walk(value) if name in one]


def first(values):
    return next(iter(values), None)


# --- requests --------------------------------------------------------------------------------------------------------


def after_comma(url):
    return url.rpartition(",")[2]


def asked_of(language, path, body):
    asked = Asked(stream=bool(body.get("stream")) or "treamGenerate" in path or path.endswith("-stream"))
    if language == "chat":
        asked.tools = {tool["function"]["name"] for tool in body.get("tools", [])}
        asked.limit = body.get("max_completion_tokens") or body.get("max_tokens")
        asked.image = after_comma(first(url["url"] for url in members(body["messages"], "image_url")) or "")
        asked.schema = body.get("response_format", {}).get("json_schema", {}).get("schema")
    elif language == "responses":
        asked.tools = {tool["name"] for tool in body.get("tools", [])}
        asked.limit = body.get("max_output_tokens")
        asked.image = after_comma(first(members(body["input"], "image_url")) or "")
        asked.schema = body.get("text", {}).get("format", {}).get("schema")
    elif language == "messages":
        asked.tools = {tool["name"] for tool in body.get("tools", [])}
        asked.limit = body.get("max_tokens")
        blocks = [one for one in walk(body["messages"]) if one.get("type") == "image"]
        asked.image = first(block["source"].get("data") or block["source"].get("url") for block in blocks) or ""
        asked.schema = body.get("output_config", {}).get("format", {}).get("schema")
    elif language == "gemini":
        config = body.get("generationConfig", {})
        asked.tools = {one["name"] for tool in body.get("tools", []) for one in tool.get("functionDeclarations", [])}
        asked.limit = config.get("maxOutputTokens")
        asked.image = first(data["data"] for data in members(body["contents"], "inlineData")) or ""
        asked.schema = config.get("responseJsonSchema") or config.get("responseSchema")
    else:
        asked.tools = {spec["name"] for spec in members(body.get("toolConfig", {}), "toolSpec")}
        asked.limit = body.get("inferenceConfig", {}).get("maxTokens")
        asked.image = first(image["source"]["bytes"] for image in members(body["messages"], "image")) or ""
        asked.schema = first(json.loads(one["schema"]) for one in members(body.get("outputConfig", {}), "jsonSchema"))
    return asked


# --- answers ---------------------------------------------------------------------------------------------------------


def chat_said(said, message):
    said.text += message.get("content") or ""
    thought = message.get("reasoning_content") or ""
    if isinstance(thought, dict):  # the peer's shape, for answers of Anthropic
        thought = "".join(members(thought, "text") + members(thought, "signature"))
    said.thoughts += thought
    for block in message.get("thinking_blocks", []):
        said.thoughts += block.get("thinking", "") + block.get("signature", "")
    for call in message.get("tool_calls", []):
        tool = call.get("function") or call["custom"]
        if tool.get("name"):
            said.calls.append(tool["name"])


def read_chat(said, body):
    for choice in body.get("choices", []):
        chat_said(said, choice.get("message") or choice.get("delta") or {})
        said.stop = choice.get("finish_reason") or said.stop


def read_responses(said, body):
    whole = body.get("response", body)
    said.stop = (whole.get("incomplete_details") or {}).get("reason", "")
    for item in whole.get("output", []):
        if item["type"] == "message":
            said.text += "".join(part.get("text", "") for part in item["content"])
        elif item["type"] == "reasoning":
            said.thoughts += "".join(part["text"] for part in item["summary"]) + item.get("encrypted_content", "")
        elif item["type"].endswith("_call"):
            said.calls.append(item["name"])


def messages_block(said, block):
    said.text += block.get("text", "")
    said.thoughts += block.get("thinking", "") + block.get("signature", "") + block.get("data", "")
    if block["type"] == "tool_use":
        said.calls.append(block["name"])


def read_messages(said, body):
    for block in [*body.get("content", []), body.get("content_block"), body.get("delta")]:
        if block and "type" in block:
            messages_block(said, block)
    said.stop = body.get("stop_reason") or (body.get("delta") or {}).get("stop_reason") or said.stop


def read_gemini(said, body):
    for candidate in body.get("candidates", []):
        said.stop = candidate.get("finishReason", said.stop)
        for part in candidate.get("content", {}).get("parts", []):
            if part.get("thought"):
                said.thoughts += part.get("text", "")
            else:
                said.text += part.get("text", "")
            if "functionCall" in part:
                said.calls.append(part["functionCall"]["name"])


def read_converse(said, body):
    said.stop = body.get("stopReason", said.stop)
    blocks = body.get("output", {}).get("message", {}).get("content", [])
    for block in [*blocks, body.get("start"), body.get("delta")]:
        if not block:
            continue
        said.text += block.get("text", "")
        thought = block.get("reasoningContent", {})
        thought = thought.get("reasoningText", thought)
        said.thoughts += thought.get("text", "") + thought.get("signature", "")
        if "name" in block.get("toolUse", {}):
            said.calls.append(block["toolUse"]["name"])


READ = {"chat": read_chat, "responses": read_responses, "messages": read_messages, "gemini": read_gemini,
        "converse": read_converse}
LIMIT_REACHED = {"length", "max_tokens", "MAX_TOKENS", "max_output_tokens"}


def said_of(language, message):
    said = Said()
    if "eventstream" in message.variants:
        buffer = EventStreamBuffer()
        buffer.add_data(message.body)
        bodies = [json.loads(event.payload) for event in buffer]
    elif ("content-type", "text/event-stream") in message.head:
        data = [line[6:] for line in message.body.decode().splitlines() if line.startswith("data: ")]
        bodies = [json.loads(one) for one in data if one != "[DONE]"]
    else:
        READ[language](said, json.loads(message.body))
        return said
    said.events = len(bodies)
    # The last event of a stream of responses says all of it again.
    for body in bodies[-1:] if language == "responses" else bodies:
        READ[language](said, body)
    return said


# --- aspects ---------------------------------------------------------------------------------------------------------


def is_json(text):
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def has_schema(body, schema):
    return any(set(one["properties"]) == set(schema["properties"]) for one in walk(body)
               if isinstance(one.get("properties"), dict))


def shown(case):
    """The aspects of a conversation that a case shows."""
    language = language_of(case.path)
    sent = json.loads(case.client_request.body)
    asked = asked_of(language, case.path, sent)
    answer = case.client_response
    provider = max(case.upstream_responses) if case.upstream_responses else None
    if provider is None:
        return set()
    if answer.status >= 400:
        return {"error"} if case.upstream_responses[provider].status >= 400 and answer.body else set()
    said = said_of(language, answer)
    upstream = case.upstream_requests[provider].body if provider in case.upstream_requests else b"{}"
    calls = [name for name in said.calls if name in asked.tools]
    facts = {
        "text": said.text != "",
        "stream": asked.stream and said.events > 1,
        "tools": bool(calls),
        "parallel tools": len(calls) > 1,
        "reasoning": said.thoughts != "",
        "image": asked.image != "" and asked.image.encode() in upstream,
        "structured output": asked.schema is not None and has_schema(json.loads(upstream), asked.schema)
        and is_json(said.text),
        "limits": asked.limit is not None and said.stop in LIMIT_REACHED,
    }
    return {name for name, fact in facts.items() if fact}
