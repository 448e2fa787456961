"""What simulated language models have to say: markdown that reacts to the conversation. It knows no tokens, no HTTP."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from theta_tui.sandbox.chance import Chance

LONG_CHARACTERS: Final = 20_000

_OPENERS: Final = (
    "Here is how I would look at **{topic}**.",
    "A useful way into **{topic}** is to separate what must hold from what is merely convenient.",
    "Three things matter most about **{topic}**, and they pull in different directions.",
    "The short version of **{topic}**: start small, measure, and keep what pays for itself.",
)
_SENTENCES: Final = (
    "Most of the effort goes into the parts nobody sees, so it pays to name them early.",
    "A first version that runs end to end teaches more than a perfect plan.",
    "Costs usually follow memory and time, in that order.",
    "When two numbers disagree, trust the one that was measured closest to the source.",
    "It helps to write down what would change your mind before you look at the results.",
    "Small batches keep the latency low; large ones keep the price per token low.",
    "A warm machine answers at once, a cold one needs a minute or two before it is ready.",
    "Nothing here is free of trade-offs, but most of them can be undone later.",
    "The failure that hurts is the silent one, so make every step say what it did.",
    "If you can only watch one figure, watch the ninety-fifth percentile.",
    "Retrying is safe only where nothing has been done yet.",
    "Good defaults carry most users; the rest need one clear switch.",
)
_POINTS: Final = (
    "**Scope** – decide what is left out first",
    "**Data** – know where it comes from and how old it is",
    "**Cost** – put a ceiling on it before the first run",
    "**Latency** – measure the first token and the last one apart",
    "**Failure** – retry what is safe, report what is not",
    "**Review** – let someone else read the plan",
    "**Clean-up** – stop what you started",
    "**Naming** – one word for one thing, everywhere",
)
_CLOSERS: Final = (
    "If you tell me more about your constraints, I can be more specific.",
    "That should be enough to get going; the rest can wait.",
    "I would start with the first point and come back after a day of real use.",
)
_SHORT: Final = (
    "The simplest form of it is usually enough.",
    "It depends on the size: below a few gigabytes it hardly matters, above that it decides everything.",
    "In short: measure first, then choose the smaller option.",
    "About as long as it takes to read this answer twice.",
    "Usually the parts are kept apart and joined only at the end.",
)
_PYTHON: Final = '''```python
from __future__ import annotations

import asyncio
from dataclasses import dataclass


@dataclass(frozen=True)
class {kind}:
    """One piece of work on {topic}."""

    name: str
    seconds: float = 0.1


async def {verb}(item: {kind}) -> str:
    await asyncio.sleep(item.seconds)
    return f"{{item.name}}: done after {{item.seconds:.1f}} s"


async def main() -> None:
    items = [{kind}("first"), {kind}("second", 0.2), {kind}("third", 0.3)]
    for line in await asyncio.gather(*map({verb}, items)):
        print(line)


if __name__ == "__main__":
    asyncio.run(main())
```'''
_BASH: Final = """```bash
#!/usr/bin/env bash
set -euo pipefail

# {topic}
for name in first second third; do
    printf '%s ' "$name"
    {verb} --input "$name.json" --output "out/$name.json" && echo done
done
```"""
_KINDS: Final = ("Job", "Task", "Sample", "Request", "Batch")
_VERBS: Final = ("process", "convert", "measure", "collect", "render")
_ROWS: Final = ("Small", "Medium", "Large", "Managed", "Self-hosted")

_GREETING: Final = r"^\s*(hi|hello|hey|hallo|good (morning|evening|afternoon))\b"
_ECHO: Final = r"\b(?:reply|answer|respond|say)\b.*?\b(?:exactly|only|just|with)\b(?: the word)?\W*(\w+)\W*$"
_SMALL_WORDS: Final = (
    "a an and are as at be can could do does explain for from give how i in is it long make me my of on or please show "
    "short some tell that the this to us very want was we what when where which who why will with write you your "
    "code python bash script function about describe detail detailed answer text compare reply pros cons"
)
_STOP_WORDS: Final = frozenset(_SMALL_WORDS.split())


def say(messages: Sequence[Mapping[str, Any]], name: str) -> str:
    """The answer of the model called `name` to a conversation, as markdown; always the same for the same words."""
    asked = last_words(messages)
    chance = Chance("answer", name, *(f"{message.get('role')}:{message.get('content')}" for message in messages))
    if messages and messages[-1].get("role") == "tool":
        return _from_tool(str(messages[-1].get("content") or ""))
    if echo := re.search(_ECHO, asked, re.IGNORECASE):
        return echo[1]
    if re.search(_GREETING, asked, re.IGNORECASE) and len(asked) < 60:
        return _greeting(name, chance)
    return _form(asked)(topic_of(asked), chance, _before(messages))


def think(messages: Sequence[Mapping[str, Any]], paragraphs: int) -> str:
    """What the model writes down before it answers; at least about fifty tokens."""
    asked = last_words(messages)
    topic = topic_of(asked)
    chance = Chance("thought", asked, len(messages))
    first = (
        f"The user asks about {topic}. I should find out what kind of answer helps: a fact, a plan or a piece of code. "
        f"The message counts {len(asked.split())} words and the conversation {len(messages)}, so I know the tone. "
        "I will keep to what was asked, mention the one caveat that matters, and stop there."
    )
    more = [
        f"{chance.pick(('Let me check that', 'Another angle', 'On the other hand', 'One more point'))}: "
        + " ".join(chance.shuffled(_SENTENCES)[:3])
        for _ in range(paragraphs - 1)
    ]
    return "\n\n".join([first, *more])


def last_words(messages: Sequence[Mapping[str, Any]]) -> str:
    """What the user said last."""
    said = [message.get("content") for message in messages if message.get("role") == "user"]
    return words_of(said[-1]) if said else ""


def words_of(content: object) -> str:
    """The text of a message's content, which may be a list of parts; an image in it counts as a few words."""
    if not isinstance(content, list):
        return str(content or "")
    return " ".join("(an image)" if part.get("type") == "image_url" else str(part.get("text")) for part in content)


def topic_of(text: str) -> str:
    """The few words a text seems to be about."""
    words = [word for word in re.findall(r"[\w'-]+", text) if word.lower() not in _STOP_WORDS]
    return " ".join(words[:5])[:60] or "your question"


def _form(asked: str) -> Callable[[str, Chance, str], str]:
    words = asked.lower()
    for pattern, form in _FORMS:
        if re.search(pattern, words):
            return form
    return _short if len(asked.split()) <= 9 else _plain


def _before(messages: Sequence[Mapping[str, Any]]) -> str:
    turns = [words_of(message.get("content")) for message in messages if message.get("role") == "user"]
    return f"Building on what you asked before about {topic_of(turns[-2])}: " if len(turns) > 1 else ""


def _greeting(name: str, chance: Chance) -> str:
    offer = chance.pick(("What shall we look at?", "What can I do for you?", "Ask me anything, or for some code."))
    return f"Hello! I am {name}, simulated by the theta-tui sandbox. {offer}"


def _from_tool(result: str) -> str:
    shown = result.strip()[:400] or "nothing"
    return f"According to the tool, the result is:\n\n> {shown}\n\nThat answers the question."


def _short(topic: str, chance: Chance, before: str) -> str:
    return f"{before}{chance.pick(_SHORT)} That holds for {topic} as well."


def _plain(topic: str, chance: Chance, before: str) -> str:
    paragraphs = [before + chance.pick(_OPENERS).format(topic=topic), _paragraph(chance), _list(chance)]
    return "\n\n".join([*paragraphs, _paragraph(chance), chance.pick(_CLOSERS)])


def _coded(topic: str, chance: Chance, before: str) -> str:
    intro = f"{before}Here is a small, complete example for **{topic}**:"
    return "\n\n".join([intro, _code(topic, chance, _PYTHON), "How it works:", _list(chance), chance.pick(_CLOSERS)])


def _scripted(topic: str, chance: Chance, before: str) -> str:
    return "\n\n".join([f"{before}A short script for **{topic}**:", _code(topic, chance, _BASH), _paragraph(chance)])


def _tabled(topic: str, chance: Chance, before: str) -> str:
    return "\n\n".join([f"{before}Side by side, for **{topic}**:", _table(chance), _paragraph(chance)])


def _long(topic: str, chance: Chance, before: str) -> str:
    parts = [f"# {topic[:1].upper()}{topic[1:]}", before + chance.pick(_OPENERS).format(topic=topic)]
    length, number = 0, 0
    while length < LONG_CHARACTERS - 200:
        number += 1
        extra = (
            _list,
            _table,
            lambda odds: _code(topic, odds, _PYTHON),
            _steps,
            lambda odds: _code(topic, odds, _BASH),
        )
        section = [
            f"## {number}. {chance.pick(_POINTS).split('**')[1]} and {topic}",
            _paragraph(chance),
            extra[number % len(extra)](chance),
            _paragraph(chance),
        ]
        parts += section
        length += sum(len(part) + 2 for part in section)
    return "\n\n".join([*parts, chance.pick(_CLOSERS)])


def _paragraph(chance: Chance) -> str:
    return " ".join(chance.shuffled(_SENTENCES)[: chance.between(3, 5)])


def _list(chance: Chance) -> str:
    return "\n".join(f"- {point}" for point in chance.shuffled(_POINTS)[: chance.between(3, 5)])


def _steps(chance: Chance) -> str:
    return "\n".join(f"{number}. {text}" for number, text in enumerate(chance.shuffled(_SENTENCES)[:4], start=1))


def _table(chance: Chance) -> str:
    rows = [
        f"| {name} | {chance.between(1, 96)} GB | ${chance.between(10, 640) / 100:.2f} | {chance.between(80, 900)} ms |"
        for name in chance.shuffled(_ROWS)[:4]
    ]
    return "\n".join(["| Option | Memory | Per hour | First token |", "|---|---:|---:|---:|", *rows])


def _code(topic: str, chance: Chance, template: str) -> str:
    return template.format(topic=topic, kind=chance.pick(_KINDS), verb=chance.pick(_VERBS))


_FORMS: Final[tuple[tuple[str, Callable[[str, Chance, str], str]], ...]] = (
    (r"\blong\b|essay|in (great )?detail|20[ ,.]?000", _long),
    (r"\b(bash|shell|curl|terminal command)\b", _scripted),
    (r"\b(code|python|script|function|class|program|snippet|algorithm|regex|sql|implement)\b", _coded),
    (r"\b(table|compare|comparison|versus|vs)\b", _tabled),
    (r"\b(short|brief|briefly|one sentence|one word|yes or no|tl;?dr)\b", _short),
)
