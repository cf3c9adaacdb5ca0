"""What simulated owners write to customers: made up, in both languages, one answer to each reason.

The reasons are known at the desk by the words of the default survey, which is what an owner reads there.
"""

from typing import NamedTuple


class Told(NamedTuple):
    """The three parts of a report-back."""

    found: str
    did: str
    changes: str


# The default survey's English words for each reason, as the desk shows them above a point.
REASONS = {
    "The problem is still there": "not_fixed",
    "It took too long": "too_slow",
    "I had to explain it again and again": "had_to_repeat",
    "I was told something wrong": "wrong_information",
    "The price or a charge": "charge",
    "The product itself": "product_fault",
    "It is not safe": "unsafe",
    "Something else": "other",
}

TOLD: dict[str, dict[str, Told]] = {
    "en": {
        "not_fixed": Told(
            "The case was marked as done when only half of it was.",
            "We opened it again and finished what was left today.",
            "You need do nothing. If anything is still missing, your answer comes straight back to me.",
        ),
        "too_slow": Told(
            "Two people were missing from that shift and nobody told you how long it would take.",
            "The shift now has a stand-in, and the wait is written on the board.",
            "Before you wait, you are told for how long; over twenty minutes we offer you another time.",
        ),
        "had_to_repeat": Told(
            "Your request was noted on paper and did not reach the next shift.",
            "It is in one list now, which everybody on the floor sees.",
            "You say it once. Whoever comes next can read it.",
        ),
        "wrong_information": Told(
            "The page and the card you were shown were out of date.",
            "Both are corrected, and last month's card is thrown away.",
            "What you read is what you get; if not, what was promised counts.",
        ),
        "charge": Told(
            "The charge was on the bill but not on the price list you had seen.",
            "We took it off and sent the money back today.",
            "It is on your account within five days. Every charge now stands on the list.",
        ),
        "product_fault": Told(
            "You are right, it was not as it should be: it had stood too long.",
            "We replaced it, and changed how it is checked before it goes out.",
            "The next one is checked by a second person. Yours was not charged.",
        ),
        "unsafe": Told(
            "This must not happen. We found where it came from the same day.",
            "That batch is out of use, the place was cleaned and inspected.",
            "It is inspected every day now. If you felt unwell, tell us and we bear the cost of a doctor.",
        ),
        "person": Told(
            "We spoke with the colleague, and heard both sides.",
            "The team lead went through what happened with the whole shift.",
            "You will be served by somebody else if you wish; just say so.",
        ),
        "other": Told(
            "We looked at what you wrote together with the people who were there.",
            "What we could change at once, we changed today.",
            "You will find it different next time; if not, tell me and I look again.",
        ),
    },
    "zh-hans": {
        "not_fixed": Told(
            "工单被提前关闭，其实只做了一半。",
            "我们重新打开了工单，今天已全部处理完。",
            "您不用再做什么。如果还有问题，您的回复会直接到我这里。",
        ),
        "too_slow": Told(
            "那一班少了两个人，也没有人告诉您要等多久。",
            "现在每班都有替补，等候时间写在牌子上。",
            "以后会先告诉您要等多久；超过二十分钟可以改时间。",
        ),
        "had_to_repeat": Told(
            "您的要求只写在纸上，没有交到下一班。",
            "现在统一记在一处，大家都看得到。",
            "您只需说一次，后面接手的人都能看到。",
        ),
        "wrong_information": Told(
            "您看到的页面和菜单是旧的。",
            "两处都已更正，旧的已收回。",
            "看到的就是得到的；不一样时，以答应您的为准。",
        ),
        "charge": Told(
            "这笔费用在账单上，却不在您看到的价目表上。",
            "已经取消，今天退款。",
            "五天内到账。以后每一项收费都会写在价目表上。",
        ),
        "product_fault": Told(
            "您说得对，确实不合格：放得太久了。",
            "已经更换，并改了出品前的检查。",
            "下一份会由第二个人再检查。这一份没有收费。",
        ),
        "unsafe": Told(
            "这种事不应该发生。当天我们就查到了原因。",
            "这一批已停用，现场已清洁并检查。",
            "现在每天检查。如果您身体不适请告诉我们，就医费用由我们承担。",
        ),
        "person": Told(
            "我们和当事同事谈过，也听了双方的说法。",
            "主管和整班人一起复盘了当时的情况。",
            "下次您可以选择由别人接待，告诉我们就行。",
        ),
        "other": Told(
            "我们和当时在场的人一起看了您写的内容。",
            "能马上改的，今天已经改了。",
            "下次您会感觉不同；如果没有，请告诉我，我再查。",
        ),
    },
}

AGAIN = {
    "en": Told(
        "You said it was not fixed, and you were right: the change had not reached the late shift.",
        "I went there myself today, and it is in place on every shift now.",
        "You may ask for me by name, and need not explain it again.",
    ),
    "zh-hans": Told(
        "您说没有解决，您说得对：改动还没有落实到晚班。",
        "我今天亲自去了现场，现在每一班都已落实。",
        "您可以直接找我，不用再说明一遍。",
    ),
}
NOTES = (
    "Called the shift lead: it is as the customer says.",
    "Same complaint as last week. Asked for the rota.",
    "Checked the till roll and the order.",
)
PROMISES = {
    "en": ("I will tell you by tomorrow what we found.", "You get your answer from me by tomorrow noon."),
    "zh-hans": ("明天之前我会告诉您结果。", "明天中午前给您答复。"),
}
WRITTEN = {
    "en": ("I have it on my desk and am looking into it.", "Thank you. I will find out what happened."),
    "zh-hans": ("您的问题在我手上，正在查。", "谢谢您告诉我们，我会查清楚。"),
}


def told(legend: str, language: str, again: bool) -> Told:
    """What to say about the point that the desk shows under this heading."""
    if again:
        return AGAIN[language]
    reason = next((reason for words, reason in REASONS.items() if words in legend), None)
    if reason is None:
        reason = "person" if "person" in legend.lower() else "other"
    return TOLD[language][reason]
