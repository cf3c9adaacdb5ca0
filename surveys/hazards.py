"""Words that name a hazard to people, in the languages we ask in (R11).

A short list on purpose: each entry is a danger to life or limb in nearly every sentence it stands in. Words that are
mostly figures of speech ("killer service", "我要气炸了") are left out, and denials in front of a word are respected.
"""

import re
import unicodedata

_ENGLISH = (
    r"electric(?:al)? shock",
    r"electrocut\w*",
    r"short[- ]circuit\w*",
    r"exposed wir\w+",
    r"(?:worn|frayed|bare|burnt|melted) (?:power )?(?:cord|cable|wire|plug)s?",
    r"gas leak\w*",
    r"carbon monoxide",
    r"caught (?:on )?fire",
    r"(?:on|a) fire (?:broke out|started|hazard)",
    r"fire hazard",
    r"went up in flames",
    r"explo(?:ded|des|sion)",
    r"smoke (?:came|coming|poured)",
    r"food poisoning",
    r"allergic reaction",
    r"anaphyla\w+",
    r"(?:piece|bit|shard)s? of glass",
    r"brakes? (?:failed|did(?:n't| not) work|not working)",
    r"airbag\w*",
    r"(?:was|were|got|been) (?:badly |seriously )?(?:injured|burned|burnt|electrocuted|poisoned)",
    r"ambulance",
    r"emergency room",
    r"unsafe",
    r"dangerous",
)
_CHINESE = (
    "触电",
    "漏电",
    "短路",
    "起火",
    "着火",
    "冒烟",
    "爆炸",
    "自燃",
    "煤气泄漏",
    "燃气泄漏",
    "漏气",
    "一氧化碳",
    "电线裸露",
    "电线老化",
    "电源线破",
    "刹车失灵",
    "刹车失效",
    "安全隐患",
    "有危险",
    "很危险",
    "太危险",
    "食物中毒",
    "过敏",
    "烫伤",
    "烧伤",
    "受伤",
    "玻璃渣",
    "碎玻璃",
    "救护车",
    "送医院",
)
_DENIAL = re.compile(
    r"(?:\b(?:no|not|never|without|isn't|wasn't)\s+"
    # What follows one of these is said anew: "not fixed and dangerous".
    r"(?:(?!(?:and|but|or|so|because|as|it|its|it's|is|was|that|which|while|when|then|yet|still)\b)\w+\s+){0,2}"
    # "是不是", "会不会", "有没有" ask; they deny nothing.
    r"|(?<![是会有])[没无未不](?:有|是|会|怎么|太|很|存在|任何)*)$"
)
_HAZARD = re.compile(rf"\b(?:{'|'.join(_ENGLISH)})\b|{'|'.join(_CHINESE)}")


def names_a_hazard(words: str) -> bool:
    """Say whether free words name a hazard to people, in English or Chinese, any width or case."""
    text = unicodedata.normalize("NFKC", words).casefold().replace("’", "'")
    return any(
        not _DENIAL.search(text[max(0, found.start() - 24) : found.start()])
        for found in _HAZARD.finditer(text)
    )
