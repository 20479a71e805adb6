"""A case shows what it declares by `shows:`: `aigw matrix` counts the declarations, and this holds them to what the
client sends and gets."""
import pathlib

import pytest
from harness.case import name_of, read_case
from harness.shows import shown

CASES = pathlib.Path(__file__).resolve().parents[1] / "cases"
DECLARED = [path for path in sorted(CASES.rglob("*.case")) if "\nshows: " in path.read_text()]
WHOLE = {"text", "tools", "parallel tools", "reasoning", "image", "structured output"}


@pytest.mark.parametrize("path", DECLARED, ids=lambda path: name_of(path, CASES))
def test_a_case_shows_what_it_declares(path):
    case = read_case(path)
    assert case.shows - shown(case) == set()


def changed(tmp_path, name, *changes):
    """What a real case shows after its text has been changed."""
    text = (CASES / f"{name}.case").read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (tmp_path / "default.yaml").write_text("")
    path = tmp_path / "changed.case"
    path.write_text(text)
    return shown(read_case(path))


@pytest.mark.parametrize("changes, lost", [
    ([('"content":"{\\"a\\":1}"', '"content":""')], {"text", "structured output"}),
    ([('"content":"{\\"a\\":1}"', '"content":"a is 1"')], {"structured output"}),
    ([('"response_format"', '"format"')], {"structured output"}),
    ([('"responseJsonSchema":{"type":"object","properties":{"a"',
       '"responseJsonSchema":{"type":"object","properties":{"b"')], {"structured output"}),
    ([('"tools":[{"type":"function","function":{"name":"weather"',
       '"tools":[{"type":"function","function":{"name":"x"')], {"tools", "parallel tools"}),
    ([('"id":"c4","function":{"arguments":"{\\"city\\":\\"Lima\\"}","name":"weather"',
       '"id":"c4","function":{"arguments":"","name":""')], {"parallel tools"}),
    ([('"reasoning_content":"Again.","thinking_blocks":[{"type":"thinking","thinking":"Again.","signature":"RXFR"}]',
       '"reasoning_content":""')], {"reasoning"}),
    ([('{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo="}}',
       '{"type":"text","text":"b"}')], {"image"}),
    ([('{"inlineData":{"data":"iVBORw0KGgo=","mimeType":"image/png"}}', '{"text":"lost on the way"}')], {"image"}),
], ids=["no_text", "no_json", "no_schema", "schema_lost", "no_tool", "one_call", "no_thought", "no_image",
        "image_lost"])
def test_a_false_declaration_of_a_whole_answer_is_seen(tmp_path, changes, lost):
    assert changed(tmp_path, "chat_to_gemini_api/all_of_it") == WHOLE
    assert changed(tmp_path, "chat_to_gemini_api/all_of_it", *changes) == WHOLE - lost


@pytest.mark.parametrize("name, changes, lost", [
    ("chat_to_gemini_api", [('"stream":true', '"stream":false')], {"stream"}),
    ("chat_to_gemini_api", [('"finish_reason":"length"', '"finish_reason":"stop"')], {"limits"}),
    ("chat_to_gemini_api", [('"max_tokens":50,', "")], {"limits"}),
    ("responses_to_gemini_api", [('"incomplete_details":{"reason":"max_output_tokens"}', '"incomplete_details":null')],
     {"limits"}),
    ("messages_to_gemini_api", [('"stop_reason":"max_tokens"', '"stop_reason":"end_turn"')], {"limits"}),
    ("generate_to_gemini_api", [('"finishReason":"MAX_TOKENS"', '"finishReason":"STOP"')], {"limits"}),
    ("converse_to_gemini_api", [('messageStop {"stopReason":"max_tokens"}', 'messageStop {"stopReason":"end_turn"}')],
     {"limits"}),
    ("converse_to_gemini_api", [('"reasoningContent":{"text":"Again."}', '"text":"Again."'),
                                ('"reasoningContent":{"signature":"RXFR"}', '"text":""')], {"reasoning"}),
    ("messages_to_gemini_api", [('"type":"tool_use","id":"c4"', '"type":"text","id":"c4"')], {"parallel tools"}),
])
def test_a_false_declaration_of_a_stream_is_seen(tmp_path, name, changes, lost):
    stream = {"text", "stream", "tools", "parallel tools", "reasoning", "limits"}
    assert changed(tmp_path, f"{name}/all_of_it_stream") == stream
    assert changed(tmp_path, f"{name}/all_of_it_stream", *changes) == stream - lost


def test_a_false_declaration_of_an_error_is_seen(tmp_path):
    assert changed(tmp_path, "chat_to_gemini_api/all_of_it_error") == {"error"}
    assert changed(tmp_path, "chat_to_bedrock/cannot_audio") == set()
