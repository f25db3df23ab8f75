"""Records how transformers renders the templates of test/fixtures/templates: text, assistant spans, or the reason of a refusal. Not part of the tests.

    python test/oracle/make_templates.py test/fixtures/templates
"""
import datetime, glob, json, os, sys
import transformers
import transformers.utils.chat_template_utils as utils

FOLDER = sys.argv[1]


class Fixed(datetime.datetime):
    @classmethod
    def now(cls, tz=None): return cls(2026, 3, 7, 9, 5, 0)


utils.datetime = Fixed
u = lambda c: {"role": "user", "content": c}
a = lambda c, **k: {"role": "assistant", "content": c, **k}
s = lambda c: {"role": "system", "content": c}
CALL = {"type": "function", "id": "c1", "function": {"name": "weather", "arguments": {"city": "Zürich", "days": 3, "units": ["C", None, True, 1.5]}}}
TOOLS = [{"type": "function", "function": {"name": "weather", "description": "Weather of a \"city\" <now> & later", "parameters": {"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer", "default": 3}}, "required": ["city"]}}}]
CONVERSATIONS = {
    "one": [u("Hello")], "plain": [u("Hello"), a("Hi there."), u("And now?"), a("Now we go.")], "system": [s("Be brief."), u(" padded \n"), a("\n ok \n")],
    "unicode": [u("Où est le moulin ? 磨坊 👩‍👩‍👧"), a("Près de la rivière. {{ not a template }} {% raw %}")], "empty": [u(""), a("")], "crlf": [u("a\r\nb\r\n"), a("c\r\n\r\nd")],
    "think": [u("q1"), a("<think>\nfirst\n</think>\n\nanswer 1"), u("q2"), a("<think>\nsecond\n</think>\n\nanswer 2")], "reason": [u("q"), a("answer", reasoning_content="because")],
    "tools": [s("Use tools."), u("Weather?"), a("", tool_calls=[CALL]), {"role": "tool", "content": "{\"sun\": true}"}, a("Sunny.")], "two calls": [u("x"), a("", tool_calls=[CALL, CALL])],
    "two users": [u("a"), u("b")], "late system": [u("a"), s("b"), a("c")], "odd role": [u("a"), {"role": "critic", "content": "b"}], "special": [u("<|im_end|> </s> [INST]"), a("<|eot_id|>")],
}
VARIANTS = [dict(), dict(add_generation_prompt=True), dict(tools=True), dict(add_generation_prompt=True, tools=True), dict(add_generation_prompt=True, enable_thinking=False), dict(documents=[{"title": "one", "text": "long text"}, {"title": "two", "text": "x"}])]
out = []
for path in sorted(glob.glob(f"{FOLDER}/*.jinja")):
    name, source = os.path.basename(path)[:-6], open(path, encoding="utf8").read()
    marked = "{%- generation" in source
    for key, messages in CONVERSATIONS.items():
        for v in VARIANTS:
            args = {k: x for k, x in v.items() if k not in ("tools", "add_generation_prompt", "documents")}
            record = {"template": name, "conversation": key, "variant": v}
            try:
                rendered, spans = utils.render_jinja_template([messages], tools=TOOLS if v.get("tools") else None, documents=v.get("documents"), chat_template=source, add_generation_prompt=v.get("add_generation_prompt", False), return_assistant_tokens_mask=marked, bos_token="<s>", eos_token="</s>", **args)
                record["text"] = rendered[0]
                if marked: record["spans"] = [list(x) for x in spans[0]]
            except Exception as e:
                record["error"] = [type(e).__name__, str(e)[:200]]
            out.append(record)
json.dump({"made_with": f"transformers {transformers.__version__}", "now": [2026, 3, 7, 9, 5], "tools": TOOLS, "conversations": CONVERSATIONS, "cases": out}, open(f"{FOLDER}/expected.json", "w", encoding="utf8"), ensure_ascii=True, indent=None, separators=(",", ":"))
print(len(out), sum("error" in r for r in out), {r["error"][0] for r in out if "error" in r})
