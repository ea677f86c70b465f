"""
Asks the Turnlog at the address in argv with the official clients of OpenAI and Anthropic: whole, streamed, with tools, in
vain, and twice under one Idempotency-Key. Prints what each client made of it, as one JSON object.
"""

import json
import sys
import uuid

import anthropic
import openai

address = sys.argv[1]
question = "How do clients in Python work?"
messages = [{"role": "user", "content": question}]
schema = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


def failure_of(ask) -> list:
    try:
        ask()
    except (openai.APIStatusError, anthropic.APIStatusError) as error:
        return [type(error).__name__, error.status_code]
    return []


def ask_openai() -> dict:
    client = openai.OpenAI(base_url=f"{address}/v1", api_key="any", max_retries=0)
    create = client.chat.completions.create
    whole = create(model="demo", messages=messages)
    chunks = list(
        create(model="demo", messages=messages, stream=True, stream_options={"include_usage": True})
    )

    weather = {"type": "function", "function": {"name": "weather", "parameters": schema}}
    asked = {"model": "mock", "tools": [weather]}
    answer = create(messages=messages, **asked).choices[0].message
    with client.chat.completions.stream(messages=messages, **asked) as stream:
        streamed = stream.get_final_completion().choices[0].message
    result = {"role": "tool", "tool_call_id": answer.tool_calls[0].id, "content": "Rain"}
    after = create(messages=[*messages, answer, result], **asked)

    key = {"Idempotency-Key": str(uuid.uuid4())}
    keyed = [create(model="demo", messages=messages, extra_headers=key).id for _ in range(2)]
    return {
        "whole": whole.choices[0].message.content,
        "tokens": whole.usage.completion_tokens,
        "streamed": "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices),
        "streamedTokens": chunks[-1].usage.completion_tokens,
        "pieces": len(chunks),
        "calls": [
            [call.function.name, call.function.arguments]
            for call in [*answer.tool_calls, *streamed.tool_calls]
        ],
        "afterTool": after.choices[0].message.content,
        "failures": [
            failure_of(lambda: create(model="nobody", messages=messages)),
            failure_of(lambda: create(model="too-long", messages=messages)),
            failure_of(lambda: create(model="overloaded", messages=messages, stream=True)),
            failure_of(lambda: create(model="demo", messages=messages, seed=1, extra_headers=key)),
        ],
        "sameTurn": keyed[0] == keyed[1] != whole.id,
    }


def ask_anthropic() -> dict:
    client = anthropic.Anthropic(base_url=address, api_key="any", max_retries=0)

    def create(**asked):
        return client.messages.create(**{"max_tokens": 500, "messages": messages, **asked})

    whole = create(model="demo")
    with client.messages.stream(model="demo", max_tokens=500, messages=messages) as stream:
        pieces = list(stream.text_stream)
        final = stream.get_final_message()

    asked = {"model": "mock", "tools": [{"name": "weather", "input_schema": schema}]}
    answer = create(**asked)
    with client.messages.stream(max_tokens=500, messages=messages, **asked) as stream:
        streamed = stream.get_final_message()
    result = {"type": "tool_result", "tool_use_id": answer.content[0].id, "content": "Rain"}
    turns = [{"role": "assistant", "content": answer.content}, {"role": "user", "content": [result]}]
    after = create(**{**asked, "messages": [*messages, *turns]})

    key = {"Idempotency-Key": str(uuid.uuid4())}
    keyed = [create(model="demo", extra_headers=key).id for _ in range(2)]
    return {
        "whole": whole.content[0].text,
        "tokens": whole.usage.output_tokens,
        "streamed": "".join(pieces),
        "streamedTokens": final.usage.output_tokens,
        "pieces": len(pieces),
        "calls": [[call.name, json.dumps(call.input)] for call in [*answer.content, *streamed.content]],
        "afterTool": after.content[0].text,
        "failures": [
            failure_of(lambda: create(model="nobody")),
            failure_of(lambda: create(model="too-long")),
            failure_of(lambda: create(model="overloaded", stream=True)),
            failure_of(lambda: create(model="demo", max_tokens=1, extra_headers=key)),
        ],
        "sameTurn": keyed[0] == keyed[1] != whole.id,
    }


print(json.dumps({"openai": ask_openai(), "anthropic": ask_anthropic()}))
