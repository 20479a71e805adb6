"""Coding agents through the real Envoy, each over a provider of another vendor's dialect: Claude Code on a GPT, Codex
on a Claude. Each finishes a small task: it is told to read a file, calls its own tool for that, and answers with what
stands there. The provider is scripted; what the agents ask of it is judged by the types of its vendor's SDK."""
import json
import os
import subprocess

import pytest
from harness import npm
from harness.aigw import Aigw
from harness.judge import Judge
from harness.provider import Answer, Provider

KEY = "embedded-key"
AGENTS_KEY = "of-the-agent"
WORD = "quixotic-4711"
TASK = "Read secret.txt and tell me the word that stands in it."


class Scene:
    """A folder with a file, a scripted provider and a gateway before it."""

    def __init__(self, directory, schema, auth, script):
        self.directory = directory
        self.work = directory / "work"
        self.home = directory / "home"
        self.work.mkdir()
        self.home.mkdir()
        (self.work / "secret.txt").write_text(WORD + "\n")
        self.provider = Provider(lambda request: script(request.json(), self.work / "secret.txt"))
        path = directory / "gateway.yaml"
        path.write_text(json.dumps({
            "backends": [{"name": "primary", "schema": {"name": schema}, "auth": auth}],
            "upstreams": [{"backend": "primary", "url": f"http://127.0.0.1:{self.provider.port}"}],
            "routes": [{"models": ["*"], "backends": [{"name": "primary"}]}]}))
        try:
            self.gateway = Aigw(directory, "-c", path).wait()
        except BaseException:
            self.provider.close()
            raise

    def run(self, *command, **environment):
        """What the agent prints."""
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        done = subprocess.run(
            [str(part) for part in command], cwd=self.work, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=600, env={**kept, "HOME": str(self.home), "TERM": "dumb", **environment})
        assert done.returncode == 0, f"{done.stdout[-4000:]}\n{done.stderr[-4000:]}\n{self.gateway.text()[-2000:]}"
        return done.stdout

    def close(self):
        self.provider.close()
        assert self.gateway.stop() == 0, self.gateway.text()[-4000:]


@pytest.fixture
def scene(tmp_path):
    opened = []

    def open_scene(*arguments):
        opened.append(Scene(tmp_path, *arguments))
        return opened[-1]

    yield open_scene
    for one in opened:
        one.close()


@pytest.fixture(scope="module")
def judge():
    return Judge(KEY, "no-secret", "eu-west-1", [AGENTS_KEY])


# --- the scripts -----------------------------------------------------------------------------------------------------


def chat_script(body, path):
    """OpenAI's chat completions: a call of the tool that reads a file, and then what stands in the result."""
    results = [message for message in body["messages"] if message["role"] == "tool"]
    tools = {tool["function"]["name"] for tool in body.get("tools", [])}
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": body["model"]}

    def stream(*deltas, reason):
        chunks = [{**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
        chunks.append({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
        usage = {"prompt_tokens": 50, "completion_tokens": 9, "total_tokens": 59}
        chunks.append({**head, "choices": [], "usage": usage})
        return Answer.events([f"data: {json.dumps(chunk)}\n\n".encode() for chunk in chunks] + [b"data: [DONE]\n\n"])

    if "Read" in tools and not results:
        arguments = json.dumps({"file_path": str(path)})
        call = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "Read", "arguments": ""}}
        return stream({"role": "assistant", "content": "Let me look."}, {"tool_calls": [call]},
                      {"tool_calls": [{"index": 0, "function": {"arguments": arguments[:9]}}]},
                      {"tool_calls": [{"index": 0, "function": {"arguments": arguments[9:]}}]}, reason="tool_calls")
    found = any(WORD in json.dumps(message) for message in results)
    return stream({"role": "assistant", "content": "The word is "}, {"content": WORD if found else "lost"},
                  reason="stop")


def messages_script(body, path):
    """The same in Anthropic's messages, by a shell."""
    return messages_answer(body, "exec_command", {"cmd": f"cat {path}"})


def messages_answer(body, tool, arguments):
    """A call of a tool, and then what stands in its result."""
    results = [block for message in body["messages"] if isinstance(message["content"], list)
               for block in message["content"] if block["type"] == "tool_result"]
    events = [{"type": "message_start", "message": {
        "id": "msg_1", "type": "message", "role": "assistant", "model": body["model"], "content": [],
        "stop_reason": None, "stop_sequence": None, "usage": {"input_tokens": 50, "output_tokens": 1}}}]

    def block(index, start, delta):
        events.append({"type": "content_block_start", "index": index, "content_block": start})
        events.append({"type": "content_block_delta", "index": index, "delta": delta})
        events.append({"type": "content_block_stop", "index": index})

    block(0, {"type": "thinking", "thinking": "", "signature": ""}, {"type": "thinking_delta", "thinking": "A file."})
    events.insert(3, {"type": "content_block_delta", "index": 0,
                      "delta": {"type": "signature_delta", "signature": "c2lnbmVk"}})
    if results:
        found = any(WORD in json.dumps(result) for result in results)
        answer = f"The word is {WORD if found else 'lost'}"
        block(1, {"type": "text", "text": ""}, {"type": "text_delta", "text": answer})
    else:
        block(1, {"type": "tool_use", "id": "toolu_1", "name": tool, "input": {}},
              {"type": "input_json_delta", "partial_json": json.dumps(arguments)})
    events.append({"type": "message_delta", "usage": {"output_tokens": 9},
                   "delta": {"stop_reason": "end_turn" if results else "tool_use", "stop_sequence": None}})
    events.append({"type": "message_stop"})
    return Answer.events([f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode() for event in events])


# --- the agents ------------------------------------------------------------------------------------------------------


@pytest.mark.timeout(900)
def test_claude_code_on_a_gpt(scene, judge):
    here = scene("OpenAIChat", {"apiKey": {"key": KEY}}, chat_script)
    program = npm.package("@anthropic-ai/claude-code-linux-x64") / "claude"
    out = here.run(program, "-p", TASK, "--model", "claude-sonnet-4-5", "--allowedTools", "Read", "--output-format",
                   "json", ANTHROPIC_BASE_URL=here.gateway.url + "/anthropic", ANTHROPIC_API_KEY=AGENTS_KEY,
                   CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC="1", DISABLE_AUTOUPDATER="1")
    told = json.loads(out)
    assert (told["subtype"], told["is_error"], told["result"]) == ("success", False, f"The word is {WORD}")
    assert told["permission_denials"] == [] and told["usage"]["input_tokens"] > 0
    asked = here.provider.requests
    # OpenAI refuses members that it does not know, such as the `thinking` of Claude Code.
    assert [judge.faults(request, "openai", None) for request in asked] == [[]] * len(asked)
    # The program may ask for other things of its own, at any time.
    last = next(messages for messages in (request.json()["messages"] for request in asked)
                if any(message["role"] == "tool" for message in messages))
    (call,) = next(message["tool_calls"] for message in last if message.get("tool_calls"))
    assert (call["id"], call["function"]["name"]) == ("call_1", "Read")
    assert [message["tool_call_id"] for message in last if message["role"] == "tool"] == ["call_1"]


def codex(here, model, task, *more):
    """What Codex did, item by item."""
    (program,) = npm.package("@openai/codex-linux-x64").glob("vendor/*/bin/codex")
    provider = (f'model_providers.gateway={{name="gateway",base_url="{here.gateway.url}/v1",env_key="GATEWAY_KEY",'
                'wire_api="responses"}')
    # The gateway refuses tools that only OpenAI runs, such as its search.
    settings = ["model_provider=gateway", provider, f"model={model}", 'web_search="disabled"', *more]
    out = here.run(program, "exec", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox", "--json",
                   *(part for setting in settings for part in ("-c", setting)), task,
                   CODEX_HOME=str(here.home), GATEWAY_KEY=AGENTS_KEY)
    return [event["item"] for event in map(json.loads, out.splitlines()) if event["type"] == "item.completed"]


@pytest.mark.timeout(900)
def test_codex_on_a_claude(scene, judge):
    here = scene("Anthropic", {"anthropicAPIKey": {"key": KEY}}, messages_script)
    items = codex(here, "claude-sonnet-4-5", TASK)
    command = next(item for item in items if item["type"] == "command_execution")
    assert (command["exit_code"], command["aggregated_output"].strip()) == (0, WORD)
    assert [item["text"] for item in items if item["type"] == "agent_message"] == [f"The word is {WORD}"]
    asked = here.provider.requests
    assert len(asked) == 2
    for request in asked:
        assert judge.faults(request, "anthropic", request.header("anthropic-version")) == []
    # The thought that came before the call went back with its signature.
    assistant = next(message for message in asked[-1].json()["messages"] if message["role"] == "assistant")
    assert [block["type"] for block in assistant["content"]] == ["thinking", "tool_use"]
    assert assistant["content"][0]["signature"] == "c2lnbmVk"
    # Tools that Codex groups are told apart by their whole names.
    names = [tool["name"] for tool in asked[0].json()["tools"]]
    assert "exec_command" in names and any("__" in name for name in names)


PATCH = f"""*** Begin Patch
*** Add File: made.txt
+"{WORD}" \\ é
*** End Patch"""


@pytest.mark.timeout(900)
def test_codex_edits_by_plain_text_on_a_claude(scene, judge):
    """For models that it takes for OpenAI's own, Codex's tool for patches takes plain text in a grammar."""
    here = scene("Anthropic", {"anthropicAPIKey": {"key": KEY}},
                 lambda body, path: messages_answer(body, "apply_patch", {"input": PATCH}))
    # Without what it would have OpenAI's search for tools look among.
    settings = [f"features.{name}=false" for name in ("multi_agent", "apps", "plugins", "tool_suggest")]
    items = codex(here, "gpt-5.5", "Make made.txt.", *settings)
    assert (here.work / "made.txt").read_text() == f'"{WORD}" \\ é\n'
    assert [item["status"] for item in items if item["type"] == "file_change"] == ["completed"]
    asked = here.provider.requests
    for request in asked:
        assert judge.faults(request, "anthropic", request.header("anthropic-version")) == []
    (tool,) = (tool for tool in asked[0].json()["tools"] if tool["name"] == "apply_patch")
    assert tool["input_schema"]["required"] == ["input"]
    assert "grammar (lark):" in tool["description"] and "*** Begin Patch" in tool["description"]
    assistant = next(message for message in asked[-1].json()["messages"] if message["role"] == "assistant")
    assert assistant["content"][-1]["input"] == {"input": PATCH}
