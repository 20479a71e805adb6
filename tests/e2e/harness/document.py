"""Configuration documents, as JSON, which is YAML."""
import json


def backend(name="primary", key=None, **members):
    one = {"name": name, "schema": {"name": "OpenAI"}, **members}
    if key:
        one["auth"] = {"apiKey": {"key": key}}
    return one


def filterapi(*backends, **members):
    return json.dumps({"backends": list(backends) or [backend(key="sk-primary")], **members})


TOKENS = [{"metadataKey": "llm_total_token", "type": "TotalToken"}]
