"""Validates feeds, lists of feeds and sitemaps: validate.py FOLDER. Prints a line a complaint, then how many files it saw.

Which schema a file answers to is read from its name. Beyond the schemas it wants what they cannot say: one id an entry,
an author and a way to the article for each, a list of feeds that names each feed of its edition and no other, alternates
of a sitemap that name each other, and for every address of the site a file behind it.
"""

import json
import sys
from pathlib import Path

import jsonschema
from lxml import etree

HERE = Path(__file__).parent
ROOT = "http://localhost/"
ATOM, MAP, XHTML = (
    "{http://www.w3.org/2005/Atom}",
    "{http://www.sitemaps.org/schemas/sitemap/0.9}",
    "{http://www.w3.org/1999/xhtml}",
)
atom = etree.RelaxNG(etree.parse(HERE / "atom.rng"))
opml = etree.RelaxNG(etree.parse(HERE / "opml.rng"))
sitemap = etree.XMLSchema(etree.parse(HERE / "sitemap.xsd"))
json_feed = jsonschema.Draft202012Validator(json.loads((HERE / "json-feed.json").read_text("utf-8")))

folder = Path(sys.argv[1])
seen = {"atom": 0, "json": 0, "opml": 0, "sitemap": 0}


def complain(path, text):
    print(f"{path.relative_to(folder)}: {text}")


def parse(path, schema):
    """The root of a file that answers to its schema."""
    try:
        tree = etree.parse(path, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        complain(path, error)
        return None
    if not schema.validate(tree):
        complain(path, f"{schema.error_log.last_error.line}: {schema.error_log.last_error.message}")
    return tree.getroot()


def behind(path, url):
    """Wants a file of the site behind an address of the site."""
    if not url.startswith(ROOT):
        complain(path, f"{url} is not an address of the site")
        return
    file = folder / url[len(ROOT) :]
    if not (file / "index.html" if url.endswith("/") else file).is_file():
        complain(path, f"nothing stands at {url}")


def distinct(path, what, values):
    values = list(values)
    for value in sorted({value for value in values if values.count(value) > 1}):
        complain(path, f"{what} {value} stands there twice")


def check_atom(path):
    feed = parse(path, atom)
    if feed is None:
        return
    entries = feed.findall(f"{ATOM}entry")
    distinct(path, "the id", (entry.findtext(f"{ATOM}id") for entry in entries))
    for links in [feed.findall(f"{ATOM}link"), *(entry.findall(f"{ATOM}link") for entry in entries)]:
        # 4.1.1: no two alternates of one type and language.
        distinct(path, "the alternate", ((a.get("type"), a.get("hreflang")) for a in links if a.get("rel") == "alternate"))
        if not any(a.get("rel") == "alternate" for a in links):
            complain(path, "no alternate")
        for link in links:
            behind(path, link.get("href"))
    own = [link.get("href") for link in feed.findall(f"{ATOM}link") if link.get("rel") == "self"]
    if own != [ROOT + str(path.relative_to(folder))]:
        complain(path, f"says it stands at {own}")
    for entry in entries:
        if entry.find(f"{ATOM}author") is None and feed.find(f"{ATOM}author") is None:
            complain(path, f"{entry.findtext(f'{ATOM}id')} has no author")
        # What a reader shows is HTML that a parser reads without complaint about its nesting or characters.
        content = entry.findtext(f"{ATOM}content")
        if content:
            etree.fromstring(f"<div>{content}</div>", etree.HTMLParser())
    if max((entry.findtext(f"{ATOM}updated") for entry in entries), default="") > feed.findtext(f"{ATOM}updated"):
        complain(path, "is older than one of its entries")


def check_json(path):
    feed = json.loads(path.read_text("utf-8"))
    for error in json_feed.iter_errors(feed):
        complain(path, f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}")
    distinct(path, "the id", (item.get("id") for item in feed.get("items", [])))
    if feed.get("feed_url") != ROOT + str(path.relative_to(folder)):
        complain(path, f"says it stands at {feed.get('feed_url')}")
    for url in [feed.get("home_page_url"), *(item.get("url") for item in feed.get("items", []))]:
        behind(path, url or "")
    # It is the same feed as its neighbour in Atom.
    try:
        twin = etree.parse(path.with_name("feed.xml")).getroot()
    except etree.XMLSyntaxError:
        return
    ids = [entry.findtext(f"{ATOM}id") for entry in twin.findall(f"{ATOM}entry")]
    if ids != [item.get("id") for item in feed.get("items", [])]:
        complain(path, "has other entries than feed.xml")


def check_opml(path):
    root = parse(path, opml)
    if root is None:
        return
    named = [outline.get("xmlUrl") for outline in root.iter("outline") if outline.get("xmlUrl")]
    distinct(path, "the feed", named)
    there = {ROOT + str(feed.relative_to(folder)) for feed in path.parent.rglob("feed.xml")}
    for url in sorted(there.symmetric_difference(named)):
        complain(path, f"{url} is {'missing' if url in there else 'no feed'}")
    for outline in root.iter("outline"):
        if outline.get("htmlUrl"):
            behind(path, outline.get("htmlUrl"))


def check_sitemap(path):
    root = parse(path, sitemap)
    if root is None:
        return
    if path.stat().st_size > 50 * 1024 * 1024:
        complain(path, "is larger than 50 MB")
    if root.tag == f"{MAP}sitemapindex":
        for loc in root.iter(f"{MAP}loc"):
            behind(path, loc.text)
        return
    twins = {}
    for url in root.findall(f"{MAP}url"):
        links = [(link.get("hreflang"), link.get("href")) for link in url.findall(f"{XHTML}link")]
        distinct(path, "the language", (lang for lang, _ in links))
        loc = url.findtext(f"{MAP}loc")
        if loc in twins:
            complain(path, f"{loc} stands there twice")
        twins[loc] = links
        behind(path, loc)
    for loc, links in twins.items():
        if links and loc not in (href for _, href in links):
            complain(path, f"{loc} does not name itself")
        for lang, href in links:
            if lang == "x-default":
                behind(path, href)
            # Parts of a split sitemap are looked at one by one.
            elif twins.get(href, links if "-" in path.name else None) != links:
                complain(path, f"{loc} and {href} do not name each other")


for path in sorted(folder.rglob("*")):
    for name, check, pattern in [
        ("atom", check_atom, "feed.xml"),
        ("json", check_json, "feed.json"),
        ("opml", check_opml, "feeds.opml"),
        ("sitemap", check_sitemap, "sitemap*.xml"),
    ]:
        if path.match(pattern):
            seen[name] += 1
            check(path)
print("seen", *(f"{name} {count}" for name, count in seen.items()))
