"""Makes a site of news that nobody wrote, for `make` to build while the program counts its steps.

    python3 tools/profile/corpus.py content OUT 1500

Text is a chain of characters over the sample archive, one chain for each script, so that words, lengths and places are
those of news; the same arguments give the same site. One article in twenty is a copy of another with another ending.
"""

import json
import random
import re
import shutil
import sys
from collections import defaultdict
from pathlib import Path

content, out, count = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
dice = random.Random(1)
TRADITIONAL = re.compile("[這個們來時對說會過還開學國]")
PROSE = re.compile(r"[^\[\]*_`#|<>{}^~$\\-]{20,}")
STOPS = "。！？"


def body(path):
    parts = path.read_text(encoding="utf-8").split("---\n", 2)
    return parts[2] if len(parts) == 3 else ""


def chain(texts):
    """What follows a character, and what follows two, as often as it does."""
    follows = defaultdict(list)
    for text in texts:
        for line in text.split("\n"):
            if not PROSE.fullmatch(line):
                continue
            line = "\n\n" + line + "\n"
            for i in range(len(line) - 2):
                follows[line[i : i + 2]].append(line[i + 2])
                follows[line[i + 1]].append(line[i + 2])
    return follows


def paragraph(follows):
    text = ""
    while len(text) < dice.randint(40, 260):
        last = "\n\n"
        # Now and then only one character is remembered: otherwise all articles would be made of the same few phrases.
        while (c := dice.choice(follows[last if dice.random() < 0.6 else last[1]])) != "\n" or last == "\n\n":
            text, last = text + c, last[1] + c
    return text if text[-1] in STOPS else text + "。"


def article(follows):
    paragraphs = [paragraph(follows) for _ in range(dice.randint(8, 24))]
    for i in range(1, len(paragraphs)):
        style = dice.random()
        if style < 0.06:
            paragraphs[i] = "## " + paragraphs[i][: dice.randint(5, 14)] + "\n\n" + paragraphs[i]
        elif style < 0.12:
            paragraphs[i] = paragraphs[i].replace("，", "，**", 1).replace("。", "**。", 1)
        elif style < 0.16:
            paragraphs[i] = "[" + paragraphs[i][:6] + "](https://example.org/" + str(i) + ")" + paragraphs[i][6:]
        elif style < 0.18:
            paragraphs[i] = "\n".join("- " + piece for piece in paragraphs[i].split("，"))
    return paragraphs


def title(paragraphs):
    return re.split("[，。！？：；]", paragraphs[0].lstrip("#- "))[0][:24] or "無題"


texts = [body(path) for path in sorted(content.rglob("*.md"))]
traditional = [text for text in texts if len(TRADITIONAL.findall(text)) * 100 > len(text)]
chains = [chain([text for text in texts if text not in traditional]), chain(traditional)]
articles = []
for number in range(count):
    if articles and dice.random() < 0.05:
        paragraphs = dice.choice(articles)[: -dice.randint(1, 2)] + [paragraph(chains[0])]
    else:
        paragraphs = article(chains[dice.random() < 0.25])
    articles.append(paragraphs)
    day = f"{dice.randint(2015, 2025)}-{dice.randint(1, 12):02}-{dice.randint(1, 28):02} {dice.randint(6, 22):02}:{dice.randint(0, 59):02}"
    head = [f"title: {json.dumps(title(paragraphs), ensure_ascii=False)}", f'date: "{day}"', f"source: {{name: 来源{dice.randint(1, 40)}}}"]
    if dice.random() < 0.3:
        head.append(f"cities: {dice.choice(['北京', '上海', '蘭州', '西安', '深圳', '臺北'])}")
    if dice.random() < 0.5:
        head.append(f"tags: [{dice.choice(['会展', '政策', '创业'])}, {dice.choice(['人物', '城市', '科技'])}]")
    file = out / "content" / day[:4] / f"made-{number:05}.md"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("---\n" + "\n".join(head) + "\n---\n" + "\n\n".join(paragraphs) + "\n", encoding="utf-8")
shutil.copytree(content / "_data" / "taxonomies", out / "content" / "_data" / "taxonomies")
(out / "site.yaml").write_text("title: 简繁\nbase_url: https://news.example.org/\n", encoding="utf-8")
